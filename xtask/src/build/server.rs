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
