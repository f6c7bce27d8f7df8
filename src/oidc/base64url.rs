//! Base64url without padding (RFC 7515, section 2).

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::fingerprint;

/// Bytes as text.
#[inline(never)]
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The SHA-256 of a text: `S256` of PKCE (RFC 7636, section 4.2), `jkt` (RFC 7638) and `ath` (RFC 9449, section 4.2).
///
/// ```
/// # use hallpass::oidc::base64url::sha256;
/// let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// assert_eq!(sha256(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// ```
pub fn sha256(text: &str) -> String {
    encode(&fingerprint::sha256(text))
}
