//! Installing the package from its tarball, in the folders that use it as any application would.

use std::slice;

use anyhow::{Context, Result};

use crate::stamp::Stamp;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Installs what `folder` depends on; the package anew whenever its tarball changed.
pub(super) fn install(workspace: &Workspace, folder: &str) -> Result<()> {
    let dir = workspace.path(folder);
    let tarball = workspace.tarball();
    let input = slice::from_ref(&tarball);
    let output = [dir.join("node_modules/hallpass/dist")];
    let name = format!("{}-tarball", folder.replace("www/", ""));
    let stamp = Stamp::read(workspace, &name, input, &[], &output)
        .context("the package is not packed; run `cargo xtask build`")?;
    // `npm ci` takes the tarball too: package.json names it.
    if npm::install(workspace, &dir)? {
        return stamp.save();
    }
    if stamp.is_current() {
        return Ok(());
    }
    process::step(format!(
        "installing {} in {folder}",
        workspace.show(&tarball)
    ));
    // Not saved: the lock file would hold the hash of one build.
    process::run_quietly(
        npm::npm(&dir)
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
