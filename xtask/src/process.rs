//! Running other programs, so that a failure says what ran and where.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Says what happens next.
pub(crate) fn step(text: impl AsRef<str>) {
    println!("==> {}", text.as_ref());
}

/// Runs a command that may talk to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("{} failed ({status})", describe(command));
    }
    Ok(())
}

/// Runs a command whose output is of interest only when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| cannot_start(command))?;
    if !output.status.success() {
        print!("{}", String::from_utf8_lossy(&output.stdout));
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        bail!("{} failed ({})", describe(command), output.status);
    }
    Ok(())
}

/// Runs a command for what it prints.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let (succeeded, text) = hold_back(command)?;
    if !succeeded {
        bail!("{} failed", describe(command));
    }
    Ok(text)
}

/// Runs a command, shows what it prints while it prints it, and keeps a copy.
///
/// Returns whether it succeeded and what it wrote to standard output.
pub(crate) fn tee(command: &mut Command) -> Result<(bool, String)> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    let mut kept = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            kept.push_str(&text);
            line.clear();
        }
    }
    Ok((child.wait()?.success(), kept))
}

/// Runs a command and keeps what it prints, for one that runs beside others.
///
/// Returns whether it succeeded and what it wrote to standard output.
pub(crate) fn hold_back(command: &mut Command) -> Result<(bool, String)> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| cannot_start(command))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((output.status.success(), text))
}

/// The first of these programs that is on the `PATH`, or is a path to a file.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| {
        if Path::new(name).is_absolute() {
            return Path::new(name).is_file().then(|| PathBuf::from(name));
        }
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        env::split_paths(&env::var_os("PATH")?)
            .map(|dir| dir.join(&file))
            .find(|p| p.is_file())
    })
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}; is it installed?", describe(command))
}

/// The command as one would type it, with the folder it runs in.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = format!(
        "`{}",
        program.file_name().unwrap_or(program.as_os_str()).display()
    );
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text.push('`');
    if let Some(dir) = command.get_current_dir() {
        text.push_str(&format!(" in {}", dir.display()));
    }
    text
}
