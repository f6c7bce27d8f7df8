//! `cargo xtask bench`: starts, hot paths and transfers beside other clients, in headless Chromium.

use anyhow::Result;

use crate::measure;
use crate::workspace::Workspace;

/// Prints what `tests/bench` measures: these parts, or all. Read the ratios.
pub(crate) fn run(workspace: &Workspace, parts: &[String]) -> Result<()> {
    measure::run(workspace, "tests/bench", "bench", parts)
}
