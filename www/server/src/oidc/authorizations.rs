//! What a client was granted: beside its session, and gone with it.

use rusqlite::{OptionalExtension, Transaction};

/// A row of `authorizations`.
pub(crate) struct Authorization {
    pub(crate) client_id: String,
    pub(crate) scope: String,
    /// When the user had shown who it is, seconds.
    pub(crate) auth_time: i64,
    /// Thumbprint of the key that access tokens and refresh tokens are bound to.
    pub(crate) jkt: Option<String>,
    /// The login that it was given by: see `logins`.
    pub(crate) login: Vec<u8>,
}

/// Notes what a session's client was granted.
pub(crate) fn add(
    tx: &Transaction<'_>,
    session_id: &str,
    authorization: &Authorization,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO authorizations (session_id, client_id, scope, auth_time, jkt, login) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            session_id,
            &authorization.client_id,
            &authorization.scope,
            authorization.auth_time,
            &authorization.jkt,
            &authorization.login,
        ),
    )?;
    Ok(())
}

/// What the client of a session was granted; `None` where the session is no client's.
pub(crate) fn of_session(
    tx: &Transaction<'_>,
    session_id: &str,
) -> rusqlite::Result<Option<Authorization>> {
    tx.query_row(
        "SELECT client_id, scope, auth_time, jkt, login FROM authorizations WHERE session_id = ?1",
        [session_id],
        |row| {
            Ok(Authorization {
                client_id: row.get(0)?,
                scope: row.get(1)?,
                auth_time: row.get(2)?,
                jkt: row.get(3)?,
                login: row.get(4)?,
            })
        },
    )
    .optional()
}
