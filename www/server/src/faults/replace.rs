//! Puts another answer in place of the real one. Inside the CORS layer, so that the page can read
//! it as it could read the real one.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::rules::Rule;
use crate::routes::echo;

/// Applies the rule that `observe` has put on the request, if there is one.
pub(crate) async fn replace_answer(request: Request, next: Next) -> Response {
    let Some(rule) = request.extensions().get::<Rule>().cloned() else {
        return next.run(request).await;
    };
    let mut response = match rule.replacement() {
        None => next.run(request).await,
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
