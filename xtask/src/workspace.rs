//! Where things are in the repository.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// The checkout that the commands work on.
pub(crate) struct Workspace {
    root: PathBuf,
    cargo_target: PathBuf,
}

impl Workspace {
    /// The checkout that this program was built from.
    pub(crate) fn find() -> Result<Self> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = xtask
            .parent()
            .context("xtask does not lie in a workspace")?
            .to_path_buf();
        let metadata = process::capture(
            cargo()
                .args(["metadata", "--no-deps", "--format-version", "1"])
                .current_dir(&root),
        )?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let cargo_target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target directory")?
            .into();
        Ok(Self { root, cargo_target })
    }

    /// The repository's top folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A file or folder of the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Something that cargo built. Honours `CARGO_TARGET_DIR`.
    pub(crate) fn built(&self, relative: &str) -> PathBuf {
        self.cargo_target.join(relative)
    }

    /// The tarball of the npm package, under a name that does not change with the version.
    pub(crate) fn tarball(&self) -> PathBuf {
        self.path("target/npm/hallpass.tgz")
    }

    /// The demo app as the end-to-end tests drive it.
    pub(crate) fn test_app(&self) -> PathBuf {
        self.path("target/test-app")
    }

    /// The reference server.
    pub(crate) fn server(&self) -> PathBuf {
        self.built("debug")
            .join(format!("hallpass-server{}", env::consts::EXE_SUFFIX))
    }

    /// `cargo`, to be run in the repository's top folder.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// A path as people want to read it: from the repository's top folder.
    pub(crate) fn show(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// Whether this runs unattended. Nothing may be skipped then.
pub(crate) fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
