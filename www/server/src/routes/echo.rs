//! `/echo`: says what arrived, so that a test can tell whether a replayed body is the same.

use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use serde::Serialize;

use crate::body;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::random;
use crate::state::Shared;

/// Longest body.
pub(crate) const LIMIT: usize = 16 * 1024 * 1024;

/// What arrived.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Echo {
    method: String,
    bytes: usize,
    sha256: String,
    content_type: Option<String>,
}

/// Any method. The body is read before the token is judged: a client that is still sending would
/// otherwise see a broken connection and not the 401.
pub(crate) async fn echo(
    State(app): State<Shared>,
    request: Request,
) -> Result<Json<Echo>, ApiError> {
    let (mut parts, body) = request.into_parts();
    let content_type = parts
        .headers
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let method = parts.method.to_string();
    let caller = Caller::from_request_parts(&mut parts, &app).await;
    let body = body::bytes(Request::from_parts(parts, body), &app).await?;
    caller?;
    Ok(Json(Echo {
        method,
        bytes: body.len(),
        sha256: random::sha256_hex(&body),
        content_type,
    }))
}
