//! The npm package, and the tarball that everybody installs: the demo, the tests, the users.

use std::fs;

use anyhow::{Context, Result};

use crate::stamp::Stamp;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Builds `pkg/dist` and packs it into `target/npm`.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    let package = workspace.path("pkg");
    npm::install(workspace, &package)?;

    let generated = package.join("generated");
    let inputs = [
        package.clone(),
        generated.join("core.js"),
        generated.join("core.d.ts"),
        generated.join("hallpass.wasm"),
        generated.join("hallpass-provider.wasm"),
        generated.join("sbom.cdx.json"),
    ];
    let outputs = [package.join("dist"), workspace.tarball()];
    let stamp = Stamp::read(workspace, "package", &inputs, &[], &outputs)
        .context("the core is not built; run `cargo xtask build`")?;
    if stamp.is_current() {
        return Ok(());
    }
    npm::script(workspace, &package, "build")?;
    pack(workspace)?;
    stamp.save()
}

fn pack(workspace: &Workspace) -> Result<()> {
    let package = workspace.path("pkg");
    let folder = workspace.path("target/npm");
    fs::create_dir_all(&folder)?;
    // The package was built just now: a `prepack` script would only build it again.
    process::run_quietly(
        npm::npm(&package)
            .args(["pack", "--ignore-scripts", "--pack-destination"])
            .arg(&folder),
    )?;
    let versioned = folder.join(format!("hallpass-{}.tgz", npm::version(&package)?));
    fs::copy(&versioned, workspace.tarball())
        .with_context(|| format!("npm pack left no {}", workspace.show(&versioned)))?;
    process::step(format!("packed {}", workspace.show(&versioned)));
    Ok(())
}
