//! The core as a text, and the small module that unpacks it: what the default entry brings inlined.

use std::fs;

use anyhow::{Result, ensure};
use walrus::Module;

use super::compile::compile;
use super::links;
use super::shrink::{WASM_OPT, shrink};
use crate::process;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// More than this, and there are words for a panic in it: it must not have one.
const MOST: usize = 4_000;

/// Writes `core.txt` and `unpack.wasm` into `pkg/generated`.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    process::step("building the unpacker for wasm32");
    let raw = compile(workspace, "hallpass-pack")?;

    let package = workspace.path("pkg");
    let generated = package.join("generated");
    let wasm = generated.join("core_bg.wasm");
    let [text, unpacker] = ["core.txt", "unpack.wasm"].map(|name| generated.join(name));
    let inputs = [
        raw.clone(),
        wasm.clone(),
        workspace.path("xtask/src/build"),
        workspace.path("xtask/pack"),
        package.join("package-lock.json"),
    ];
    let stamp = Stamp::read(
        workspace,
        "packed",
        &inputs,
        &WASM_OPT,
        &[text.clone(), unpacker.clone()],
    )?;
    if stamp.is_current() {
        return Ok(());
    }
    process::step("packing the core");
    fs::write(&text, hallpass_pack::pack(&fs::read(wasm)?)?)?;
    let mut module = Module::from_file(raw)?;
    links::forget(&mut module);
    module.emit_wasm_file(&unpacker)?;
    shrink(&package, &unpacker)?;
    let size = fs::metadata(&unpacker)?.len();
    ensure!(
        size < MOST as u64,
        "the unpacker is of {size} bytes: can it panic?"
    );
    stamp.save()
}
