//! Who is asking: the checks that stand before every authorised route.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use rusqlite::Transaction;

use crate::error::ApiError;
use crate::fingerprint::Fingerprint;
use crate::oidc::dpop::{self, Proof, Target};
use crate::oidc::scope;
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
    pub(crate) fn session_now(&self, tx: &Transaction<'_>, now: i64) -> Result<Session, ApiError> {
        sessions::by_id(tx, &self.session.id)?
            .filter(|session| session.is_live(now))
            .ok_or_else(session_ended)
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        authenticate(app, parts)
    }
}

/// Signature and expiry, what the token is bound to, session, version: in this order, so that a
/// token alone learns nothing more where it is bound.
pub(crate) fn authenticate(app: &App, request: &Parts) -> Result<Caller, ApiError> {
    let (scheme, token) = presented(&request.headers)?.ok_or_else(ApiError::token_missing)?;
    admitted(app, request, scheme, token).map_err(|refusal| match scheme {
        Scheme::Dpop => refusal.for_bound_token(),
        Scheme::Bearer => refusal,
    })
}

fn admitted(app: &App, request: &Parts, scheme: Scheme, token: &str) -> Result<Caller, ApiError> {
    let claims = app
        .signer
        .verify(token, app.clock.now_ms())
        .map_err(|fault| match fault {
            TokenFault::Invalid => ApiError::invalid_token("the token is not valid"),
            TokenFault::Expired => ApiError::invalid_token("the token expired"),
        })?;
    if claims
        .aud
        .as_ref()
        .is_some_and(|aud| *aud != app.origins.api)
    {
        return Err(ApiError::invalid_token("the token is for another server"));
    }
    let proof = proof_of_key(app, request, scheme, token, &claims)?;
    is_bound_here(&request.headers, &claims)?;

    let now = app.clock.now();
    // A proof that was used stays used, though the session be refused.
    app.db.transaction(|tx| {
        if let Some(proof) = &proof
            && !proof.spend(tx, now)?
        {
            return Ok::<_, ApiError>(Err(dpop::Refusal::REPLAYED.at_api()));
        }
        Ok(caller(app, tx, claims))
    })?
}

/// Session and version. The session is marked as used.
fn caller(app: &App, tx: &Transaction<'_>, claims: AccessClaims) -> Result<Caller, ApiError> {
    let now = app.clock.now();
    let session = sessions::by_id(tx, &claims.sid)?
        .filter(|session| session.is_live(now))
        .ok_or_else(session_ended)?;
    let deadline = app.policy.get().deadline(session.created_at);
    if deadline.is_some_and(|at| at <= now) {
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
}

/// A token that is bound to a key comes with a proof of it, and by the scheme that says so
/// (RFC 9449, 7.1); any other comes as a bearer token.
fn proof_of_key(
    app: &App,
    request: &Parts,
    scheme: Scheme,
    token: &str,
    claims: &AccessClaims,
) -> Result<Option<Proof>, ApiError> {
    match (scheme, &claims.cnf) {
        (Scheme::Bearer, None) => Ok(None),
        (Scheme::Bearer, Some(_)) => Err(ApiError::invalid_token(
            "the token is bound to a key, the scheme must be DPoP",
        )
        .for_bound_token()),
        (Scheme::Dpop, None) => Err(ApiError::invalid_token("the token is not bound to a key")),
        (Scheme::Dpop, Some(bound)) => {
            let target = Target {
                method: &request.method,
                path: request.uri.path(),
                access_token: Some(token),
            };
            let proof = dpop::check(app, &request.headers, &target)
                .and_then(|proof| proof.ok_or(dpop::Refusal::MISSING))
                .map_err(dpop::Refusal::at_api)?;
            match proof.is_by(&bound.jkt) {
                true => Ok(Some(proof)),
                false => Err(ApiError::invalid_token("the token is bound to another key")),
            }
        }
    }
}

/// The session that a bearer token names, however old the token is, if the fingerprint fits.
/// Only for ending it. A token that is bound to a key ends its session at the provider's
/// revocation endpoint.
pub(crate) fn session_to_end(app: &App, headers: &HeaderMap) -> Option<String> {
    let (Scheme::Bearer, token) = presented(headers).ok().flatten()? else {
        return None;
    };
    let claims = app.signer.verify_any_age(token).ok()?;
    is_bound_here(headers, &claims).ok()?;
    claims.cnf.is_none().then_some(claims.sid)
}

/// Is there an access token?
pub(crate) fn has_token(headers: &HeaderMap) -> bool {
    matches!(presented(headers), Ok(Some(_)))
}

/// How an access token comes.
#[derive(Clone, Copy)]
enum Scheme {
    Bearer,
    Dpop,
}

fn presented(headers: &HeaderMap) -> Result<Option<(Scheme, &str)>, ApiError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let schemes = [("bearer", Scheme::Bearer), ("dpop", Scheme::Dpop)];
    text.split_once(' ')
        .and_then(|(named, token)| {
            let (_, scheme) = schemes
                .into_iter()
                .find(|(name, _)| named.eq_ignore_ascii_case(name))?;
            Some(Some((scheme, token.trim())))
        })
        .ok_or_else(|| ApiError::invalid_token("the scheme must be Bearer or DPoP"))
}

fn session_ended() -> ApiError {
    ApiError::invalid_token("the session was ended")
}

/// Refuses a token whose fingerprint cookie is missing. Every token has one, but for those of a
/// client of the provider that has not asked for it.
fn is_bound_here(headers: &HeaderMap, claims: &AccessClaims) -> Result<(), ApiError> {
    let claim = match &claims.user_fingerprint {
        None if claims.client_id.is_some() => return Ok(()),
        claim => claim.as_deref(),
    };
    claim
        .zip(Fingerprint::from_request(headers))
        .filter(|(claim, fingerprint)| fingerprint.matches(claim))
        .map(|_| ())
        .ok_or_else(|| ApiError::invalid_token("the token's fingerprint cookie is missing"))
}
