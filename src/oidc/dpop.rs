//! Proofs of possession (RFC 9449), up to what the platform signs.

use crate::json::{Writer, digits};
use crate::secret::Secret;
use crate::time::Timestamp;

use super::base64url;

/// A public key on the curve P-256 (RFC 7518, section 6.2.1).
#[derive(Clone, Copy, Debug)]
pub struct PublicKey<'a> {
    /// `x`, base64url.
    pub x: &'a str,
    /// `y`, base64url.
    pub y: &'a str,
}

/// What a proof is about.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The request's method: `htm`.
    pub method: &'a str,
    /// The request's URL, as the platform writes it: `htu` is that without query and fragment.
    pub url: &'a str,
    /// The time, by the server's clock as far as it is known.
    pub issued_at: Timestamp,
    /// Random bytes, new for each proof.
    pub jti: &'a [u8],
    /// The access token that goes along.
    pub access_token: Option<&'a Secret>,
    /// The server's newest nonce.
    pub nonce: Option<&'a str>,
    /// The key.
    pub key: PublicKey<'a>,
}

impl PublicKey<'_> {
    /// Its thumbprint (RFC 7638): `jkt`.
    ///
    /// ```
    /// # use hallpass::oidc::dpop::PublicKey;
    /// let key = PublicKey {
    ///     x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    ///     y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    /// };
    /// assert_eq!(key.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    /// ```
    pub fn thumbprint(&self) -> String {
        base64url::sha256(&self.to_json())
    }

    /// The JWK, in the order in which a thumbprint is made of it.
    fn to_json(self) -> String {
        Writer::default()
            .text("crv", Some("P-256"))
            .text("kty", Some("EC"))
            .text("x", Some(self.x))
            .text("y", Some(self.y))
            .finish()
    }
}

/// The signing input: header and payload, base64url with a dot between them (RFC 7515, section 5.1).
pub fn proof(proof: &Proof<'_>) -> String {
    let url = proof.url.split(['?', '#']).next();
    let ath = proof
        .access_token
        .map(|token| base64url::sha256(token.expose()));
    let header = Writer::default()
        .text("typ", Some("dpop+jwt"))
        .text("alg", Some("ES256"))
        .json("jwk", &proof.key.to_json())
        .finish();
    let seconds = proof.issued_at.as_millis().div_euclid(1_000);
    let payload = Writer::default()
        .text("jti", Some(&base64url::encode(proof.jti)))
        .text("htm", Some(proof.method))
        .text("htu", url)
        .json("iat", &digits(seconds))
        .text("ath", ath.as_deref())
        .text("nonce", proof.nonce)
        .finish();
    let encode = |text: &str| base64url::encode(text.as_bytes());
    [encode(&header).as_str(), ".", &encode(&payload)].concat()
}
