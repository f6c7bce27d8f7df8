//! `cargo xtask rows`: which test shows which requirement.
//!
//! Tests name the rows they cover (`SEC-05`, `rel_16`). A row that no test names needs a reason.

mod scan;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use anyhow::{Result, bail, ensure};

use crate::workspace::Workspace;

const LIST: &str = "tests/requirements.txt";
const TABLE: &str = "tests/ROWS.md";

/// A line of the list.
#[derive(Debug, PartialEq)]
struct Row {
    id: String,
    requirement: String,
    /// Why no test names it.
    reason: Option<String>,
}

/// Writes the table.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    fs::write(workspace.path(TABLE), made(workspace)?)?;
    println!("wrote {TABLE}");
    Ok(())
}

/// Fails if a row is shown by nothing, or the table is not what the tests say.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let committed = fs::read_to_string(workspace.path(TABLE)).unwrap_or_default();
    if committed != made(workspace)? {
        bail!("{TABLE} is not what the tests say; run `cargo xtask rows`");
    }
    Ok(())
}

fn made(workspace: &Workspace) -> Result<String> {
    let rows = parse(&fs::read_to_string(workspace.path(LIST))?)?;
    table(&rows, &scan::named(workspace)?)
}

fn parse(list: &str) -> Result<Vec<Row>> {
    let lines = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [id, requirement, reason] = cells[..] else {
                bail!("{LIST}: not id | requirement | reason: {line}");
            };
            Ok(Row {
                id: id.to_owned(),
                requirement: requirement.to_owned(),
                reason: (!reason.is_empty()).then(|| reason.to_owned()),
            })
        })
        .collect()
}

/// `named`: the files whose tests name a row, by its id.
fn table(rows: &[Row], named: &BTreeMap<String, Vec<String>>) -> Result<String> {
    let unknown: Vec<_> = named
        .iter()
        .filter(|(id, _)| rows.iter().all(|row| row.id != **id))
        .collect();
    ensure!(
        unknown.is_empty(),
        "tests name rows that {LIST} does not have: {unknown:?}"
    );

    let mut text = String::from(
        "# Requirements and the tests that show them\n\nMade by `cargo xtask rows` from \
         `requirements.txt` and the names of all tests. Do not edit.\n\n\
         | | Requirement | Shown by |\n|---|---|---|\n",
    );
    let mut shown_by_nothing = Vec::new();
    for Row {
        id,
        requirement,
        reason,
    } in rows
    {
        let shown = match (named.get(id), reason) {
            (Some(files), _) => files.join(", "),
            (None, Some(reason)) => format!("*No test.* {reason}"),
            (None, None) => {
                shown_by_nothing.push(id.as_str());
                continue;
            }
        };
        writeln!(text, "| {id} | {requirement} | {shown} |")?;
    }
    ensure!(
        shown_by_nothing.is_empty(),
        "no test names {}; write one, or a reason into {LIST}",
        shown_by_nothing.join(", ")
    );
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{parse, table};
    use std::collections::BTreeMap;

    fn named(ids: &[&str]) -> BTreeMap<String, Vec<String>> {
        ids.iter()
            .map(|id| ((*id).to_owned(), vec!["a.rs".to_owned(), "b.js".to_owned()]))
            .collect()
    }

    #[test]
    fn a_row_is_shown_by_tests_or_has_a_reason() {
        let rows = parse("# note\n\nREL-01 | one |\nREL-02 | two | not built\n").unwrap();
        let text = table(&rows, &named(&["REL-01"])).unwrap();
        assert!(
            text.ends_with(
                "| REL-01 | one | a.rs, b.js |\n| REL-02 | two | *No test.* not built |\n"
            )
        );
    }

    #[test]
    fn a_row_without_both_fails_and_so_does_a_row_that_is_not_listed() {
        let rows = parse("REL-01 | one |\nREL-02 | two | not built\n").unwrap();
        let failure = |ids: &[&str]| table(&rows, &named(ids)).unwrap_err().to_string();
        assert!(failure(&[]).contains("no test names REL-01"));
        assert!(failure(&["REL-01", "REL-99"]).contains("REL-99"));
        assert!(parse("REL-01 one").is_err());
    }
}
