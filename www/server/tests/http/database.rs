//! The database file: who may read it, and what outlives the process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hallpass_server::Origins;
use reqwest::Method;
use serde_json::Value;

use crate::browser::Browser;
use crate::server::Server;

/// A folder of its own for each test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hallpass-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn database(&self) -> String {
        let path = self.0.join("hallpass.sqlite");
        path.to_str().expect("text").to_owned()
    }

    /// Names and permissions of all that is in it.
    #[cfg(unix)]
    fn modes(&self) -> Vec<(String, u32)> {
        use std::os::unix::fs::PermissionsExt;
        let mut modes: Vec<_> = std::fs::read_dir(&self.0)
            .expect("the folder")
            .map(|entry| {
                let entry = entry.expect("an entry");
                let mode = entry.metadata().expect("metadata").permissions().mode();
                (
                    entry.file_name().to_string_lossy().into_owned(),
                    mode & 0o777,
                )
            })
            .collect();
        modes.sort();
        modes
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
fn allow(path: impl AsRef<Path>, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions");
}

#[cfg(unix)]
fn private() -> Vec<(String, u32)> {
    ["", "-shm", "-wal"]
        .map(|end| (format!("hallpass.sqlite{end}"), 0o600))
        .to_vec()
}

/// It holds the keys that sign tokens.
#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_file() {
    let folder = Folder::new("new");
    let server = Server::start(&["--db", &folder.database()]).await;
    server.signed_in("?permanent=true").await;
    assert_eq!(folder.modes(), private());
}

/// A file from before, and what a process that was killed has left beside it.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_could_read_is_closed() {
    let folder = Folder::new("old");
    let mut process = Process::start(&folder.database());
    process.browser().sign_in("?permanent=true").await;
    process.kill();
    for end in ["", "-shm", "-wal"] {
        allow(format!("{}{end}", folder.database()), 0o644);
    }
    let server = Server::start(&["--db", &folder.database()]).await;
    server.signed_in("").await;
    assert_eq!(folder.modes(), private());
}

/// `file:` is the beginning of a name like any other: a URI could ask for whatever SQLite knows.
#[cfg(unix)]
#[tokio::test]
async fn a_uri_is_a_file_name() {
    let folder = Folder::new("uri");
    let process = Process::start_in(&folder.0, "file:hallpass.sqlite?mode=memory");
    process.browser().sign_in("").await;
    let modes = folder.modes();
    assert_eq!(modes.len(), 3);
    assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
}

/// What was answered is kept, though the process is killed the moment after.
#[tokio::test]
async fn what_was_acknowledged_outlives_the_process() {
    let folder = Folder::new("kill");
    let mut process = Process::start(&folder.database());
    let mut kept = process.browser();
    kept.sign_in("?permanent=true").await;
    let mut ended = process.browser();
    ended.sign_in("?permanent=true").await;
    let answer = ended
        .authorised(Method::POST, "/token/reject", |request| request)
        .await;
    assert_eq!(answer.status, 204);
    process.kill();

    let process = Process::start(&folder.database());
    for (browser, status) in [(&kept, 200), (&ended, 400)] {
        let mut again = process.browser();
        again.cookies.clone_from(&kept.cookies);
        let token = browser.refresh_token.clone().expect("a refresh token");
        assert_eq!(again.refresh_with(&token).await.status, status);
    }
}

/// The server as a process of its own.
struct Process {
    child: Child,
    origins: Origins,
}

impl Process {
    fn start(database: &str) -> Self {
        Self::start_in(&std::env::temp_dir(), database)
    }

    fn start_in(folder: &Path, database: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hallpass-server"))
            .current_dir(folder)
            .args(["--app-port", "0", "--api-port", "0", "--foreign-port", "0"])
            .args(["--db", database])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server");
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

    fn browser(&self) -> Browser {
        Browser::new(&self.origins)
    }

    fn kill(&mut self) {
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
