//! A refresh token for the next tokens (RFC 6749, 6).

use hallpass_axum::UnauthorizedCode;

use super::authorizations::{self, Authorization};
use super::client;
use super::dpop;
use super::identity;
use super::scope;
use super::token_request::TokenRequest;
use crate::db::Tx;
use crate::error::ApiError;
use crate::fingerprint;
use crate::grant::{self, Carrier, Grant};
use crate::rotation;
use crate::sessions::Session;
use crate::users;

/// Rotation, as at the API's own token endpoint; here the client is asked for, and its key.
pub(crate) async fn refresh(
    request: &TokenRequest<'_>,
    tx: &mut Tx,
) -> Result<Result<Grant, ApiError>, ApiError> {
    let token = match request.params.required("refresh_token") {
        Ok(token) => token,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let session = match rotation::begin(request.app, tx, token).await? {
        Ok(session) => session,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let next = next(request, tx, &session).await;
    if next.is_ok() {
        rotation::finish(request.app, tx, token, &session).await?;
    }
    Ok(next)
}

async fn next(
    request: &TokenRequest<'_>,
    tx: &mut Tx,
    session: &Session,
) -> Result<Grant, ApiError> {
    let authorization = authorizations::of_session(tx, &session.id)
        .await?
        .filter(|authorization| authorization.client_id == client::ID)
        .ok_or_else(|| ApiError::invalid_grant("the refresh token is another client's"))?;
    check(request, session, &authorization)?;
    let user = users::by_id(tx, session.user_id)
        .await?
        .ok_or_else(|| ApiError::invalid_grant("the account is gone"))?;
    let mut granted = grant::issue(request.app, tx, &user, session, Some(Carrier::Body)).await?;
    // Without a nonce: that was of the sign-in (OpenID Connect Core 1.0, 12.2).
    identity::add(request, &mut granted, &user, session, &authorization, None)?;
    Ok(granted)
}

/// A public client's refresh token is bound to the key of its session (RFC 9449, 5).
fn check(
    request: &TokenRequest<'_>,
    session: &Session,
    authorization: &Authorization,
) -> Result<(), ApiError> {
    match (&authorization.jkt, request.proof) {
        (None, None) => {}
        (Some(_), None) => return Err(dpop::refusal(UnauthorizedCode::ProofMissing)),
        (Some(jkt), Some(proof)) if proof.is_by(jkt) => {}
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid_grant(
                "the refresh token is bound to another key",
            ));
        }
        (None, Some(_)) => {
            return Err(ApiError::invalid_grant(
                "the refresh token is not bound to a key",
            ));
        }
    }
    let asked = request.params.one("scope")?;
    if asked.is_some_and(|asked| !scope::is_within(asked, &authorization.scope)) {
        return Err(ApiError::oauth(
            "invalid_scope",
            "scope must not be more than was granted",
        ));
    }
    if session.is_bound() {
        fingerprint::from_request(request.headers)
            .filter(|fingerprint| fingerprint.matches(&session.fingerprint))
            .ok_or_else(|| ApiError::invalid_grant("the fingerprint cookie is missing or wrong"))?;
    }
    Ok(())
}
