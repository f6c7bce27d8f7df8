//! The core: Rust to WebAssembly, glue by wasm-bindgen, made small by binaryen.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::stamp::Stamp;
use crate::workspace::Workspace;
use crate::{npm, process};

use super::{imports, sweep};

/// No instruction newer than the first WebAssembly: old engines run it, and wasm2js reads it.
/// But copying is one instruction at first, which wasm-opt makes a loop that is there once: smaller than the
/// library's three functions for it.
///
/// The linker leaves its relocations behind: see `links`.
const RUSTFLAGS: &str = "-Ctarget-cpu=mvp -Ctarget-feature=+bulk-memory -Clink-arg=--emit-relocs";

/// The standard library comes built with newer instructions; these flags let wasm-opt read them
/// and lower each to the first WebAssembly.
///
/// Users load it compressed: what repeats costs nearly nothing, so nothing is inlined for being called once,
/// and no value is kept for being needed twice.
const WASM_OPT: [&str; 22] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--llvm-memory-copy-fill-lowering",
    "--signext-lowering",
    "--llvm-nontrapping-fptoint-lowering",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--one-caller-inline-max-function-size=0",
    "--always-inline-max-function-size=0",
    "--skip-pass=local-cse",
    "--skip-pass=simplify-locals",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "--quiet",
];

/// Writes `core.js`, `core.d.ts` and `core_bg.wasm` into `pkg/generated`.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    let package = workspace.path("pkg");
    npm::install(workspace, &package)?;

    process::step("building the core for wasm32");
    let rustflags = rustflags(workspace);
    process::run(
        workspace
            .cargo()
            .args(["build", "--package", "hallpass", "--lib"])
            .args(["--target", "wasm32-unknown-unknown", "--profile", "wasm-release"])
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", rustflags)
            // Would win over the flags above, and is meant for this machine's own processor.
            .env_remove("RUSTFLAGS"),
    )?;
    let raw = workspace.built("wasm32-unknown-unknown/wasm-release/hallpass.wasm");

    let generated = package.join("generated");
    let wasm = generated.join("core_bg.wasm");
    let outputs = [
        generated.join("core.js"),
        generated.join("core.d.ts"),
        wasm.clone(),
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
    prepare(&raw, &prepared)?;
    bindgen(&prepared, &generated)?;
    imports::shorten(&wasm, &generated.join("core.js"))?;
    shrink(&package, &wasm)?;
    stamp.save()
}

/// Panics name their source files: the paths of this machine are no business of users, and the module
/// comes out the same wherever it is built.
fn rustflags(workspace: &Workspace) -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let mut flags = RUSTFLAGS.to_owned();
    let paths = [
        (home, "cargo"),
        (sysroot(), "rust"),
        (Some(workspace.path("")), "hallpass"),
    ];
    for (path, name) in paths {
        if let Some(path) = path {
            let path = path.display().to_string();
            let path = path.trim_end_matches('/');
            flags.push_str(&format!(" --remap-path-prefix={path}={name}"));
        }
    }
    flags
}

fn sysroot() -> Option<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output();
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    Some(PathBuf::from(text.trim()))
}

/// What wasm-bindgen is to see.
fn prepare(raw: &Path, prepared: &Path) -> Result<()> {
    let mut module = sweep::sweep(&fs::read(raw)?)?;
    // The standard library brings a list of newer features, reference types among them. wasm-bindgen
    // would believe it and look for what such a build has; without the list it looks at the code.
    module.customs.remove_raw("target_features");
    module.emit_wasm_file(prepared)
}

fn bindgen(raw: &Path, generated: &Path) -> Result<()> {
    fs::create_dir_all(generated)?;
    let args: [&OsStr; 9] = [
        "wasm-bindgen".as_ref(),
        raw.as_os_str(),
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
        .context("wasm-bindgen failed; is its version in Cargo.lock that of xtask/Cargo.toml?")
}

fn shrink(package: &Path, wasm: &Path) -> Result<()> {
    let script = if cfg!(windows) {
        "wasm-opt.cmd"
    } else {
        "wasm-opt"
    };
    process::run(
        Command::new(package.join("node_modules/.bin").join(script))
            .args(WASM_OPT)
            .arg(wasm)
            .arg("-o")
            .arg(wasm),
    )
    .context("wasm-opt failed; `npm ci` in pkg installs it")
}
