//! Authorization codes: random, and kept as a hash only; good for one exchange within a minute, by
//! the client and for the redirect URI, challenge and key that they were asked for with.
//!
//! A code that was exchanged stays as long as the session that it gave: if it comes a second time,
//! there is a copy of it (RFC 6749, 4.1.2).

use rusqlite::{OptionalExtension, Transaction};

use crate::db::at_rest;
use crate::error::ApiError;
use crate::random;

/// Time to get from one page to the next.
const LIFE_SECONDS: i64 = 60;

/// What a code stands for.
pub(crate) struct Code {
    pub(crate) user_id: i64,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    /// Thumbprint of the key that must come with the exchange (RFC 9449, 10).
    pub(crate) jkt: Option<String>,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) auth_time: i64,
    /// The login that it was given by.
    pub(crate) login: Vec<u8>,
    /// The claim of the fingerprint that the session is to be bound to, and the one that this has
    /// replaced in the browser.
    pub(crate) fingerprint: Option<String>,
    pub(crate) replaced: Option<String>,
}

/// What a presented code turned out to be.
pub(crate) enum Presented {
    /// Never issued, or run out.
    Unknown,
    /// Exchanged before. Names what it gave.
    Used {
        session: String,
    },
    Good(Box<Code>),
}

/// Makes a code.
pub(crate) fn issue(tx: &Transaction<'_>, code: &Code, now: i64) -> Result<String, ApiError> {
    tx.execute(
        "DELETE FROM codes WHERE session_id IS NULL AND expires_at <= ?1",
        [now],
    )?;
    let text = random::secret()?;
    tx.execute(
        "INSERT INTO codes (hash, user_id, client_id, redirect_uri, challenge, jkt, scope, nonce, \
         auth_time, login, fingerprint, replaced, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        (
            at_rest(&text),
            code.user_id,
            &code.client_id,
            &code.redirect_uri,
            &code.challenge,
            &code.jkt,
            &code.scope,
            &code.nonce,
            code.auth_time,
            &code.login,
            &code.fingerprint,
            &code.replaced,
            now.saturating_add(LIFE_SECONDS),
        ),
    )?;
    Ok(text)
}

/// Looks a code up and changes nothing.
pub(crate) fn look(tx: &Transaction<'_>, text: &str, now: i64) -> rusqlite::Result<Presented> {
    let found = tx
        .query_row(
            "SELECT user_id, client_id, redirect_uri, challenge, jkt, scope, nonce, auth_time, \
             login, fingerprint, replaced, expires_at, session_id FROM codes WHERE hash = ?1",
            [at_rest(text)],
            |row| {
                let code = Code {
                    user_id: row.get(0)?,
                    client_id: row.get(1)?,
                    redirect_uri: row.get(2)?,
                    challenge: row.get(3)?,
                    jkt: row.get(4)?,
                    scope: row.get(5)?,
                    nonce: row.get(6)?,
                    auth_time: row.get(7)?,
                    login: row.get(8)?,
                    fingerprint: row.get(9)?,
                    replaced: row.get(10)?,
                };
                Ok((code, row.get::<_, i64>(11)?, row.get(12)?))
            },
        )
        .optional()?;
    Ok(match found {
        Some((_, _, Some(session))) => Presented::Used { session },
        Some((code, expires_at, None)) if expires_at > now => Presented::Good(Box::new(code)),
        _ => Presented::Unknown,
    })
}

/// It has given this session, and gives no other.
pub(crate) fn spend(tx: &Transaction<'_>, text: &str, session_id: &str) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE codes SET session_id = ?2 WHERE hash = ?1",
        (at_rest(text), session_id),
    )?;
    Ok(())
}
