//! What is in the package that others wrote: a bill of materials in CycloneDX 1.6, packed with it.
//!
//! It says nothing of when or where it was made: the same sources give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::compile::Core;
use super::materials::{Crate, Materials, Npm, hash};
use crate::process;
use crate::workspace::Workspace;

/// The crate that users load.
const SHIPPED: &str = "hallpass";
/// npm packages that turn sources into what is packed.
const NPM_TOOLS: [&str; 3] = ["binaryen", "esbuild", "typescript"];
const STD: &str = "rust-std";

/// Writes the bill of both cores to `file`.
pub(super) fn write(workspace: &Workspace, file: &Path) -> Result<()> {
    let rust = process::capture(Command::new("rustc").arg("--version"))?;
    let rust = rust.split(' ').nth(1).context("rustc names no version")?;
    let materials = Materials::read(workspace, SHIPPED)?;
    let npm = Npm::read(&workspace.path("pkg"))?;
    let hashes = Core::ALL.map(|core| {
        let wasm = fs::read(core.published(workspace))?;
        Ok((core, format!("{:x}", Sha256::digest(wasm))))
    });
    let cores = hashes.into_iter().collect::<Result<Vec<_>>>()?;
    let bill = bill(&materials, &npm, rust, &cores)?;
    fs::write(file, format!("{bill:#}\n"))?;
    Ok(())
}

fn bill(materials: &Materials, npm: &Npm, rust: &str, cores: &[(Core, String)]) -> Result<Value> {
    let crates = materials.reachable(SHIPPED);
    let mut found: Vec<_> = crates.values().collect();
    // Cargo's ids hold the paths of this machine.
    found.sort_by_key(|found| found.reference());
    let mut components: Vec<_> = found.iter().map(|found| component(found)).collect();
    components.push(json!({
        "type": "library",
        "bom-ref": STD,
        "name": STD,
        "version": rust,
        "description": "The standard library of Rust, as far as it is used",
        "licenses": licence("MIT OR Apache-2.0"),
        "purl": format!("pkg:generic/{STD}@{rust}"),
    }));
    for (core, wasm) in cores {
        components.push(json!({
            "type": "file",
            "bom-ref": published(*core),
            "name": published(*core),
            "description": match core {
                Core::Plain => "The core; dist/core.js is made of it",
                Core::Provider => "The core with sign-in at a provider; dist/core-provider.js and dist/core-script.js are made of it",
            },
            "hashes": hash("SHA-256", wasm),
        }));
    }
    let mut tools = vec![json!({
        "type": "application",
        "bom-ref": "rustc",
        "name": "rustc",
        "version": rust,
        "purl": format!("pkg:generic/rustc@{rust}"),
    })];
    let bindgen = materials
        .named("wasm-bindgen-cli")
        .context("no wasm-bindgen-cli in Cargo.lock")?;
    tools.push(component(bindgen));
    for name in NPM_TOOLS {
        tools.push(npm.tool(name)?);
    }
    let package = npm.reference();
    let mut dependencies: Vec<_> = found
        .iter()
        .map(|found| dependency(found, &crates))
        .collect();
    dependencies.push(json!({
        "ref": package,
        "dependsOn": Core::ALL.map(published),
    }));
    for core in Core::ALL {
        dependencies.push(json!({
            "ref": published(core),
            "dependsOn": [materials.reference(SHIPPED)?],
        }));
    }
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "tools": { "components": tools },
            "component": {
                "type": "library",
                "bom-ref": package,
                "name": "hallpass",
                "version": npm.version,
                "licenses": licence(&npm.license),
                "purl": package,
            },
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// A core's file in the package.
fn published(core: Core) -> String {
    format!("dist/{}.wasm", core.name())
}

fn component(found: &Crate) -> Value {
    let mut component = Map::new();
    component.insert("type".into(), "library".into());
    component.insert("bom-ref".into(), found.reference().into());
    component.insert("name".into(), found.name.as_str().into());
    component.insert("version".into(), found.version.as_str().into());
    component.insert("licenses".into(), licence(&found.license));
    // The project's own crates are published as the package only.
    if let Some(checksum) = &found.checksum {
        component.insert("purl".into(), found.reference().into());
        component.insert("hashes".into(), hash("SHA-256", checksum));
    }
    component.into()
}

fn dependency(found: &Crate, crates: &BTreeMap<&str, &Crate>) -> Value {
    let mut needs: BTreeSet<_> = found
        .needs
        .iter()
        .filter_map(|id| crates.get(id.as_str()).map(|need| need.reference()))
        .collect();
    if found.checksum.is_none() {
        needs.insert(STD.into());
    }
    json!({ "ref": found.reference(), "dependsOn": needs })
}

/// In SPDX's words; crates of old write `/` for `OR`.
fn licence(text: &str) -> Value {
    let expression = text
        .split('/')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" OR ");
    json!([{ "expression": expression }])
}

#[cfg(test)]
mod tests {
    use super::licence;

    #[test]
    fn a_licence_is_an_expression_of_spdx() {
        let expression = |text| licence(text)[0]["expression"].as_str().unwrap().to_owned();
        assert_eq!(expression("MIT/Apache-2.0"), "MIT OR Apache-2.0");
        assert_eq!(expression("MIT / Zlib"), "MIT OR Zlib");
        assert_eq!(
            expression("(MIT OR Apache-2.0) AND Unicode-3.0"),
            "(MIT OR Apache-2.0) AND Unicode-3.0"
        );
    }
}
