//! The npm projects that measure the package in headless Chromium: `tests/bench`, `tests/compare`.

use anyhow::{Context, Result};

use crate::build::{self, Part};
use crate::engine::Engine;
use crate::setup::browsers;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Builds the package and runs `script` of the project in `folder`. Its numbers are for reading: nothing fails by them.
pub(crate) fn run(
    workspace: &Workspace,
    folder: &str,
    script: &str,
    args: &[String],
) -> Result<()> {
    let pending = browsers::prepare(workspace, &[Engine::Chromium])?;
    build::run(workspace, Some(Part::Wasm))?;
    build::run(workspace, Some(Part::Package))?;
    let browsers = pending.finish(workspace)?;
    let chromium = browsers.first().context("Chromium is missing")?;
    let project = workspace.path(folder);
    npm::install(workspace, &project)?;
    process::step("measuring in headless Chromium");
    process::run(
        npm::npm(&project)
            .args(["run", "--silent", script, "--"])
            .args(args)
            .env("CHROME_BIN", &chromium.program),
    )
}
