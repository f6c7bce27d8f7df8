//! The project's commands, run as `cargo xtask <command>`.
//!
//! Each command checks what the machine lacks, installs it or says in one line what to run, and
//! builds only what is out of date. `cargo xtask help` lists them.

mod bench;
mod build;
mod check;
mod compare;
mod demo;
mod e2e;
mod engine;
mod load;
mod measure;
mod npm;
mod process;
mod rows;
mod setup;
mod simulate;
mod size;
mod stamp;
mod supply;
mod test;
mod versions;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::engine::Engine;
use crate::workspace::Workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The project's commands"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the core, the npm package, the demo app and the reference server.
    Build {
        /// Build one part only, from what the parts before it left behind.
        #[arg(long, value_enum)]
        only: Option<build::Part>,
    },
    /// Build everything, serve the demo on this machine and say how to sign in.
    Demo(demo::Options),
    /// Run every test suite, in every browser engine.
    Test {
        /// Also run what takes long: more seeds, more rounds.
        #[arg(long, conflicts_with = "quick")]
        long: bool,
        /// Only the main road: native tests, the package's, and some in one browser.
        #[arg(long)]
        quick: bool,
    },
    /// Run the end-to-end suite alone.
    E2e {
        /// Engine to drive; may be given several times. Default: all that this machine has.
        #[arg(long, value_enum)]
        browser: Vec<Engine>,
        /// Run only the tests whose name contains this.
        filter: Option<String>,
    },
    /// Formatting, lints, types and documentation.
    Check,
    /// Write the table of requirements and the tests that show them.
    Rows,
    /// Write the table of what the build cuts out of the core.
    Stripped,
    /// Measure what a page loads at start, against the bound.
    Size,
    /// Time starts, hot paths and transfers in headless Chromium, beside other clients.
    Bench {
        /// What to measure: `starts`, `first-calls`, `hot-paths`, `transfers`; everything where none is named.
        #[arg(value_parser = ["starts", "first-calls", "hot-paths", "transfers"])]
        parts: Vec<String>,
    },
    /// Measure one application with this and with other clients of OpenID Connect; writes the table of the documentation.
    Compare {
        /// Whom to measure anew: all where none is named.
        #[arg(value_parser = ["hallpass", "oidc-client-ts", "oidc-client-ts-default", "auth0-spa-js", "keycloak-js", "oidc-spa"])]
        clients: Vec<String>,
    },
    /// A fleet of clients against one token endpoint: what jitter and backoff are for.
    #[command(disable_help_flag = true)]
    Simulate {
        /// Options of the simulation; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// The reference server at its capacity and beyond; writes the tables of its README.
    #[command(disable_help_flag = true)]
    Load {
        /// Options of the generator; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let workspace = Workspace::find;
    match command {
        Command::Build { only } => build::run(&workspace()?, only),
        Command::Demo(options) => demo::run(&workspace()?, &options),
        Command::Test { quick: true, .. } => test::quick(&workspace()?),
        Command::Test { long, .. } => test::run(&workspace()?, long),
        Command::E2e { browser, filter } => e2e::run(&workspace()?, &browser, filter.as_deref()),
        Command::Check => check::run(&workspace()?),
        Command::Rows => rows::write(&workspace()?),
        Command::Stripped => build::stripped(&workspace()?),
        Command::Size => size::run(&workspace()?),
        Command::Bench { parts } => bench::run(&workspace()?, &parts),
        Command::Compare { clients } => compare::run(&workspace()?, &clients),
        Command::Simulate { args } => simulate::run(&workspace()?, &args),
        Command::Load { args } => load::run(&workspace()?, &args),
    }
}
