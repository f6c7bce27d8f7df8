//! Access tokens: JWTs signed with Ed25519 (`alg: EdDSA`). `hallpass_axum` verifies them.

use chrono::DateTime;
use jwt_compact::alg::{Ed25519, SigningKey};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmExt, Claims, Header};
use serde::{Deserialize, Serialize};

use crate::oidc::jwk;

type Private = <Ed25519 as Algorithm>::SigningKey;
type Public = <Ed25519 as Algorithm>::VerifyingKey;

/// What an access token says beside `iat` and `exp`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    /// User name.
    pub(crate) sub: String,
    /// Unique per token.
    pub(crate) jti: String,
    /// The session, and with it the family of refresh tokens.
    pub(crate) sid: String,
    /// Display name: a claim that the user can change.
    pub(crate) name: String,
    /// What the token is good for, separated by blanks.
    pub(crate) scope: String,
    /// The token version of account and session together.
    pub(crate) ver: i64,
    /// SHA-256, hex, of the fingerprint cookie.
    #[serde(
        rename = "userFingerprint",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) user_fingerprint: Option<String>,
    /// This server as the issuer, and this API.
    pub(crate) iss: String,
    pub(crate) aud: String,
    /// The client of the provider that got the token (RFC 9068, 2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_id: Option<String>,
    /// The key that the token is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cnf: Option<Confirmation>,
    /// When the server would like a refresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) softexp: Option<i64>,
    /// The password was changed elsewhere: sign in again to get the whole scope back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) reauth: bool,
}

impl AccessClaims {
    /// Every token has a fingerprint, but for those of a client of the provider that has not asked for one.
    pub(crate) fn lack_fingerprint(&self) -> bool {
        self.user_fingerprint.is_none() && self.client_id.is_none()
    }
}

/// The key that must sign a proof for each use of the token (RFC 9449, 6.1).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Confirmation {
    /// Its thumbprint (RFC 7638).
    pub(crate) jkt: String,
}

/// The key pair.
pub(crate) struct Signer {
    private: Private,
    public: Public,
    id: String,
}

impl Signer {
    pub(crate) fn new(seed: &[u8; 32]) -> Result<Self, String> {
        let private = <Private as SigningKey<Ed25519>>::from_slice(seed)
            .map_err(|error| error.to_string())?;
        let public = SigningKey::<Ed25519>::to_verifying_key(&private);
        let id = jwk::thumbprint(&JsonWebKey::from(&public));
        Ok(Self {
            private,
            public,
            id,
        })
    }

    /// Signs a token; no `exp` means that it does not expire.
    pub(crate) fn sign(
        &self,
        claims: AccessClaims,
        issued_at: i64,
        expires_at: Option<i64>,
    ) -> Result<String, String> {
        let mut claims = Claims::new(claims);
        claims.issued_at = DateTime::from_timestamp(issued_at, 0);
        claims.expiration = expires_at.and_then(|at| DateTime::from_timestamp(at, 0));
        let typ = match claims.custom.client_id {
            Some(_) => "at+jwt",
            None => "JWT",
        };
        // Several keys are published while they change: the token says which one it is.
        let header = Header::empty()
            .with_token_type(typ)
            .with_key_id(self.id.as_str());
        Ed25519
            .token(&header, &claims, &self.private)
            .map_err(|error| error.to_string())
    }

    /// The public key.
    pub(crate) fn jwk(&self) -> JsonWebKey<'_> {
        JsonWebKey::from(&self.public)
    }
}
