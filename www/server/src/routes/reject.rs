//! `POST /token/reject`: sign-out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};

use crate::body::AnyBody;
use crate::caller;
use crate::cookies;
use crate::error::ApiError;
use crate::families;
use crate::fingerprint::Fingerprint;
use crate::routes::token::{TokenRequest, brought};
use crate::sessions;
use crate::state::Shared;

/// Ends the family of the refresh token and the session of the bearer token.
///
/// Unknown and expired ones are fine (RFC 7009, 2.2): afterwards they are good for nothing, which
/// is all that was asked. The cookies go; the fingerprint only if no other session of this
/// browser needs it.
pub(crate) async fn sign_out(
    State(app): State<Shared>,
    headers: HeaderMap,
    AnyBody(request): AnyBody<TokenRequest>,
) -> Result<impl IntoResponse, ApiError> {
    let brought = brought(&headers, request)?;
    let bearer = caller::session_to_end(&app, &headers);
    let fingerprint = Fingerprint::from_request(&headers);
    let still_bound = app.db.transaction(|tx| {
        if let Some(brought) = brought
            && let Some(session) = families::session_of(tx, &brought.token)?
        {
            sessions::revoke(tx, &session)?;
        }
        if let Some(session) = bearer {
            sessions::revoke(tx, &session)?;
        }
        let now = app.clock.now();
        fingerprint.map_or(Ok(false), |it| {
            sessions::uses_fingerprint(tx, &it.claim(), now)
        })
    })?;

    let mut gone = vec![
        cookies::gone(cookies::REFRESH),
        cookies::gone(cookies::CSRF),
    ];
    if !still_bound {
        gone.push(cookies::gone(cookies::FINGERPRINT));
    }
    let cookies = AppendHeaders(gone.into_iter().map(|cookie| (header::SET_COOKIE, cookie)));
    Ok((StatusCode::NO_CONTENT, cookies))
}
