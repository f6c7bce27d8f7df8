//! Refresh tokens. Each is single use; all that descend from one sign-in are a family, and the
//! family is the session.
//!
//! A token that comes a second time has been copied: either the thief or the user was first, and
//! the server cannot tell who. So the whole family ends (RFC 9700, 4.14).

use sqlx::{query, query_as};

use crate::db::{Failed, Tx, at_rest};
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
pub(crate) async fn issue(
    tx: &mut Tx,
    session_id: &str,
    expires_at: i64,
) -> Result<String, ApiError> {
    let token = random::secret()?;
    let insert =
        query("INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES ($1, $2, $3)");
    tx.execute(
        insert
            .bind(at_rest(&token))
            .bind(session_id)
            .bind(expires_at),
    )
    .await?;
    Ok(token)
}

/// Looks a token up and holds the account of its family.
pub(crate) async fn look(tx: &mut Tx, token: &str, now: i64) -> Result<Presented, Failed> {
    let hold = query(
        "SELECT 1 FROM users WHERE id = (SELECT user_id FROM sessions WHERE id = \
         (SELECT session_id FROM refresh_tokens WHERE hash = $1)) FOR NO KEY UPDATE",
    );
    tx.hold(hold.bind(at_rest(token))).await?;
    let select =
        query_as("SELECT session_id, expires_at, spent FROM refresh_tokens WHERE hash = $1");
    let row: Option<(String, i64, i64)> = tx.one(select.bind(at_rest(token))).await?;
    Ok(match row {
        None => Presented::Unknown,
        Some((session, _, spent)) if spent != 0 => Presented::Reused(session),
        Some((_, expires_at, _)) if expires_at <= now => Presented::Expired,
        Some((session, ..)) => Presented::Good(session),
    })
}

/// Marks a token as used. The row stays, so that reuse is seen.
pub(crate) async fn spend(tx: &mut Tx, token: &str) -> Result<(), Failed> {
    let update = query("UPDATE refresh_tokens SET spent = 1 WHERE hash = $1");
    tx.execute(update.bind(at_rest(token))).await?;
    Ok(())
}

/// The session of a token in whatever state: for signing out.
pub(crate) async fn session_of(tx: &mut Tx, token: &str) -> Result<Option<String>, Failed> {
    let select = query_as("SELECT session_id FROM refresh_tokens WHERE hash = $1");
    let row: Option<(String,)> = tx.one(select.bind(at_rest(token))).await?;
    Ok(row.map(|(session,)| session))
}
