//! `cargo xtask bench`: starts and hot paths beside other clients, in headless Chromium.

use anyhow::{Context, Result};

use crate::build::{self, Part};
use crate::engine::Engine;
use crate::setup::browsers;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Builds the package and prints what `tests/bench` measures. Ratios are for reading: nothing fails by the clock.
pub(crate) fn run(workspace: &Workspace, parts: &[String]) -> Result<()> {
    let pending = browsers::prepare(workspace, &[Engine::Chromium])?;
    build::run(workspace, Some(Part::Wasm))?;
    build::run(workspace, Some(Part::Package))?;
    let browsers = pending.finish(workspace)?;
    let chromium = browsers.first().context("Chromium is missing")?;
    let bench = workspace.path("tests/bench");
    npm::install(workspace, &bench)?;
    process::step("measuring in headless Chromium");
    process::run(
        npm::npm(&bench)
            .args(["run", "--silent", "bench", "--"])
            .args(parts)
            .env("CHROME_BIN", &chromium.program),
    )
}
