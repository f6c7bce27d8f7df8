//! The fingerprint's cookie of this server. `hallpass_axum` makes fingerprints, and compares them.

use axum::http::HeaderMap;
pub(crate) use hallpass_axum::Fingerprint;

use crate::cookies::FINGERPRINT;

/// The one that the browser sent.
pub(crate) fn from_request(headers: &HeaderMap) -> Option<Fingerprint> {
    Fingerprint::from_headers(headers, FINGERPRINT)
}

/// The `Set-Cookie` value. The cookie outlives any session: the sessions of one browser share it.
pub(crate) fn set_cookie(fingerprint: &Fingerprint) -> String {
    fingerprint.set_cookie(FINGERPRINT, None)
}
