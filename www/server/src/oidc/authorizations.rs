//! What a client was granted: beside its session, and gone with it.

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row, query, query_as};

use crate::db::{Failed, Tx};

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

impl FromRow<'_, AnyRow> for Authorization {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            client_id: row.try_get("client_id")?,
            scope: row.try_get("scope")?,
            auth_time: row.try_get("auth_time")?,
            jkt: row.try_get("jkt")?,
            login: row.try_get("login")?,
        })
    }
}

/// Notes what a session's client was granted.
pub(crate) async fn add(
    tx: &mut Tx,
    session_id: &str,
    authorization: &Authorization,
) -> Result<(), Failed> {
    let insert = query(
        "INSERT INTO authorizations (session_id, client_id, scope, auth_time, jkt, login) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    );
    let insert = insert
        .bind(session_id)
        .bind(&authorization.client_id)
        .bind(&authorization.scope)
        .bind(authorization.auth_time)
        .bind(&authorization.jkt)
        .bind(&authorization.login);
    tx.execute(insert).await?;
    Ok(())
}

/// What the client of a session was granted; `None` where the session is no client's.
pub(crate) async fn of_session(
    tx: &mut Tx,
    session_id: &str,
) -> Result<Option<Authorization>, Failed> {
    let select = query_as(
        "SELECT client_id, scope, auth_time, jkt, login FROM authorizations WHERE session_id = $1",
    );
    tx.one(select.bind(session_id)).await
}
