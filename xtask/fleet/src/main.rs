//! `cargo xtask simulate`: what a fleet of clients does to one token endpoint.
//!
//! Every client is a real [`hallpass::session::State`], driven through the `step` that ships; nothing of
//! its schedule is modelled a second time. Time is virtual, randomness comes from one seed, so a run
//! repeats exactly. Beside it runs the client that people write by hand, with a `setTimeout`.
//!
//! A crate of its own, so that the other commands need neither the core nor the plotting crate.

mod chart;
mod client;
mod core;
#[path = "../../../tests/support/dice.rs"]
#[allow(dead_code, reason = "the simulation of one session uses more of it")]
mod dice;
mod endpoint;
mod fleet;
mod panels;
mod plain;
mod run;
mod scenario;
#[path = "../../../tests/support/settings.rs"]
mod settings;
mod table;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;

use crate::client::Kind;
use crate::run::Outcome;
use crate::scenario::Scenario;

/// A fleet of clients against one token endpoint: on a day, after an outage, after a deploy.
#[derive(Parser)]
#[command(name = "cargo xtask simulate", bin_name = "cargo xtask simulate")]
struct Cli {
    /// How many clients; a million take 3 GB and a quarter of an hour.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    clients: u32,
    /// The same seed gives the same run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the picture goes.
    #[arg(long, default_value = "www/fleet.svg")]
    svg: PathBuf,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let began = Instant::now();
    let outcomes = all(cli.clients, cli.seed);
    print!("{}", table::of(cli.clients, &outcomes));
    chart::draw(&cli.svg, panels::of(cli.clients, &outcomes))
        .with_context(|| format!("cannot draw {}", cli.svg.display()))?;
    let seconds = began.elapsed().as_secs_f64();
    println!("drawn: {} ({seconds:.0} s)", cli.svg.display());
    Ok(())
}

/// Every scenario with every kind of client, on all processors, in the order of the table.
fn all(clients: u32, seed: u64) -> Vec<Outcome> {
    let runs: Vec<(Scenario, Kind)> = Scenario::ALL
        .into_iter()
        .flat_map(|scenario| Kind::ALL.map(|kind| (scenario, kind)))
        .collect();
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(scenario, kind)) = runs.get(index) else {
                return;
            };
            let outcome = run::run(scenario, kind, clients, seed);
            let mut outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
            outcomes.push((index, outcome));
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    let mut outcomes = outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
