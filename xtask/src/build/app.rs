//! The demo app, which takes the package from the tarball, as any app would.

use std::slice;

use anyhow::{Context, Result};

use crate::stamp::Stamp;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Builds `www/app/dist`.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    install(workspace)?;
    let app = workspace.path("www/app");
    let inputs = [app.clone(), workspace.tarball()];
    let stamp = Stamp::read(workspace, "app", &inputs, &[], &[app.join("dist")])?;
    if stamp.is_current() {
        return Ok(());
    }
    npm::script(workspace, &app, "build")?;
    stamp.save()
}

/// Installs what the app depends on; the package anew whenever its tarball changed.
fn install(workspace: &Workspace) -> Result<()> {
    let app = workspace.path("www/app");
    let tarball = workspace.tarball();
    let input = slice::from_ref(&tarball);
    let output = [app.join("node_modules/hallpass/dist")];
    let stamp = Stamp::read(workspace, "app-tarball", input, &[], &output)
        .context("the package is not packed; run `cargo xtask build`")?;
    // `npm ci` takes the tarball too: package.json names it.
    if npm::install(workspace, &app)? {
        return stamp.save();
    }
    if stamp.is_current() {
        return Ok(());
    }
    process::step(format!(
        "installing {} in www/app",
        workspace.show(&tarball)
    ));
    // Not saved: the lock file would hold the hash of one build.
    process::run_quietly(
        npm::npm(&app)
            .args([
                "install",
                "--no-save",
                "--no-package-lock",
                "--ignore-scripts",
            ])
            .arg(&tarball),
    )?;
    stamp.save()
}
