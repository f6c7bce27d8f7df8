//! `tests/packaging`: the packed package in every bundler, framework and runtime.

use std::process::Command;

use anyhow::Result;

use super::report::Report;
use crate::engine::Engine;
use crate::setup::browsers::Browser;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Runs the matrix, in Chromium. The suite installs its projects by itself.
pub(super) fn suite(
    workspace: &Workspace,
    browsers: &[Browser],
    report: &mut Report,
) -> Result<()> {
    process::step("the package in every bundler and runtime");
    report.add(
        "tests/packaging",
        &mut command(workspace, browsers, "tests/packaging"),
    )
}

/// The tests of `folder`, told where the package, the server and Chromium are.
pub(super) fn command(workspace: &Workspace, browsers: &[Browser], folder: &str) -> Command {
    let mut command = npm::npm(&workspace.path(folder));
    command
        .args(["run", "--silent", "test"])
        .env("HALLPASS_SERVER", workspace.server())
        .env("HALLPASS_TARBALL", workspace.tarball());
    if let Some(chromium) = browsers
        .iter()
        .find(|browser| browser.engine == Engine::Chromium)
    {
        command
            .env("CHROME_BIN", &chromium.program)
            .env("CHROMEDRIVER_BIN", &chromium.driver);
    }
    command
}
