//! Versions that stand in two places and must be one.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::npm;
use crate::workspace::Workspace;

/// Fails if the crate and the npm package, or wasm-bindgen and its tool, disagree.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let package = npm::version(&workspace.path("pkg"))?;
    let crates = env!("CARGO_PKG_VERSION");
    if package != crates {
        bail!("pkg/package.json says {package}, Cargo.toml says {crates}; make them the same");
    }
    let lock = fs::read_to_string(workspace.path("Cargo.lock"))?;
    let library = locked(&lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen")?;
    let tool = locked(&lock, "wasm-bindgen-cli").context("Cargo.lock has no wasm-bindgen-cli")?;
    if library != tool {
        bail!(
            "Cargo.lock has wasm-bindgen {library} and wasm-bindgen-cli {tool}; name one version \
             in Cargo.toml and xtask/Cargo.toml"
        );
    }
    Ok(())
}

/// The version of a crate in the text of Cargo.lock.
fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::locked;

    #[test]
    fn finds_a_locked_version() {
        let lock = "[[package]]\nname = \"wasm-bindgen-cli\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked(lock, "wasm-bindgen-cli"), Some("0.2.1"));
        assert_eq!(locked(lock, "bindgen"), None);
    }
}
