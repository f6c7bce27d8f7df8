//! `/sessions`: a user's devices.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

use crate::caller::Caller;
use crate::db::transaction;
use crate::error::ApiError;
use crate::sessions;
use crate::state::Shared;

/// One device. Times are seconds since the epoch.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Device {
    id: String,
    /// The one that is asking.
    current: bool,
    permanent: bool,
    user_agent: String,
    created_at: i64,
    last_seen_at: i64,
}

/// `GET /sessions`
pub(crate) async fn list(
    State(app): State<Shared>,
    caller: Caller,
) -> Result<Json<Vec<Device>>, ApiError> {
    let now = app.clock.now();
    let sessions = transaction!(app.db, |tx| {
        Ok(sessions::of_user(tx, caller.user.id, now).await?)
    })?;
    let device = |session: sessions::Session| Device {
        current: session.id == caller.session.id,
        id: session.id,
        permanent: session.permanent,
        user_agent: session.user_agent,
        created_at: session.created_at,
        last_seen_at: session.seen_at,
    };
    Ok(Json(sessions.into_iter().map(device).collect()))
}

/// `DELETE /sessions/{id}`: signs a device out, this one included.
pub(crate) async fn end(
    State(app): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    caller.require("account")?;
    let Ok(Path(id)) = id else {
        return Err(ApiError::not_found());
    };
    // Anything else is no id, and may be no text that a database takes.
    if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ApiError::not_found());
    }
    let now = app.clock.now();
    transaction!(app.db, |tx| {
        sessions::by_id(tx, &id)
            .await?
            .filter(|session| session.user_id == caller.user.id && session.is_live(now))
            .ok_or_else(ApiError::not_found)?;
        sessions::revoke(tx, &id).await?;
        Ok(StatusCode::NO_CONTENT)
    })
}
