//! `cargo xtask load`: what the reference server can do, and what it does when it is asked for twice that.
//!
//! Requests come at a constant rate, whether earlier ones were answered or not (an open loop): each one's
//! time counts from the moment at which it was due. A generator that waits for answers would ask a slow
//! server less often, and leave out just those times that users would have seen ("coordinated omission").
//! That is why none of the well-known generators is used here: they are loops of virtual users. HTTP is
//! reqwest's, the percentiles are HdrHistogram's.
//!
//! A crate of its own, so that the other commands need neither the core nor an HTTP client.

mod api;
mod capacity;
mod core_client;
#[path = "../../../tests/support/dice.rs"]
#[allow(dead_code, reason = "the simulation of one session uses more of it")]
mod dice;
mod herd;
mod life;
mod open_loop;
mod outcome;
#[path = "../../../tests/support/postgres.rs"]
mod postgres;
mod process;
mod readme;
mod seed;
mod session;
#[path = "../../../tests/support/settings.rs"]
mod settings;
mod site;
mod store;
mod table;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;

use crate::herd::Kind;
use crate::outcome::{Outcome, Rates};
use crate::process::Process;
use crate::site::{Call, Site};
use crate::store::Store;

/// Measures the reference server, with SQLite and with PostgreSQL.
#[derive(Parser)]
#[command(name = "cargo xtask load", bin_name = "cargo xtask load")]
struct Cli {
    /// The program that is measured.
    #[arg(long)]
    server: PathBuf,
    /// How long each rate is kept up.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Where the tables go.
    #[arg(long, default_value = "www/server/README.md")]
    readme: PathBuf,
    /// Prints the tables, and writes them nowhere.
    #[arg(long)]
    print: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let lasting = Duration::from_secs(cli.seconds);
    let mut outcomes = Vec::new();
    for store in [Store::sqlite()?, Store::postgres().await?] {
        outcomes.push(measure(&cli, store, lasting).await?);
    }
    let tables = table::of(&outcomes);
    print!("\n{tables}");
    if !cli.print {
        readme::write(&cli.readme, &tables)?;
    }
    Ok(())
}

async fn measure(cli: &Cli, store: Store, lasting: Duration) -> Result<Outcome> {
    println!("{}: accounts and sessions", store.name);
    let users = seed::users(&cli.server, &store.database).await?;
    let process = Process::start(&cli.server, &store.database, &["--access-seconds", "86400"])?;
    let api = Arc::new(process.api()?);
    let sessions = seed::sessions(&api, &users).await?;
    let site = Arc::new(Site::new(api, users, sessions));
    let mut rates = Vec::new();
    for call in Call::ALL {
        let capacity = capacity::of(&site, call, lasting).await?;
        println!("{}: {}: {capacity:.0} / s", store.name, call.name());
        let mut offered = Vec::new();
        for share in [0.5, 1.0, 2.0] {
            offered.push(open_loop::offer(&site, call, capacity * share, lasting).await?);
        }
        let offered = offered.try_into().map_err(|_| anyhow::anyhow!("three"))?;
        rates.push(Rates {
            call,
            capacity,
            offered,
        });
    }
    let capacity = rates
        .iter()
        .find(|rates| rates.call == Call::Refresh)
        .map_or(0.0, |rates| rates.capacity);
    let mut herds = Vec::new();
    // Those who ask at once may not come to an end, and are not asked again.
    for kind in [Kind::Hallpass, Kind::AtOnce] {
        println!("{}: a herd, {}", store.name, kind.name());
        herds.push(herd::run(kind, &site, 2.0 * capacity).await?);
    }
    Ok(Outcome {
        store: store.name,
        rates,
        herds,
    })
}
