//! Packages of Debian and its kin.

use std::process::Command;

use anyhow::Result;

use crate::engine::Engine;
use crate::process;
use crate::workspace::is_ci;

/// What a person would run to install these engines.
pub(crate) fn remedy(engines: &[Engine]) -> String {
    remedy_by(&packages(engines))
}

/// What a person would run to install these packages.
pub(crate) fn remedy_by(packages: &[&str]) -> String {
    format!(
        "sudo apt-get update && sudo apt-get install -y {}",
        packages.join(" ")
    )
}

/// Installs the packages of these engines, as [`install_packages`] does.
pub(crate) fn install(engines: &[Engine]) -> Result<()> {
    install_packages(&packages(engines))
}

/// Installs packages where apt and the right to use it are at hand.
///
/// Elsewhere nothing happens: no password is asked for in the middle of a test run.
pub(crate) fn install_packages(packages: &[&str]) -> Result<()> {
    let Some(prefix) = privilege() else {
        return Ok(());
    };
    let apt = |args: &[&str]| {
        process::step(format!("apt-get {}", args.join(" ")));
        let words = [
            prefix,
            &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"],
            args,
        ];
        let mut words = words.into_iter().flatten();
        let mut command = Command::new(words.next().unwrap_or(&"env"));
        process::run_quietly(command.args(words))
    };
    // One broken source among many does no harm: what is still missing shows afterwards.
    let _ = apt(&["update"]);
    let install = ["install", "-y", "--no-install-recommends"];
    apt(&[&install, packages].concat())
}

/// Without a font, a browser draws empty boxes: one comes along.
fn packages(engines: &[Engine]) -> Vec<&'static str> {
    let mut packages = vec!["fonts-dejavu-core"];
    for engine in engines {
        packages.extend(engine.packages());
    }
    packages
}

/// What to put before a command that only root may run; `None` where this is no business of ours.
fn privilege() -> Option<&'static [&'static str]> {
    process::find(&["apt-get"])?;
    let root = process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if root {
        return Some(&[]);
    }
    let sudo = process::run_quietly(Command::new("sudo").args(["-n", "true"])).is_ok();
    (is_ci() && sudo).then_some(&["sudo", "-n"])
}
