//! Rust to WebAssembly.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// No instruction newer than the first WebAssembly: old engines run it, and wasm2js reads it.
/// But copying is one instruction at first, which wasm-opt makes a loop that is there once: smaller than the
/// library's three functions for it.
///
/// The linker leaves its relocations behind: see `links`.
const RUSTFLAGS: &str = "-Ctarget-cpu=mvp -Ctarget-feature=+bulk-memory -Clink-arg=--emit-relocs";

/// The core is shipped twice, so that an application without a provider does not load what only that needs.
#[derive(Clone, Copy)]
pub(super) enum Core {
    Plain,
    Provider,
}

impl Core {
    pub(super) const ALL: [Self; 2] = [Self::Plain, Self::Provider];

    /// What it is called where it is published.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "hallpass",
            Self::Provider => "hallpass-provider",
        }
    }

    const fn profile(self) -> &'static str {
        match self {
            Self::Plain => "wasm-release-plain",
            Self::Provider => "wasm-release",
        }
    }

    const fn features(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &["--no-default-features"],
            Self::Provider => &["--no-default-features", "--features", "provider"],
        }
    }

    /// Where its module lies as it was compiled.
    pub(super) fn raw(self, workspace: &Workspace) -> PathBuf {
        let profile = self.profile();
        workspace.built(&format!("wasm32-unknown-unknown/{profile}/hallpass.wasm"))
    }

    /// Where it lies as users get it.
    pub(super) fn published(self, workspace: &Workspace) -> PathBuf {
        workspace.path(&format!("pkg/generated/{}.wasm", self.name()))
    }
}

/// Builds one of the cores.
pub(super) fn compile(workspace: &Workspace, core: Core) -> Result<()> {
    let rustflags = rustflags(workspace);
    process::run(
        workspace
            .cargo()
            .args(["build", "--lib", "--package", "hallpass"])
            .args(core.features())
            .args(["--target", "wasm32-unknown-unknown", "--profile", core.profile()])
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", rustflags)
            // Would win over the flags above, and is meant for this machine's own processor.
            .env_remove("RUSTFLAGS"),
    )
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
