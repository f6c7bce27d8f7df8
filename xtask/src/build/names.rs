//! Short names for what the core imports from its glue, and for the closures that the glue calls.
//!
//! wasm-bindgen's names end in a hash, and each stands in the module and in the glue: 100 of them cost
//! users 3 kB that no compression gets rid of. Only these two files know the names, so any will do.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use walrus::Module;

/// wasm-bindgen's name for the object that the glue hands over.
const OBJECT: &str = "./core_bg.js";
/// How its names for what runs closures begin; a hash is at the end.
const CLOSURES: &str = "wasm_bindgen__convert__closures";

/// Renames in both files, in place.
pub(super) fn shorten(wasm: &Path, glue: &Path) -> Result<()> {
    let mut module = Module::from_file(wasm)?;
    let mut text = replace_once(
        &fs::read_to_string(glue)?,
        &format!("\"{OBJECT}\": "),
        "i: ",
    )?;
    for (number, import) in module.imports.iter_mut().enumerate() {
        ensure!(import.module == OBJECT, "an import of {}", import.module);
        let short = format!("i{number}");
        text = replace_once(
            &text,
            &format!(" {}: ", import.name),
            &format!(" {short}: "),
        )?;
        import.module = "i".to_owned();
        import.name = short;
    }
    let closures = module
        .exports
        .iter_mut()
        .filter(|export| export.name.starts_with(CLOSURES));
    for (number, export) in closures.enumerate() {
        let short = format!("closure{number}");
        text = replace_once(
            &text,
            &format!("wasm.{}(", export.name),
            &format!("wasm.{short}("),
        )?;
        export.name = short;
    }
    module.emit_wasm_file(wasm)?;
    Ok(fs::write(glue, text)?)
}

fn replace_once(text: &str, from: &str, to: &str) -> Result<String> {
    let count = text.matches(from).count();
    ensure!(count == 1, "{from:?} stands in the glue {count} times");
    Ok(text.replacen(from, to, 1))
}
