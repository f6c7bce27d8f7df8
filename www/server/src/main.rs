//! The command: reads the flags, starts the listeners, says where they are and waits.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use hallpass_server::{
    Args, DEMO_PASSWORD, DEMO_TOTP_SECRET, DEMO_USER, otpauth_uri, report, start,
};

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let second_factor = args.second_factor;
    let running = match start(args).await {
        Ok(running) => running,
        Err(reason) => {
            report(&format!("cannot start: {reason}"));
            return ExitCode::FAILURE;
        }
    };
    announce(&running.addresses.to_json(), second_factor);
    tokio::select! {
        () = running.ended() => ExitCode::FAILURE,
        _ = tokio::signal::ctrl_c() => ExitCode::SUCCESS,
    }
}

/// One JSON line for programs on stdout, one line or two for people on stderr. A reader that has gone
/// away is no reason to stop.
fn announce(addresses: &str, second_factor: bool) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{addresses}").and_then(|()| out.flush());
    report(&format!("sign in as {DEMO_USER:?} with {DEMO_PASSWORD:?}"));
    if let Some(uri) = otpauth_uri(DEMO_USER, DEMO_TOTP_SECRET).filter(|_| second_factor) {
        report(&format!("and with a code of {uri}"));
    }
}
