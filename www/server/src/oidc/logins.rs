//! Logins: that a user is signed in at the provider itself, in one browser. The cookie's value is
//! random, and only its hash is kept.

use axum::http::HeaderMap;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row, query, query_as};

use crate::cookies;
use crate::db::{Failed, Tx, at_rest};
use crate::error::ApiError;
use crate::policy::Policy;
use crate::random;
use crate::sessions;

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

impl FromRow<'_, AnyRow> for Login {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            hash: row.try_get("hash")?,
            user_id: row.try_get("user_id")?,
            auth_time: row.try_get("auth_time")?,
        })
    }
}

/// The user has just signed in: makes a login, and says what the cookie's value is. The login that
/// this browser had is gone, so that no value from before the sign-in is worth anything after it.
pub(crate) async fn open(
    tx: &mut Tx,
    headers: &HeaderMap,
    user_id: i64,
    now: i64,
) -> Result<(Login, String), ApiError> {
    if let Some(hash) = brought(headers) {
        tx.execute(query("DELETE FROM logins WHERE hash = $1").bind(hash))
            .await?;
    }
    let value = random::secret()?;
    let login = Login {
        hash: at_rest(&value),
        user_id,
        auth_time: now,
    };
    let insert =
        query("INSERT INTO logins (hash, user_id, auth_time, expires_at) VALUES ($1, $2, $3, $4)");
    let insert = insert.bind(&login.hash).bind(user_id).bind(now);
    tx.execute(insert.bind(now.saturating_add(LIFE_SECONDS)))
        .await?;
    Ok((login, value))
}

/// The cookie for it.
pub(crate) fn cookie(value: &str) -> String {
    cookies::hidden_lax(cookies::LOGIN, value, LIFE_SECONDS)
}

/// The login of this browser, if it stands; holds its account. Where sessions must end some hours after sign-in, so
/// must what opens new ones.
pub(crate) async fn current(
    tx: &mut Tx,
    headers: &HeaderMap,
    policy: &Policy,
    now: i64,
) -> Result<Option<Login>, Failed> {
    let Some(hash) = brought(headers) else {
        return Ok(None);
    };
    let hold = query(
        "SELECT 1 FROM users WHERE id = (SELECT user_id FROM logins WHERE hash = $1) \
         FOR NO KEY UPDATE",
    );
    tx.hold(hold.bind(hash.as_slice())).await?;
    let select =
        query_as("SELECT hash, user_id, auth_time FROM logins WHERE hash = $1 AND expires_at > $2");
    let login: Option<Login> = tx.one(select.bind(hash).bind(now)).await?;
    Ok(login.filter(|login| policy.deadline(login.auth_time).is_none_or(|at| at > now)))
}

/// Ends a login, with all that clients were given by it.
pub(crate) async fn end(tx: &mut Tx, login: &Login) -> Result<(), Failed> {
    for sql in [
        "DELETE FROM logins WHERE hash = $1",
        "DELETE FROM codes WHERE login = $1 AND session_id IS NULL",
    ] {
        tx.execute(query(sql).bind(&login.hash)).await?;
    }
    sessions::revoke_of_login(tx, &login.hash).await
}

fn brought(headers: &HeaderMap) -> Option<Vec<u8>> {
    cookies::get(headers, cookies::LOGIN).map(at_rest)
}
