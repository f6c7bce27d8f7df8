//! Who is asking: the checks that stand before every authorised route.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use rusqlite::Transaction;

use crate::error::ApiError;
use crate::fingerprint::Fingerprint;
use crate::sessions::{self, Session};
use crate::state::{App, Shared};
use crate::tokens::{AccessClaims, TokenFault};
use crate::users::{self, User};

/// A user, proven by a token, its fingerprint cookie and a session that still stands.
pub(crate) struct Caller {
    pub(crate) user: User,
    pub(crate) session: Session,
    claims: AccessClaims,
}

impl Caller {
    /// Refuses a token that is not good for this.
    pub(crate) fn require(&self, scope: &'static str) -> Result<(), ApiError> {
        if self.claims.scope.split(' ').any(|held| held == scope) {
            return Ok(());
        }
        Err(ApiError::insufficient_scope(
            scope,
            "sign in again to do this",
        ))
    }

    /// The session again, in a transaction that comes later than the one that let the caller in.
    pub(crate) fn session_now(&self, tx: &Transaction<'_>, now: i64) -> Result<Session, ApiError> {
        sessions::by_id(tx, &self.session.id)?
            .filter(|session| session.is_live(now))
            .ok_or_else(session_ended)
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        authenticate(app, &parts.headers)
    }
}

/// Signature and expiry, fingerprint, session, version: in this order, so that a token without
/// its cookie learns nothing more.
pub(crate) fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let token = bearer(headers)?.ok_or_else(ApiError::token_missing)?;
    let claims = app
        .signer
        .verify(token, app.clock.now_ms())
        .map_err(|fault| match fault {
            TokenFault::Invalid => ApiError::invalid_token("the token is not valid"),
            TokenFault::Expired => ApiError::invalid_token("the token expired"),
        })?;
    bound_fingerprint(headers, &claims)
        .ok_or_else(|| ApiError::invalid_token("the token's fingerprint cookie is missing"))?;

    let now = app.clock.now();
    app.db.transaction(|tx| {
        let session = sessions::by_id(tx, &claims.sid)?
            .filter(|session| session.is_live(now))
            .ok_or_else(session_ended)?;
        if app
            .policy
            .get()
            .deadline(session.created_at)
            .is_some_and(|at| at <= now)
        {
            return Err(ApiError::invalid_token(
                "the session is too old, sign in again",
            ));
        }
        let user = users::by_id(tx, session.user_id)?
            .filter(|user| session.version_of_tokens(user) == claims.ver)
            .ok_or_else(|| ApiError::invalid_token("the token is outdated"))?;
        sessions::touch(tx, &session.id, now)?;
        Ok(Caller {
            user,
            session,
            claims,
        })
    })
}

/// The session that a bearer token names, however old the token is, if the fingerprint fits.
/// Only for ending it.
pub(crate) fn session_to_end(app: &App, headers: &HeaderMap) -> Option<String> {
    let token = bearer(headers).ok().flatten()?;
    let claims = app.signer.verify_any_age(token).ok()?;
    bound_fingerprint(headers, &claims)?;
    Some(claims.sid)
}

/// Is there an `Authorization: Bearer` header?
pub(crate) fn has_bearer(headers: &HeaderMap) -> bool {
    matches!(bearer(headers), Ok(Some(_)))
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(ApiError::invalid_token("the scheme must be Bearer")),
    }
}

fn session_ended() -> ApiError {
    ApiError::invalid_token("the session was ended")
}

/// The fingerprint cookie, if it is the one that the token is bound to.
fn bound_fingerprint(headers: &HeaderMap, claims: &AccessClaims) -> Option<Fingerprint> {
    let claim = claims.user_fingerprint.as_deref()?;
    Fingerprint::from_request(headers).filter(|fingerprint| fingerprint.matches(claim))
}
