//! All tests, the rows that they name, and how many assertions they make.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::source::{Helpers, Source};
use super::{javascript, rust};
use crate::workspace::Workspace;

/// Where tests are. Those of one folder may use each other's functions.
const FOLDERS: [&str; 7] = [
    "src",
    "pkg/test",
    "tests",
    "www/app",
    "www/axum",
    "www/server",
    "xtask",
];

/// Folders that hold no tests of ours. Hidden ones do not either.
const RESULTS: [&str; 4] = ["node_modules", "dist", "generated", "target"];

/// A test that names rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) file: String,
    pub(super) title: String,
    pub(super) rows: Vec<String>,
    pub(super) assertions: usize,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file, title, rows, ..
        } = self;
        write!(f, "{file}: {title} ({})", rows.join(", "))
    }
}

/// A language: how its files end, and who reads them.
struct Language {
    endings: &'static [&'static str],
    read: fn(&str) -> Result<Source>,
}

const LANGUAGES: [Language; 2] = [
    Language {
        endings: &["rs"],
        read: rust::read,
    },
    Language {
        endings: &["js", "mjs", "cjs", "ts", "tsx"],
        read: javascript::read,
    },
];

/// The tests that name rows, file by file.
pub(super) fn shown(workspace: &Workspace) -> Result<Vec<Shown>> {
    let mut shown = Vec::new();
    for folder in FOLDERS {
        for language in &LANGUAGES {
            let mut files = Vec::new();
            visit(&workspace.path(folder), language, &mut |file| {
                let name = workspace.show(file);
                let text = fs::read_to_string(file)?;
                let source = (language.read)(&text).with_context(|| format!("in {name}"))?;
                files.push((name, source));
                Ok(())
            })?;
            let helpers = Helpers::of(&files);
            for (at, (file, source)) in files.iter().enumerate() {
                let tests = source.tests.iter().map(|test| Shown {
                    file: file.clone(),
                    title: test.title.clone(),
                    rows: ids(&test.title),
                    assertions: helpers.count(at, &test.body),
                });
                shown.extend(tests.filter(|test| !test.rows.is_empty()));
            }
        }
    }
    Ok(shown)
}

fn visit(
    dir: &Path,
    language: &Language,
    handle: &mut dyn FnMut(&Path) -> Result<()>,
) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && !RESULTS.contains(&name.as_ref()) {
                visit(&path, language, handle)?;
            }
        } else if language.endings.contains(&ending.as_ref()) {
            handle(&path)?;
        }
    }
    Ok(())
}

/// The rows in a title: `REL-01` or `rel_01`; `OIDC-3` or `oidc_3`.
fn ids(title: &str) -> Vec<String> {
    let title = title.to_ascii_uppercase().replace('_', "-");
    let found = [("REL-", 2..=2), ("SEC-", 2..=2), ("OIDC-", 1..=2)]
        .into_iter()
        .flat_map(|(kind, digits)| {
            let title = &title;
            title.match_indices(kind).filter_map(move |(at, _)| {
                let rest = &title[at + kind.len()..];
                let is_digit = |found: &char| found.is_ascii_digit();
                let number: String = rest.chars().take_while(is_digit).collect();
                digits
                    .contains(&number.len())
                    .then(|| format!("{kind}{number}"))
            })
        });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn rows_in_a_title() {
        assert_eq!(ids("all signed in (REL-01, SEC-05)"), ["REL-01", "SEC-05"]);
        assert_eq!(ids("rel_16_sec_03_one_refresh"), ["REL-16", "SEC-03"]);
        assert_eq!(ids("oidc_3_a_code, OIDC-12:"), ["OIDC-3", "OIDC-12"]);
        assert!(ids("the REL- rows, sec_x, OIDC-, REL-1, SEC-100").is_empty());
    }
}
