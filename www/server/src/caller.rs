//! Who is asking: the checks that stand before every authorised route.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use hallpass_axum::{RequestHead, presented};

use crate::db::{Tx, transaction};
use crate::error::ApiError;
use crate::fingerprint;
use crate::oidc::scope;
use crate::sessions::{self, Session};
use crate::state::{App, Shared};
use crate::tokens::AccessClaims;
use crate::users::{self, User};

const AUTHORIZATION: &str = "Authorization";

/// A user, proven by a token, its fingerprint cookie and a session that still stands.
pub(crate) struct Caller {
    pub(crate) user: User,
    pub(crate) session: Session,
    claims: AccessClaims,
}

impl Caller {
    /// Refuses a token that is not good for this.
    pub(crate) fn require(&self, scope: &'static str) -> Result<(), ApiError> {
        if scope::has(&self.claims.scope, scope) {
            return Ok(());
        }
        let refusal = ApiError::insufficient_scope(scope, "sign in again to do this");
        Err(match self.claims.cnf {
            Some(_) => refusal.for_bound_token(),
            None => refusal,
        })
    }

    /// What the token is good for.
    pub(crate) fn scope(&self) -> &str {
        &self.claims.scope
    }

    /// The session again, in a transaction that comes later than the one that let the caller in.
    pub(crate) async fn session_now(&self, tx: &mut Tx, now: i64) -> Result<Session, ApiError> {
        sessions::by_id(tx, &self.session.id)
            .await?
            .filter(|session| session.is_live(now))
            .ok_or_else(session_ended)
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        authenticate(app, parts).await
    }
}

/// Signature and expiry, what the token is bound to, session, version: in this order, so that a
/// token alone learns nothing more where it is bound. A proof that was used stays used, though the
/// session be refused.
pub(crate) async fn authenticate(app: &App, request: &Parts) -> Result<Caller, ApiError> {
    let request = RequestHead::from(request);
    let verified = app.verifier.verify_at(request, app.clock.now()).await?;
    let claims: AccessClaims = verified
        .read()
        .map_err(|_| ApiError::invalid_token("the token is not an access token"))?;
    match transaction!(app.db, |tx| standing(app, tx, &claims).await) {
        Ok((user, session)) => Ok(Caller {
            user,
            session,
            claims,
        }),
        Err(refusal) if claims.cnf.is_some() => Err(refusal.for_bound_token()),
        Err(refusal) => Err(refusal),
    }
}

/// Fingerprint, session and version. The session is marked as used.
async fn standing(
    app: &App,
    tx: &mut Tx,
    claims: &AccessClaims,
) -> Result<(User, Session), ApiError> {
    let now = app.clock.now();
    if claims.lack_fingerprint() {
        return Err(ApiError::invalid_token("the token has no fingerprint"));
    }
    let session = sessions::by_id(tx, &claims.sid)
        .await?
        .filter(|session| session.is_live(now))
        .ok_or_else(session_ended)?;
    let deadline = app.policy.get().deadline(session.created_at);
    if deadline.is_some_and(|at| at <= now) {
        return Err(ApiError::invalid_token(
            "the session is too old, sign in again",
        ));
    }
    let user = users::by_id(tx, session.user_id)
        .await?
        .filter(|user| session.version_of_tokens(user) == claims.ver)
        .ok_or_else(|| ApiError::invalid_token("the token is outdated"))?;
    sessions::touch(tx, &session, now).await?;
    Ok((user, session))
}

/// The session that a bearer token names, however old the token is, if the fingerprint fits.
/// Only for ending it. A token that is bound to a key ends its session at the provider's
/// revocation endpoint.
pub(crate) async fn session_to_end(app: &App, headers: &HeaderMap) -> Option<String> {
    let token = presented(headers, AUTHORIZATION, "Bearer")?;
    let claims = claims_of_any_age(app, &token).await?;
    let is_bound_here = match &claims.user_fingerprint {
        Some(claim) => fingerprint::from_request(headers)?.matches(claim),
        None => !claims.lack_fingerprint(),
    };
    (is_bound_here && claims.cnf.is_none()).then_some(claims.sid)
}

/// The session that an access token names, however old the token is. Only for ending it.
pub(crate) async fn session_of(app: &App, token: &str) -> Option<String> {
    Some(claims_of_any_age(app, token).await?.sid)
}

/// As of the epoch no token has expired.
async fn claims_of_any_age(app: &App, token: &str) -> Option<AccessClaims> {
    let claims = app.verifier.verify_token(token, 0).await.ok()?;
    serde_json::from_value(claims.into()).ok()
}

/// Is there an access token?
pub(crate) fn has_token(headers: &HeaderMap) -> bool {
    let has = |scheme| presented(headers, AUTHORIZATION, scheme).is_some();
    has("Bearer") || has("DPoP")
}

fn session_ended() -> ApiError {
    ApiError::invalid_token("the session was ended")
}
