//! Node.js and npm.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

const OLDEST: u32 = 20;
const REMEDY: &str = "install Node.js 20 or newer with npm: https://nodejs.org/en/download";

/// Fails unless Node.js is new enough and npm is there.
pub(crate) fn ensure() -> Result<()> {
    let version = process::capture(Command::new("node").arg("--version")).context(REMEDY)?;
    if process::find(&["npm"]).is_none() && cfg!(unix) {
        bail!("npm is missing; {REMEDY}");
    }
    if major(&version).is_none_or(|major| major < OLDEST) {
        bail!("this is Node.js {}; {REMEDY}", version.trim());
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn reads_the_major_version() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("20.1"), None);
        assert_eq!(major(""), None);
    }
}
