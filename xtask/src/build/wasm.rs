//! The core: Rust to WebAssembly, glue by wasm-bindgen, made small by binaryen.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use walrus::Module;

use crate::stamp::Stamp;
use crate::workspace::Workspace;
use crate::{npm, process};

use super::compile::{Core, compile};
use super::names::Names;
use super::shrink::{WASM_OPT, shrink};
use super::{sbom, strip_dead_data, strip_report};

/// Writes into `pkg/generated`: both cores, `core.js` and `core.d.ts` that go with either, the bill of what is in them,
/// and what was cut. In `unstripped` is the core with all there is, nothing cut and nothing optimised: tests compare it
/// with both.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    let package = workspace.path("pkg");
    npm::install(workspace, &package)?;

    process::step("building the core for wasm32, with and without sign-in at a provider");
    for core in Core::ALL {
        compile(workspace, core)?;
    }
    let generated = package.join("generated");
    let unstripped = generated.join("unstripped");
    let mut inputs = vec![
        workspace.path("xtask/src/build"),
        package.join("package-lock.json"),
        workspace.path("Cargo.lock"),
    ];
    let mut outputs = vec![
        generated.join("core.js"),
        generated.join("core.d.ts"),
        generated.join("sbom.cdx.json"),
        unstripped.clone(),
    ];
    for core in Core::ALL {
        inputs.push(core.raw(workspace));
        outputs.push(core.published(workspace));
        outputs.push(strip_report::built(workspace, core));
    }
    let stamp = Stamp::read(workspace, "wasm", &inputs, &WASM_OPT, &outputs)?;
    if stamp.is_current() {
        return Ok(());
    }
    process::step("wasm-bindgen and wasm-opt to pkg/generated");
    let glued = workspace.built("wasm32-unknown-unknown/glued");
    strip(workspace, Core::Provider, &glued)?;
    let names = Names::shorten(&glued, None)?;
    fs::create_dir_all(&generated)?;
    for file in ["core.js", "core.d.ts"] {
        fs::copy(glued.join(file), generated.join(file))?;
    }
    let wasm = glued.join("core_bg.wasm");
    shrink(&package, &wasm, &Core::Provider.published(workspace))?;

    strip(workspace, Core::Plain, &glued)?;
    Names::shorten(&glued, Some(&names))?;
    shrink(&package, &wasm, &Core::Plain.published(workspace))?;

    let whole = Module::from_file(Core::Provider.raw(workspace))?;
    bindgen(workspace, whole, &unstripped)?;
    Names::shorten(&unstripped, None)?;
    sbom::write(workspace, &generated.join("sbom.cdx.json"))?;
    stamp.save()
}

/// Cuts, and writes the rest with its glue into a folder.
fn strip(workspace: &Workspace, core: Core, glued: &Path) -> Result<()> {
    let (module, report) = strip_dead_data::strip(&fs::read(core.raw(workspace))?)?;
    strip_report::save(workspace, core, &report)?;
    bindgen(workspace, module, glued)
}

/// Writes a core and its glue into a folder.
fn bindgen(workspace: &Workspace, mut module: Module, folder: &Path) -> Result<()> {
    let prepared = workspace.built("wasm32-unknown-unknown/prepared.wasm");
    // The standard library brings a list of newer features, reference types among them. wasm-bindgen
    // would believe it and look for what such a build has; without the list it looks at the code.
    module.customs.remove_raw("target_features");
    module.emit_wasm_file(&prepared)?;
    fs::create_dir_all(folder)?;
    let args: [&OsStr; 9] = [
        "wasm-bindgen".as_ref(),
        prepared.as_os_str(),
        "--target".as_ref(),
        "web".as_ref(),
        // No `import.meta`: the facade hands the bytes over.
        "--omit-default-module-path".as_ref(),
        "--out-name".as_ref(),
        "core".as_ref(),
        "--out-dir".as_ref(),
        folder.as_os_str(),
    ];
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(args.map(OsString::from))
        .context("wasm-bindgen failed; is its version in Cargo.lock that of xtask/Cargo.toml?")
}
