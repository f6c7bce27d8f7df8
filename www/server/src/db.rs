//! The database: SQLite, one connection, short transactions.
//!
//! Statements take microseconds, so they run where they are called. What takes long, hashing
//! passwords, never happens inside a transaction.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::db_file;
use crate::error::ApiError;
use crate::random;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS secrets (
        name  TEXT PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS users (
        id            INTEGER PRIMARY KEY,
        username      TEXT NOT NULL UNIQUE COLLATE NOCASE,
        password_hash TEXT NOT NULL,
        display_name  TEXT NOT NULL,
        token_version INTEGER NOT NULL DEFAULT 1,
        totp_secret   BLOB,
        totp_step     INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE IF NOT EXISTS sessions (
        id            TEXT PRIMARY KEY,
        user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        fingerprint   TEXT NOT NULL,
        user_agent    TEXT NOT NULL,
        permanent     INTEGER NOT NULL,
        created_at    INTEGER NOT NULL,
        seen_at       INTEGER NOT NULL,
        expires_at    INTEGER NOT NULL,
        reauth        INTEGER NOT NULL DEFAULT 0,
        revoked       INTEGER NOT NULL DEFAULT 0,
        token_version INTEGER NOT NULL DEFAULT 0,
        replaced      TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS sessions_of_user ON sessions (user_id);
    CREATE INDEX IF NOT EXISTS sessions_of_fingerprint ON sessions (fingerprint);
    CREATE TABLE IF NOT EXISTS refresh_tokens (
        hash       BLOB PRIMARY KEY,
        session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        expires_at INTEGER NOT NULL,
        spent      INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS refresh_tokens_of_session ON refresh_tokens (session_id);
    CREATE TABLE IF NOT EXISTS tickets (
        hash       BLOB PRIMARY KEY,
        user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        refresh    TEXT,
        expires_at INTEGER NOT NULL,
        failures   INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS tickets_of_user ON tickets (user_id);
    CREATE TABLE IF NOT EXISTS logins (
        hash       BLOB PRIMARY KEY,
        user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        auth_time  INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS logins_of_user ON logins (user_id);
    CREATE TABLE IF NOT EXISTS pushed_requests (
        hash       BLOB PRIMARY KEY,
        params     TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS codes (
        hash         BLOB PRIMARY KEY,
        user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        client_id    TEXT NOT NULL,
        redirect_uri TEXT NOT NULL,
        challenge    TEXT NOT NULL,
        jkt          TEXT,
        scope        TEXT NOT NULL,
        nonce        TEXT,
        auth_time    INTEGER NOT NULL,
        login        BLOB NOT NULL,
        fingerprint  TEXT,
        replaced     TEXT,
        expires_at   INTEGER NOT NULL,
        session_id   TEXT REFERENCES sessions (id) ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX IF NOT EXISTS codes_of_user ON codes (user_id);
    CREATE INDEX IF NOT EXISTS codes_of_login ON codes (login);
    CREATE INDEX IF NOT EXISTS codes_of_session ON codes (session_id);
    CREATE TABLE IF NOT EXISTS authorizations (
        session_id TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
        client_id  TEXT NOT NULL,
        scope      TEXT NOT NULL,
        auth_time  INTEGER NOT NULL,
        jkt        TEXT,
        login      BLOB NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS authorizations_of_login ON authorizations (login);
    CREATE TABLE IF NOT EXISTS proofs (
        hash       BLOB PRIMARY KEY,
        expires_at INTEGER NOT NULL
    ) STRICT;
";

/// A database without a file.
const IN_MEMORY: &str = ":memory:";

/// The open database.
pub(crate) struct Db {
    connection: Mutex<Connection>,
}

impl Db {
    /// Opens `path` (or `:memory:`) and creates what is missing.
    ///
    /// `synchronous = FULL`: what was answered is on the disk. With less, a revocation that a user
    /// was told of could be lost with the power, and the session would be back.
    pub(crate) fn open(path: &str) -> Result<Self, ApiError> {
        let connection = if path == IN_MEMORY {
            Connection::open_in_memory()?
        } else {
            let file = db_file::private(path).map_err(|error| ApiError::server(&error))?;
            Connection::open(file)?
        };
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; \
             PRAGMA foreign_keys = ON;",
        )?;
        connection.execute_batch(SCHEMA)?;
        add_new_columns(&connection)?;
        Ok(Self {
            connection: Mutex::new(connection),
        })
    }

    /// Runs `work` as one transaction: committed if it succeeds, rolled back if it fails.
    ///
    /// A refusal that must leave a trace (a family revoked because of reuse) is therefore a value
    /// of `T`, not an error.
    pub(crate) fn transaction<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// A 256-bit key that is made once and kept, so that a database file outlives the process.
    pub(crate) fn key(&self, name: &str) -> rusqlite::Result<[u8; 32]> {
        self.transaction(|tx| {
            let kept = tx
                .query_row("SELECT value FROM secrets WHERE name = ?1", [name], |row| {
                    row.get(0)
                })
                .optional()?;
            if let Some(key) = kept {
                return Ok(key);
            }
            let mut key = [0; 32];
            getrandom::fill(&mut key)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            tx.execute(
                "INSERT INTO secrets (name, value) VALUES (?1, ?2)",
                (name, key),
            )?;
            Ok(key)
        })
    }
}

/// Columns that were not there at first: a file from then gets them when it is opened.
fn add_new_columns(connection: &Connection) -> rusqlite::Result<()> {
    for (table, name, kind) in [
        ("sessions", "token_version", "INTEGER NOT NULL DEFAULT 0"),
        ("sessions", "replaced", "TEXT"),
        ("users", "totp_secret", "BLOB"),
        ("users", "totp_step", "INTEGER NOT NULL DEFAULT 0"),
    ] {
        let there: bool = connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2)",
            [table, name],
            |row| row.get(0),
        )?;
        if !there {
            connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {name} {kind}"))?;
        }
    }
    connection
        .execute_batch("CREATE INDEX IF NOT EXISTS sessions_that_replaced ON sessions (replaced)")
}

/// How secrets are kept: their SHA-256. They have 256 bits of entropy, so no salt and no slow
/// hash is needed.
pub(crate) fn at_rest(secret: &str) -> [u8; 32] {
    random::sha256(secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FULL is 2: a commit is on the disk before the answer goes out, even in a WAL.
    #[test]
    fn every_commit_is_durable() {
        let path = std::env::temp_dir().join(format!("hallpass-pragma-{}", std::process::id()));
        let path = path.to_str().unwrap();
        for _ in 0..2 {
            let db = Db::open(path).unwrap();
            let connection = db.connection.lock().unwrap();
            let read = |pragma: &str| -> String {
                connection
                    .query_row(
                        &format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"),
                        [],
                        |row| row.get(0),
                    )
                    .unwrap()
            };
            assert_eq!(read("synchronous"), "2");
            assert_eq!(read("journal_mode"), "wal");
            assert_eq!(read("foreign_keys"), "1");
        }
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{path}{end}"));
        }
    }

    #[test]
    fn a_file_from_before_gets_the_new_columns() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE sessions (id TEXT) STRICT; INSERT INTO sessions VALUES ('s'); \
                 CREATE TABLE users (id TEXT) STRICT; INSERT INTO users VALUES ('u')",
            )
            .unwrap();
        for _ in 0..2 {
            add_new_columns(&connection).unwrap();
        }
        let added: (i64, Option<String>) = connection
            .query_row("SELECT token_version, replaced FROM sessions", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(added, (0, None));
        let added: (Option<Vec<u8>>, i64) = connection
            .query_row("SELECT totp_secret, totp_step FROM users", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(added, (None, 0));
    }
}
