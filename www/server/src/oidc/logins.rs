//! Logins: that a user is signed in at the provider itself, in one browser. The cookie's value is
//! random, and only its hash is kept.

use axum::http::HeaderMap;
use rusqlite::{OptionalExtension, Transaction};

use crate::cookies;
use crate::db::at_rest;
use crate::error::ApiError;
use crate::policy::Policy;
use crate::random;

/// A working day: then the user types the password again.
const LIFE_SECONDS: i64 = 12 * 3600;

/// A login that stands.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// Hash of the cookie's value.
    pub(crate) hash: Vec<u8>,
    pub(crate) user_id: i64,
    /// When the user has shown who it is, seconds.
    pub(crate) auth_time: i64,
}

/// The user has just signed in: makes a login, and says what the cookie's value is. The login that
/// this browser had is gone, so that no value from before the sign-in is worth anything after it.
pub(crate) fn open(
    tx: &Transaction<'_>,
    headers: &HeaderMap,
    user_id: i64,
    now: i64,
) -> Result<(Login, String), ApiError> {
    tx.execute("DELETE FROM logins WHERE expires_at <= ?1", [now])?;
    if let Some(hash) = brought(headers) {
        tx.execute("DELETE FROM logins WHERE hash = ?1", [hash])?;
    }
    let value = random::secret()?;
    let login = Login {
        hash: at_rest(&value).to_vec(),
        user_id,
        auth_time: now,
    };
    tx.execute(
        "INSERT INTO logins (hash, user_id, auth_time, expires_at) VALUES (?1, ?2, ?3, ?4)",
        (&login.hash, user_id, now, now.saturating_add(LIFE_SECONDS)),
    )?;
    Ok((login, value))
}

/// The cookie for it.
pub(crate) fn cookie(value: &str) -> String {
    cookies::hidden_lax(cookies::LOGIN, value, LIFE_SECONDS)
}

/// The login of this browser, if it stands. Where sessions must end some hours after sign-in, so
/// must what opens new ones.
pub(crate) fn current(
    tx: &Transaction<'_>,
    headers: &HeaderMap,
    policy: &Policy,
    now: i64,
) -> rusqlite::Result<Option<Login>> {
    let Some(hash) = brought(headers) else {
        return Ok(None);
    };
    let login = tx
        .query_row(
            "SELECT hash, user_id, auth_time FROM logins WHERE hash = ?1 AND expires_at > ?2",
            (hash, now),
            |row| {
                Ok(Login {
                    hash: row.get(0)?,
                    user_id: row.get(1)?,
                    auth_time: row.get(2)?,
                })
            },
        )
        .optional()?;
    Ok(login.filter(|login| policy.deadline(login.auth_time).is_none_or(|at| at > now)))
}

/// Ends a login, with all that clients were given by it.
pub(crate) fn end(tx: &Transaction<'_>, login: &Login) -> rusqlite::Result<()> {
    tx.execute("DELETE FROM logins WHERE hash = ?1", [&login.hash])?;
    tx.execute(
        "DELETE FROM codes WHERE login = ?1 AND session_id IS NULL",
        [&login.hash],
    )?;
    tx.execute(
        "UPDATE sessions SET revoked = 1 WHERE id IN \
         (SELECT session_id FROM authorizations WHERE login = ?1)",
        [&login.hash],
    )?;
    Ok(())
}

fn brought(headers: &HeaderMap) -> Option<[u8; 32]> {
    cookies::get(headers, cookies::LOGIN).map(at_rest)
}
