//! The reference server.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Builds the server's program.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    process::step("building the reference server");
    process::run(
        workspace
            .cargo()
            .args(["build", "--package", "hallpass-server"]),
    )
}

/// Builds the server's program together with all native tests.
///
/// They share their dependencies only if cargo is asked for both at once: asked one by one, it
/// would compile half of them twice, each time with other features.
pub(super) fn build_with_tests(workspace: &Workspace) -> Result<()> {
    process::step("building the reference server and the native tests");
    process::run(workspace.cargo().args([
        "build",
        "--workspace",
        "--tests",
        "--bin",
        "hallpass-server",
    ]))
}
