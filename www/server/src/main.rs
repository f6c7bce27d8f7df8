//! The command: reads the flags, starts the listeners, says where they are and waits.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use hallpass_server::{
    Args, DEMO_PASSWORD, DEMO_TOTP_SECRET, DEMO_USER, LogFormat, init_logs, is_alive, otpauth_uri,
    start,
};
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tracing::error;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    if args.probe {
        return match is_alive(args.api_port) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        };
    }
    let (log, second_factor) = (args.log, args.second_factor);
    init_logs(log);
    let mut running = match start(args).await {
        Ok(running) => running,
        Err(reason) => {
            error!(%reason, "cannot start");
            return ExitCode::FAILURE;
        }
    };
    announce(&running.addresses.to_json());
    if log == LogFormat::Text {
        invite(second_factor);
    }
    tokio::select! {
        () = running.ended() => return ExitCode::FAILURE,
        () = told_to_stop() => {}
    }
    // A second Ctrl-C does not wait for those who are still being served.
    tokio::select! {
        () = running.stop() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    ExitCode::SUCCESS
}

/// Ctrl-C, or what a service manager sends.
async fn told_to_stop() {
    #[cfg(unix)]
    if let Ok(mut terminated) = signal(SignalKind::terminate()) {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// One JSON line for programs. A reader that has gone away is no reason to stop.
fn announce(addresses: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{addresses}").and_then(|()| out.flush());
}

/// A line or two for people, which are none of the log.
fn invite(second_factor: bool) {
    let mut err = io::stderr().lock();
    let _ = writeln!(err, "Sign in as {DEMO_USER:?} with {DEMO_PASSWORD:?}.");
    if let Some(uri) = otpauth_uri(DEMO_USER, DEMO_TOTP_SECRET).filter(|_| second_factor) {
        let _ = writeln!(err, "And with a code of {uri}.");
    }
}
