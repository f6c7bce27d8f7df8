//! The database file: who may read it, what outlives the process, and who waits for it.

use std::path::{Path, PathBuf};

use reqwest::Method;
use sqlx::AnyPool;
use tokio::task::JoinSet;

use crate::process::Process;
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
    let mut process = Process::start(&["--db", &folder.database()]);
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
    let process = Process::start_in(&folder.0, &["--db", "file:hallpass.sqlite?mode=memory"]);
    process.browser().sign_in("").await;
    let modes = folder.modes();
    assert_eq!(modes.len(), 3);
    assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
}

/// What was answered is kept, though the process is killed the moment after.
#[tokio::test]
async fn what_was_acknowledged_outlives_the_process() {
    let folder = Folder::new("kill");
    let mut process = Process::start(&["--db", &folder.database()]);
    let mut kept = process.browser();
    kept.sign_in("?permanent=true").await;
    let mut ended = process.browser();
    ended.sign_in("?permanent=true").await;
    let answer = ended
        .authorised(Method::POST, "/token/reject", |request| request)
        .await;
    assert_eq!(answer.status, 204);
    process.kill();

    let process = Process::start(&["--db", &folder.database()]);
    for (browser, status) in [(&kept, 200), (&ended, 400)] {
        let mut again = process.browser();
        again.cookies.clone_from(&kept.cookies);
        let token = browser.refresh_token.clone().expect("a refresh token");
        assert_eq!(again.refresh_with(&token).await.status, status);
    }
}

/// Somebody else has the database, for as long as the test wants: so one request is at work, two wait, and
/// the others need not.
#[tokio::test(flavor = "multi_thread")]
async fn who_finds_no_place_before_the_database_is_told_to_come_back() {
    let folder = Folder::new("queue");
    let flags = ["--db", &folder.database(), "--db-queue", "2"];
    let server = Server::start(&flags).await;
    let signed_in = server.signed_in("").await;
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}", folder.database());
    let pool = AnyPool::connect(&url).await.expect("a connection");
    let holder = pool.begin_with("BEGIN IMMEDIATE").await.expect("a lock");

    let mut asking = JoinSet::new();
    for _ in 0..10 {
        let mut browser = server.browser();
        browser.cookies.clone_from(&signed_in.cookies);
        browser.token.clone_from(&signed_in.token);
        asking.spawn(async move { browser.me().await });
    }
    for _ in 0..7 {
        let answer = asking.join_next().await.expect("one more");
        let answer = answer.expect("an answer");
        answer.refused(503, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
    holder.rollback().await.expect("the end");
    while let Some(answer) = asking.join_next().await {
        assert_eq!(answer.expect("an answer").status, 200);
    }
}
