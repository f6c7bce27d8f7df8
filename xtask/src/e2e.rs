//! `cargo xtask e2e`: the demo app and the reference server, driven in real browsers.

use std::env;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Result, bail};

use crate::build::{self, Part};
use crate::engine::Engine;
use crate::setup::browsers::{self, Browser};
use crate::setup::display::Display;
use crate::test::report::Report;
use crate::workspace::Workspace;
use crate::{npm, process};

/// The variable by which the suite is told how many of its files run at once.
const JOBS: &str = "HALLPASS_E2E_JOBS";

/// Builds what the suite needs, then runs it.
pub(crate) fn run(workspace: &Workspace, engines: &[Engine], filter: Option<&str>) -> Result<()> {
    let browsers = prepare(workspace, engines)?;
    let mut report = Report::default();
    suite(workspace, &browsers, filter, &mut report)?;
    report.conclude()
}

/// Builds what the suite needs, and installs the browsers.
pub(crate) fn prepare(workspace: &Workspace, engines: &[Engine]) -> Result<Vec<Browser>> {
    let pending = browsers::prepare(workspace, engines)?;
    build::run(workspace, None)?;
    build::run(workspace, Some(Part::TestApp))?;
    pending.finish(workspace)
}

/// Runs the suite in each engine, side by side. Everything it needs is built and installed.
pub(crate) fn suite(
    workspace: &Workspace,
    browsers: &[Browser],
    filter: Option<&str>,
    report: &mut Report,
) -> Result<()> {
    let suite = workspace.path("tests/e2e");
    if !npm::has_script(&suite, "test") {
        bail!("tests/e2e/package.json has no `test` script");
    }
    npm::install(workspace, &suite)?;
    let display = Display::start()?;
    process::step(format!("end-to-end tests in {}", listed(browsers)));
    let mut suites: Vec<_> = browsers
        .iter()
        .map(|browser| {
            let mut command = command(workspace, &suite, browser, filter, display.as_ref());
            if env::var_os(JOBS).is_none() {
                command.env(JOBS, jobs(browsers.len()).to_string());
            }
            (format!("e2e, {}", browser.engine), command)
        })
        .collect();
    if let [(name, command)] = suites.as_mut_slice() {
        return report.add(name, command);
    }
    // Most of a test is waiting, so the engines need hardly longer together than the slowest alone.
    report.add_side_by_side(suites)
}

/// Test files at once in each engine: all cores are busy, and not overrun.
fn jobs(engines: usize) -> usize {
    let cores = thread::available_parallelism().map_or(2, NonZero::get);
    cores.div_ceil(engines.max(1))
}

fn listed(browsers: &[Browser]) -> String {
    let engines: Vec<_> = browsers.iter().map(|it| it.engine.to_string()).collect();
    engines.join(", ")
}

fn command(
    workspace: &Workspace,
    suite: &Path,
    browser: &Browser,
    filter: Option<&str>,
    display: Option<&Display>,
) -> Command {
    let mut command = npm::npm(suite);
    command.args(["run", "--silent", "test"]);
    if let Some(filter) = filter {
        command.args(["--", filter]);
    }
    command
        .env("HALLPASS_SERVER", workspace.server())
        .env("HALLPASS_APP_DIR", workspace.test_app())
        .env("HALLPASS_TARBALL", workspace.tarball())
        .env("HALLPASS_BROWSERS", browser.engine.to_string());
    let (program, driver) = match browser.engine {
        Engine::Chromium => ("CHROME_BIN", "CHROMEDRIVER_BIN"),
        Engine::Firefox => ("FIREFOX_BIN", "GECKODRIVER_BIN"),
        Engine::Webkit => ("WEBKIT_BROWSER_BIN", "WEBKIT_DRIVER_BIN"),
    };
    command
        .env(program, &browser.program)
        .env(driver, &browser.driver);
    if let Some(display) = display {
        command
            .env("DISPLAY", display.name())
            .env_remove("WAYLAND_DISPLAY");
    }
    command
}
