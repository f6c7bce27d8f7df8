//! The command: reads the flags, starts the listeners, says where they are and waits.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use hallpass_server::{Args, DEMO_PASSWORD, DEMO_USER, report, start};

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let running = match start(args).await {
        Ok(running) => running,
        Err(reason) => {
            report(&format!("cannot start: {reason}"));
            return ExitCode::FAILURE;
        }
    };
    announce(&running.addresses.to_json());
    tokio::select! {
        () = running.ended() => ExitCode::FAILURE,
        _ = tokio::signal::ctrl_c() => ExitCode::SUCCESS,
    }
}

/// One JSON line for programs on stdout, one line for people on stderr. A reader that has gone
/// away is no reason to stop.
fn announce(addresses: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{addresses}").and_then(|()| out.flush());
    report(&format!("sign in as {DEMO_USER:?} with {DEMO_PASSWORD:?}"));
}
