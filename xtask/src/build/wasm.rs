//! The core: Rust to WebAssembly, glue by wasm-bindgen, made small by binaryen.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use walrus::Module;

use crate::stamp::Stamp;
use crate::workspace::Workspace;
use crate::{npm, process};

use super::compile::compile;
use super::shrink::{WASM_OPT, shrink};
use super::{names, sbom, strip_dead_data, strip_report};

/// Writes `core.js`, `core.d.ts` and `core_bg.wasm` into `pkg/generated`, the bill of what is in them, and what was
/// cut. In `unstripped` is the same core with nothing cut and nothing optimised: tests compare the two.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    let package = workspace.path("pkg");
    npm::install(workspace, &package)?;

    process::step("building the core for wasm32");
    let raw = compile(workspace)?;

    let generated = package.join("generated");
    let wasm = generated.join("core_bg.wasm");
    let unstripped = generated.join("unstripped");
    let outputs = [
        generated.join("core.js"),
        generated.join("core.d.ts"),
        wasm.clone(),
        generated.join("sbom.cdx.json"),
        workspace.path(strip_report::BUILT),
        unstripped.clone(),
    ];
    let inputs = [
        raw.clone(),
        workspace.path("xtask/src/build"),
        package.join("package-lock.json"),
        workspace.path("Cargo.lock"),
    ];
    let stamp = Stamp::read(workspace, "wasm", &inputs, &WASM_OPT, &outputs)?;
    if stamp.is_current() {
        return Ok(());
    }
    process::step("wasm-bindgen and wasm-opt to pkg/generated");
    let prepared = workspace.built("wasm32-unknown-unknown/wasm-release/prepared.wasm");
    let (module, report) = strip_dead_data::strip(&fs::read(&raw)?)?;
    bindgen(module, &prepared, &generated)?;
    fs::write(workspace.path(strip_report::BUILT), report.text())?;
    bindgen(Module::from_file(&raw)?, &prepared, &unstripped)?;
    shrink(&package, &wasm)?;
    sbom::write(workspace, &wasm, &generated.join("sbom.cdx.json"))?;
    stamp.save()
}

/// Writes the core and its glue into a folder.
fn bindgen(mut module: Module, prepared: &Path, generated: &Path) -> Result<()> {
    // The standard library brings a list of newer features, reference types among them. wasm-bindgen
    // would believe it and look for what such a build has; without the list it looks at the code.
    module.customs.remove_raw("target_features");
    module.emit_wasm_file(prepared)?;
    fs::create_dir_all(generated)?;
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
        generated.as_os_str(),
    ];
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(args.map(OsString::from))
        .context("wasm-bindgen failed; is its version in Cargo.lock that of xtask/Cargo.toml?")?;
    names::shorten(&generated.join("core_bg.wasm"), &generated.join("core.js"))
}
