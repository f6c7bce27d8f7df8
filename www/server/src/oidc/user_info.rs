//! `GET` and `POST /oidc/userinfo` (OpenID Connect Core 1.0, 5.3).

use axum::Json;
use serde_json::{Map, Value};

use super::identity::names;
use super::scope;
use crate::caller::Caller;
use crate::error::ApiError;

/// What the scope of the token lets the client know about the user.
pub(crate) async fn show(caller: Caller) -> Result<Json<Map<String, Value>>, ApiError> {
    caller.require(scope::OPENID)?;
    Ok(Json(names(&caller.user, caller.scope())))
}
