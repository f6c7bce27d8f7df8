//! The demo app, which takes the package from the tarball, as any app would.

use anyhow::Result;

use super::tarball;
use crate::npm;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// Builds `www/app/dist`.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    tarball::install(workspace, "www/app")?;
    let app = workspace.path("www/app");
    let inputs = [app.clone(), workspace.tarball()];
    let stamp = Stamp::read(workspace, "app", &inputs, &[], &[app.join("dist")])?;
    if stamp.is_current() {
        return Ok(());
    }
    npm::script(workspace, &app, "build")?;
    stamp.save()
}
