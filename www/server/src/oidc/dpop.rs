//! DPoP proofs at the provider's endpoints (RFC 9449). `hallpass_axum` checks them, `checks.rs` says what is asked.

use axum::http::{HeaderMap, Method};
use hallpass_axum::{Proof, ProofOf, RequestHead, UnauthorizedCode};

use crate::error::ApiError;
use crate::state::App;

/// The nonce for the next proof, where proofs must have one.
pub(crate) fn nonce(app: &App) -> Option<String> {
    app.dpop.nonce.as_ref()?.current(app.clock.now())
}

/// Checks the proof of a POST to an endpoint of the provider, and does not use it up; `None` where there is none.
pub(crate) fn check(app: &App, headers: &HeaderMap, path: &str) -> Result<Option<Proof>, ApiError> {
    let request = RequestHead {
        method: &Method::POST,
        path,
        headers,
    };
    match app.dpop.check(request, ProofOf::default(), app.clock.now()) {
        Ok(proof) => Ok(Some(proof)),
        Err(UnauthorizedCode::ProofMissing) => Ok(None),
        Err(code) => Err(refusal(code)),
    }
}

/// At the endpoints of the provider, a refusal is a 400 (5, 8).
pub(crate) fn refusal(code: UnauthorizedCode) -> ApiError {
    ApiError::oauth(
        code.error().unwrap_or("invalid_request"),
        code.description(),
    )
}
