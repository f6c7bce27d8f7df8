//! The database: SQLite, which needs nothing else, or PostgreSQL, which several processes share.
//!
//! Transactions are short. SQLite lets one in at a time. PostgreSQL runs them side by side, and there
//! one rule makes them as safe: **a transaction that decides by what it reads of an account holds the
//! account's row** (`Tx::hold`), before it reads. What belongs to an account (sessions, refresh tokens,
//! codes, tickets, logins) then changes for one transaction at a time, and those of different
//! accounts do not meet. Three things need no account: what is spent by one statement that says whether
//! it was there (proofs, pushed requests), what is only ever ended (`sessions::revoke`), and guesses at
//! a name, which has a lock of its own (`throttle.rs`).
//!
//! The alternative, `SERIALIZABLE`, was tried: PostgreSQL finds collisions by pages of indexes, and
//! while a table is small all are on one page. With eight clients of different accounts two of five
//! transactions were refused.
//!
//! Of two transactions that wait for each other PostgreSQL ends one, whose work is then done anew: so
//! the work of a transaction does nothing but ask and tell the database. What takes long, hashing
//! passwords, never happens inside. A request that is abandoned in the middle of a transaction has
//! changed nothing.
//!
//! There are so many connections, and a bounded queue before them: a request that finds no place is told
//! to come back. Without it each would wait until its client has given up, and be served then.

mod backend;
mod file;
mod schema;
pub(crate) mod tx;

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyPool, query, query_as};
use tokio::time::timeout;

use self::backend::{Backend, PATIENCE};
use self::tx::End;
pub(crate) use self::tx::{Failed, Tx};
use crate::error::ApiError;
use crate::events::Event;
use crate::metrics::METRICS;
use crate::queue::{Queue, Turn};
use crate::random;

/// So often is the work of a transaction done that others stand in the way of.
const MOST_ATTEMPTS: u32 = 8;

/// The pause after a collision grows from the first to the second. It is random, so that those who have
/// collided do not meet again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// A place in the queue is free much sooner; but those who come back should not all come at once.
const RETRY_AFTER_SECONDS: u64 = 1;

/// The open database.
pub(crate) struct Db {
    backend: Backend,
    pool: AnyPool,
    /// Before the connections. The server's own work does not stand in it.
    queue: Option<Arc<Queue>>,
}

/// Runs work as one transaction: `transaction!(app.db, |tx| { … })`. It is committed if the work gives
/// `Ok`, rolled back if it gives `Err`; the value is of type `Result<_, ApiError>`.
///
/// A refusal that must leave a trace (a family revoked because of reuse) is therefore an `Ok`, with
/// the refusal in it.
///
/// A macro, since the compiler cannot tell yet that the future of a closure that is given a reference
/// may go from one thread to another.
macro_rules! transaction {
    ($db:expr, |$tx:ident| $work:expr) => {
        async {
            let mut attempts = $crate::db::Attempts::of(&$db);
            loop {
                let mut tx = attempts.begin().await?;
                let outcome: Result<_, $crate::error::ApiError> = async {
                    let $tx = &mut tx;
                    $work
                }
                .await;
                if let Some(outcome) = attempts.end(tx, outcome).await {
                    break outcome;
                }
            }
        }
        .await
    };
}
pub(crate) use transaction;

impl Db {
    /// Opens a database, which is `:memory:`, a file or a URL of PostgreSQL, and brings its tables up
    /// to date. So many transactions may wait for it at a time.
    pub(crate) async fn open(name: &str, waiting: u16) -> Result<Self, ApiError> {
        let backend = Backend::of(name);
        let pool = backend
            .connect(name)
            .await
            .map_err(|error| ApiError::server(&error))?;
        schema::migrate(backend, &pool)
            .await
            .map_err(|error| ApiError::server(&error))?;
        let waiting = usize::from(waiting);
        let counts = &METRICS.transactions;
        let queue = Queue::new(
            backend.connections().into(),
            waiting,
            RETRY_AFTER_SECONDS,
            counts,
        );
        Ok(Self {
            backend,
            pool,
            queue: Some(Arc::new(queue)),
        })
    }

    /// The same for the server's own work, which must be done however many requests there are.
    pub(crate) fn unqueued(&self) -> Self {
        Self {
            backend: self.backend,
            pool: self.pool.clone(),
            queue: None,
        }
    }

    /// A 256-bit key that is made once and kept: it outlives the process, and others have it, too.
    pub(crate) async fn key(&self, name: &str) -> Result<[u8; 32], ApiError> {
        let mut new = [0; 32];
        getrandom::fill(&mut new)?;
        let kept: Option<(Vec<u8>,)> = transaction!(self, |tx| {
            let insert = "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            let insert = query(insert).bind(name).bind(new.as_slice());
            if tx.execute(insert).await? > 0 {
                let name = name.to_owned();
                tx.note(Event::KeyMade { name });
            }
            let select = query_as("SELECT value FROM secrets WHERE name = $1").bind(name);
            Ok(tx.one(select).await?)
        })?;
        kept.and_then(|(key,)| key.try_into().ok())
            .ok_or_else(|| ApiError::server(&"a key of the database is damaged"))
    }
}

/// The attempts to get a transaction through.
pub(crate) struct Attempts<'a> {
    db: &'a Db,
    made: u32,
    turn: Option<Turn>,
}

impl<'a> Attempts<'a> {
    pub(crate) fn of(db: &'a Db) -> Self {
        Self {
            db,
            made: 0,
            turn: None,
        }
    }

    /// Begins one, when it is its turn. In a task of its own, which runs to its end though the request be abandoned: a
    /// connection is not left behind with half a beginning.
    pub(crate) async fn begin(&mut self) -> Result<Tx, ApiError> {
        self.made = self.made.saturating_add(1);
        let turn = match &self.db.queue {
            Some(queue) => {
                let turn = timeout(PATIENCE, queue.turn()).await;
                Some(turn.map_err(|late| ApiError::unavailable(&late))??)
            }
            None => None,
        };
        let (pool, backend) = (self.db.pool.clone(), self.db.backend);
        let begin = async move { backend.begin(&pool).await.map(|tx| (tx, turn)) };
        let begun = tokio::spawn(begin).await;
        let begun = begun.map_err(|error| ApiError::server(&error))?;
        let (tx, turn) = begun.map_err(|error| ApiError::unavailable(&error))?;
        self.turn = turn;
        Ok(tx)
    }

    /// Ends it as its work has turned out. `None`: once more.
    pub(crate) async fn end<T>(
        &mut self,
        tx: Tx,
        outcome: Result<T, ApiError>,
    ) -> Option<Result<T, ApiError>> {
        let end = tx.end(outcome.is_err()).await;
        self.turn = None;
        let error = match end {
            End::Committed | End::RolledBack => return Some(outcome),
            End::Failed(error) => error,
        };
        if !self.db.backend.is_conflict(&error) {
            return Some(Err(refusal(self.db.backend, &error)));
        }
        if self.made >= MOST_ATTEMPTS {
            return Some(Err(ApiError::unavailable(&error)));
        }
        tokio::time::sleep(pause(self.made)).await;
        None
    }
}

fn refusal(backend: Backend, error: &sqlx::Error) -> ApiError {
    if backend.is_bad_text(error) {
        return ApiError::bad_request("text must not have the character U+0000");
    }
    if matches!(error, sqlx::Error::Io(_)) || backend.is_passing(error) {
        return ApiError::unavailable(error);
    }
    ApiError::server(error)
}

/// After so many attempts.
fn pause(made: u32) -> Duration {
    let longest = SHORTEST_PAUSE
        .saturating_mul(2_u32.saturating_pow(made))
        .min(LONGEST_PAUSE);
    let mut dice = [0];
    match getrandom::fill(&mut dice) {
        Ok(()) => longest.mul_f64(f64::from(dice[0]) / 255.0),
        Err(_) => longest,
    }
}

/// How secrets are kept: their SHA-256. They have 256 bits of entropy, so no salt and no slow
/// hash is needed.
pub(crate) fn at_rest(secret: &str) -> Vec<u8> {
    random::sha256(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::METRICS;

    /// FULL is 2: a commit is on the disk before the answer goes out, even in a WAL.
    #[tokio::test]
    async fn every_commit_is_durable() {
        let path = std::env::temp_dir().join(format!("hallpass-pragma-{}", std::process::id()));
        let path = path.to_str().unwrap();
        for _ in 0..2 {
            let db = Db::open(path, 1).await.unwrap();
            for (select, expected) in [
                (
                    "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous",
                    "2",
                ),
                ("SELECT journal_mode FROM pragma_journal_mode", "wal"),
                (
                    "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys",
                    "1",
                ),
            ] {
                let (value,): (String,) = query_as(select).fetch_one(&db.pool).await.unwrap();
                assert_eq!(value, expected, "{select}");
            }
            db.pool.close().await;
        }
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{path}{end}"));
        }
    }

    /// A failure counts, whatever the work makes of it.
    #[tokio::test]
    async fn nothing_is_kept_once_a_statement_has_failed() {
        let db = Db::open(":memory:", 1).await.unwrap();
        let outcome = transaction!(db, |tx| {
            let insert = "INSERT INTO proofs (hash, expires_at) VALUES ($1, 1)";
            tx.execute(query(insert).bind(at_rest("x"))).await?;
            let again = tx.execute(query(insert).bind(at_rest("x"))).await;
            assert!(again.is_err());
            Ok(())
        });
        assert!(outcome.is_err());
        let left = transaction!(db, |tx| Ok(tx.any(query("SELECT 1 FROM proofs")).await?));
        assert!(!left.unwrap());
    }

    /// An event of work that was undone has not happened.
    #[tokio::test]
    async fn events_are_told_of_what_is_committed() {
        let db = Db::open(":memory:", 1).await.unwrap();
        let told = || METRICS.security_events.of("reuse_detected");
        let before = told();
        for (works, more) in [(false, 0), (true, 1)] {
            let session = String::new();
            let event = Event::ReuseDetected { of: "x", session };
            let _ = transaction!(db, |tx| {
                tx.note(event.clone());
                works.then_some(()).ok_or_else(ApiError::not_found)
            });
            assert_eq!(told(), before + more);
        }
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        assert!(pause(1) <= SHORTEST_PAUSE * 2);
        assert!(pause(u32::MAX) <= LONGEST_PAUSE);
    }
}
