//! `cargo xtask test`: every suite, the engines of the end-to-end tests side by side, and what came of it.

mod backends;
mod packaging;
pub(crate) mod report;

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
    native(workspace, &mut report)?;
    if has_postgres {
        server_on_postgres(workspace, &mut report)?;
    }
    for folder in ["pkg", "www/app", "www/docs", "tests/vectors/differential"] {
        package(workspace, folder, &mut report)?;
    }
    packaging::suite(workspace, &browsers, &mut report)?;
    backends::suite(workspace, &browsers, &mut report)?;
    e2e::suite(workspace, &browsers, None, &mut report)?;
    report.conclude()
}

/// The main road: native tests, the package's, and what is marked so end to end, in one engine.
pub(crate) fn quick(workspace: &Workspace) -> Result<()> {
    let browsers = e2e::prepare(workspace, &[Engine::Chromium])?;
    let mut report = Report::new(Extent::Quick);
    native(workspace, &mut report)?;
    package(workspace, "pkg", &mut report)?;
    e2e::suite(workspace, &browsers, None, &mut report)?;
    report.conclude()
}

fn native(workspace: &Workspace, report: &mut Report) -> Result<()> {
    process::step("native tests");
    report.add(
        "native",
        workspace
            .cargo()
            .args(["test", "--workspace", "--no-fail-fast"]),
    )
}

/// The tests of the server again, each with a store in PostgreSQL: the statements are the same, what
/// runs them is not. Those of several processes have run by then.
fn server_on_postgres(workspace: &Workspace, report: &mut Report) -> Result<()> {
    process::step("tests of the server on PostgreSQL");
    let mut command = workspace.cargo();
    command.args(["test", "--package", "hallpass-server", "--test", "http"]);
    command.args(["--", "--skip", "postgres::"]);
    report.add(
        "server on PostgreSQL",
        command.env("HALLPASS_TEST_POSTGRES", "1"),
    )
}

/// Runs the tests of an npm package, if it has any.
fn package(workspace: &Workspace, folder: &str, report: &mut Report) -> Result<()> {
    let dir = workspace.path(folder);
    if !npm::has_script(&dir, "test") {
        return Ok(());
    }
    npm::install(workspace, &dir)?;
    process::step(format!("tests of {folder}"));
    let mut command = npm::npm(&dir);
    command
        .args(["run", "--silent", "test"])
        .env("HALLPASS_TARBALL", workspace.tarball());
    report.add(folder, &mut command)
}
