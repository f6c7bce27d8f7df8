//! `cargo xtask build`: from Rust sources to the demo app and the documentation.

mod app;
mod compile;
mod docs;
mod links;
mod materials;
mod names;
mod never_returns;
mod package;
mod sbom;
mod server;
mod shrink;
mod strip_dead_data;
mod strip_panics;
mod strip_report;
mod tarball;
mod wasm;

use anyhow::Result;
use clap::ValueEnum;

use crate::setup;
use crate::workspace::Workspace;

/// A part of the build. Each needs the ones before it, the server none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Part {
    /// The core, as WebAssembly with its JavaScript glue.
    Wasm,
    /// The npm package and its tarball.
    Package,
    /// The demo app, made with the tarball.
    App,
    /// The demo app as the end-to-end tests drive it. Built by them alone.
    TestApp,
    /// The documentation, made with the tarball.
    Docs,
    /// The reference server.
    Server,
}

/// Builds everything that users get, or one part.
pub(crate) fn run(workspace: &Workspace, only: Option<Part>) -> Result<()> {
    let wanted = |part| only.map_or(part != Part::TestApp, |only| only == part);
    let front = [
        Part::Wasm,
        Part::Package,
        Part::App,
        Part::TestApp,
        Part::Docs,
    ];
    if front.into_iter().any(wanted) {
        setup::node::ensure()?;
    }
    if wanted(Part::Wasm) {
        setup::wasm_target::ensure(workspace)?;
        wasm::build(workspace)?;
    }
    if wanted(Part::Package) {
        package::build(workspace)?;
    }
    if wanted(Part::App) {
        app::build(workspace)?;
    }
    if wanted(Part::TestApp) {
        app::build_for_tests(workspace)?;
    }
    if wanted(Part::Docs) {
        docs::build(workspace)?;
    }
    if wanted(Part::Server) {
        server::build(workspace)?;
    }
    Ok(())
}

/// Builds what runs in a page: the core, the package, the demo app and the documentation.
pub(crate) fn front(workspace: &Workspace) -> Result<()> {
    for part in [Part::Wasm, Part::Package, Part::App, Part::Docs] {
        run(workspace, Some(part))?;
    }
    Ok(())
}

/// Builds the core, and commits what was cut out of it.
pub(crate) fn stripped(workspace: &Workspace) -> Result<()> {
    run(workspace, Some(Part::Wasm))?;
    strip_report::write(workspace)
}

/// Fails where the core that was built has lost something else than what is committed.
pub(crate) fn check_stripped(workspace: &Workspace) -> Result<()> {
    strip_report::check(workspace)
}

/// Builds everything, and what only tests need: their demo app, and the native tests.
pub(crate) fn with_tests(workspace: &Workspace) -> Result<()> {
    front(workspace)?;
    run(workspace, Some(Part::TestApp))?;
    server::build_with_tests(workspace)
}
