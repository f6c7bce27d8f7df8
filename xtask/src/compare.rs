//! `cargo xtask compare`: the same application with other clients of OpenID Connect, in headless Chromium.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{measure, npm, setup};

/// Writes the table of `tests/compare`, for `clients` or for all.
pub(crate) fn run(workspace: &Workspace, clients: &[String]) -> Result<()> {
    setup::node::ensure()?;
    // Its servers are made of parts of the end-to-end tests.
    npm::install(workspace, &workspace.path("tests/e2e"))?;
    measure::run(workspace, "tests/compare", "compare", clients)
}
