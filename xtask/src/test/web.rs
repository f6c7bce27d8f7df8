//! The shell's tests (`tests/web.rs`), run by wasm-bindgen's runner in each engine.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::iter;

use anyhow::{Context, Result};
use serde_json::json;

use super::report::Report;
use crate::engine::Engine;
use crate::process;
use crate::setup::browsers::Browser;
use crate::setup::display::Display;
use crate::workspace::Workspace;

/// The variables by which wasm-bindgen's runner is told what to drive.
const DRIVERS: [&str; 4] = [
    "CHROMEDRIVER",
    "GECKODRIVER",
    "SAFARIDRIVER",
    "MSEDGEDRIVER",
];

/// Runs `tests/web.rs` in one engine, if the file exists.
pub(super) fn suite(workspace: &Workspace, browser: &Browser, report: &mut Report) -> Result<()> {
    if !workspace.path("tests/web.rs").is_file() {
        return Ok(());
    }
    process::step(format!("tests of the shell in {}", browser.engine));
    let capabilities = workspace
        .path("target")
        .join(format!("webdriver-{}.json", browser.engine));
    fs::write(&capabilities, self::capabilities(browser).to_string())?;

    let mut command = workspace.cargo();
    command
        .args(["test", "--package", "hallpass", "--test", "web"])
        .args(["--target", "wasm32-unknown-unknown", "--config"])
        .arg(runner()?)
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30")
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities);
    for driver in DRIVERS {
        command
            .env_remove(driver)
            .env_remove(format!("{driver}_REMOTE"));
    }
    // WebKitGTK's driver speaks the protocol of Safari's.
    let driver = match browser.engine {
        Engine::Chromium => "CHROMEDRIVER",
        Engine::Firefox => "GECKODRIVER",
        Engine::Webkit => "SAFARIDRIVER",
    };
    command.env(driver, &browser.driver);
    let display = Display::start()?;
    if let Some(display) = &display {
        command
            .env("DISPLAY", display.name())
            .env_remove("WAYLAND_DISPLAY");
    }
    report.add(&format!("shell, {}", browser.engine), &mut command)
}

/// Runs the tests in one wasm binary: cargo calls this through [`runner`].
pub(crate) fn serve_cargo(args: Vec<OsString>) -> Result<()> {
    let name = OsStr::new("wasm-bindgen-test-runner").to_owned();
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(iter::once(name).chain(args))
}

/// Tells cargo to run wasm binaries through this very program. A list, so that spaces do no harm.
fn runner() -> Result<String> {
    let this = env::current_exe()?;
    let this = this
        .to_str()
        .context("the path to this checkout is not Unicode")?;
    let words = json!([this, "wasm-test-runner"]);
    Ok(format!("target.wasm32-unknown-unknown.runner={words}"))
}

fn capabilities(browser: &Browser) -> serde_json::Value {
    let program = browser.program.to_string_lossy();
    match browser.engine {
        Engine::Chromium => json!({
            "goog:chromeOptions": {
                "binary": program,
                "args": ["disable-gpu", "disable-background-networking", "disable-component-update",
                         "disable-sync", "no-first-run"],
            },
        }),
        Engine::Firefox => json!({ "moz:firefoxOptions": { "binary": program } }),
        // The driver finds its own browser; the runner sends nothing else to this kind.
        Engine::Webkit => json!({}),
    }
}
