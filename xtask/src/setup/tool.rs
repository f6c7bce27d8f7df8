//! Programs that are built from their crate, once, into `target/tools`.

use std::env;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Child;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// A program of crates.io.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// What to do where it cannot be built.
    pub(crate) remedy: &'static str,
}

impl Tool {
    /// Where the program is once it is built.
    pub(crate) fn program(&self, workspace: &Workspace) -> PathBuf {
        workspace
            .path("target/tools/bin")
            .join(format!("{}{}", self.name, env::consts::EXE_SUFFIX))
    }

    /// Starts to build the program, unless that was done before.
    pub(crate) fn start(&'static self, workspace: &Workspace) -> Result<Option<Build>> {
        if self.program(workspace).is_file() {
            Ok(None)
        } else {
            Build::start(self, workspace).map(Some)
        }
    }
}

/// A build under way. It ends with this value.
pub(crate) struct Build {
    tool: &'static Tool,
    child: Child,
    log: PathBuf,
    scratch: PathBuf,
}

impl Build {
    fn start(tool: &'static Tool, workspace: &Workspace) -> Result<Self> {
        let Tool { name, version, .. } = tool;
        let root = workspace.path("target/tools");
        fs::create_dir_all(&root)?;
        let log = root.join(format!("{name}.log"));
        let scratch = root.join(format!("build-{name}"));
        let out = File::create(&log)?;
        process::step(format!(
            "building {name} beside the rest (a minute or two, once)"
        ));
        let child = workspace
            .cargo()
            // Flags meant for this project are none of its business.
            .env_remove("RUSTFLAGS")
            .args(["install", name, "--version", version, "--locked"])
            // How fast it was made counts, how fast it is does not.
            .args(["--debug", "--config", "profile.dev.debug=false"])
            .arg("--root")
            .arg(&root)
            .arg("--target-dir")
            .arg(&scratch)
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .context("cannot start cargo install")?;
        Ok(Self {
            tool,
            child,
            log,
            scratch,
        })
    }

    /// Waits until the program is built.
    pub(crate) fn finish(mut self) -> Result<()> {
        let status = self.child.wait()?;
        if !status.success() {
            eprint!("{}", fs::read_to_string(&self.log).unwrap_or_default());
            bail!("cannot build {}; {}", self.tool.name, self.tool.remedy);
        }
        fs::remove_dir_all(&self.scratch)?;
        Ok(())
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        // Both fail harmlessly when the build has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
