//! A key that signs DPoP proofs.

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::Algorithm;
use jwt_compact::alg::{Es256, SigningKey};
use jwt_compact::jwk::JsonWebKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::oidc::flow::random;

type Private = <Es256 as Algorithm>::SigningKey;

pub(crate) struct Key(Private);

impl Key {
    pub(crate) fn new() -> Self {
        let private = <Private as SigningKey<Es256>>::from_slice(&random());
        Self(private.expect("a key"))
    }

    pub(crate) fn jwk(&self) -> Value {
        let public = SigningKey::<Es256>::to_verifying_key(&self.0);
        json!(JsonWebKey::from(&public))
    }

    /// With the private part.
    pub(crate) fn private_jwk(&self) -> Value {
        json!(JsonWebKey::from(&self.0))
    }

    /// By hand (RFC 7638, 3), so that the server's way is compared with another one.
    pub(crate) fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let text = format!(
            r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#,
            jwk["x"], jwk["y"]
        );
        hash(&text)
    }

    /// A proof for a request, right unless it is changed.
    pub(crate) fn proof(&self, method: &str, url: &str) -> Proof<'_> {
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() });
        let now = std::time::UNIX_EPOCH.elapsed().expect("now").as_secs();
        let jti = Base64UrlUnpadded::encode_string(&random());
        let claims = json!({ "jti": jti, "htm": method, "htu": url, "iat": now });
        Proof {
            key: self,
            header,
            claims,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Proof<'a> {
    key: &'a Key,
    header: Value,
    claims: Value,
}

impl Proof<'_> {
    /// `null` takes a claim out.
    pub(crate) fn claim(mut self, name: &str, value: Value) -> Self {
        set(&mut self.claims, name, value);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: Value) -> Self {
        set(&mut self.header, name, value);
        self
    }

    pub(crate) fn later(self, seconds: i64) -> Self {
        let issued_at = self.claims["iat"].as_i64().expect("seconds") + seconds;
        self.claim("iat", json!(issued_at))
    }

    pub(crate) fn of_token(self, token: &str) -> Self {
        self.claim("ath", json!(hash(token)))
    }

    pub(crate) fn sign(&self) -> String {
        self.sign_by(self.key)
    }

    pub(crate) fn sign_by(&self, key: &Key) -> String {
        let part = |part: &Value| Base64UrlUnpadded::encode_string(part.to_string().as_bytes());
        let signed = format!("{}.{}", part(&self.header), part(&self.claims));
        let signature = Es256.sign(&key.0, signed.as_bytes()).to_bytes();
        let signature = Base64UrlUnpadded::encode_string(&signature);
        format!("{signed}.{signature}")
    }
}

fn set(target: &mut Value, name: &str, value: Value) {
    let fields = target.as_object_mut().expect("an object");
    match value {
        Value::Null => fields.remove(name),
        value => fields.insert(name.to_owned(), value),
    };
}

/// SHA-256, base64url.
pub(crate) fn hash(text: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(text))
}
