//! Puts another answer in place of the real one. Inside the CORS layer, so that the page can read
//! it as it could read the real one.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::changes::{self, Changes};
use super::rules::Rule;
use crate::routes::echo;

/// Applies the rule that `observe` has put on the request, if there is one.
pub(crate) async fn replace_answer(request: Request, next: Next) -> Response {
    let Some(rule) = request.extensions().get::<Rule>().cloned() else {
        return next.run(request).await;
    };
    let mut response = match rule.replacement() {
        None => changed(next.run(request).await, &rule.changes()).await,
        Some(replacement) => {
            if rule.process {
                // Done, but its answer, cookies included, never leaves the server.
                let _ = next.run(request).await;
            } else {
                // Read to the end: a client that is still sending sees no answer.
                let _ = to_bytes(request.into_body(), echo::LIMIT).await;
            }
            let content_type = [(header::CONTENT_TYPE, replacement.content_type)];
            (replacement.status, content_type, replacement.body).into_response()
        }
    };
    response.headers_mut().extend(rule.headers());
    response
}

/// The real answer with its fields changed. One that is no JSON stays as it is.
async fn changed(response: Response, changes: &Changes) -> Response {
    let (mut parts, body) = response.into_parts();
    let location = parts.headers.get(header::LOCATION);
    if let Some(location) = location.and_then(|location| changes.location(location)) {
        parts.headers.insert(header::LOCATION, location);
    }
    let Some(change) = &changes.answer else {
        return Response::from_parts(parts, body);
    };
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    changes::patch(&mut json, change);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(json.to_string()))
}
