//! ID tokens (OpenID Connect Core 1.0, 2): JWTs signed with ES256, by a key of their own, so that
//! none passes for an access token.

use std::iter::successors;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::alg::{Es256, SigningKey, VerifyingKey};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmExt, AlgorithmSignature, Claims, Header, UntrustedToken};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::client;
use super::jwk::thumbprint;
use crate::faults::changes::{Changes, patch};
use crate::random;

type Private = <Es256 as Algorithm>::SigningKey;
type Public = <Es256 as Algorithm>::VerifyingKey;

/// Life of an ID token: for the client to read it, and no longer.
pub(crate) const LIFE_SECONDS: i64 = 3600;

/// No ID token of ours is longer.
const LONGEST: usize = 8 * 1024;

/// The key pair.
pub(crate) struct IdTokenKey {
    private: Private,
    public: HintKey,
}

/// The half of it that checks: it outlives the other one.
pub(crate) struct HintKey {
    key: Public,
    id: String,
}

/// What an ID token says that comes back as a hint.
#[derive(Debug, Deserialize)]
pub(crate) struct Hint {
    pub(crate) sub: String,
    pub(crate) sid: String,
    aud: String,
}

impl IdTokenKey {
    /// Makes the key from a seed. One of 2^32 is no number of the curve's: then its hash is taken.
    pub(crate) fn new(seed: [u8; 32]) -> Result<Self, String> {
        let private = successors(Some(seed), |seed| Some(random::sha256(seed)))
            .take(4)
            .find_map(|seed| <Private as SigningKey<Es256>>::from_slice(&seed).ok())
            .ok_or("no key of the curve")?;
        let public = SigningKey::<Es256>::to_verifying_key(&private);
        let public = HintKey::of(public);
        Ok(Self { private, public })
    }

    /// The public key.
    pub(crate) fn jwk(&self) -> JsonWebKey<'_> {
        JsonWebKey::from(&self.public.key)
    }

    /// What checks.
    pub(crate) fn public(&self) -> &HintKey {
        &self.public
    }

    /// Signs a token. Tests may change its claims before that, and its header.
    pub(crate) fn sign(
        &self,
        claims: Map<String, Value>,
        changes: Option<&Changes>,
    ) -> Result<String, String> {
        let mut claims = Value::Object(claims);
        if let Some(change) = changes.and_then(|changes| changes.id_token.as_ref()) {
            patch(&mut claims, change);
        }
        if let Some(change) = changes.and_then(|changes| changes.id_token_header.as_ref()) {
            return Ok(self.sign_under(&claims, change));
        }
        let header = Header::empty()
            .with_token_type("JWT")
            .with_key_id(self.public.id.as_str());
        Es256
            .token(&header, &Claims::new(claims), &self.private)
            .map_err(|error| error.to_string())
    }

    /// Signs under a changed header; with `alg: "none"` there is no signature (RFC 7518, 3.6).
    fn sign_under(&self, claims: &Value, change: &Value) -> String {
        let mut header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.public.id });
        patch(&mut header, change);
        let encode = |part: &Value| Base64UrlUnpadded::encode_string(part.to_string().as_bytes());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = match header.get("alg").and_then(Value::as_str) {
            Some("none") => String::new(),
            _ => {
                let signature = Es256.sign(&self.private, signed.as_bytes());
                Base64UrlUnpadded::encode_string(&signature.as_bytes())
            }
        };
        format!("{signed}.{signature}")
    }
}

impl HintKey {
    /// From its bytes.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, String> {
        <Public as VerifyingKey<Es256>>::from_slice(bytes)
            .map(Self::of)
            .map_err(|error| error.to_string())
    }

    fn of(key: Public) -> Self {
        let id = thumbprint(&JsonWebKey::from(&key));
        Self { key, id }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        VerifyingKey::<Es256>::as_bytes(&self.key).into_owned()
    }

    /// Reads a token that comes back as a hint: its signature counts, not its age (RP-Initiated
    /// Logout 1.0, 2).
    pub(crate) fn read(&self, token: &str) -> Option<Hint> {
        if token.len() > LONGEST {
            return None;
        }
        let token = UntrustedToken::new(token).ok()?;
        // There may be many keys, and checking a signature takes its time.
        if token.header().key_id.as_deref() != Some(&*self.id) {
            return None;
        }
        let token = Es256.validator::<Hint>(&self.key).validate(&token).ok()?;
        let (_, claims) = token.into_parts();
        (claims.custom.aud == client::ID).then_some(claims.custom)
    }
}

/// Left half of the hash of the access token that comes along (Core, 3.1.3.6).
pub(crate) fn at_hash(access_token: &str) -> String {
    let hash = random::sha256(access_token.as_bytes());
    let (half, _) = hash.split_at(16);
    Base64UrlUnpadded::encode_string(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Map<String, Value> {
        let claims = json!({ "sub": "demo", "sid": "s", "aud": "spa", "exp": 1, "nonce": "n" });
        claims.as_object().unwrap().clone()
    }

    #[test]
    fn a_hint_is_of_our_key_and_our_client() {
        let key = IdTokenKey::new([7; 32]).unwrap();
        let token = key.sign(claims(), None).unwrap();
        let hint = key.public().read(&token).unwrap();
        assert_eq!((hint.sub.as_str(), hint.sid.as_str()), ("demo", "s"));
        let kept = HintKey::new(&key.public().bytes()).unwrap();
        assert_eq!(kept.read(&token).unwrap().sub, "demo");
        let other = IdTokenKey::new([8; 32]).unwrap();
        assert!(other.public().read(&token).is_none());
        for change in [
            json!({ "idToken": { "aud": "other" } }),
            json!({ "idTokenHeader": { "alg": "none" } }),
        ] {
            let changes: Changes = serde_json::from_value(change).unwrap();
            let token = key.sign(claims(), Some(&changes)).unwrap();
            assert!(key.public().read(&token).is_none());
        }
    }

    /// A header that is changed otherwise is signed as it is.
    #[test]
    fn a_changed_header_is_signed() {
        let key = IdTokenKey::new([7; 32]).unwrap();
        let changes = json!({ "idTokenHeader": { "typ": null } });
        let changes: Changes = serde_json::from_value(changes).unwrap();
        let token = key.sign(claims(), Some(&changes)).unwrap();
        assert!(key.public().read(&token).is_some());
    }

    #[test]
    fn seeds_that_are_no_key_are_hashed() {
        assert!(IdTokenKey::new([0; 32]).is_ok());
        assert!(IdTokenKey::new([255; 32]).is_ok());
    }

    /// OpenID Connect Core 1.0, A.3.
    #[test]
    fn the_hash_of_an_access_token() {
        assert_eq!(
            at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }
}
