//! `/me`: the user's own account.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::body::{JsonBody, Shape};
use crate::caller::Caller;
use crate::db::transaction;
use crate::error::ApiError;
use crate::grant::{self, Grant};
use crate::sessions;
use crate::state::Shared;
use crate::users;
use crate::verified::Verified;

/// The account as its owner sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    username: String,
    display_name: String,
    session: String,
    /// The password was changed elsewhere: sign in again.
    reauth: bool,
}

/// `GET /me`
pub(crate) async fn show(caller: Caller) -> Json<Profile> {
    Json(Profile {
        username: caller.user.username,
        display_name: caller.user.display_name,
        session: caller.session.id,
        reauth: caller.session.reauth,
    })
}

/// What may be changed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ProfilePatch {
    display_name: String,
}

impl Shape for ProfilePatch {
    const EXPECTED: &'static str = r#"{"displayName": string}"#;
}

/// `PATCH /me`: the name changes here at once, and in the tokens with the next refresh.
pub(crate) async fn change(
    State(app): State<Shared>,
    mut caller: Caller,
    JsonBody(patch): JsonBody<ProfilePatch>,
) -> Result<Json<Profile>, ApiError> {
    let name = patch.display_name.trim().to_owned();
    let length = name.chars().count();
    if !(1..=64).contains(&length) || name.chars().any(char::is_control) {
        return Err(ApiError::bad_request(
            "displayName must be 1 to 64 printable characters",
        ));
    }
    transaction!(app.db, |tx| {
        Ok(users::rename(tx, caller.user.id, &name).await?)
    })?;
    caller.user.display_name = name;
    Ok(show(caller).await)
}

/// The old password, to be sure, and the new one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PasswordChange {
    current_password: String,
    new_password: String,
    #[serde(default)]
    sign_out_others: bool,
}

impl Shape for PasswordChange {
    const EXPECTED: &'static str =
        r#"{"currentPassword": string, "newPassword": string, "signOutOthers"?: boolean}"#;
}

/// `PATCH /me/password`
///
/// Raises the token version, so every access token is stale at once. This session gets a new one
/// with the answer. The others end, or go on with the flag `reauth` and less scope until the user
/// types the new password there.
pub(crate) async fn change_password(
    State(app): State<Shared>,
    caller: Caller,
    JsonBody(change): JsonBody<PasswordChange>,
) -> Result<Grant, ApiError> {
    caller.require("account")?;
    if !(8..=1024).contains(&change.new_password.len()) {
        return Err(ApiError::bad_request(
            "newPassword must be 8 to 1024 bytes long",
        ));
    }
    let verified = Verified::check(&app, &caller.user.username, &change.current_password).await?;
    let hash = app.passwords.hash(&change.new_password).await?;
    transaction!(app.db, |tx| {
        // Hashing took its time: what was true of password and session may have changed.
        verified.user(tx).await?;
        let session = caller.session_now(tx, app.clock.now()).await?;
        users::set_password(tx, caller.user.id, &hash).await?;
        if change.sign_out_others {
            sessions::revoke_others(tx, caller.user.id, &caller.session.id).await?;
        } else {
            sessions::flag_others(tx, caller.user.id, &caller.session.id).await?;
        }
        let user = users::by_id(tx, caller.user.id)
            .await?
            .ok_or_else(ApiError::not_found)?;
        grant::issue(&app, tx, &user, &session, None).await
    })
}

/// `POST /me/invalidate-access-tokens`
///
/// Refuses, from the next request on, every access token that this session has, the caller's
/// own included. Its refresh tokens stay good, and other sessions notice nothing.
pub(crate) async fn invalidate_access_tokens(
    State(app): State<Shared>,
    caller: Caller,
) -> Result<StatusCode, ApiError> {
    transaction!(app.db, |tx| {
        Ok(sessions::raise_version(tx, &caller.session.id).await?)
    })?;
    Ok(StatusCode::NO_CONTENT)
}
