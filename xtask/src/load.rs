//! `cargo xtask load`: the reference server at its capacity, and beyond.

use std::env;
use std::ffi::OsString;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{process, setup};

const RELEASE: [&str; 3] = ["--release", "--quiet", "--package"];

/// Builds the server as it is run in earnest, and measures it with SQLite and with PostgreSQL.
pub(crate) fn run(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    if !setup::postgres::ensure()? {
        bail!("PostgreSQL is measured, too");
    }
    process::step("building the reference server and what measures it");
    let mut build = workspace.cargo();
    build
        .arg("build")
        .args(RELEASE)
        .args(["hallpass-server", "--package", "hallpass-load"]);
    process::run(&mut build)?;
    let server = workspace
        .built("release")
        .join(format!("hallpass-server{}", env::consts::EXE_SUFFIX));
    let mut run = workspace.cargo();
    run.arg("run").args(RELEASE).args(["hallpass-load", "--"]);
    process::run(run.arg("--server").arg(server).args(args))
}
