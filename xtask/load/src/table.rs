//! The tables, in Markdown.

use std::thread;
use std::time::Duration;

use crate::herd::Herd;
use crate::open_loop::Measured;
use crate::outcome::{Outcome, Rates};

const RATES: &str = "\
| Store | Request | Offered / s | Served / s | Refused | p50 | p95 | p99 | max |
|---|---|---:|---:|---:|---:|---:|---:|---:|
";

const HERDS: &str = "\
| Store | Clients, after a 503 | Refreshed | Signed out | Requests for each | of which refused | All well after |
|---|---|---:|---:|---:|---:|---:|
";

/// Everything.
pub(crate) fn of(outcomes: &[Outcome]) -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!(
        "{cores} cores, for server, database and generator together; release build; milliseconds.\n\n"
    );
    text += RATES;
    for outcome in outcomes {
        for rates in &outcome.rates {
            text += &lines(outcome.store, rates);
        }
    }
    text.push('\n');
    text += HERDS;
    for outcome in outcomes {
        for herd in &outcome.herds {
            text += &line(outcome.store, herd);
        }
    }
    text
}

fn lines(store: &str, rates: &Rates) -> String {
    let mut text = String::new();
    for (measured, load) in rates.offered.iter().zip(["half", "capacity", "twice"]) {
        let first = match load {
            "half" => format!("{store} | {}", rates.call.name()),
            _ => " | ".to_owned(),
        };
        text += &format!(
            "| {first} | {load}: {} | {} | {} | {} |\n",
            number(measured.rate),
            number(measured.served()),
            share(measured),
            [50.0, 95.0, 99.0, 100.0]
                .map(|percent| millis(measured.percentile(percent)))
                .join(" | "),
        );
    }
    text
}

fn line(store: &str, herd: &Herd) -> String {
    format!(
        "| {store} | {} | {} of {} | {} | {:.1} | {:.0} % | {} |\n",
        herd.kind.name(),
        herd.refreshed,
        herd.clients,
        herd.signed_out,
        herd.requests as f64 / herd.clients.max(1) as f64,
        herd.refused as f64 / herd.requests.max(1) as f64 * 100.0,
        well_after(herd),
    )
}

fn well_after(herd: &Herd) -> String {
    if herd.refreshed < herd.clients {
        return format!("not in {:.0} s", herd.lasted.as_secs_f64());
    }
    format!("{:.1} s", herd.lasted.as_secs_f64())
}

fn share(measured: &Measured) -> String {
    match measured.refused {
        0 => "–".to_owned(),
        _ => format!("{:.0} %", measured.share_refused() * 100.0),
    }
}

/// Three digits say all that is known.
fn number(number: f64) -> String {
    match number {
        ..1000.0 => format!("{number:.0}"),
        _ => format!("{:.0}", (number / 10.0).round() * 10.0),
    }
}

fn millis(wait: Duration) -> String {
    let millis = wait.as_secs_f64() * 1000.0;
    match millis {
        ..10.0 => format!("{millis:.1}"),
        _ => format!("{millis:.0}"),
    }
}
