//! `cargo xtask demo`: the demo app with its reference server, and the documentation, on this machine only.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::workspace::Workspace;
use crate::{build, process};

/// Where the demo is served unless told otherwise: the app, the API, a foreign origin and the documentation.
const FIRST_PORT: u16 = 7080;
const PORTS: [&str; 4] = ["--app-port", "--api-port", "--foreign-port", "--docs-port"];

/// How to serve the demo.
#[derive(Args)]
pub(crate) struct Options {
    /// Serve https with a certificate made for this run; the browser will ask once per origin.
    #[arg(long)]
    tls: bool,
    /// Port of the app; the API and the others take the next ones. 0 picks free ones. [default: 7080]
    #[arg(long)]
    port: Option<u16>,
    /// Options for the server itself, such as `--access-seconds 20` or `--second-factor`.
    #[arg(last = true)]
    server: Vec<String>,
}

/// Builds everything, then serves until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let ports = ports(options.port)?;
    build::run(workspace, None)?;

    let data = workspace.path("target/demo");
    fs::create_dir_all(&data)?;
    let mut command = Command::new(workspace.server());
    command
        .arg("--app-dir")
        .arg(workspace.path("www/app/dist"))
        .arg("--docs-dir")
        .arg(workspace.path("www/docs/dist"))
        .arg("--db")
        .arg(data.join("hallpass.sqlite"));
    for (flag, port) in PORTS.into_iter().zip(ports) {
        command.arg(flag).arg(port.to_string());
    }
    if options.tls {
        command.arg("--tls");
    }
    serve(command.args(&options.server))
}

fn serve(command: &mut Command) -> Result<()> {
    process::step("starting the reference server");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the reference server")?;
    let stdout = child.stdout.take().context("the server has no output")?;
    let child = Arc::new(Mutex::new(child));
    end_with_us(Arc::clone(&child))?;

    let mut lines = BufReader::new(stdout).lines();
    let Some(first) = lines.next().transpose()? else {
        bail!("the server ended before it was ready ({})", wait(&child)?);
    };
    greet(&first)?;
    for line in lines {
        println!("{}", line?);
    }
    bail!("the server ended ({})", wait(&child)?)
}

/// Prints where the demo is and how to sign in.
fn greet(addresses: &str) -> Result<()> {
    let addresses: serde_json::Value = serde_json::from_str(addresses).with_context(|| {
        format!("the server said something else than its addresses: {addresses}")
    })?;
    let address = |name| addresses[name].as_str().unwrap_or("?");
    println!();
    println!("  hallpass demo   {}", address("app"));
    println!("  user            demo");
    println!("  password        correct horse battery staple");
    println!("  API             {}", address("api"));
    println!("  documentation   {}", address("docs"));
    if address("app").starts_with("https:") {
        println!();
        println!("  The certificate was made for this run. Open app and API once and accept it:");
        println!("  a page cannot reach an API whose certificate the browser does not know.");
    }
    println!();
    println!("  Ctrl-C ends it.");
    println!();
    Ok(())
}

/// Takes the server down when this program is told to end.
fn end_with_us(child: Arc<Mutex<Child>>) -> Result<()> {
    ctrlc::set_handler(move || {
        if let Ok(mut child) = child.lock() {
            // Fails harmlessly when the server had the same signal and is gone.
            let _ = child.kill();
            let _ = child.wait();
        }
        std::process::exit(0);
    })
    .context("cannot listen for Ctrl-C")
}

fn wait(child: &Mutex<Child>) -> Result<std::process::ExitStatus> {
    let mut child = child
        .lock()
        .map_err(|_| anyhow::anyhow!("the server is out of reach"))?;
    Ok(child.wait()?)
}

/// A port for each origin. Zero lets the server pick.
fn ports(wanted: Option<u16>) -> Result<[u16; PORTS.len()]> {
    match wanted {
        Some(0) => Ok([0; PORTS.len()]),
        Some(first) => {
            let ports = successive(first)?;
            if let Some(port) = ports.into_iter().find(|&port| !is_free(port)) {
                bail!("port {port} is taken; `cargo xtask demo --port 0` finds free ones");
            }
            Ok(ports)
        }
        None => {
            let ports = successive(FIRST_PORT)?;
            if ports.into_iter().all(is_free) {
                return Ok(ports);
            }
            println!("port {FIRST_PORT} or one of the next three is taken; taking others");
            Ok([0; PORTS.len()])
        }
    }
}

fn successive(first: u16) -> Result<[u16; PORTS.len()]> {
    let next = |n| first.checked_add(n).context("choose a port up to 65532");
    Ok([first, next(1)?, next(2)?, next(3)?])
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::successive;

    #[test]
    fn ports_follow_each_other() {
        assert_eq!(successive(7080).unwrap(), [7080, 7081, 7082, 7083]);
        assert_eq!(
            successive(65_533).unwrap_err().to_string(),
            "choose a port up to 65532"
        );
    }
}
