//! Every refusal, in OAuth's shape: `{"error": …, "error_description": …}`.
//!
//! A description says what is wrong with the request and never repeats any of it: what a client
//! sends may be a password or a token, and descriptions end up in logs.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};

use crate::report::report;

/// What each 401 has to carry (RFC 9110, 15.5.2), here without an error code.
pub(crate) const CHALLENGE: &str = "Bearer realm=\"hallpass\"";

/// An answer that says no.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    error: &'static str,
    reason: Cow<'static, str>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ApiError {
    fn new(status: StatusCode, error: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            error,
            reason: reason.into(),
            headers: Vec::new(),
        }
    }

    /// The request itself is wrong.
    pub(crate) fn bad_request(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", reason)
    }

    /// One of the errors that OAuth 2.0 and OpenID Connect name, where a 400 carries it (RFC 6749,
    /// 5.2).
    pub(crate) fn oauth(error: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, reason)
    }

    /// The body is longer than this route reads.
    pub(crate) fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request",
            "the body is too large",
        )
    }

    /// Credentials or refresh token are wrong, expired, spent or revoked (RFC 6749, 5.2).
    pub(crate) fn invalid_grant(reason: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", reason)
    }

    /// The ticket of the second factor is good no more: back to the password. The code is the one
    /// of a sign-in on two devices (RFC 8628, 3.5).
    pub(crate) fn expired_ticket() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "expired_token",
            "the ticket is not good any more, sign in again",
        )
    }

    /// This server does not offer that way to a token.
    pub(crate) fn unsupported_grant(reason: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", reason)
    }

    /// No token came with the request: the challenge carries no error code (RFC 6750, 3.1).
    pub(crate) fn token_missing() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "an access token is needed",
        )
        .header(header::WWW_AUTHENTICATE, CHALLENGE)
    }

    /// The token that came is not good (RFC 6750, 3.1).
    pub(crate) fn invalid_token(reason: &'static str) -> Self {
        let challenge = format!(
            "Bearer realm=\"hallpass\", error=\"invalid_token\", error_description=\"{reason}\""
        );
        Self::new(StatusCode::UNAUTHORIZED, "invalid_token", reason)
            .header(header::WWW_AUTHENTICATE, &challenge)
    }

    /// The DPoP proof is missing, not good, or without a nonce (RFC 9449, 7.1 and 9).
    pub(crate) fn proof_needed(error: &'static str, reason: &'static str) -> Self {
        let challenge = format!(
            "DPoP realm=\"hallpass\", error=\"{error}\", error_description=\"{reason}\", algs=\"ES256\""
        );
        Self::new(StatusCode::UNAUTHORIZED, error, reason)
            .header(header::WWW_AUTHENTICATE, &challenge)
    }

    /// The token is good, but not for this (RFC 6750, 3.1).
    pub(crate) fn insufficient_scope(scope: &'static str, reason: &'static str) -> Self {
        let challenge =
            format!("Bearer realm=\"hallpass\", error=\"insufficient_scope\", scope=\"{scope}\"");
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", reason)
            .header(header::WWW_AUTHENTICATE, &challenge)
    }

    /// Another origin's page, or a request without the CSRF token.
    pub(crate) fn forbidden(reason: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "access_denied", reason)
    }

    /// No such thing, or not yours: the answer does not tell which.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here")
    }

    /// The path exists, the method does not.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "invalid_request",
            "the method is not allowed",
        )
    }

    /// Too many wrong passwords or codes.
    pub(crate) fn throttled(seconds: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "slow_down",
            "too many failed attempts",
        )
        .header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// Too much to do at the moment.
    pub(crate) fn busy(seconds: u64) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            "too many sign-ins at once, try again in a moment",
        )
        .header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// Our fault. The operator sees why, the client does not.
    pub(crate) fn server(reason: &dyn std::fmt::Display) -> Self {
        report(&format!("server error: {reason}"));
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "the server has a problem",
        )
    }

    /// Adds a header; cookies that end a session travel with the refusal.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The same refusal for a token that is bound to a key: the challenge names the scheme that
    /// such a token needs (RFC 9449, 7.1).
    pub(crate) fn for_bound_token(mut self) -> Self {
        for (name, value) in &mut self.headers {
            let challenge = value.to_str().unwrap_or_default();
            if let Some(rest) = challenge.strip_prefix("Bearer ")
                && *name == header::WWW_AUTHENTICATE
                && let Ok(dpop) = HeaderValue::from_str(&format!("DPoP {rest}, algs=\"ES256\""))
            {
                *value = dpop;
            }
        }
        self
    }

    /// The code of the error.
    pub(crate) fn error(&self) -> &'static str {
        self.error
    }

    /// Is the session over with this refusal?
    pub(crate) fn is_invalid_grant(&self) -> bool {
        self.error == "invalid_grant"
    }

    /// Must the sign-in begin anew with the password?
    pub(crate) fn is_expired_ticket(&self) -> bool {
        self.error == "expired_token"
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// The headers that go with the refusal, whatever form it is given.
    pub(crate) fn headers(&self) -> AppendHeaders<Vec<(HeaderName, HeaderValue)>> {
        AppendHeaders(self.headers.clone())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.error, "error_description": self.reason });
        (self.status, AppendHeaders(self.headers), Json(body)).into_response()
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        Self::server(&error)
    }
}

impl From<getrandom::Error> for ApiError {
    fn from(error: getrandom::Error) -> Self {
        Self::server(&error)
    }
}
