//! Slows down guessing: so many wrong passwords for one name, then a pause. The guesses stand in the
//! database, so that they count in whatever process they were made.
//!
//! Per name and not per address, since guessing is cheap to spread over addresses. The price is
//! that a stranger can lock a name out for a minute; a public service would add more.

use sqlx::{query, query_as};

use crate::db::{Failed, Tx, at_rest};
use crate::error::ApiError;
use crate::events::Event;

const FAILURES: usize = 10;
const WINDOW_MS: i64 = 60_000;

/// What is guessed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guess {
    Password,
    /// A code of the second factor.
    Code,
}

impl Guess {
    fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
        }
    }
}

/// May this name try? If not, the refusal says after how many seconds. Until the transaction ends, no
/// other one is told anything of this name: who counts the guess then counts all.
pub(crate) async fn admit(
    tx: &mut Tx,
    guess: Guess,
    name: &str,
    now_ms: i64,
) -> Result<(), ApiError> {
    let key = key(guess, name);
    tx.hold(query("SELECT pg_advisory_xact_lock($1)").bind(lock(&key)))
        .await?;
    let select = query_as("SELECT at FROM attempts WHERE hash = $1 AND at > $2 ORDER BY at DESC");
    let since = now_ms.saturating_sub(WINDOW_MS);
    let times: Vec<(i64,)> = tx.all(select.bind(key).bind(since)).await?;
    match times.get(FAILURES.saturating_sub(1)) {
        None => Ok(()),
        Some((first,)) => {
            // Now, for the refusal undoes the transaction; nothing of it is left that could collide.
            Event::GuessesTurnedAway { at: guess.name() }.happened();
            let pause = first.saturating_sub(since).div_euclid(1000);
            Err(ApiError::throttled(
                u64::try_from(pause).unwrap_or(0).saturating_add(1),
            ))
        }
    }
}

/// Counts a guess; a right one is forgiven afterwards, with those before it.
pub(crate) async fn count(
    tx: &mut Tx,
    guess: Guess,
    name: &str,
    now_ms: i64,
) -> Result<(), Failed> {
    let insert = query("INSERT INTO attempts (hash, at) VALUES ($1, $2)");
    tx.execute(insert.bind(key(guess, name)).bind(now_ms))
        .await?;
    Ok(())
}

/// The guess was right: that clears the name.
pub(crate) async fn forgive(tx: &mut Tx, guess: Guess, name: &str) -> Result<(), Failed> {
    let delete = query("DELETE FROM attempts WHERE hash = $1");
    tx.execute(delete.bind(key(guess, name))).await?;
    Ok(())
}

/// Forgets everything; for tests.
pub(crate) async fn reset(tx: &mut Tx) -> Result<(), Failed> {
    tx.execute(query("DELETE FROM attempts")).await?;
    Ok(())
}

/// Forgets what does not count any more.
pub(crate) async fn purge(tx: &mut Tx, now_ms: i64) -> Result<(), Failed> {
    let delete = query("DELETE FROM attempts WHERE at <= $1");
    tx.execute(delete.bind(now_ms.saturating_sub(WINDOW_MS)))
        .await?;
    Ok(())
}

/// A name may be no account's, so it has a lock and not a row.
fn lock(key: &[u8]) -> i64 {
    let (first, _) = key.split_first_chunk().unwrap_or((&[0; 8], &[]));
    i64::from_be_bytes(*first)
}

/// Names are equal without regard to case. Their hash: a password may have been typed for a name.
fn key(guess: Guess, name: &str) -> Vec<u8> {
    at_rest(&format!("{} {}", guess.name(), name.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, transaction};

    async fn may_try(db: &Db, name: &str, now_ms: i64) -> bool {
        transaction!(db, |tx| admit(tx, Guess::Password, name, now_ms).await).is_ok()
    }

    async fn guess(db: &Db, name: &str, times: usize, now_ms: i64) {
        let counted = transaction!(db, |tx| {
            for _ in 0..times {
                count(tx, Guess::Password, name, now_ms).await?;
            }
            Ok(())
        });
        counted.unwrap();
    }

    #[tokio::test]
    async fn ten_failures_then_a_pause() {
        let db = Db::open(":memory:", 1).await.unwrap();
        guess(&db, "demo", 9, 0).await;
        assert!(may_try(&db, "demo", 0).await);
        guess(&db, "demo", 1, 5000).await;
        let refusal = transaction!(db, |tx| admit(tx, Guess::Password, "DEMO", 10_000).await);
        let refusal = refusal.unwrap_err();
        let headers = refusal.headers().0;
        assert_eq!(headers[0].1, "51", "when the first one is a minute old");
        assert!(may_try(&db, "other", 10_000).await);
        let code = transaction!(db, |tx| admit(tx, Guess::Code, "demo", 10_000).await);
        assert!(code.is_ok(), "codes are counted by themselves");
        assert!(may_try(&db, "demo", 60_000).await);
    }

    #[tokio::test]
    async fn success_clears() {
        let db = Db::open(":memory:", 1).await.unwrap();
        guess(&db, "demo", 10, 0).await;
        assert!(!may_try(&db, "demo", 0).await);
        let forgiven = transaction!(db, |tx| Ok(forgive(tx, Guess::Password, "Demo").await?));
        forgiven.unwrap();
        assert!(may_try(&db, "demo", 0).await);
    }
}
