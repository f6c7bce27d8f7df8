//! `cargo xtask rows`: which tests show which requirement, and by how many assertions.
//!
//! Tests name the rows they cover (`SEC-05`, `rel_16`). A row that no test names needs a reason; a test that names one
//! and asserts nothing shows nothing.

mod javascript;
mod rust;
mod scan;
mod source;
mod tokens;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use anyhow::{Result, bail, ensure};

use self::scan::Shown;
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
    table(&rows, &scan::shown(workspace)?)
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

fn table(rows: &[Row], tests: &[Shown]) -> Result<String> {
    let unknown: Vec<_> = tests
        .iter()
        .filter(|test| {
            test.rows
                .iter()
                .any(|id| rows.iter().all(|row| row.id != *id))
        })
        .map(Shown::to_string)
        .collect();
    ensure!(
        unknown.is_empty(),
        "tests name rows that {LIST} does not have:\n{}",
        unknown.join("\n")
    );
    let idle: Vec<_> = tests
        .iter()
        .filter(|test| test.assertions == 0)
        .map(Shown::to_string)
        .collect();
    ensure!(
        idle.is_empty(),
        "tests name rows and assert nothing:\n{}",
        idle.join("\n")
    );

    let mut text = String::from(
        "# Requirements and the tests that show them\n\nMade by `cargo xtask rows` from \
         `requirements.txt` and all tests: how many assertions stand in those that name the row, \
         and in which file. Do not edit.\n\n\
         | | Requirement | Assertions | In |\n|---|---|---:|---|\n",
    );
    let mut shown_by_nothing = Vec::new();
    for Row {
        id,
        requirement,
        reason,
    } in rows
    {
        let files = assertions(id, tests);
        let total: usize = files.values().sum();
        let shown = match (total, reason) {
            (1.., _) => files
                .iter()
                .map(|(file, count)| format!("{file} ({count})"))
                .collect::<Vec<_>>()
                .join(", "),
            (0, Some(reason)) => format!("*No test.* {reason}"),
            (0, None) => {
                shown_by_nothing.push(id.as_str());
                continue;
            }
        };
        writeln!(text, "| {id} | {requirement} | {total} | {shown} |")?;
    }
    ensure!(
        shown_by_nothing.is_empty(),
        "no test shows {}; write one, or a reason into {LIST}",
        shown_by_nothing.join(", ")
    );
    Ok(text)
}

/// How many assertions the tests that name this row make, by file.
fn assertions<'a>(id: &str, tests: &'a [Shown]) -> BTreeMap<&'a str, usize> {
    let mut files = BTreeMap::new();
    for test in tests
        .iter()
        .filter(|test| test.rows.iter().any(|row| row == id))
    {
        *files.entry(test.file.as_str()).or_default() += test.assertions;
    }
    files
}

#[cfg(test)]
mod tests {
    use super::scan::Shown;
    use super::{parse, table};

    fn test(file: &str, rows: &[&str], assertions: usize) -> Shown {
        Shown {
            file: file.to_owned(),
            title: "it does".to_owned(),
            rows: rows.iter().map(|&id| id.to_owned()).collect(),
            assertions,
        }
    }

    #[test]
    fn a_row_has_the_assertions_of_all_tests_that_name_it_or_a_reason() {
        let rows = parse("# note\n\nREL-01 | one |\nREL-02 | two | not built\n").unwrap();
        let tests = [
            test("b.js", &["REL-01"], 2),
            test("a.rs", &["REL-01"], 3),
            test("b.js", &["REL-01"], 5),
        ];
        let text = table(&rows, &tests).unwrap();
        assert!(text.ends_with(
            "| REL-01 | one | 10 | a.rs (3), b.js (7) |\n| REL-02 | two | 0 | *No test.* not built |\n"
        ));
    }

    #[test]
    fn a_row_without_both_fails_and_so_does_a_row_that_is_not_listed() {
        let rows = parse("REL-01 | one |\nREL-02 | two | not built\n").unwrap();
        let failure = |ids: &[&str]| {
            let tests: Vec<_> = ids.iter().map(|id| test("a.rs", &[id], 1)).collect();
            table(&rows, &tests).unwrap_err().to_string()
        };
        assert!(failure(&[]).contains("no test shows REL-01"));
        assert!(failure(&["REL-01", "REL-99"]).contains("a.rs: it does (REL-99)"));
        assert!(parse("REL-01 one").is_err());
    }

    #[test]
    fn a_test_that_names_a_row_and_asserts_nothing_fails_although_others_show_it() {
        let rows = parse("REL-01 | one |\n").unwrap();
        let tests = [test("a.rs", &["REL-01"], 3), test("b.js", &["REL-01"], 0)];
        let failure = table(&rows, &tests).unwrap_err().to_string();
        assert!(
            failure.contains("assert nothing:\nb.js: it does"),
            "{failure}"
        );
    }
}
