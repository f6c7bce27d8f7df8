//! Where the code of others comes from: crates by cargo-deny, npm packages by their signatures.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::setup::tool::Tool;
use crate::workspace::Workspace;
use crate::{npm, process};

pub(crate) static CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    remedy: "is the crate registry within reach, and a C compiler there?",
};

/// The npm packages whose tools make what users get: the package, the demo, the documentation.
const SIGNED: [&str; 3] = ["pkg", "www/app", "www/docs"];

/// Fails on what `deny.toml` does not allow, and on an npm package whose signature is wrong.
///
/// What needs a service that is out of reach is skipped, and said so. `CARGO_DENY` must be built.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    crates(workspace)?;
    packages(workspace)
}

fn crates(workspace: &Workspace) -> Result<()> {
    let deny = |args: &[&str]| {
        let mut command = Command::new(CARGO_DENY.program(workspace));
        command.current_dir(workspace.root()).arg("--workspace");
        command.args(args);
        command
    };
    process::step("cargo deny: bans, licences, sources");
    process::run(&mut deny(&["check", "bans", "licenses", "sources"]))?;
    process::step("cargo deny: advisories");
    if deny(&["--log-level", "off", "fetch", "db"])
        .output()
        .is_ok_and(|output| output.status.success())
    {
        process::run(&mut deny(&["--offline", "check", "advisories"]))
    } else {
        println!("skipped: the RustSec advisory data base is out of reach");
        Ok(())
    }
}

fn packages(workspace: &Workspace) -> Result<()> {
    for folder in SIGNED {
        process::step(format!("npm audit signatures in {folder}"));
        let output = npm::npm(&workspace.path(folder))
            .args(["audit", "signatures", "--json", "--fetch-retries", "0"])
            .output()
            .context("cannot start npm")?;
        let text = String::from_utf8_lossy(&output.stdout);
        match judge(&text, output.status.success()) {
            Verdict::Verified => {}
            // The registry is the same for all: no use in waiting for it again.
            Verdict::Skipped(why) => {
                println!("skipped: {why}");
                break;
            }
            Verdict::Wrong(names) => bail!("{folder}: no valid signature for {names}"),
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Verified,
    /// There was nothing to judge by.
    Skipped(String),
    /// The packages that failed.
    Wrong(String),
}

/// Judges what `npm audit signatures --json` wrote: lists of packages, or an error where it could not look.
fn judge(text: &str, succeeded: bool) -> Verdict {
    let report: Value = serde_json::from_str(text).unwrap_or_default();
    let lists = ["invalid", "missing"].map(|list| report[list].as_array());
    if let [None, None] = lists {
        if succeeded {
            return Verdict::Verified;
        }
        let code = report["error"]["code"].as_str().unwrap_or("no answer");
        return Verdict::Skipped(format!("the registry's keys are out of reach ({code})"));
    }
    let names: Vec<_> = lists
        .into_iter()
        .flatten()
        .flatten()
        .map(|package| {
            let of = |field: &str| package[field].as_str().unwrap_or("?").to_owned();
            format!("{}@{}", of("name"), of("version"))
        })
        .collect();
    if names.is_empty() {
        Verdict::Verified
    } else {
        Verdict::Wrong(names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};

    #[test]
    fn sec_47_a_package_without_a_valid_signature_fails_the_check() {
        let wrong = |text| match judge(text, false) {
            Verdict::Wrong(names) => names,
            verdict => panic!("{verdict:?}"),
        };
        let invalid = r#"{"invalid":[{"name":"a","version":"1.0.0"}],"missing":[]}"#;
        assert_eq!(wrong(invalid), "a@1.0.0");
        let missing = r#"{"invalid":[],"missing":[{"name":"b","version":"2.0.0"}]}"#;
        assert_eq!(wrong(missing), "b@2.0.0");
        assert_eq!(wrong(r#"{"invalid":[{}]}"#), "?@?");
    }

    #[test]
    fn sec_47_signatures_are_skipped_only_where_there_is_nothing_to_judge_by() {
        assert_eq!(
            judge(r#"{"invalid":[],"missing":[]}"#, true),
            Verdict::Verified
        );
        let unreachable = r#"{"error":{"code":"ENOTFOUND","summary":"…"}}"#;
        let Verdict::Skipped(why) = judge(unreachable, false) else {
            panic!("not skipped");
        };
        assert!(why.ends_with("(ENOTFOUND)"), "{why}");
        assert!(matches!(judge("", false), Verdict::Skipped(_)));
    }
}
