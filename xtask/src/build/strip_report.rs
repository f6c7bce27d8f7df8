//! `cargo xtask stripped`: what was cut out of each core, as a committed text.
//!
//! It changes with the code and with the compiler, and each change of it is to be read.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::workspace::Workspace;

use super::compile::Core;
use super::strip_panics::Instead;

/// Each new place that can panic adds a few bytes of data: whole steps do not change with every line of code.
const STEP: usize = 4_096;

/// What the last build has cut out of this core.
pub(super) fn built(workspace: &Workspace, core: Core) -> PathBuf {
    workspace.path(&format!("pkg/generated/stripped/{}.txt", core.name()))
}

/// What is committed of it.
fn committed(core: Core) -> String {
    format!("xtask/stripped/{}.txt", core.name())
}

/// Keeps what a build has cut.
pub(super) fn save(workspace: &Workspace, core: Core, report: &Report) -> Result<()> {
    let file = built(workspace, core);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(file, report.text())?)
}

/// Commits what the last build has cut.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    for core in Core::ALL {
        let committed = committed(core);
        fs::copy(built(workspace, core), workspace.path(&committed))?;
        println!("wrote {committed}");
    }
    Ok(())
}

/// Fails where the build cuts something else than what is committed.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    for core in Core::ALL {
        let committed = committed(core);
        let [is, was] = [built(workspace, core), workspace.path(&committed)]
            .map(|file| fs::read_to_string(file).unwrap_or_default());
        let differing = difference(&was, &is);
        ensure!(
            differing.is_empty(),
            "the build does not cut what {committed} says: run `cargo xtask stripped` and read what changed\n{differing}"
        );
    }
    Ok(())
}

/// The lines that only one of the two has.
fn difference(before: &str, after: &str) -> String {
    let only = |text: &str, other: &str, sign: char| {
        let lines = text
            .lines()
            .filter(|line| !other.lines().any(|it| it == *line));
        lines
            .map(|line| format!("{sign} {line}\n"))
            .collect::<String>()
    };
    only(before, after, '-') + &only(after, before, '+')
}

/// Functions by what became of them, and the bytes of data.
#[derive(Default)]
pub(crate) struct Report {
    functions: BTreeMap<Option<Instead>, BTreeMap<String, Vec<usize>>>,
    pub(super) data: usize,
}

impl Report {
    /// `instead` is nothing where a function was not cut, but is called by none that is left.
    pub(super) fn add_function(&mut self, instead: Option<Instead>, name: String, size: usize) {
        let group = self.functions.entry(instead).or_default();
        group.entry(name).or_default().push(size);
    }

    /// One line a name, with how many bytes of code it had.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (instead, functions) in &self.functions {
            let title = match instead {
                Some(Instead::Trap) => "Trap: they cannot return, and call nothing outside",
                Some(Instead::PrintNothing) => "Print nothing, and say Ok",
                None => "Gone: nothing that is left leads to them",
            };
            let sizes = functions.values().flatten();
            text.push_str(&format!(
                "{title}: {} functions, {} bytes\n",
                sizes.clone().count(),
                sizes.sum::<usize>()
            ));
            for (name, sizes) in functions {
                let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
                text.push_str(&format!("  {name}: {}\n", sizes.join(" + ")));
            }
            text.push('\n');
        }
        let least = self.data / STEP * STEP;
        text.push_str(&format!(
            "Data that nothing refers to: {least} to {} bytes\n",
            least.saturating_add(STEP)
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Instead, Report, difference};

    #[test]
    fn names_what_was_cut_and_how_much() {
        let mut report = Report {
            data: 13_000,
            ..Report::default()
        };
        report.add_function(Some(Instead::Trap), "panic".to_owned(), 20);
        report.add_function(None, "table".to_owned(), 7);
        report.add_function(None, "table".to_owned(), 8);
        let text = report.text();
        assert_eq!(
            text,
            "Gone: nothing that is left leads to them: 2 functions, 15 bytes\n  table: 7 + 8\n\n\
             Trap: they cannot return, and call nothing outside: 1 functions, 20 bytes\n  panic: 20\n\n\
             Data that nothing refers to: 12288 to 16384 bytes\n"
        );
        assert_eq!(difference(&text, &text), "");
        let other = text.replace("panic: 20", "panic: 21");
        assert_eq!(difference(&text, &other), "-   panic: 20\n+   panic: 21\n");
    }
}
