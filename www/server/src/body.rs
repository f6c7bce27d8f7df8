//! Reading bodies and queries: bounded, typed, and with a reason where they are wrong.
//!
//! The reason names what was expected and never what came: parsers quote their input, and the
//! input may be a password.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// Longest body of any route but `/echo`.
pub(crate) const LIMIT: usize = 64 * 1024;

/// Something that can be read from a request.
pub(crate) trait Shape: DeserializeOwned {
    /// What it must look like, for the reason.
    const EXPECTED: &'static str;
}

/// A JSON object.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: Shape> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let json = media_type(request.headers()) == "application/json";
        let body = bytes(request, state).await?;
        if !json {
            return Err(ApiError::bad_request(
                "the content type must be application/json",
            ));
        }
        from_json(&body).map(Self)
    }
}

/// A HTML form.
pub(crate) struct FormBody<T>(pub(crate) T);

impl<S: Send + Sync, T: Shape> FromRequest<S> for FormBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let form = media_type(request.headers()) == FORM;
        let body = bytes(request, state).await?;
        if !form {
            return Err(ApiError::bad_request("the content type must be a form's"));
        }
        from_form(&body).map(Self)
    }
}

/// JSON, a form, or nothing at all, which gives the default: what OAuth clients send varies.
pub(crate) struct AnyBody<T>(pub(crate) T);

impl<S: Send + Sync, T: Shape + Default> FromRequest<S> for AnyBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let media_type = media_type(request.headers());
        let body = bytes(request, state).await?;
        match media_type.as_str() {
            _ if body.is_empty() => Ok(Self(T::default())),
            "application/json" => from_json(&body).map(Self),
            FORM => from_form(&body).map(Self),
            _ => Err(ApiError::bad_request(
                "the content type must be application/json or a form's",
            )),
        }
    }
}

/// The query.
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<S: Send + Sync, T: Shape> FromRequestParts<S> for QueryOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query)
            .map(Self)
            .map_err(|_| ApiError::bad_request(format!("the query must look like {}", T::EXPECTED)))
    }
}

/// The whole body, up to the limit of the route.
pub(crate) async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(),
            _ => ApiError::bad_request("the body could not be read"),
        })
}

/// The media type without parameters, in lower case; empty where there is none.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let text = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = text
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The media type of a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

fn from_json<T: Shape>(body: &[u8]) -> Result<T, ApiError> {
    // serde would read an array as a struct, field by field.
    let object = body.trim_ascii_start().starts_with(b"{");
    match serde_json::from_slice(body) {
        Ok(value) if object => Ok(value),
        Err(error) if !error.is_data() => Err(ApiError::bad_request("the body is not valid JSON")),
        _ => Err(ApiError::bad_request(format!(
            "the body must look like {}",
            T::EXPECTED
        ))),
    }
}

fn from_form<T: Shape>(body: &[u8]) -> Result<T, ApiError> {
    serde_urlencoded::from_bytes(body)
        .map_err(|_| ApiError::bad_request(format!("the form must look like {}", T::EXPECTED)))
}
