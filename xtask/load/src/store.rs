//! The two databases, both as durable as they are in earnest.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::postgres::{Disk, Postgres};

pub(crate) struct Store {
    pub(crate) name: &'static str,
    /// As `--db` takes it.
    pub(crate) database: String,
    /// What is to be cleared away.
    _folder: Option<Folder>,
    _postgres: Option<Postgres>,
}

struct Folder(PathBuf);

impl Store {
    /// A file.
    pub(crate) fn sqlite() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("hallpass-load-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let database = folder.join("hallpass.sqlite");
        let database = database.to_str().context("the path must be Unicode")?;
        Ok(Self {
            name: "SQLite",
            database: database.to_owned(),
            _folder: Some(Folder(folder)),
            _postgres: None,
        })
    }

    /// Debian's, started for this alone.
    pub(crate) async fn postgres() -> Result<Self> {
        let postgres = Postgres::start(Disk::Synced, false).context("there is no PostgreSQL")?;
        for _ in 0..600 {
            if postgres.is_ready() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        ensure!(postgres.is_ready(), "no answer: {}", postgres.log());
        Ok(Self {
            name: "PostgreSQL",
            database: postgres.url(),
            _folder: None,
            _postgres: Some(postgres),
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
