//! npm, run in one of the repository's packages.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// `npm` in the folder `dir`.
pub(crate) fn npm(dir: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command
        .current_dir(dir)
        .env("NPM_CONFIG_AUDIT", "false")
        .env("NPM_CONFIG_FUND", "false")
        .env("NPM_CONFIG_UPDATE_NOTIFIER", "false")
        .env("NO_COLOR", "1")
        .env_remove("FORCE_COLOR");
    command
}

/// A program that npm has installed in the package.
pub(crate) fn tool(package: &Path, name: &str) -> Command {
    let extension = if cfg!(windows) { ".cmd" } else { "" };
    let file = format!("{name}{extension}");
    Command::new(package.join("node_modules/.bin").join(file))
}

/// Installs what the lock file names, unless that was done since it last changed.
///
/// Returns whether it had to.
pub(crate) fn install(workspace: &Workspace, dir: &Path) -> Result<bool> {
    let locked = modified(&dir.join("package-lock.json"));
    let installed = modified(&dir.join("node_modules/.package-lock.json"));
    if locked.is_some() && installed > locked {
        return Ok(false);
    }
    process::step(format!("npm ci in {}", workspace.show(dir)));
    process::run_quietly(npm(dir).arg("ci"))
        .context("cannot install npm packages; is the npm registry within reach?")?;
    Ok(true)
}

/// Runs a script of the package.
pub(crate) fn script(workspace: &Workspace, dir: &Path, name: &str) -> Result<()> {
    process::step(format!("npm run {name} in {}", workspace.show(dir)));
    process::run(npm(dir).args(["run", "--silent", name]))
}

/// Whether the package exists and has this script.
pub(crate) fn has_script(dir: &Path, name: &str) -> bool {
    read_manifest(dir).is_ok_and(|manifest| manifest["scripts"][name].is_string())
}

/// The package's version.
pub(crate) fn version(dir: &Path) -> Result<String> {
    let manifest = read_manifest(dir)?;
    Ok(manifest["version"]
        .as_str()
        .context("package.json names no version")?
        .to_owned())
}

fn read_manifest(dir: &Path) -> Result<serde_json::Value> {
    let file = dir.join("package.json");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|meta| meta.modified()).ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::read_manifest;

    #[test]
    fn sec_47_the_package_brings_nothing_along_and_runs_nothing_at_install() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pkg");
        let manifest = read_manifest(&package).unwrap();
        for kind in [
            "dependencies",
            "optionalDependencies",
            "bundleDependencies",
            "bundledDependencies",
        ] {
            assert!(manifest[kind].is_null(), "{kind}");
        }
        for script in [
            "preinstall",
            "install",
            "postinstall",
            "prepare",
            "prepublish",
        ] {
            assert!(manifest["scripts"][script].is_null(), "{script}");
        }
        let files = manifest["files"].as_array().unwrap();
        assert!(files.iter().all(|file| file != "*" && file != "."));
        let peers = manifest["peerDependencies"].as_object();
        for peer in peers.into_iter().flatten().map(|(name, _)| name) {
            let is_optional = &manifest["peerDependenciesMeta"][peer]["optional"];
            assert_eq!(is_optional, true, "{peer} must be optional");
        }
    }
}
