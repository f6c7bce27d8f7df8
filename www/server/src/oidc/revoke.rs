//! `POST /oidc/revoke` (RFC 7009).

use axum::extract::State;
use axum::http::StatusCode;

use super::authorizations;
use super::client;
use super::params::Form;
use crate::caller;
use crate::db::transaction;
use crate::error::ApiError;
use crate::families;
use crate::sessions;
use crate::state::Shared;

/// Ends the session of a refresh token or an access token, in whatever state it is: each token of
/// it is good for nothing then. Unknown ones are fine (2.2).
pub(crate) async fn revoke(
    State(app): State<Shared>,
    Form(params): Form,
) -> Result<StatusCode, ApiError> {
    client::check(&params)?;
    let token = params.required("token")?;
    let session_of_access_token = caller::session_of(&app, token).await;
    transaction!(app.db, |tx| {
        let session = match families::session_of(tx, token).await? {
            Some(session) => Some(session),
            None => session_of_access_token.clone(),
        };
        let Some(session) = session else {
            return Ok(StatusCode::OK);
        };
        // 2.1: the client's own tokens only.
        authorizations::of_session(tx, &session)
            .await?
            .filter(|authorization| authorization.client_id == client::ID)
            .ok_or_else(|| ApiError::invalid_grant("the token is another client's"))?;
        sessions::revoke(tx, &session).await?;
        Ok(StatusCode::OK)
    })
}
