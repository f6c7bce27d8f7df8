//! Authorization codes: random, and kept as a hash only; good for one exchange within a minute, by
//! the client and for the redirect URI, challenge and key that they were asked for with.
//!
//! A code that was exchanged stays as long as the session that it gave: if it comes a second time,
//! there is a copy of it (RFC 6749, 4.1.2).

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row, query, query_as};

use crate::db::{Failed, Tx, at_rest};
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

/// A row of `codes`.
struct Kept {
    code: Code,
    expires_at: i64,
    /// What it was exchanged for.
    session: Option<String>,
}

impl FromRow<'_, AnyRow> for Kept {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            code: Code {
                user_id: row.try_get("user_id")?,
                client_id: row.try_get("client_id")?,
                redirect_uri: row.try_get("redirect_uri")?,
                challenge: row.try_get("challenge")?,
                jkt: row.try_get("jkt")?,
                scope: row.try_get("scope")?,
                nonce: row.try_get("nonce")?,
                auth_time: row.try_get("auth_time")?,
                login: row.try_get("login")?,
                fingerprint: row.try_get("fingerprint")?,
                replaced: row.try_get("replaced")?,
            },
            expires_at: row.try_get("expires_at")?,
            session: row.try_get("session_id")?,
        })
    }
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
pub(crate) async fn issue(tx: &mut Tx, code: &Code, now: i64) -> Result<String, ApiError> {
    let text = random::secret()?;
    let insert = query(
        "INSERT INTO codes (hash, user_id, client_id, redirect_uri, challenge, jkt, scope, nonce, \
         auth_time, login, fingerprint, replaced, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    );
    let insert = insert
        .bind(at_rest(&text))
        .bind(code.user_id)
        .bind(&code.client_id)
        .bind(&code.redirect_uri)
        .bind(&code.challenge)
        .bind(&code.jkt)
        .bind(&code.scope)
        .bind(&code.nonce)
        .bind(code.auth_time)
        .bind(&code.login)
        .bind(&code.fingerprint)
        .bind(&code.replaced)
        .bind(now.saturating_add(LIFE_SECONDS));
    tx.execute(insert).await?;
    Ok(text)
}

/// Looks a code up and holds its account.
pub(crate) async fn look(tx: &mut Tx, text: &str, now: i64) -> Result<Presented, Failed> {
    let hold = query(
        "SELECT 1 FROM users WHERE id = (SELECT user_id FROM codes WHERE hash = $1) \
         FOR NO KEY UPDATE",
    );
    tx.hold(hold.bind(at_rest(text))).await?;
    let select = query_as(
        "SELECT user_id, client_id, redirect_uri, challenge, jkt, scope, nonce, auth_time, \
         login, fingerprint, replaced, expires_at, session_id FROM codes WHERE hash = $1",
    );
    let kept: Option<Kept> = tx.one(select.bind(at_rest(text))).await?;
    Ok(match kept {
        Some(Kept {
            session: Some(session),
            ..
        }) => Presented::Used { session },
        Some(kept) if kept.expires_at > now => Presented::Good(Box::new(kept.code)),
        _ => Presented::Unknown,
    })
}

/// It has given this session, and gives no other.
pub(crate) async fn spend(tx: &mut Tx, text: &str, session_id: &str) -> Result<(), Failed> {
    let update = query("UPDATE codes SET session_id = $2 WHERE hash = $1");
    tx.execute(update.bind(at_rest(text)).bind(session_id))
        .await?;
    Ok(())
}
