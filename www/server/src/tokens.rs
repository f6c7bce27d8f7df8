//! Access tokens: JWTs signed with Ed25519 (`alg: EdDSA`). This file alone signs and verifies.

use chrono::DateTime;
use jwt_compact::alg::{Ed25519, SigningKey};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmExt, Claims, Header, UntrustedToken};
use serde::{Deserialize, Serialize};

use crate::oidc::jwk;

type Private = <Ed25519 as Algorithm>::SigningKey;
type Public = <Ed25519 as Algorithm>::VerifyingKey;

/// No token of ours is longer; a longer one is not worth parsing.
const LONGEST: usize = 8 * 1024;

/// Times in a token are whole seconds, rounded down. One second of tolerance gives a token its
/// full life back.
const LEEWAY_MS: i64 = 1000;

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
    /// The issuer of a token that a client of the provider got, its audience, and the client
    /// (RFC 9068, 2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) iss: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) aud: Option<String>,
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

/// The key that must sign a proof for each use of the token (RFC 9449, 6.1).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Confirmation {
    /// Its thumbprint (RFC 7638).
    pub(crate) jkt: String,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// Not a token of ours: shape, algorithm, signature or claims.
    Invalid,
    /// Ours, but its time is over.
    Expired,
}

/// The key pair.
pub(crate) struct Signer {
    private: Private,
    public: Public,
}

impl Signer {
    pub(crate) fn new(seed: &[u8; 32]) -> Result<Self, String> {
        let private = <Private as SigningKey<Ed25519>>::from_slice(seed)
            .map_err(|error| error.to_string())?;
        let public = SigningKey::<Ed25519>::to_verifying_key(&private);
        Ok(Self { private, public })
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
        let header = match claims.custom.client_id {
            Some(_) => Header::empty()
                .with_token_type("at+jwt")
                .with_key_id(jwk::thumbprint(&self.jwk())),
            None => Header::empty().with_token_type("JWT"),
        };
        Ed25519
            .token(&header, &claims, &self.private)
            .map_err(|error| error.to_string())
    }

    /// The public key.
    pub(crate) fn jwk(&self) -> JsonWebKey<'_> {
        JsonWebKey::from(&self.public)
    }

    /// Checks signature and expiry.
    pub(crate) fn verify(&self, token: &str, now_ms: i64) -> Result<AccessClaims, TokenFault> {
        let (claims, expires_at) = self.open(token)?;
        match expires_at {
            Some(at) if at.saturating_add(LEEWAY_MS) <= now_ms => Err(TokenFault::Expired),
            _ => Ok(claims),
        }
    }

    /// Checks the signature only: signing out must work with a token that has just run out.
    pub(crate) fn verify_any_age(&self, token: &str) -> Result<AccessClaims, TokenFault> {
        self.open(token).map(|(claims, _)| claims)
    }

    fn open(&self, token: &str) -> Result<(AccessClaims, Option<i64>), TokenFault> {
        if token.len() > LONGEST {
            return Err(TokenFault::Invalid);
        }
        // The algorithm is ours to choose, never the token's: another `alg`, `none` included,
        // fails here.
        let token = UntrustedToken::new(token).map_err(|_| TokenFault::Invalid)?;
        let token = Ed25519
            .validator::<AccessClaims>(&self.public)
            .validate(&token)
            .map_err(|_| TokenFault::Invalid)?;
        let (_, claims) = token.into_parts();
        Ok((
            claims.custom,
            claims.expiration.map(|at| at.timestamp_millis()),
        ))
    }
}
