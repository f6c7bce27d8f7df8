//! Every refusal, in OAuth's shape: `{"error": …, "error_description": …}`.
//!
//! A description says what is wrong with the request and never repeats any of it: what a client
//! sends may be a password or a token, and descriptions end up in logs.

use std::borrow::Cow;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Json};
use hallpass_axum::VerifyError;

use tracing::{error, warn};

use crate::db::tx::Failed;

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

    /// The token that came is good, and its session is not (RFC 6750, 3.1).
    pub(crate) fn invalid_token(reason: &'static str) -> Self {
        let challenge = format!(
            "Bearer realm=\"hallpass\", error=\"invalid_token\", error_description=\"{reason}\""
        );
        Self::new(StatusCode::UNAUTHORIZED, "invalid_token", reason)
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
            "there is too much to do, try again in a moment",
        )
        .header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// The database is out of reach, or has too much to do. Nothing was changed.
    pub(crate) fn unavailable(reason: &dyn std::fmt::Display) -> Self {
        warn!(%reason, "the database is not available");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            "the server has a problem, try again in a moment",
        )
        .header(header::RETRY_AFTER, "1")
    }

    /// Our fault. The operator sees why, the client does not.
    pub(crate) fn server(reason: &dyn std::fmt::Display) -> Self {
        error!(%reason, "server error");
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

    /// How an outcome is counted: by the code of its error.
    pub(crate) fn word<T>(outcome: &Result<T, Self>) -> &'static str {
        outcome.as_ref().map_or_else(Self::error, |_| "ok")
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

    /// For the answer, whatever form the refusal is given: by this it is counted.
    pub(crate) fn mark(&self) -> Extension<Refusal> {
        Extension(Refusal(self.error))
    }

    /// The headers that go with the refusal, whatever form it is given.
    pub(crate) fn headers(&self) -> AppendHeaders<Vec<(HeaderName, HeaderValue)>> {
        AppendHeaders(self.headers.clone())
    }
}

/// Marks an answer as a refusal, with the code of its error.
#[derive(Clone, Copy)]
pub(crate) struct Refusal(pub(crate) &'static str);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mark = self.mark();
        let body = serde_json::json!({ "error": self.error, "error_description": self.reason });
        let headers = AppendHeaders(self.headers);
        (self.status, mark, headers, Json(body)).into_response()
    }
}

/// A placeholder: the transaction knows what has failed, and takes its place.
impl From<Failed> for ApiError {
    fn from(_: Failed) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "the server has a problem",
        )
    }
}

impl From<VerifyError> for ApiError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Unauthorized(refusal) => {
                let challenge = refusal.challenge().unwrap_or_default();
                Self::new(
                    StatusCode::UNAUTHORIZED,
                    refusal.error(),
                    refusal.code.description(),
                )
                .header(header::WWW_AUTHENTICATE, challenge)
            }
            VerifyError::Store(cause) => Self::unavailable(&cause),
        }
    }
}

impl From<getrandom::Error> for ApiError {
    fn from(error: getrandom::Error) -> Self {
        Self::server(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proof is not to blame, nor the client: it may come back.
    #[test]
    fn a_memory_of_proofs_that_fails_is_a_database_that_is_not_available() {
        let refusal = ApiError::from(VerifyError::Store("the pool is empty".into()));
        assert_eq!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refusal.error(), "temporarily_unavailable");
        assert!(
            refusal
                .headers()
                .0
                .contains(&(header::RETRY_AFTER, HeaderValue::from_static("1")))
        );
    }
}
