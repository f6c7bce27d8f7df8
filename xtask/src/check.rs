//! `cargo xtask check`: formatting, lints, types, documentation.

use anyhow::Result;

use crate::setup;
use crate::workspace::Workspace;
use crate::{build, npm, process, rows, supply, versions};

const WASM: [&str; 4] = [
    "--package",
    "hallpass",
    "--target",
    "wasm32-unknown-unknown",
];
const RUSTDOCFLAGS: &str = "--deny warnings --allow rustdoc::private_intra_doc_links";

/// Runs every check; stops at the first that fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    process::step("versions");
    versions::check(workspace)?;
    let cargo_deny = supply::CARGO_DENY.start(workspace)?;
    process::step("rows");
    rows::check(workspace)?;
    process::step("rustfmt");
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    setup::wasm_target::ensure(workspace)?;
    clippy(workspace)?;
    rustdoc(workspace)?;
    // TypeScript is checked against the types that the build makes.
    build::front(workspace)?;
    process::step("what is cut out of the core");
    build::check_stripped(workspace)?;
    for folder in [
        "pkg",
        "www/app",
        "www/docs",
        "tests/e2e",
        "tests/packaging",
        "tests/backends",
    ] {
        package(workspace, folder)?;
    }
    cargo_deny.map_or(Ok(()), setup::tool::Build::finish)?;
    supply::check(workspace)?;
    println!("all checks passed");
    Ok(())
}

fn clippy(workspace: &Workspace) -> Result<()> {
    process::step("clippy");
    process::run(workspace.cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))?;
    process::step("clippy for wasm32");
    // Both cores.
    for features in [&[][..], &["--no-default-features"]] {
        process::run(
            workspace
                .cargo()
                .arg("clippy")
                .args(WASM)
                .arg("--lib")
                .args(features)
                .args(["--", "--deny", "warnings"]),
        )?;
    }
    Ok(())
}

/// Private items too: they are what a contributor reads, and public ones may link to them.
fn rustdoc(workspace: &Workspace) -> Result<()> {
    let scopes: [(&str, &[&str]); 2] =
        [("rustdoc", &["--workspace"]), ("rustdoc for wasm32", &WASM)];
    for (title, scope) in scopes {
        process::step(title);
        process::run(
            workspace
                .cargo()
                .args(["doc", "--no-deps", "--document-private-items"])
                .args(scope)
                .env("RUSTDOCFLAGS", RUSTDOCFLAGS),
        )?;
    }
    Ok(())
}

/// Runs the `check` script of an npm package, if it has one.
fn package(workspace: &Workspace, folder: &str) -> Result<()> {
    let dir = workspace.path(folder);
    if !npm::has_script(&dir, "check") {
        return Ok(());
    }
    npm::install(workspace, &dir)?;
    npm::script(workspace, &dir, "check")
}
