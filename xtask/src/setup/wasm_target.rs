//! The standard library for wasm32.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// Installs the target unless the toolchain has it.
pub(crate) fn ensure(workspace: &Workspace) -> Result<()> {
    let libdir = process::capture(
        Command::new("rustc")
            .args(["--print", "target-libdir", "--target", TARGET])
            .current_dir(workspace.root()),
    )?;
    if Path::new(libdir.trim()).is_dir() {
        return Ok(());
    }
    process::step(format!("installing the Rust target {TARGET}"));
    process::run(
        Command::new("rustup")
            .args(["target", "add", TARGET])
            .current_dir(workspace.root()),
    )
    .context("install Rust by rustup (https://rustup.rs), or this target by your system's means")
}
