//! Sessions: one per sign-in, which is what a user calls a device.

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row, query, query_as};

use crate::db::{Failed, Tx};
use crate::events::Event;
use crate::users::User;

/// A row of `sessions`.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) user_id: i64,
    /// SHA-256, hex, of the fingerprint cookie's value. Empty where a client of the provider has
    /// asked for tokens that are not bound to it.
    pub(crate) fingerprint: String,
    pub(crate) user_agent: String,
    /// Has refresh tokens.
    pub(crate) permanent: bool,
    pub(crate) created_at: i64,
    pub(crate) seen_at: i64,
    pub(crate) expires_at: i64,
    /// The password was changed elsewhere: the account is off limits until the next sign-in.
    pub(crate) reauth: bool,
    pub(crate) revoked: bool,
    /// How often its access tokens were refused all at once.
    pub(crate) token_version: i64,
}

/// The columns by their names: one that a newer process adds does not disturb this one.
macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT id, user_id, fingerprint, user_agent, permanent, created_at, seen_at, ",
            "expires_at, reauth, revoked, token_version ",
            "FROM sessions WHERE ",
            $where
        )
    };
}

impl FromRow<'_, AnyRow> for Session {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let flag = |name| row.try_get::<i64, _>(name).map(|flag| flag != 0);
        Ok(Self {
            id: row.try_get("id")?,
            user_id: row.try_get("user_id")?,
            fingerprint: row.try_get("fingerprint")?,
            user_agent: row.try_get("user_agent")?,
            permanent: flag("permanent")?,
            created_at: row.try_get("created_at")?,
            seen_at: row.try_get("seen_at")?,
            expires_at: row.try_get("expires_at")?,
            reauth: flag("reauth")?,
            revoked: flag("revoked")?,
            token_version: row.try_get("token_version")?,
        })
    }
}

impl Session {
    /// Neither revoked nor run out.
    pub(crate) fn is_live(&self, now: i64) -> bool {
        !self.revoked && self.expires_at > now
    }

    /// Are its tokens bound to the fingerprint cookie?
    pub(crate) fn is_bound(&self) -> bool {
        !self.fingerprint.is_empty()
    }

    /// The claim `ver` of a token issued now. Neither part ever falls, so the sum is the same
    /// only if neither was raised since.
    pub(crate) fn version_of_tokens(&self, user: &User) -> i64 {
        user.token_version.saturating_add(self.token_version)
    }
}

/// Starts a session. `replaced`: the fingerprint that its own takes the place of in the browser.
pub(crate) async fn open(
    tx: &mut Tx,
    session: &Session,
    replaced: Option<&str>,
) -> Result<(), Failed> {
    let insert = query(
        "INSERT INTO sessions (id, user_id, fingerprint, user_agent, permanent, created_at, \
         seen_at, expires_at, replaced) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    let insert = insert
        .bind(&session.id)
        .bind(session.user_id)
        .bind(&session.fingerprint)
        .bind(&session.user_agent)
        .bind(i64::from(session.permanent))
        .bind(session.created_at)
        .bind(session.seen_at)
        .bind(session.expires_at)
        .bind(replaced);
    tx.execute(insert).await?;
    Ok(())
}

pub(crate) async fn by_id(tx: &mut Tx, id: &str) -> Result<Option<Session>, Failed> {
    tx.one(query_as(select!("id = $1")).bind(id)).await
}

/// The live sessions of a user, newest first.
pub(crate) async fn of_user(tx: &mut Tx, user: i64, now: i64) -> Result<Vec<Session>, Failed> {
    let select = query_as(select!(
        "user_id = $1 AND revoked = 0 AND expires_at > $2 ORDER BY created_at DESC, id"
    ));
    tx.all(select.bind(user).bind(now)).await
}

/// Has this user a live session that is bound to this fingerprint?
pub(crate) async fn of_user_uses_fingerprint(
    tx: &mut Tx,
    user: i64,
    fingerprint: &str,
    now: i64,
) -> Result<bool, Failed> {
    let select = query(
        "SELECT 1 FROM sessions WHERE fingerprint = $2 AND user_id = $1 AND revoked = 0 \
         AND expires_at > $3 LIMIT 1",
    );
    tx.any(select.bind(user).bind(fingerprint).bind(now)).await
}

/// Is there a live session whose fingerprint took the place of this one in the browser?
pub(crate) async fn replaced_fingerprint(
    tx: &mut Tx,
    fingerprint: &str,
    now: i64,
) -> Result<bool, Failed> {
    let select = query(
        "SELECT 1 FROM sessions WHERE replaced = $1 AND revoked = 0 AND expires_at > $2 LIMIT 1",
    );
    tx.any(select.bind(fingerprint).bind(now)).await
}

/// Is there a live session, of whatever user, that is bound to this fingerprint?
pub(crate) async fn uses_fingerprint(
    tx: &mut Tx,
    fingerprint: &str,
    now: i64,
) -> Result<bool, Failed> {
    let select = query(
        "SELECT 1 FROM sessions WHERE fingerprint = $1 AND revoked = 0 AND expires_at > $2 \
         LIMIT 1",
    );
    tx.any(select.bind(fingerprint).bind(now)).await
}

/// Notes that the session was used, to the second: many requests at once write once.
pub(crate) async fn touch(tx: &mut Tx, session: &Session, now: i64) -> Result<(), Failed> {
    if session.seen_at != now {
        let update = query("UPDATE sessions SET seen_at = $2 WHERE id = $1");
        tx.execute(update.bind(&session.id).bind(now)).await?;
    }
    Ok(())
}

/// New tokens were issued: the session lasts at least as long as they do.
pub(crate) async fn extend(tx: &mut Tx, id: &str, until: i64) -> Result<(), Failed> {
    let update = query("UPDATE sessions SET expires_at = $2 WHERE id = $1");
    tx.execute(update.bind(id).bind(until)).await?;
    Ok(())
}

/// Makes the access tokens of a session stale at once; its refresh tokens stay good.
pub(crate) async fn raise_version(tx: &mut Tx, id: &str) -> Result<(), Failed> {
    let update = query("UPDATE sessions SET token_version = token_version + 1 WHERE id = $1");
    tx.execute(update.bind(id)).await?;
    Ok(())
}

/// Ends a session, its refresh tokens with it.
pub(crate) async fn revoke(tx: &mut Tx, id: &str) -> Result<(), Failed> {
    let update = query("UPDATE sessions SET revoked = 1 WHERE id = $1 AND revoked = 0");
    let count = tx.execute(update.bind(id)).await?;
    note_revoked(tx, count, || format!("session {id}"));
    Ok(())
}

/// Ends every session of a user but the one named.
pub(crate) async fn revoke_others(tx: &mut Tx, user: i64, keep: &str) -> Result<(), Failed> {
    let update =
        query("UPDATE sessions SET revoked = 1 WHERE user_id = $1 AND id <> $2 AND revoked = 0");
    let count = tx.execute(update.bind(user).bind(keep)).await?;
    note_revoked(tx, count, || format!("user {user}"));
    Ok(())
}

/// Ends every session that clients of the provider were given by a login.
pub(crate) async fn revoke_of_login(tx: &mut Tx, login: &[u8]) -> Result<(), Failed> {
    let update = query(
        "UPDATE sessions SET revoked = 1 WHERE revoked = 0 AND id IN \
         (SELECT session_id FROM authorizations WHERE login = $1)",
    );
    let count = tx.execute(update.bind(login)).await?;
    note_revoked(tx, count, || "a login".to_owned());
    Ok(())
}

fn note_revoked(tx: &mut Tx, count: u64, of: impl FnOnce() -> String) {
    if count > 0 {
        tx.note(Event::FamilyRevoked { of: of(), count });
    }
}

/// Demands a new sign-in from every session of a user but the one named.
pub(crate) async fn flag_others(tx: &mut Tx, user: i64, keep: &str) -> Result<(), Failed> {
    let update = query("UPDATE sessions SET reauth = 1 WHERE user_id = $1 AND id <> $2");
    tx.execute(update.bind(user).bind(keep)).await?;
    Ok(())
}
