//! `cargo xtask test`: every suite, the engines of the end-to-end tests side by side, and what came of it.

mod backends;
mod packaging;
pub(crate) mod report;

use std::process::Command;

use anyhow::Result;

use self::report::{Extent, Report};
use crate::engine::Engine;
use crate::setup::{browsers, postgres, python};
use crate::workspace::Workspace;
use crate::{build, e2e, npm, process};

/// Installs what the tests need, builds what they test, runs them all.
///
/// A suite that fails does not keep the others from running.
pub(crate) fn run(workspace: &Workspace, long: bool) -> Result<()> {
    let extent = if long { Extent::Long } else { Extent::Full };
    let pending = browsers::prepare(workspace, &[])?;
    python::ensure()?;
    let has_postgres = postgres::ensure()?;
    build::with_tests(workspace)?;
    let browsers = pending.finish(workspace)?;

    let mut report = Report::new(extent);
    process::step("native tests");
    report.add("native", &mut native(workspace))?;
    let mut suites = Vec::new();
    if has_postgres {
        let name = "server on PostgreSQL".to_owned();
        suites.push((name, server_on_postgres(workspace)));
    }
    for folder in ["pkg", "www/app", "www/docs", "tests/vectors/differential"] {
        suites.push((folder.to_owned(), package(workspace, folder)?));
    }
    side_by_side(suites, &mut report)?;
    packaging::suite(workspace, &browsers, &mut report)?;
    backends::suite(workspace, &browsers, &mut report)?;
    e2e::suite(workspace, &browsers, None, &mut report)?;
    report.conclude()
}

/// The main road: native tests, the package's, and what is marked so end to end, in one engine.
pub(crate) fn quick(workspace: &Workspace) -> Result<()> {
    let browsers = e2e::prepare(workspace, &[Engine::Chromium])?;
    let mut report = Report::new(Extent::Quick);
    let suites = vec![
        ("native".to_owned(), native(workspace)),
        ("pkg".to_owned(), package(workspace, "pkg")?),
    ];
    side_by_side(suites, &mut report)?;
    e2e::suite(workspace, &browsers, None, &mut report)?;
    report.conclude()
}

/// Those of JavaScript run file by file, on one core.
fn side_by_side(suites: Vec<(String, Command)>, report: &mut Report) -> Result<()> {
    let names: Vec<_> = suites.iter().map(|(name, _)| name.as_str()).collect();
    process::step(format!("tests of {}, side by side", names.join(", ")));
    report.add_side_by_side(suites)
}

fn native(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]);
    command
}

/// The tests of the server again, each with a store in PostgreSQL: the statements are the same, what
/// runs them is not. Those of several processes have run by then.
fn server_on_postgres(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    command
        .args(["test", "--package", "hallpass-server", "--test", "http"])
        .args(["--", "--skip", "postgres::"])
        .env("HALLPASS_TEST_POSTGRES", "1");
    command
}

/// The tests of an npm package.
fn package(workspace: &Workspace, folder: &str) -> Result<Command> {
    let dir = workspace.path(folder);
    npm::install(workspace, &dir)?;
    let mut command = npm::npm(&dir);
    command
        .args(["run", "--silent", "test"])
        .env("HALLPASS_TARBALL", workspace.tarball());
    Ok(command)
}
