//! The foreign origin: somebody else's server that would love a token.
//!
//! It allows the app's pages every method and header, with credentials, and echoes what it received.
//! A test that finds no token here knows that the client did not send one, and not that CORS
//! stopped it.
//!
//! It allows no other page anything, and never repeats a cookie: cookies know no ports, so the
//! browser sends it those of the API, and the values of HttpOnly ones would be in a script's reach.

use std::collections::BTreeMap;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::body::{self, QueryOf, Shape};
use crate::error::ApiError;
use crate::origins::Origins;
use crate::random;
use crate::routes::echo;

/// Builds the router of the foreign origin.
pub(crate) fn router(origins: &Origins, faults: bool) -> Router {
    Router::new()
        .route("/redirect", any(redirect))
        .fallback(show)
        .layer(DefaultBodyLimit::max(echo::LIMIT))
        .layer(cors(origins, faults))
}

/// A request that a redirect has led here from the API comes from `null`. Tests follow such
/// redirects and look at what arrives; but `null` may be any page, so it is for `--faults` only.
fn cors(origins: &Origins, faults: bool) -> CorsLayer {
    let app = HeaderValue::from_str(&origins.app).ok();
    let null = faults.then_some(HeaderValue::from_static("null"));
    CorsLayer::very_permissive()
        .allow_origin(AllowOrigin::list(app.into_iter().chain(null)))
        .expose_headers([header::DATE])
}

/// What arrived.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    has_authorization: bool,
    bytes: usize,
    sha256: String,
}

async fn show(request: Request) -> Result<Json<Received>, ApiError> {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let headers = shown(request.headers());
    let has_authorization = request.headers().contains_key(header::AUTHORIZATION);
    let body = body::bytes(request, &()).await?;
    let (bytes, sha256) = (body.len(), random::sha256_hex(&body));
    Ok(Json(Received {
        method,
        path,
        query,
        headers,
        has_authorization,
        bytes,
        sha256,
    }))
}

/// All headers but the cookies.
fn shown(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .keys()
        .filter(|name| **name != header::COOKIE)
        .map(|name| {
            let values: Vec<_> = headers.get_all(name).iter().map(text).collect();
            (name.to_string(), values.join(", "))
        })
        .collect()
}

#[derive(Deserialize)]
struct Target {
    to: String,
    status: Option<u16>,
}

impl Shape for Target {
    const EXPECTED: &'static str = "to=URL&status=300…308";
}

/// An open redirector, on purpose: `?to=URL&status=302`.
async fn redirect(QueryOf(target): QueryOf<Target>) -> Result<Response, ApiError> {
    let wrong = || ApiError::bad_request(format!("the query must look like {}", Target::EXPECTED));
    let status = target.status.unwrap_or(302);
    let status = StatusCode::from_u16(status)
        .ok()
        .filter(StatusCode::is_redirection);
    let location = HeaderValue::from_str(&target.to).map_err(|_| wrong())?;
    Ok((status.ok_or_else(wrong)?, [(header::LOCATION, location)]).into_response())
}
