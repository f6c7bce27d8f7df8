//! Public keys as JSON (RFC 7517), and their thumbprints (RFC 7638).

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::algorithms::Algorithm;

/// A key that says it is public. What it is made of may still be wrong.
#[derive(Debug, Clone)]
pub(crate) struct Jwk(Map<String, Value>);

/// What checks a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Material {
    /// Modulus and exponent.
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// A point, not compressed (SEC 1, section 2.3.3).
    Ec(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// Members that only private keys and secrets have (RFC 7518, section 6; RFC 8037, section 2).
const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

impl Jwk {
    /// `None`: not a key, none of a kind that is known, or one with a private part.
    pub(crate) fn public(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let is_known = ["RSA", "EC", "OKP"].contains(&members.get("kty")?.as_str()?);
        let is_private = PRIVATE.iter().any(|name| members.contains_key(*name));
        (is_known && !is_private).then(|| Self(members.clone()))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    pub(crate) fn has_id(&self, kid: &Value) -> bool {
        kid.is_string() && self.0.get("kid") == Some(kid)
    }

    /// Is it for checking signatures of this algorithm? (RFC 7517, sections 4.2 to 4.4)
    pub(crate) fn is_for(&self, algorithm: Algorithm) -> bool {
        let (kty, crv) = algorithm.key_type();
        let is_verify = |operation: &Value| operation == "verify";
        self.text("kty") == Some(kty)
            && crv.is_none_or(|crv| self.text("crv") == Some(crv))
            && self.0.get("alg").is_none_or(|alg| alg == algorithm.name())
            && self.0.get("use").is_none_or(|it| it == "sig")
            && self.0.get("ext").is_none_or(Value::is_boolean)
            && self.0.get("key_ops").is_none_or(|operations| {
                operations
                    .as_array()
                    .is_some_and(|all| all.len() == 1 && all.iter().all(is_verify))
            })
    }

    pub(crate) fn material(&self) -> Option<Material> {
        let bytes = |name| Base64UrlUnpadded::decode_vec(self.text(name)?).ok();
        match (self.text("kty")?, self.text("crv")) {
            ("RSA", _) => Some(Material::Rsa {
                n: without_zeros(bytes("n")?),
                e: without_zeros(bytes("e")?),
            }),
            ("EC", Some(crv)) => {
                let length = match crv {
                    "P-256" => 32,
                    "P-384" => 48,
                    "P-521" => 66,
                    _ => return None,
                };
                let (x, y) = (bytes("x")?, bytes("y")?);
                let fits = x.len() == length && y.len() == length;
                fits.then(|| Material::Ec([&[4], x.as_slice(), y.as_slice()].concat()))
            }
            ("OKP", Some("Ed25519")) => bytes("x").map(Material::Ed25519),
            _ => None,
        }
    }

    /// SHA-256 thumbprint, base64url. Over the members as they are written: another text of the same bytes is
    /// another key.
    pub(crate) fn thumbprint(&self) -> Option<String> {
        /// In this order (RFC 7638, section 3.2).
        #[derive(Serialize)]
        struct Required<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            crv: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            e: Option<&'a str>,
            kty: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            n: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            x: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            y: Option<&'a str>,
        }
        let kty = self.text("kty")?;
        let required = |name: &str, of: &[&str]| match of.contains(&kty) {
            true => self.text(name).map(Some),
            false => Some(None),
        };
        let members = Required {
            crv: required("crv", &["EC", "OKP"])?,
            e: required("e", &["RSA"])?,
            kty,
            n: required("n", &["RSA"])?,
            x: required("x", &["EC", "OKP"])?,
            y: required("y", &["EC"])?,
        };
        let text = serde_json::to_vec(&members).ok()?;
        Some(Base64UrlUnpadded::encode_string(
            digest(&SHA256, &text).as_ref(),
        ))
    }
}

/// Some providers write a sign byte (RFC 7518, section 2, forbids it).
fn without_zeros(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_example_of_rfc_7638() {
        let key = json!({"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});
        let key = Jwk::public(&key).unwrap();
        assert_eq!(
            key.thumbprint().unwrap(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }

    #[test]
    fn what_says_that_it_is_no_public_key_is_none() {
        for (key, is_public) in [
            (json!({"kty": "EC"}), true),
            (json!({"kty": "EC", "d": "AA"}), false),
            (json!({"kty": "RSA", "k": "AA"}), false),
            (json!({"kty": "oct"}), false),
            (json!({}), false),
            (json!("EC"), false),
            (json!(null), false),
        ] {
            assert_eq!(Jwk::public(&key).is_some(), is_public, "{key}");
        }
    }

    #[test]
    fn a_sign_byte_is_no_part_of_the_number() {
        let of = |n: &str| {
            let key = Jwk::public(&json!({"kty": "RSA", "n": n, "e": "AQAB"})).unwrap();
            key.material()
        };
        assert_eq!(of("AIAB"), of("gAE"));
    }
}
