//! What an answer of the token endpoint says about the user (OpenID Connect Core 1.0, 2).

use serde_json::{Map, Value, json};

use super::authorizations::Authorization;
use super::endpoints::issuer;
use super::id_token::{LIFE_SECONDS, at_hash};
use super::scope;
use super::token_request::TokenRequest;
use crate::error::ApiError;
use crate::grant::Grant;
use crate::sessions::Session;
use crate::users::User;

/// Adds the ID token to an answer, where the scope has `openid`.
pub(crate) fn add(
    request: &TokenRequest<'_>,
    granted: &mut Grant,
    user: &User,
    session: &Session,
    authorization: &Authorization,
    nonce: Option<&str>,
) -> Result<(), ApiError> {
    if !scope::has(&authorization.scope, scope::OPENID) {
        return Ok(());
    }
    let (app, now) = (request.app, request.app.clock.now());
    let mut claims = names(user, &authorization.scope);
    let more = [
        ("iss", json!(issuer(&app.origins))),
        ("aud", json!(authorization.client_id)),
        ("iat", json!(now)),
        ("exp", json!(now.saturating_add(LIFE_SECONDS))),
        ("auth_time", json!(authorization.auth_time)),
        ("sid", json!(session.id)),
        ("at_hash", json!(at_hash(&granted.tokens.access_token))),
    ];
    claims.extend(more.map(|(name, value)| (name.to_owned(), value)));
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    let token = app
        .keys
        .signing(now)?
        .id_token
        .sign(claims, request.changes)
        .map_err(|error| ApiError::server(&error))?;
    granted.tokens.id_token = Some(token);
    Ok(())
}

/// The claims about the user that a scope gives (5.4).
pub(crate) fn names(user: &User, scope: &str) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(user.username));
    if scope::has(scope, scope::PROFILE) {
        claims.insert("name".to_owned(), json!(user.display_name));
        claims.insert("preferred_username".to_owned(), json!(user.username));
    }
    claims
}
