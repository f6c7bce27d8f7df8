//! Browsers and the WebDriver programs that steer them.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::geckodriver::GECKODRIVER;
use super::tool::Build;
use super::{debian, display};
use crate::engine::Engine;
use crate::process;
use crate::workspace::{Workspace, is_ci};

/// An engine that tests can run in.
pub(crate) struct Browser {
    pub(crate) engine: Engine,
    pub(crate) program: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Engines that this machine has, one driver perhaps still being built.
pub(crate) struct Pending {
    engines: Vec<Engine>,
    geckodriver: Option<Build>,
}

/// Installs the wanted engines as far as they are missing, and begins to build Firefox's driver.
///
/// `wanted` empty means all. Then, on a machine that cannot have all three, what is missing is
/// named and left out, but never in CI.
pub(crate) fn prepare(workspace: &Workspace, wanted: &[Engine]) -> Result<Pending> {
    let all = if wanted.is_empty() {
        &Engine::ALL
    } else {
        wanted
    };
    let missing: Vec<_> = all
        .iter()
        .copied()
        .filter(|&engine| !is_installed(engine))
        .collect();
    if !missing.is_empty() {
        debian::install(&missing)?;
    }
    let mut engines = Vec::new();
    for &engine in all {
        if is_installed(engine) {
            engines.push(engine);
        } else if is_ci() || !wanted.is_empty() {
            bail!("{}", explain(engine));
        } else {
            println!("skipping {engine}: {}", explain(engine));
        }
    }
    if engines.is_empty() {
        bail!("no browser to test in; {}", debian::remedy(all));
    }
    let build_driver = engines.contains(&Engine::Firefox) && driver(Engine::Firefox).is_none();
    let geckodriver = if build_driver {
        GECKODRIVER.start(workspace)?
    } else {
        None
    };
    Ok(Pending {
        engines,
        geckodriver,
    })
}

impl Pending {
    /// Waits until all drivers are there.
    pub(crate) fn finish(self, workspace: &Workspace) -> Result<Vec<Browser>> {
        self.geckodriver.map_or(Ok(()), Build::finish)?;
        self.engines
            .into_iter()
            .map(|engine| {
                let driver = driver(engine).unwrap_or_else(|| GECKODRIVER.program(workspace));
                let program = program(engine).with_context(|| explain(engine))?;
                Ok(Browser {
                    engine,
                    program,
                    driver,
                })
            })
            .collect()
    }
}

/// Firefox's driver does not count: it can be built anywhere.
fn is_installed(engine: Engine) -> bool {
    let has_driver = engine == Engine::Firefox || driver(engine).is_some();
    let has_screen = engine != Engine::Webkit || display::is_possible();
    program(engine).is_some() && has_driver && has_screen
}

fn program(engine: Engine) -> Option<PathBuf> {
    match engine {
        Engine::Chromium => named("CHROME_BIN").or_else(|| {
            process::find(&[
                "chromium",
                "chromium-browser",
                "google-chrome-stable",
                "google-chrome",
                "/Applications/Chromium.app/Contents/MacOS/Chromium",
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            ])
        }),
        Engine::Firefox => named("FIREFOX_BIN").or_else(|| {
            process::find(&[
                "firefox-esr",
                "firefox",
                "/Applications/Firefox.app/Contents/MacOS/firefox",
            ])
        }),
        Engine::Webkit => named("WEBKIT_BROWSER_BIN").or_else(mini_browser),
    }
}

fn driver(engine: Engine) -> Option<PathBuf> {
    match engine {
        Engine::Chromium => named("CHROMEDRIVER_BIN").or_else(|| process::find(&["chromedriver"])),
        Engine::Firefox => named("GECKODRIVER_BIN").or_else(|| process::find(&["geckodriver"])),
        Engine::Webkit => {
            named("WEBKIT_DRIVER_BIN").or_else(|| process::find(&["WebKitWebDriver"]))
        }
    }
}

/// A program that the environment names.
fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_file())
}

/// WebKitGTK's own small browser, which distributions put beside the library.
fn mini_browser() -> Option<PathBuf> {
    let architecture = format!("/usr/lib/{}-linux-gnu", env::consts::ARCH);
    let libraries = [&architecture, "/usr/lib64", "/usr/lib", "/usr/libexec"];
    let versions = ["webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0"];
    libraries
        .iter()
        .flat_map(|library| versions.map(|version| Path::new(library).join(version)))
        .map(|folder| folder.join("MiniBrowser"))
        .find(|program| program.is_file())
}

/// What is missing, and what to do about it.
fn explain(engine: Engine) -> String {
    let variables = match engine {
        Engine::Chromium => "CHROME_BIN and CHROMEDRIVER_BIN",
        Engine::Firefox => "FIREFOX_BIN and GECKODRIVER_BIN",
        Engine::Webkit => "WEBKIT_BROWSER_BIN and WEBKIT_DRIVER_BIN",
    };
    format!(
        "no {engine} with its driver on this machine; on Debian run `{}`, elsewhere set {variables}",
        debian::remedy(&[engine])
    )
}
