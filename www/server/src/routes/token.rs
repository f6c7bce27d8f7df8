//! `POST /token`: the next access token, for a refresh token or for a still valid access token.

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::Deserialize;

use crate::body::{AnyBody, Shape};
use crate::caller;
use crate::cookies;
use crate::csrf;
use crate::db::{Tx, transaction};
use crate::error::ApiError;
use crate::fingerprint;
use crate::grant::{self, Carrier, Grant};
use crate::metrics::METRICS;
use crate::oidc::authorizations;
use crate::rotation;
use crate::sessions::Session;
use crate::state::{App, Shared};
use crate::users;

/// What a client sends; with the cookie carrier, nothing.
#[derive(Default, Deserialize)]
pub(crate) struct TokenRequest {
    grant_type: Option<String>,
    refresh_token: Option<String>,
}

impl Shape for TokenRequest {
    const EXPECTED: &'static str = r#"{"grant_type"?: "refresh_token", "refresh_token"?: string}"#;
}

/// A refresh token as it came.
pub(crate) struct Brought {
    pub(crate) token: String,
    carrier: Carrier,
    /// The CSRF token that came with the cookie, equal in cookie and header.
    csrf: Option<String>,
}

/// Exchanges what came for new tokens.
pub(crate) async fn refresh(
    State(app): State<Shared>,
    parts: Parts,
    AnyBody(request): AnyBody<TokenRequest>,
) -> Result<Grant, ApiError> {
    let headers = &parts.headers;
    match brought(headers, request)? {
        Some(brought) => {
            let outcome = rotate(&app, headers, &brought).await;
            METRICS.refreshes.count(ApiError::word(&outcome));
            outcome
        }
        None if caller::has_token(headers) => slide(&app, &parts).await,
        None => Err(ApiError::bad_request("a refresh token is needed")),
    }
}

/// Finds the refresh token: in the body, else in the cookie.
///
/// The cookie comes along whether or not it is meant. Next to a bearer token it counts only if
/// the CSRF header says so.
pub(crate) fn brought(
    headers: &HeaderMap,
    request: TokenRequest,
) -> Result<Option<Brought>, ApiError> {
    if request
        .grant_type
        .is_some_and(|grant| grant != "refresh_token")
    {
        return Err(ApiError::unsupported_grant(
            "grant_type must be refresh_token",
        ));
    }
    if let Some(token) = request.refresh_token {
        return Ok(Some(Brought {
            token,
            carrier: Carrier::Body,
            csrf: None,
        }));
    }
    let Some(token) = cookies::get(headers, cookies::REFRESH) else {
        return Ok(None);
    };
    if caller::has_token(headers) && !csrf::is_claimed(headers) {
        return Ok(None);
    }
    let csrf = csrf::submitted(headers)?;
    Ok(Some(Brought {
        token: token.to_owned(),
        carrier: Carrier::Cookie,
        csrf: Some(csrf),
    }))
}

/// Rotation. A token that came by cookie and is good no more takes its cookies along.
async fn rotate(app: &App, headers: &HeaderMap, brought: &Brought) -> Result<Grant, ApiError> {
    let outcome = transaction!(app.db, |tx| {
        let session = match rotation::begin(app, tx, &brought.token).await? {
            Ok(session) => session,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let next = next_of_family(app, tx, headers, brought, &session).await;
        if next.is_ok() {
            rotation::finish(app, tx, &brought.token, &session).await?;
        }
        Ok(next)
    })?;
    outcome.map_err(|refusal| match brought.carrier {
        Carrier::Cookie if refusal.is_invalid_grant() => refusal
            .header(header::SET_COOKIE, &cookies::gone(cookies::REFRESH))
            .header(header::SET_COOKIE, &cookies::gone(cookies::CSRF)),
        _ => refusal,
    })
}

async fn next_of_family(
    app: &App,
    tx: &mut Tx,
    headers: &HeaderMap,
    brought: &Brought,
    session: &Session,
) -> Result<Grant, ApiError> {
    // The provider's token endpoint asks for the client and for its key; here nothing would.
    if authorizations::of_session(tx, &session.id).await?.is_some() {
        return Err(ApiError::invalid_grant(
            "the refresh token belongs to a client of the provider",
        ));
    }
    if brought
        .csrf
        .as_ref()
        .is_some_and(|token| !app.csrf.belongs(token, &session.id))
    {
        return Err(ApiError::forbidden(
            "the CSRF token belongs to another session",
        ));
    }
    fingerprint::from_request(headers)
        .filter(|fingerprint| fingerprint.matches(&session.fingerprint))
        .ok_or_else(|| ApiError::invalid_grant("the fingerprint cookie is missing or wrong"))?;
    let user = users::by_id(tx, session.user_id)
        .await?
        .ok_or_else(|| ApiError::invalid_grant("the account is gone"))?;
    grant::issue(app, tx, &user, session, Some(brought.carrier)).await
}

/// Sliding renewal: a valid access token for the next one.
async fn slide(app: &App, request: &Parts) -> Result<Grant, ApiError> {
    if !app.policy.get().sliding {
        return Err(ApiError::unsupported_grant(
            "this server renews with refresh tokens only",
        ));
    }
    let caller = caller::authenticate(app, request).await?;
    transaction!(app.db, |tx| {
        grant::issue(app, tx, &caller.user, &caller.session, None).await
    })
}
