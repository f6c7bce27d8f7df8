//! PostgreSQL, which the tests of the server start by themselves.

use std::path::Path;

use anyhow::{Result, bail};

use super::debian;
use crate::process;
use crate::workspace::is_ci;

/// Debian's name of it.
const PACKAGES: [&str; 1] = ["postgresql"];

/// Installs it as far as it is missing. `false`: this machine cannot have it, and those tests are left
/// out; never in CI.
pub(crate) fn ensure() -> Result<bool> {
    if !is_installed() {
        debian::install_packages(&PACKAGES)?;
    }
    let is_there = is_installed();
    if !is_there {
        let remedy = debian::remedy_by(&PACKAGES);
        if is_ci() {
            bail!("no PostgreSQL on this machine; on Debian run `{remedy}`");
        }
        println!("skipping PostgreSQL: not on this machine; on Debian run `{remedy}`");
    }
    Ok(is_there)
}

/// Debian keeps the programs of each version in a folder of its own.
fn is_installed() -> bool {
    let versions = Path::new("/usr/lib/postgresql").read_dir();
    let mut versions = versions.into_iter().flatten().flatten();
    process::find(&["initdb"]).is_some()
        || versions.any(|version| version.path().join("bin/initdb").is_file())
}
