//! What the verifier reads of a request.

use std::borrow::Cow;

use axum::extract::OriginalUri;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

/// Method, path and headers.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    /// What a proof names in `htm`.
    pub method: &'a Method,
    /// What a proof names in `htu`, without the origin. As the client called it, before any router took a part away.
    pub path: &'a str,
    /// Token, proof and cookies.
    pub headers: &'a HeaderMap,
}

impl<'a> From<&'a Parts> for RequestHead<'a> {
    fn from(parts: &'a Parts) -> Self {
        let original = parts.extensions.get::<OriginalUri>();
        Self {
            method: &parts.method,
            path: original.map_or_else(|| parts.uri.path(), |uri| uri.0.path()),
            headers: &parts.headers,
        }
    }
}

/// The values of a header; several as one list (RFC 9110, section 5.3), so that two tokens make none.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    let texts = headers.get_all(name).iter();
    texts
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .reduce(|all, next| Cow::Owned(format!("{all}, {next}")))
}
