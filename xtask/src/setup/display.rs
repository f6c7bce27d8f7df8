//! A screen for browsers that cannot do without one.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;

/// Whether a browser can open a window on this machine.
pub(crate) fn is_possible() -> bool {
    let users_own = ["DISPLAY", "WAYLAND_DISPLAY"].map(env::var_os);
    process::find(&["Xvfb"]).is_some() || users_own.into_iter().flatten().any(|it| !it.is_empty())
}

/// An X server without a screen. It ends with this value.
pub(crate) struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts one, unless this machine has no Xvfb: then the user's own display must do.
    pub(crate) fn start() -> Result<Option<Self>> {
        if process::find(&["Xvfb"]).is_none() {
            return Ok(None);
        }
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1400x1000x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Xvfb")?;
        // It picks a free number and says which.
        let mut number = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut number)?;
        }
        let display = Self {
            server,
            name: format!(":{}", number.trim()),
        };
        if number.trim().is_empty() {
            bail!("Xvfb ended at once; run it by hand to see why");
        }
        Ok(Some(display))
    }

    /// What `DISPLAY` must be.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Both fail harmlessly when the server has ended.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
