//! Refresh tokens. Each is single use; all that descend from one sign-in are a family, and the
//! family is the session.
//!
//! A token that comes a second time has been copied: either the thief or the user was first, and
//! the server cannot tell who. So the whole family ends (RFC 9700, 4.14).

use rusqlite::{OptionalExtension, Transaction};

use crate::db::at_rest;
use crate::error::ApiError;
use crate::random;

/// What a presented refresh token turned out to be.
pub(crate) enum Presented {
    /// Never issued, or long forgotten.
    Unknown,
    /// Spent before: there is a copy of it. Names its session.
    Reused(String),
    /// Not used in time.
    Expired,
    /// Good for one rotation. Names its session.
    Good(String),
}

/// Adds the next token to a family; only its hash stays here.
pub(crate) fn issue(
    tx: &Transaction<'_>,
    session_id: &str,
    expires_at: i64,
) -> Result<String, ApiError> {
    let token = random::secret()?;
    tx.execute(
        "INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (?1, ?2, ?3)",
        (at_rest(&token), session_id, expires_at),
    )?;
    Ok(token)
}

/// Looks a token up and changes nothing.
pub(crate) fn look(tx: &Transaction<'_>, token: &str, now: i64) -> rusqlite::Result<Presented> {
    let row: Option<(String, i64, bool)> = tx
        .query_row(
            "SELECT session_id, expires_at, spent FROM refresh_tokens WHERE hash = ?1",
            [at_rest(token)],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    Ok(match row {
        None => Presented::Unknown,
        Some((session, _, true)) => Presented::Reused(session),
        Some((_, expires_at, _)) if expires_at <= now => Presented::Expired,
        Some((session, ..)) => Presented::Good(session),
    })
}

/// Marks a token as used. The row stays, so that reuse is seen.
pub(crate) fn spend(tx: &Transaction<'_>, token: &str) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE refresh_tokens SET spent = 1 WHERE hash = ?1",
        [at_rest(token)],
    )?;
    Ok(())
}

/// The session of a token in whatever state: for signing out.
pub(crate) fn session_of(tx: &Transaction<'_>, token: &str) -> rusqlite::Result<Option<String>> {
    tx.query_row(
        "SELECT session_id FROM refresh_tokens WHERE hash = ?1",
        [at_rest(token)],
        |row| row.get(0),
    )
    .optional()
}
