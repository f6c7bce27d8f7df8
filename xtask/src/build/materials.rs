//! What the build takes from others, as cargo and npm have it written down.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use crate::process;
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// A crate as it was locked.
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) license: String,
    /// SHA-256 of its archive; none where it is one of the project's.
    pub(super) checksum: Option<String>,
    /// Keys of the crates whose code is linked with it: no macros, no build scripts, no tests.
    pub(super) needs: BTreeSet<String>,
}

impl Crate {
    /// Its name for all tools (purl).
    pub(super) fn reference(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }
}

/// The crates of Cargo.lock by name and version, and what the core is linked with in a build for wasm32.
pub(super) struct Materials(BTreeMap<String, Crate>);

impl Materials {
    /// Reads them, for the core of this name.
    pub(super) fn read(workspace: &Workspace, core: &str) -> Result<Self> {
        let lock = fs::read_to_string(workspace.path("Cargo.lock"))?;
        let checksums = checksums(&lock);
        let metadata = process::capture(workspace.cargo().args([
            "metadata",
            "--format-version",
            "1",
            "--filter-platform",
            TARGET,
        ]))?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        // Not the metadata's own graph: it has the features that the server wants of the same crates.
        let tree = process::capture(
            workspace
                .cargo()
                .args(["tree", "--package", core])
                .args(["--target", TARGET])
                .args(["--edges", "normal,no-proc-macro"])
                .args(["--prefix", "depth", "--format", " {p}"]),
        )?;
        let mut needs = linked(&tree);
        let crates = list(&metadata["packages"]).iter().map(|package| {
            let [name, version] = ["name", "version"].map(|field| text(&package[field]));
            let key = format!("{name}@{version}");
            let license = package["license"].as_str();
            let license = license.with_context(|| format!("{name} names no licence"));
            Ok((
                key.clone(),
                Crate {
                    license: license?.to_owned(),
                    checksum: checksums
                        .get(&(name.as_str(), version.as_str()))
                        .map(|&sum| sum.to_owned()),
                    needs: needs.remove(&key).unwrap_or_default(),
                    name,
                    version,
                },
            ))
        });
        crates.collect::<Result<_>>().map(Self)
    }

    pub(super) fn named(&self, name: &str) -> Option<&Crate> {
        self.0.values().find(|found| found.name == name)
    }

    pub(super) fn reference(&self, name: &str) -> Result<String> {
        let found = self.named(name);
        Ok(found
            .with_context(|| format!("no crate {name}"))?
            .reference())
    }

    /// This crate and all that it is linked with.
    pub(super) fn reachable(&self, name: &str) -> BTreeMap<&str, &Crate> {
        let mut ahead: Vec<&str> = self
            .0
            .iter()
            .filter(|(_, found)| found.name == name)
            .map(|(id, _)| id.as_str())
            .collect();
        let mut reached = BTreeMap::new();
        while let Some(id) = ahead.pop() {
            let Some(found) = self.0.get(id) else {
                continue;
            };
            if reached.insert(id, found).is_none() {
                ahead.extend(found.needs.iter().map(String::as_str));
            }
        }
        reached
    }
}

/// What each crate of cargo's tree is linked with. A crate that was told of before comes without its own.
fn linked(tree: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut needs = BTreeMap::<_, BTreeSet<String>>::new();
    // From the core down to the line before.
    let mut path: Vec<String> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split(' ');
        let (Some(depth), Some(name), Some(version)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        let key = format!("{name}@{}", version.trim_start_matches('v'));
        path.truncate(depth.parse().unwrap_or_default());
        if let Some(parent) = path.last() {
            needs.entry(parent.clone()).or_default().insert(key.clone());
        }
        path.push(key);
    }
    needs
}

/// The checksums in the text of Cargo.lock, by name and version.
fn checksums(lock: &str) -> HashMap<(&str, &str), &str> {
    lock.split("[[package]]\n")
        .filter_map(|package| {
            let field = |name: &str| {
                package.lines().find_map(|line| {
                    line.strip_prefix(name)?
                        .strip_prefix(" = \"")?
                        .strip_suffix('"')
                })
            };
            Some(((field("name")?, field("version")?), field("checksum")?))
        })
        .collect()
}

/// The npm package, and the tools in its lock file.
pub(super) struct Npm {
    pub(super) version: String,
    pub(super) license: String,
    locked: Value,
}

impl Npm {
    pub(super) fn read(package: &Path) -> Result<Self> {
        let lock: Value =
            serde_json::from_str(&fs::read_to_string(package.join("package-lock.json"))?)?;
        let locked = lock["packages"].clone();
        let [version, license] = ["version", "license"].map(|field| text(&locked[""][field]));
        Ok(Self {
            version,
            license,
            locked,
        })
    }

    pub(super) fn reference(&self) -> String {
        format!("pkg:npm/hallpass@{}", self.version)
    }

    /// A tool, with the hash of what was installed.
    pub(super) fn tool(&self, name: &str) -> Result<Value> {
        let locked = &self.locked[format!("node_modules/{name}")];
        let version = text(&locked["version"]);
        let integrity = locked["integrity"].as_str().unwrap_or_default();
        let sum = integrity
            .strip_prefix("sha512-")
            .and_then(|sum| Base64::decode_vec(sum).ok())
            .with_context(|| format!("package-lock.json has no {name} with its hash"))?;
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        let reference = format!("pkg:npm/{name}@{version}");
        Ok(json!({
            "type": "application",
            "bom-ref": reference,
            "name": name,
            "version": version,
            "purl": reference,
            "hashes": hash("SHA-512", &sum),
        }))
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(super) fn hash(algorithm: &str, content: &str) -> Value {
    json!([{ "alg": algorithm, "content": content }])
}

#[cfg(test)]
mod tests {
    use super::{checksums, linked};

    #[test]
    fn checksums_are_those_of_the_version() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"…\"\nchecksum = \"01\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"2.0.0\"\nchecksum = \"02\"\ndependencies = [\n \"own\",\n]\n\n\
                    [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";
        let found = checksums(lock);
        assert_eq!(found.get(&("a", "1.0.0")), Some(&"01"));
        assert_eq!(found.get(&("a", "2.0.0")), Some(&"02"));
        assert_eq!(found.get(&("own", "0.1.0")), None);
    }

    #[test]
    fn the_tree_says_what_is_linked_with_what() {
        let tree = "0 core v0.1.0 (/work)\n1 a v1.0.0\n2 b v2.0.0\n3 c v3.0.0\n1 b v2.0.0 (*)\n1 c v3.0.0\n";
        let found = linked(tree);
        let of = |key| {
            found
                .get(key)
                .map(|needs| needs.iter().map(String::as_str).collect::<Vec<_>>())
        };
        assert_eq!(of("core@0.1.0").unwrap(), ["a@1.0.0", "b@2.0.0", "c@3.0.0"]);
        assert_eq!(of("a@1.0.0").unwrap(), ["b@2.0.0"]);
        assert_eq!(of("b@2.0.0").unwrap(), ["c@3.0.0"]);
        assert_eq!(of("c@3.0.0"), None);
    }
}
