//! Public keys as JSON (RFC 7517), and their thumbprints (RFC 7638).

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::jwk::JsonWebKey;
use serde::Serialize;
use sha2::Sha256;

/// A key of a key set.
#[derive(Serialize)]
pub(crate) struct PublicKey<'a> {
    #[serde(flatten)]
    key: JsonWebKey<'a>,
    kid: String,
    alg: &'static str,
    r#use: &'static str,
}

impl<'a> PublicKey<'a> {
    /// A key that checks signatures.
    pub(crate) fn new(key: JsonWebKey<'a>, alg: &'static str) -> Self {
        Self {
            kid: thumbprint(&key),
            key,
            alg,
            r#use: "sig",
        }
    }
}

/// SHA-256 thumbprint, base64url: the id of our keys, too.
pub(crate) fn thumbprint(key: &JsonWebKey<'_>) -> String {
    Base64UrlUnpadded::encode_string(&key.thumbprint::<Sha256>())
}
