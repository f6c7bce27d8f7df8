//! The names of all tests, and the rows they name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::workspace::Workspace;

/// Where tests are.
const FOLDERS: [&str; 6] = ["src", "pkg/test", "tests", "www/app", "www/server", "xtask"];

/// Folders that hold no tests of ours. Hidden ones do not either.
const RESULTS: [&str; 4] = ["node_modules", "dist", "generated", "target"];

/// For each row the files whose tests name it, in order.
pub(super) fn named(workspace: &Workspace) -> Result<BTreeMap<String, Vec<String>>> {
    let mut rows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in FOLDERS {
        visit(&workspace.path(folder), &mut |file| {
            let text = fs::read_to_string(file)?;
            for id in titles(file, &text).iter().flat_map(|title| ids(title)) {
                rows.entry(id).or_default().insert(workspace.show(file));
            }
            Ok(())
        })?;
    }
    let listed = |(id, files): (String, BTreeSet<String>)| (id, files.into_iter().collect());
    Ok(rows.into_iter().map(listed).collect())
}

fn visit(dir: &Path, handle: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && !RESULTS.contains(&name.as_ref()) {
                visit(&path, handle)?;
            }
        } else if is_source(&name) {
            handle(&path)?;
        }
    }
    Ok(())
}

/// Rust files may hold tests anywhere, those of JavaScript say so in their names.
fn is_source(name: &str) -> bool {
    let stem = [".js", ".mjs", ".cjs", ".ts", ".tsx"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending));
    name.ends_with(".rs") || stem.is_some_and(|stem| stem.ends_with(".test"))
}

fn titles(file: &Path, text: &str) -> Vec<String> {
    if file.extension().is_some_and(|extension| extension == "rs") {
        in_rust(text)
    } else {
        in_javascript(text)
    }
}

/// Names of functions below an attribute that ends in `test`, with or without arguments, each with the
/// comment above it.
fn in_rust(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    let mut comment = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            comment.push_str(text);
        } else if let Some(attribute) = line.strip_prefix("#[") {
            let path = attribute.split(['(', ']']).next().unwrap_or_default();
            is_test |= path == "test" || path.ends_with("_test") || path.ends_with("::test");
        } else if let Some((_, rest)) = line.split_once("fn ") {
            if is_test {
                let name = rest.split('(').next().unwrap_or_default();
                names.push([name, comment.as_str()].concat());
            }
            is_test = false;
            comment.clear();
        } else {
            comment.clear();
        }
    }
    names
}

/// First arguments of `test(` and `it(`, where they are texts.
fn in_javascript(text: &str) -> Vec<String> {
    let calls = ["test(", "it("].iter().flat_map(|call| {
        text.match_indices(call).filter_map(move |(at, _)| {
            let is_word = text[..at].ends_with(|before: char| before.is_alphanumeric());
            (!is_word).then(|| text[at + call.len()..].trim_start())
        })
    });
    calls.filter_map(quoted).collect()
}

fn quoted(text: &str) -> Option<String> {
    let quote = text
        .chars()
        .next()
        .filter(|first| "\"'`".contains(*first))?;
    let mut is_escaped = false;
    let end = text[1..].find(|next| {
        let ends = next == quote && !is_escaped;
        is_escaped = next == '\\' && !is_escaped;
        ends
    })?;
    Some(text[1..=end].to_owned())
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
    use super::{ids, in_javascript, in_rust};

    #[test]
    fn rows_in_a_title() {
        assert_eq!(ids("all signed in (REL-01, SEC-05)"), ["REL-01", "SEC-05"]);
        assert_eq!(ids("rel_16_sec_03_one_refresh"), ["REL-16", "SEC-03"]);
        assert_eq!(ids("oidc_3_a_code, OIDC-12:"), ["OIDC-3", "OIDC-12"]);
        assert!(ids("the REL- rows, sec_x, OIDC-, REL-1, SEC-100").is_empty());
    }

    #[test]
    fn functions_count_where_an_attribute_makes_them_tests() {
        let text = "// fn rel_01() {}\n/// REL-06\n#[test]\nfn rel_02_a() {}\nfn rel_03_helper() {}\n\
                    #[tokio::test(flavor = \"x\")]\nasync fn rel_04_b() {}\n#[derive(Debug)]\nfn rel_05() {}";
        assert_eq!(in_rust(text), ["rel_02_a REL-06", "rel_04_b"]);
    }

    #[test]
    fn titles_are_first_arguments() {
        let text = r#"test("a \"b\" (REL-01)", go); submit("SEC-02"); it(
            `c ${d} (REL-03)`, go); // comment (REL-04)
            test(title, go)"#;
        assert_eq!(
            in_javascript(text),
            [r#"a \"b\" (REL-01)"#, "c ${d} (REL-03)"]
        );
    }
}
