//! The documentation: guides, and the API from the types that are in the tarball.

use anyhow::Result;

use super::tarball;
use crate::npm;
use crate::stamp::Stamp;
use crate::workspace::Workspace;

/// What guides take over from elsewhere.
const INCLUDED: [&str; 7] = [
    "README.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "www/axum/examples",
    "www/server/README.md",
    "www/fleet.svg",
    "tests/backends",
];

/// Builds `www/docs/dist`. A link to a page that does not exist is an error.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    tarball::install(workspace, "www/docs")?;
    let docs = workspace.path("www/docs");
    let mut inputs = vec![
        docs.clone(),
        // Named by itself: hidden folders do not count otherwise.
        docs.join(".vitepress"),
        workspace.tarball(),
    ];
    inputs.extend(INCLUDED.map(|file| workspace.path(file)));
    let stamp = Stamp::read(workspace, "docs", &inputs, &[], &[docs.join("dist")])?;
    if stamp.is_current() {
        return Ok(());
    }
    npm::script(workspace, &docs, "build")?;
    stamp.save()
}
