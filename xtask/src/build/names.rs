//! Short names for what the core imports from its glue, and for the closures that the glue calls.
//!
//! wasm-bindgen's names end in a hash, and each stands in the module and in the glue: 100 of them cost
//! users 3 kB that no compression gets rid of. Only these two files know the names, so any will do.
//!
//! Both cores go with one glue, that of the core with sign-in at a provider: so either may be given to the slim entry.
//! In the smaller one a thing is called what the glue calls the code for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use walrus::Module;

/// wasm-bindgen's name for the object that the glue hands over.
const OBJECT: &str = "./core_bg.js";
/// How its names for what runs closures begin; a hash is at the end.
const CLOSURES: &str = "wasm_bindgen__convert__closures";

/// What a glue is called by, and the glue.
#[derive(Default)]
pub(super) struct Names {
    /// By the code in the glue, without the names that it is given.
    by_code: BTreeMap<String, String>,
    glue: String,
}

impl Names {
    /// Renames in both files of a folder, in place. `whole`: what the names are to be, for a core that does with a glue
    /// that was made for more.
    pub(super) fn shorten(folder: &Path, whole: Option<&Self>) -> Result<Self> {
        let [wasm, glue] = ["core_bg.wasm", "core.js"].map(|file| folder.join(file));
        let mut module = Module::from_file(&wasm)?;
        let text = fs::read_to_string(&glue)?;
        let mut names = Self {
            glue: replace_once(&text, &format!("\"{OBJECT}\": "), "i: ")?,
            ..Self::default()
        };
        // First, for the imports' code names them.
        let closures = module
            .exports
            .iter_mut()
            .filter(|export| export.name.starts_with(CLOSURES));
        for (number, export) in closures.enumerate() {
            let code = names.code(&format!("function {}(", export.name), "\n}\n")?;
            let code = code.replace(&export.name, "");
            let short = names.choose(code, format!("closure{number}"), whole)?;
            names.glue = names.glue.replace(&export.name, &short);
            export.name = short;
        }
        for (number, import) in module.imports.iter_mut().enumerate() {
            ensure!(import.module == OBJECT, "an import of {}", import.module);
            let long = format!(" {}: ", import.name);
            let code = names.code(&long, "\n        },\n")?;
            let short = names.choose(code, format!("i{number}"), whole)?;
            names.glue = replace_once(&names.glue, &long, &format!(" {short}: "))?;
            import.module = "i".to_owned();
            import.name = short;
        }
        if let Some(whole) = whole {
            whole.check(&names.glue)?;
        }
        module.emit_wasm_file(&wasm)?;
        fs::write(&glue, &names.glue)?;
        Ok(names)
    }

    /// What stands in the glue from here to there, once.
    fn code(&self, from: &str, to: &str) -> Result<String> {
        let count = self.glue.matches(from).count();
        ensure!(count == 1, "{from:?} stands in the glue {count} times");
        let code = self.glue.split_once(from).map(|(_, code)| code);
        let code = code.and_then(|code| code.split_once(to));
        let (code, _) = code.with_context(|| format!("the glue's {from:?} does not end"))?;
        Ok(lines(code).collect::<Vec<_>>().join("\n"))
    }

    fn choose(&mut self, code: String, short: String, whole: Option<&Self>) -> Result<String> {
        let short = match whole {
            Some(whole) => whole.by_code.get(&code).cloned(),
            None => Some(short),
        };
        let short = short.with_context(|| format!("the other core's glue has no\n{code}"))?;
        self.by_code.insert(code, short.clone());
        Ok(short)
    }

    /// Fails where a line of the other glue is none of this one's: a core that was made with that would miss something.
    fn check(&self, other: &str) -> Result<()> {
        let missing = lines(other).find(|line| !lines(&self.glue).any(|own| own == *line));
        ensure!(
            missing.is_none(),
            "the other core's glue lacks the line {missing:?}"
        );
        Ok(())
    }
}

/// Without comments, which number what a module has.
fn lines(code: &str) -> impl Iterator<Item = &str> {
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

fn replace_once(text: &str, from: &str, to: &str) -> Result<String> {
    let count = text.matches(from).count();
    ensure!(count == 1, "{from:?} stands in the glue {count} times");
    Ok(text.replacen(from, to, 1))
}
