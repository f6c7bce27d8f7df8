//! Sessions: one per sign-in, which is what a user calls a device.

use rusqlite::{OptionalExtension, Row, Transaction};

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

const COLUMNS: &str = "id, user_id, fingerprint, user_agent, permanent, created_at, seen_at, \
                       expires_at, reauth, revoked, token_version";

impl Session {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            user_id: row.get(1)?,
            fingerprint: row.get(2)?,
            user_agent: row.get(3)?,
            permanent: row.get(4)?,
            created_at: row.get(5)?,
            seen_at: row.get(6)?,
            expires_at: row.get(7)?,
            reauth: row.get(8)?,
            revoked: row.get(9)?,
            token_version: row.get(10)?,
        })
    }

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
pub(crate) fn open(
    tx: &Transaction<'_>,
    session: &Session,
    replaced: Option<&str>,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO sessions (id, user_id, fingerprint, user_agent, permanent, created_at, \
         seen_at, expires_at, replaced) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            &session.id,
            session.user_id,
            &session.fingerprint,
            &session.user_agent,
            session.permanent,
            session.created_at,
            session.seen_at,
            session.expires_at,
            replaced,
        ),
    )?;
    Ok(())
}

pub(crate) fn by_id(tx: &Transaction<'_>, id: &str) -> rusqlite::Result<Option<Session>> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE id = ?1");
    tx.query_row(&sql, [id], Session::read).optional()
}

/// The live sessions of a user, newest first.
pub(crate) fn of_user(tx: &Transaction<'_>, user: i64, now: i64) -> rusqlite::Result<Vec<Session>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sessions WHERE user_id = ?1 AND revoked = 0 AND expires_at > ?2 \
         ORDER BY created_at DESC, id"
    );
    tx.prepare(&sql)?
        .query_map((user, now), Session::read)?
        .collect()
}

/// Has this user a live session that is bound to this fingerprint?
pub(crate) fn of_user_uses_fingerprint(
    tx: &Transaction<'_>,
    user: i64,
    fingerprint: &str,
    now: i64,
) -> rusqlite::Result<bool> {
    tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM sessions WHERE fingerprint = ?2 AND user_id = ?1 \
         AND revoked = 0 AND expires_at > ?3)",
        (user, fingerprint, now),
        |row| row.get(0),
    )
}

/// Is there a live session whose fingerprint took the place of this one in the browser?
pub(crate) fn replaced_fingerprint(
    tx: &Transaction<'_>,
    fingerprint: &str,
    now: i64,
) -> rusqlite::Result<bool> {
    tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM sessions WHERE replaced = ?1 AND revoked = 0 \
         AND expires_at > ?2)",
        (fingerprint, now),
        |row| row.get(0),
    )
}

/// Is there a live session, of whatever user, that is bound to this fingerprint?
pub(crate) fn uses_fingerprint(
    tx: &Transaction<'_>,
    fingerprint: &str,
    now: i64,
) -> rusqlite::Result<bool> {
    tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM sessions WHERE fingerprint = ?1 AND revoked = 0 \
         AND expires_at > ?2)",
        (fingerprint, now),
        |row| row.get(0),
    )
}

/// Notes that the session was used.
pub(crate) fn touch(tx: &Transaction<'_>, id: &str, now: i64) -> rusqlite::Result<()> {
    tx.execute("UPDATE sessions SET seen_at = ?2 WHERE id = ?1", (id, now))?;
    Ok(())
}

/// New tokens were issued: the session lasts at least as long as they do.
pub(crate) fn extend(tx: &Transaction<'_>, id: &str, until: i64) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE sessions SET expires_at = ?2 WHERE id = ?1",
        (id, until),
    )?;
    Ok(())
}

/// Makes the access tokens of a session stale at once; its refresh tokens stay good.
pub(crate) fn raise_version(tx: &Transaction<'_>, id: &str) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE sessions SET token_version = token_version + 1 WHERE id = ?1",
        [id],
    )?;
    Ok(())
}

/// Ends a session, its refresh tokens with it.
pub(crate) fn revoke(tx: &Transaction<'_>, id: &str) -> rusqlite::Result<()> {
    tx.execute("UPDATE sessions SET revoked = 1 WHERE id = ?1", [id])?;
    Ok(())
}

/// Ends every session of a user but the one named.
pub(crate) fn revoke_others(tx: &Transaction<'_>, user: i64, keep: &str) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE sessions SET revoked = 1 WHERE user_id = ?1 AND id <> ?2",
        (user, keep),
    )?;
    Ok(())
}

/// Demands a new sign-in from every session of a user but the one named.
pub(crate) fn flag_others(tx: &Transaction<'_>, user: i64, keep: &str) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE sessions SET reauth = 1 WHERE user_id = ?1 AND id <> ?2",
        (user, keep),
    )?;
    Ok(())
}

/// Forgets sessions that ran out a day ago; until then a late reuse is still recognised.
pub(crate) fn purge(tx: &Transaction<'_>, now: i64) -> rusqlite::Result<()> {
    tx.execute(
        "DELETE FROM sessions WHERE expires_at < ?1",
        [now.saturating_sub(24 * 3600)],
    )?;
    Ok(())
}
