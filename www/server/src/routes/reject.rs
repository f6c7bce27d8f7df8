//! `POST /token/reject`: sign-out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};

use crate::body::AnyBody;
use crate::caller;
use crate::cookies;
use crate::db::{Tx, transaction};
use crate::error::ApiError;
use crate::families;
use crate::fingerprint;
use crate::routes::token::{TokenRequest, brought};
use crate::sessions;
use crate::state::Shared;

/// Ends the family of the refresh token and the session of the bearer token.
///
/// Unknown and expired ones are fine (RFC 7009, 2.2): afterwards they are good for nothing, which
/// is all that was asked.
pub(crate) async fn sign_out(
    State(app): State<Shared>,
    headers: HeaderMap,
    AnyBody(request): AnyBody<TokenRequest>,
) -> Result<impl IntoResponse, ApiError> {
    let brought = brought(&headers, request)?;
    let bearer = caller::session_to_end(&app, &headers).await;
    let gone = transaction!(app.db, |tx| {
        if let Some(brought) = &brought
            && let Some(session) = families::session_of(tx, &brought.token).await?
        {
            sessions::revoke(tx, &session).await?;
        }
        if let Some(session) = &bearer {
            sessions::revoke(tx, session).await?;
        }
        cookies_to_delete(tx, &headers, app.clock.now()).await
    })?;
    let gone = gone.into_iter().map(cookies::gone);
    let cookies = AppendHeaders(gone.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok((StatusCode::NO_CONTENT, cookies))
}

/// The cookies go; the fingerprint only if no other session of this browser needs it.
///
/// None goes where the browser has been given another fingerprint since this request was sent:
/// another user has signed in, the cookies are theirs, and browsers take what the answer says
/// even if no page waits for it any more.
async fn cookies_to_delete(
    tx: &mut Tx,
    headers: &HeaderMap,
    now: i64,
) -> Result<Vec<&'static str>, ApiError> {
    let mut gone = vec![cookies::REFRESH, cookies::CSRF, cookies::FINGERPRINT];
    if let Some(fingerprint) = fingerprint::from_request(headers) {
        let claim = fingerprint.hash();
        if sessions::replaced_fingerprint(tx, &claim, now).await? {
            gone.clear();
        } else if sessions::uses_fingerprint(tx, &claim, now).await? {
            gone.pop();
        }
    }
    Ok(gone)
}
