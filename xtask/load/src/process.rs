//! The server as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::api::Api;

pub(crate) struct Process {
    child: Child,
    api: String,
    app: String,
}

impl Process {
    /// On free ports, with the log that programs read, which goes nowhere.
    pub(crate) fn start(program: &Path, database: &str, flags: &[&str]) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["--app-port", "0", "--api-port", "0", "--foreign-port", "0"])
            .args(["--log", "json", "--db", database])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("it says nothing")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let addresses: Value = serde_json::from_str(&line).context("the server did not start")?;
        let origin = |name: &str| addresses[name].as_str().map(str::to_owned);
        Ok(Self {
            child,
            api: origin("api").context("no address")?,
            app: origin("app").context("no address")?,
        })
    }

    pub(crate) fn api(&self) -> Result<Api> {
        Api::new(&self.api, &self.app)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
