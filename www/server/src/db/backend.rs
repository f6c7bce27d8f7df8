//! The two databases: SQLite, in a file or in memory, and PostgreSQL.

use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, Executor};
use url::Url;

use super::file;
use super::tx::Tx;

/// A database without a file.
const IN_MEMORY: &str = ":memory:";

/// Whoever waits longer for a connection is told to come back.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Connections of one process to PostgreSQL. Transactions take a millisecond or two.
const CONNECTIONS: u16 = 10;

/// `synchronous = FULL`: what was answered is on the disk. With less, a revocation that a user was
/// told of could be lost with the power, and the session would be back.
const SQLITE_SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                               PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON;";

/// The same of PostgreSQL, whatever the server's own settings say. A process that stops in the middle of
/// a transaction does not hold its locks for ever.
const POSTGRES_SETTINGS: &str = "SET synchronous_commit = on; \
                                 SET idle_in_transaction_session_timeout = '30s'; \
                                 SET statement_timeout = '30s'; SET client_min_messages = error;";

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    /// What `--db` means.
    pub(super) fn of(name: &str) -> Self {
        let is_url = ["postgres://", "postgresql://"]
            .into_iter()
            .any(|scheme| name.starts_with(scheme));
        if is_url { Self::Postgres } else { Self::Sqlite }
    }

    /// So many transactions are under way at once.
    pub(super) const fn connections(self) -> u16 {
        match self {
            Self::Postgres => CONNECTIONS,
            // One writes at a time in any case, and a database in memory is its connection's.
            Self::Sqlite => 1,
        }
    }

    /// Connects. A file of SQLite is made where there is none.
    pub(super) async fn connect(self, name: &str) -> Result<AnyPool, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let url = match self {
            Self::Postgres => name.to_owned(),
            Self::Sqlite => sqlite_url(name)?,
        };
        let options: AnyConnectOptions = url.parse()?;
        AnyPoolOptions::new()
            .max_connections(self.connections().into())
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE)
            .after_connect(move |connection, _| {
                let settings = match self {
                    Self::Sqlite => SQLITE_SETTINGS,
                    Self::Postgres => POSTGRES_SETTINGS,
                };
                Box::pin(async move {
                    connection.execute(sqlx::raw_sql(settings)).await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await
    }

    /// Begins a transaction: in SQLite the only one; in PostgreSQL each statement sees what was
    /// committed before it.
    pub(super) async fn begin(self, pool: &AnyPool) -> Result<Tx, sqlx::Error> {
        let begin = match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        Ok(Tx::new(
            pool.begin_with(begin).await?,
            self == Self::Postgres,
        ))
    }

    /// Was it another transaction that stood in the way? Then this one may try again: of two that wait
    /// for each other the database ends one.
    pub(super) fn is_conflict(self, error: &sqlx::Error) -> bool {
        /// `serialization_failure` and `deadlock_detected`.
        const CONFLICTS: [&str; 2] = ["40001", "40P01"];
        self.code(error)
            .is_some_and(|code| CONFLICTS.contains(&code.as_ref()))
    }

    /// Will it pass? Something is used up, or PostgreSQL has broken the statement off: it has waited too
    /// long for a lock, or the database is being stopped.
    pub(super) fn is_passing(self, error: &sqlx::Error) -> bool {
        /// `insufficient_resources` and `operator_intervention`.
        const CLASSES: [&str; 2] = ["53", "57"];
        self.code(error)
            .is_some_and(|code| CLASSES.iter().any(|class| code.starts_with(class)))
    }

    /// Is it a text that cannot be kept? PostgreSQL's have no U+0000.
    pub(super) fn is_bad_text(self, error: &sqlx::Error) -> bool {
        /// `character_not_in_repertoire`.
        const BAD_TEXT: &str = "22021";
        self.code(error).is_some_and(|code| code == BAD_TEXT)
    }

    /// PostgreSQL's own; SQLite's mean something else.
    fn code(self, error: &sqlx::Error) -> Option<std::borrow::Cow<'_, str>> {
        let error = error.as_database_error()?;
        error.code().filter(|_| self == Self::Postgres)
    }
}

/// A file's name is a name: nothing in it is a parameter.
fn sqlite_url(name: &str) -> Result<String, sqlx::Error> {
    if name == IN_MEMORY {
        return Ok("sqlite::memory:".to_owned());
    }
    let path = file::private(name)?;
    let path = path.to_str().ok_or_else(|| {
        sqlx::Error::Configuration("the path of the database file must be Unicode".into())
    })?;
    let mut url =
        Url::parse("sqlite:///").map_err(|error| sqlx::Error::Configuration(error.into()))?;
    url.set_path(&path.replace('%', "%25"));
    Ok(url.into())
}
