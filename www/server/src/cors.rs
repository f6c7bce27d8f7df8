//! Which pages may talk to the API: the app's, those of the provider's client, and no other.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::csrf;
use crate::error::ApiError;
use crate::oidc::client::Client;
use crate::oidc::headers;
use crate::state::Shared;

/// CORS for the origins of app and client, with cookies. Others get no permission at all.
pub(crate) fn layer(client: &Client) -> CorsLayer {
    let origins = client
        .origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            // axios' fetch adapter names itself, and Firefox and WebKit ask before they send that.
            header::USER_AGENT,
            HeaderName::from_static(csrf::HEADER),
            HeaderName::from_static(headers::DPOP),
            HeaderName::from_static("x-request-id"),
        ])
        .expose_headers([
            header::DATE,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            HeaderName::from_static(headers::DPOP_NONCE),
        ])
        .max_age(Duration::from_secs(600))
}

/// Refuses writes from other pages.
///
/// CORS only keeps other pages from reading the answer: a form or a `no-cors` fetch is sent all
/// the same. The API's own login page may write. And `SameSite` does not look at ports, so a page on another port of this host even
/// sends the cookies.
pub(crate) async fn refuse_foreign_writes(
    State(app): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let origin = request.headers().get(header::ORIGIN);
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let may_write = |origin: &str| app.client.has_origin(origin) || origin == app.origins.api;
    let welcome = |origin: &HeaderValue| origin.to_str().is_ok_and(may_write);
    if reads || origin.is_none_or(welcome) {
        Ok(next.run(request).await)
    } else {
        Err(ApiError::forbidden(
            "pages of this origin may not write here",
        ))
    }
}
