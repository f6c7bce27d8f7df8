//! Where a token's key is found.

use std::sync::Arc;

use serde_json::Value;

use crate::algorithms::{ASYMMETRIC, Algorithm, SYMMETRIC};
use crate::error::{BoxError, BoxFuture, InvalidOption};
use crate::jwk::{Jwk, Material};

/// Keys that a server gets from somewhere: how, how long it keeps them and how often it asks is its own affair.
///
/// `hallpass/server` keeps a set for ten minutes, and asks again for a `kid` that is not in it, at most every thirty
/// seconds. This crate brings no HTTP client along.
///
/// ```
/// use std::sync::{Arc, RwLock};
///
/// use hallpass_axum::{BoxError, BoxFuture, KeySet, Keys};
///
/// /// Changed by a task that asks the provider now and then.
/// struct Fetched(RwLock<Option<Arc<KeySet>>>);
///
/// impl Keys for Fetched {
///     fn key_set<'a>(&'a self, _kid: Option<&'a str>) -> BoxFuture<'a, Result<Arc<KeySet>, BoxError>> {
///         Box::pin(async {
///             let set = self.0.read().map_err(|_| "poisoned")?.clone();
///             set.ok_or_else(|| "not fetched yet".into())
///         })
///     }
/// }
/// ```
pub trait Keys: Send + Sync {
    /// The set to look in for this `kid`. An error is answered with `keys_unavailable`: it says nothing about the token.
    fn key_set<'a>(&'a self, kid: Option<&'a str>) -> BoxFuture<'a, Result<Arc<KeySet>, BoxError>>;
}

/// Where the keys come from: a [`KeySet`], or [`Keys`] of the server's own.
#[derive(Clone)]
pub enum KeySource {
    /// These, and no others.
    Fixed(Arc<KeySet>),
    /// Asked for with each token.
    Asked(Arc<dyn Keys>),
}

impl From<KeySet> for KeySource {
    fn from(keys: KeySet) -> Self {
        Self::Fixed(Arc::new(keys))
    }
}

impl<K: Keys + 'static> From<K> for KeySource {
    fn from(keys: K) -> Self {
        Self::Asked(Arc::new(keys))
    }
}

impl KeySource {
    /// The algorithms that these keys can be for.
    pub(crate) fn fitting(&self) -> Vec<Algorithm> {
        match self {
            Self::Fixed(keys) => keys.fitting(),
            Self::Asked(_) => ASYMMETRIC.to_vec(),
        }
    }

    pub(crate) async fn key_set(&self, kid: Option<&str>) -> Result<Arc<KeySet>, BoxError> {
        match self {
            Self::Fixed(keys) => Ok(Arc::clone(keys)),
            Self::Asked(keys) => keys.key_set(kid).await,
        }
    }
}

/// Keys that check signatures.
#[derive(Clone)]
pub struct KeySet(Kind);

#[derive(Clone)]
enum Kind {
    Public(Vec<Jwk>),
    /// One key for every token, whatever `kid` it names.
    Single(Jwk),
    Secret(Vec<u8>),
}

/// A key that may have made a signature.
pub(crate) enum Candidate<'a> {
    Public(Material),
    Secret(&'a [u8]),
}

impl KeySet {
    /// A JSON Web Key Set (RFC 7517, section 5). All of it has to be public.
    pub fn from_json(set: &Value) -> Result<Self, InvalidOption> {
        let keys = set.get("keys").and_then(Value::as_array);
        let keys = keys.filter(|keys| !keys.is_empty()).ok_or(InvalidOption(
            "keys must be a set that has an array of keys, and at least one",
        ))?;
        let keys: Option<Vec<Jwk>> = keys.iter().map(Jwk::public).collect();
        Ok(Self(Kind::Public(keys.ok_or(NOT_PUBLIC)?)))
    }

    /// One public key, as JSON, for every token, whatever `kid` it names.
    pub fn single(key: &Value) -> Result<Self, InvalidOption> {
        Jwk::public(key)
            .map(|key| Self(Kind::Single(key)))
            .ok_or(NOT_PUBLIC)
    }

    /// A secret that this server shares with who signs. `algorithms` has to name HS256, HS384 or HS512 then.
    pub fn secret(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Kind::Secret(bytes.into()))
    }

    /// How long the secret is, where it is one.
    pub(crate) fn secret_bytes(&self) -> Option<usize> {
        match &self.0 {
            Kind::Secret(bytes) => Some(bytes.len()),
            Kind::Public(_) | Kind::Single(_) => None,
        }
    }

    fn fitting(&self) -> Vec<Algorithm> {
        match &self.0 {
            Kind::Public(_) => ASYMMETRIC.to_vec(),
            Kind::Single(key) => ASYMMETRIC
                .into_iter()
                .filter(|algorithm| key.is_for(*algorithm))
                .collect(),
            Kind::Secret(_) => SYMMETRIC.to_vec(),
        }
    }

    /// The keys that can have made a signature: several, where they have one `kid`, or the token names none. Of one that
    /// is alone and cannot be read, `None` is told; among others it does not count.
    pub(crate) fn candidates(
        &self,
        algorithm: Algorithm,
        kid: Option<&Value>,
    ) -> Option<Vec<Candidate<'_>>> {
        let fitting: Vec<&Jwk> = match &self.0 {
            Kind::Secret(bytes) => return Some(vec![Candidate::Secret(bytes)]),
            Kind::Single(key) => vec![key],
            Kind::Public(keys) => keys
                .iter()
                .filter(|key| kid.is_none_or(|kid| key.has_id(kid)) && key.is_for(algorithm))
                .collect(),
        };
        let readable = fitting.iter().filter_map(|key| key.material());
        let readable: Vec<_> = readable.map(Candidate::Public).collect();
        (fitting.len() != 1 || !readable.is_empty()).then_some(readable)
    }
}

const NOT_PUBLIC: InvalidOption = InvalidOption(
    "keys must be public keys: of the kty RSA, EC or OKP, and without their private part",
);
