//! Python, for the back ends that are written in it.

use std::process::Command;

use anyhow::{Result, bail};

use super::debian;
use crate::process;

/// Debian's names of what [`ensure`] wants.
const PACKAGES: [&str; 2] = ["python3", "python3-venv"];

/// Installs Python with its virtual environments as far as it is missing, or says what to run.
pub(crate) fn ensure() -> Result<()> {
    if !is_installed() {
        debian::install_packages(&PACKAGES)?;
    }
    if !is_installed() {
        bail!(
            "no Python 3 with venv and pip on this machine; on Debian run `{}`",
            debian::remedy_by(&PACKAGES)
        );
    }
    Ok(())
}

/// Debian's Python has `venv`, but not what that needs to make one.
fn is_installed() -> bool {
    process::find(&["python3"]).is_some_and(|python| {
        Command::new(python)
            .args(["-c", "import ensurepip, venv"])
            .output()
            .is_ok_and(|output| output.status.success())
    })
}
