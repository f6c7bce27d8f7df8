//! Modules made small by binaryen's wasm-opt.

use std::path::Path;

use anyhow::{Context, Result};

use crate::{npm, process};

/// The standard library comes built with newer instructions; these flags let wasm-opt read them
/// and lower each to the first WebAssembly.
///
/// Users load it compressed: what repeats costs nearly nothing, so nothing is inlined for being called once,
/// and no value is kept for being needed twice. What is named alike is alike, and stands together.
pub(super) const WASM_OPT: [&str; 24] = [
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
    "--reorder-functions-by-name",
    "--reorder-locals",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "--quiet",
];

/// `package` is where npm installed it.
pub(super) fn shrink(package: &Path, from: &Path, to: &Path) -> Result<()> {
    process::run(
        npm::tool(package, "wasm-opt")
            .args(WASM_OPT)
            .arg(from)
            .arg("-o")
            .arg(to),
    )
    .context("wasm-opt failed; `npm ci` in pkg installs it")
}
