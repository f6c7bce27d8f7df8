//! Firefox's driver, which Debian does not package: built once, into `target/tools`.

use std::env;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Child;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

const VERSION: &str = "0.37.1";

/// Starts to build the driver, unless that was done before.
pub(crate) fn start(workspace: &Workspace) -> Result<Option<Build>> {
    if program(workspace).is_file() {
        Ok(None)
    } else {
        Build::start(workspace).map(Some)
    }
}

/// Where the driver is once it is built.
pub(crate) fn program(workspace: &Workspace) -> PathBuf {
    workspace
        .path("target/tools/bin")
        .join(format!("geckodriver{}", env::consts::EXE_SUFFIX))
}

/// A build of the driver under way. It ends with this value.
pub(crate) struct Build {
    child: Child,
    log: PathBuf,
    scratch: PathBuf,
}

impl Build {
    fn start(workspace: &Workspace) -> Result<Self> {
        let tools = workspace.path("target/tools");
        fs::create_dir_all(&tools)?;
        let log = tools.join("geckodriver.log");
        let scratch = tools.join("build");
        let out = File::create(&log)?;
        process::step("building geckodriver beside the rest (about a minute, once)");
        let child = workspace
            .cargo()
            // Flags meant for this project are none of its business.
            .env_remove("RUSTFLAGS")
            .args(["install", "geckodriver", "--version", VERSION, "--locked"])
            // It drives a browser: how fast it was made counts, how fast it is does not.
            .args(["--debug", "--config", "profile.dev.debug=false"])
            .arg("--root")
            .arg(&tools)
            .arg("--target-dir")
            .arg(&scratch)
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .context("cannot start cargo install")?;
        Ok(Self {
            child,
            log,
            scratch,
        })
    }

    /// Waits until the driver is built.
    pub(crate) fn finish(mut self) -> Result<()> {
        let status = self.child.wait()?;
        if !status.success() {
            eprint!("{}", fs::read_to_string(&self.log).unwrap_or_default());
            bail!(
                "cannot build geckodriver; install it by hand and set GECKODRIVER_BIN: \
                 https://github.com/mozilla/geckodriver/releases"
            );
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
