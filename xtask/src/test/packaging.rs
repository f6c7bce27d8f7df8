//! `tests/packaging`: the packed package in every bundler, framework and runtime.

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
    let suite = workspace.path("tests/packaging");
    process::step("the package in every bundler and runtime");
    let mut command = npm::npm(&suite);
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
    report.add("tests/packaging", &mut command)
}
