//! Refusals, and how they are told.

use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::algorithms::Algorithm;
use crate::code::UnauthorizedCode;
use crate::error::BoxError;

/// A request that may not pass. `code` is stable, the text a fixed sentence without any secret.
///
/// As a response: 401 with the `WWW-Authenticate` that the client half acts on (RFC 6750, section 3; RFC 9449,
/// section 7.1), and `error` and `error_description` in JSON. Only `keys_unavailable` is a 503 with `Retry-After`: the
/// provider's keys cannot be had, which says nothing about the token; `cause` has the reason.
pub struct Unauthorized {
    /// Why.
    pub code: UnauthorizedCode,
    /// What went wrong, where that was not the request. For the log, and in no answer.
    pub cause: Option<BoxError>,
    challenge: Option<String>,
    nonce: Option<String>,
}

/// After so long keys and memory are asked again.
const RETRY_AFTER_SECONDS: &str = "5";

impl Unauthorized {
    /// A refusal for tokens of a scheme; with `DPoP` come the algorithms of proofs.
    pub(crate) fn new(code: UnauthorizedCode, scheme: &str, algs: Option<&[Algorithm]>) -> Self {
        let is_ours = code == UnauthorizedCode::KeysUnavailable;
        Self {
            code,
            cause: None,
            challenge: (!is_ours).then(|| challenge(code, scheme, algs)),
            nonce: None,
        }
    }

    pub(crate) fn with_nonce(mut self, nonce: Option<String>) -> Self {
        self.nonce = nonce;
        self
    }

    pub(crate) fn with_cause(mut self, cause: Option<BoxError>) -> Self {
        self.cause = cause;
        self
    }

    /// The `WWW-Authenticate` of the answer. Each 401 has one.
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// The `DPoP-Nonce` of the answer: for the next proof (RFC 9449, section 9).
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// The `error` of the answer's JSON.
    pub fn error(&self) -> &'static str {
        self.code.error().unwrap_or(match self.challenge {
            Some(_) => "unauthorized",
            None => "temporarily_unavailable",
        })
    }
}

fn challenge(code: UnauthorizedCode, scheme: &str, algs: Option<&[Algorithm]>) -> String {
    let mut challenge = format!("{scheme} realm=\"hallpass\"");
    if let Some(error) = code.error() {
        let description = code.description();
        challenge += &format!(", error=\"{error}\", error_description=\"{description}\"");
    }
    if let Some(algs) = algs {
        let names: Vec<&str> = algs.iter().map(|it| it.name()).collect();
        challenge += &format!(", algs=\"{}\"", names.join(" "));
    }
    challenge
}

impl IntoResponse for Unauthorized {
    fn into_response(self) -> Response {
        let description = self.code.description();
        let body = json!({ "error": self.error(), "error_description": description });
        let status = match self.challenge {
            Some(_) => StatusCode::UNAUTHORIZED,
            None => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.challenge.is_none() {
            let seconds = HeaderValue::from_static(RETRY_AFTER_SECONDS);
            headers.insert(header::RETRY_AFTER, seconds);
        }
        for (name, value) in [
            (header::WWW_AUTHENTICATE, &self.challenge),
            (header::HeaderName::from_static("dpop-nonce"), &self.nonce),
        ] {
            let value = value.as_deref().map(HeaderValue::from_str);
            if let Some(Ok(value)) = value {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl fmt::Debug for Unauthorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Unauthorized").field(&self.code).finish()
    }
}

impl fmt::Display for Unauthorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.description())
    }
}

impl std::error::Error for Unauthorized {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause = self.cause.as_deref();
        cause.map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

/// Why the verifier lets a request not pass.
#[derive(Debug)]
pub enum VerifyError {
    /// The request is refused.
    Unauthorized(Unauthorized),
    /// The memory of proofs ([`Replays`](crate::Replays)) failed, so nobody can say. As a response a 503 with
    /// `Retry-After` that tells no more: the client may come back with another proof.
    Store(BoxError),
}

impl IntoResponse for VerifyError {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized(refusal) => refusal.into_response(),
            Self::Store(_) => {
                let description = "The server has a problem.";
                let body = json!({
                    "error": "temporarily_unavailable", "error_description": description,
                });
                let retry_after = [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)];
                (StatusCode::SERVICE_UNAVAILABLE, retry_after, Json(body)).into_response()
            }
        }
    }
}

impl From<Unauthorized> for VerifyError {
    fn from(refusal: Unauthorized) -> Self {
        Self::Unauthorized(refusal)
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized(refusal) => refusal.fmt(f),
            Self::Store(_) => f.write_str("The memory of proofs failed."),
        }
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unauthorized(refusal) => refusal.source(),
            Self::Store(cause) => Some(cause.as_ref()),
        }
    }
}
