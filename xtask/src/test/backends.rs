//! `tests/backends`: the packed package against the servers that people have.

use anyhow::Result;

use super::packaging;
use super::report::Report;
use crate::setup::browsers::Browser;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Runs the matrix, in Chromium. The suite installs what the servers in Python need by itself.
pub(super) fn suite(
    workspace: &Workspace,
    browsers: &[Browser],
    report: &mut Report,
) -> Result<()> {
    npm::install(workspace, &workspace.path("tests/backends"))?;
    process::step("the package against each back end");
    let mut command = packaging::command(workspace, browsers, "tests/backends");
    report.add("tests/backends", &mut command)
}
