//! Signed double submit: where a cookie alone authorises (refresh and sign-out in cookie mode),
//! the page must copy the readable CSRF cookie into a header.
//!
//! The value is an HMAC over the session id. A planted pair of cookie and header from another
//! session is therefore refused too (OWASP, CSRF prevention).

use axum::http::HeaderMap;
use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::cookies;
use crate::error::ApiError;

/// Header that must repeat the cookie.
pub(crate) const HEADER: &str = "x-csrf-token";

/// The key of the HMAC.
pub(crate) struct CsrfKey(Hmac<Sha256>);

impl CsrfKey {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, hmac::digest::InvalidLength> {
        Hmac::new_from_slice(key).map(Self)
    }

    /// The CSRF token of a session.
    pub(crate) fn token(&self, session_id: &str) -> String {
        let mac = self
            .0
            .clone()
            .chain_update(session_id.as_bytes())
            .finalize();
        Base64UrlUnpadded::encode_string(&mac.into_bytes())
    }

    /// Is this the CSRF token of that session?
    pub(crate) fn belongs(&self, token: &str, session_id: &str) -> bool {
        self.token(session_id)
            .as_bytes()
            .ct_eq(token.as_bytes())
            .into()
    }
}

/// Did the request bring the header at all?
pub(crate) fn is_claimed(headers: &HeaderMap) -> bool {
    headers.contains_key(HEADER)
}

/// The token that came both as cookie and as header, or a refusal.
pub(crate) fn submitted(headers: &HeaderMap) -> Result<String, ApiError> {
    let Some(header) = headers.get(HEADER).and_then(|value| value.to_str().ok()) else {
        return Err(ApiError::forbidden("the header X-CSRF-Token is missing"));
    };
    let Some(cookie) = cookies::get(headers, cookies::CSRF) else {
        return Err(ApiError::forbidden("the CSRF cookie is missing"));
    };
    if bool::from(header.as_bytes().ct_eq(cookie.as_bytes())) {
        Ok(header.to_owned())
    } else {
        Err(ApiError::forbidden(
            "the header X-CSRF-Token does not equal the cookie",
        ))
    }
}
