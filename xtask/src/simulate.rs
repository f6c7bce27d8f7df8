//! `cargo xtask simulate`: a fleet of clients against one token endpoint.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Builds the simulation with optimisation, without which it takes ten times as long, and runs it.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    process::run(
        workspace
            .cargo()
            .args([
                "run",
                "--release",
                "--quiet",
                "--package",
                "hallpass-fleet",
                "--",
            ])
            .args(args),
    )
}
