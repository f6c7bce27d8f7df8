//! The server as a process of its own, which can be killed.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hallpass_server::Origins;
use serde_json::Value;

use crate::browser::Browser;

pub(crate) struct Process {
    child: Child,
    pub(crate) origins: Origins,
}

impl Process {
    pub(crate) fn start(flags: &[&str]) -> Self {
        Self::start_in(&std::env::temp_dir(), flags)
    }

    pub(crate) fn start_in(folder: &Path, flags: &[&str]) -> Self {
        Self::ready(Self::spawn(folder, flags, Stdio::null()))
    }

    /// One whose log is read in the end.
    pub(crate) fn with_log(flags: &[&str]) -> Self {
        Self::ready(Self::spawn(&std::env::temp_dir(), flags, Stdio::piped()))
    }

    /// Several at the same moment.
    pub(crate) fn start_together<const N: usize>(flags: &[&str]) -> [Self; N] {
        let folder = std::env::temp_dir();
        [(); N]
            .map(|()| Self::spawn(&folder, flags, Stdio::null()))
            .map(Self::ready)
    }

    fn spawn(folder: &Path, flags: &[&str], stderr: Stdio) -> Child {
        Command::new(env!("CARGO_BIN_EXE_hallpass-server"))
            .current_dir(folder)
            .args(["--app-port", "0", "--api-port", "0", "--foreign-port", "0"])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the server")
    }

    /// Waits until it says where it listens.
    fn ready(mut child: Child) -> Self {
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let addresses: Value = serde_json::from_str(&line).expect("JSON");
        let origin = |name: &str| addresses[name].as_str().expect("an origin").to_owned();
        let origins = Origins {
            app: origin("app"),
            api: origin("api"),
            foreign: origin("foreign"),
            docs: None,
        };
        Self { child, origins }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.origins)
    }

    /// Ends it, and gives all that it has written.
    pub(crate) fn log(&mut self) -> String {
        self.kill();
        let mut log = String::new();
        let mut stderr = self.child.stderr.take().expect("a log");
        stderr.read_to_string(&mut log).expect("text");
        log
    }

    /// As a service manager does.
    #[cfg(unix)]
    pub(crate) fn tell_to_stop(&self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.expect("kill").success());
    }

    /// Waits for its end; did it end well?
    #[cfg(unix)]
    pub(crate) fn has_ended_well(&mut self) -> bool {
        self.child.wait().expect("its end").success()
    }

    /// As the kernel does where there is no memory left: nothing is said before.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("its end");
        self.child.wait().expect("its end");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
