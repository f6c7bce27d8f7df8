//! The demo app, which takes the package from the tarball, as any app would: as users get it, and as the tests drive it.

use std::path::PathBuf;

use anyhow::Result;

use super::tarball;
use crate::npm;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// Builds `www/app/dist`.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    let dist = workspace.path("www/app/dist");
    run(workspace, "app", "build", dist)
}

/// Builds `target/test-app`: there, unlike in the other, an address may take safeguards away.
pub(super) fn build_for_tests(workspace: &Workspace) -> Result<()> {
    run(workspace, "test-app", "build:test", workspace.test_app())
}

fn run(workspace: &Workspace, stamp: &str, script: &str, output: PathBuf) -> Result<()> {
    tarball::install(workspace, "www/app")?;
    let app = workspace.path("www/app");
    let inputs = [app.clone(), workspace.tarball()];
    let stamp = Stamp::read(workspace, stamp, &inputs, &[], &[output])?;
    if stamp.is_current() {
        return Ok(());
    }
    npm::script(workspace, &app, script)?;
    stamp.save()
}
