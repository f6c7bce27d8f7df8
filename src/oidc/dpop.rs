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

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};
    use serde_json::{Value, json};

    use super::*;

    /// The key of the examples of RFC 9449.
    const KEY: PublicKey<'_> = PublicKey {
        x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    };

    const EXAMPLE: Proof<'_> = Proof {
        method: "GET",
        url: "https://resource.example.org/protectedresource",
        issued_at: Timestamp::from_millis(1_562_262_618_999),
        jti: &[0xfb, 0xff],
        access_token: None,
        nonce: None,
        key: KEY,
    };

    fn parts(text: &str) -> (Value, Value) {
        let (header, payload) = text.split_once('.').unwrap();
        let read = |part| serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap());
        (read(header).unwrap(), read(payload).unwrap())
    }

    #[test]
    fn oidc_8_a_proof_says_what_rfc_9449_has_it_say() {
        let (header, payload) = parts(&proof(&EXAMPLE));
        assert_eq!(
            header,
            json!({
                "typ": "dpop+jwt", "alg": "ES256",
                "jwk": {"kty": "EC", "crv": "P-256", "x": KEY.x, "y": KEY.y},
            })
        );
        assert_eq!(
            payload,
            json!({
                "jti": "-_8", "htm": "GET", "iat": 1_562_262_618,
                "htu": "https://resource.example.org/protectedresource",
            })
        );
    }

    /// Section 7.1.
    #[test]
    fn oidc_8_a_proof_for_the_api_names_the_token_by_its_hash_and_the_nonce() {
        let token = Secret::from("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
        let (_, payload) = parts(&proof(&Proof {
            access_token: Some(&token),
            nonce: Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"),
            ..EXAMPLE
        }));
        assert_eq!(
            payload["ath"],
            "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
        );
        assert_eq!(payload["nonce"], "eyJ7S_zG.eyJH0-Z.HX4w-7v");
        assert!(!payload.to_string().contains("Kz~8"));
    }

    #[test]
    fn oidc_8_the_url_of_a_proof_has_neither_query_nor_fragment() {
        for (url, htu) in [
            ("https://a.test/b?c=d#e", "https://a.test/b"),
            ("https://a.test/b#e?c", "https://a.test/b"),
            ("https://a.test/?", "https://a.test/"),
            ("https://a.test/", "https://a.test/"),
        ] {
            let (_, payload) = parts(&proof(&Proof { url, ..EXAMPLE }));
            assert_eq!(payload["htu"], htu);
        }
    }

    #[test]
    fn oidc_8_a_thumbprint_depends_on_both_coordinates() {
        assert_eq!(
            KEY.thumbprint(),
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
        );
        let swapped = PublicKey { x: KEY.y, y: KEY.x };
        assert_ne!(swapped.thumbprint(), KEY.thumbprint());
    }
}
