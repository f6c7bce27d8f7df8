//! The order of the checks.

use std::fmt;
use std::sync::Arc;

use axum::http::Extensions;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::access_token::{presented, verify_token};
use crate::clock;
use crate::code::UnauthorizedCode as Code;
use crate::compact::Claims;
use crate::dpop::{DpopCheck, ProofOf, bound_key};
use crate::error::{InvalidOption, Stop};
use crate::fingerprint;
use crate::head::RequestHead;
use crate::options::{Settings, VerifierOptions};
use crate::unauthorized::{Unauthorized, VerifyError};

/// Verifies the access token of a request: signature, `iss`, `aud`, `exp` and `nbf`, and, where it is switched on, the
/// fingerprint's cookie and the DPoP proof. One for the whole server; a clone is the same one.
///
/// It does not know whether a session was ended meanwhile, nor what its user may do: look at the claims.
///
/// ```
/// use hallpass_axum::{KeySet, Verifier, VerifierOptions};
/// use serde_json::json;
///
/// let keys = KeySet::from_json(&json!({ "keys": [{
///     "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
/// }] }))?;
/// let options = VerifierOptions::new("https://id.example.com", "https://api.example.com", keys);
/// let verifier = Verifier::new(options)?;
/// # Ok::<(), hallpass_axum::InvalidOption>(())
/// ```
#[derive(Clone)]
pub struct Verifier(Arc<Settings>);

/// A request that may pass.
#[derive(Clone)]
pub struct Verified {
    /// The token's payload.
    pub claims: Claims,
    /// The token itself, to ask another API with.
    pub token: String,
}

/// Beside a `Verified` in a request: the verifier that has let it pass. Another one has to look for itself.
#[derive(Clone)]
struct CheckedBy(Arc<Settings>);

/// How an access token comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// As the options say.
    Plain,
    /// With a proof of a key.
    Dpop,
}

const AUTHORIZATION: &str = "Authorization";

impl Verifier {
    /// Checks the options.
    pub fn new(options: VerifierOptions) -> Result<Self, InvalidOption> {
        Settings::read(options).map(|settings| Self(Arc::new(settings)))
    }

    /// Verifies a request now.
    pub async fn verify(&self, request: RequestHead<'_>) -> Result<Verified, VerifyError> {
        self.verify_at(request, clock::now()).await
    }

    /// Verifies a request at a time: seconds since the epoch.
    pub async fn verify_at(
        &self,
        request: RequestHead<'_>,
        now: i64,
    ) -> Result<Verified, VerifyError> {
        let mut scheme = Scheme::Plain;
        let admitted = self.admit(request, now, &mut scheme).await;
        admitted.map_err(|stop| self.told(stop, scheme, now))
    }

    /// Verifies a token alone, at a time: neither what it is bound to, nor how it came.
    pub async fn verify_token(&self, token: &str, now: i64) -> Result<Claims, VerifyError> {
        let claims = verify_token(token, now, &self.0.token).await;
        claims.map_err(|stop| self.told(stop, Scheme::Plain, now))
    }

    /// Notes in a request that it may pass, by this verifier.
    pub(crate) fn note(&self, extensions: &mut Extensions, verified: Verified) {
        extensions.insert(CheckedBy(Arc::clone(&self.0)));
        extensions.insert(verified);
    }

    /// What this verifier has noted. A request is not verified twice, since a proof is good once.
    pub(crate) fn noted(&self, extensions: &Extensions) -> Option<Verified> {
        let CheckedBy(settings) = extensions.get()?;
        let verified: Option<&Verified> = extensions.get();
        verified.filter(|_| Arc::ptr_eq(settings, &self.0)).cloned()
    }

    /// The token first, then what it is bound to, so that a token alone learns nothing more where it is bound. A proof
    /// is used up by a request that passes, and by no other.
    async fn admit(
        &self,
        request: RequestHead<'_>,
        now: i64,
        scheme: &mut Scheme,
    ) -> Result<Verified, Stop> {
        let Settings {
            token: settings,
            header,
            fingerprint,
            dpop,
        } = &*self.0;
        let plain = || presented(request.headers, &header.name, &header.scheme);
        let bound = dpop
            .as_ref()
            .and_then(|_| presented(request.headers, AUTHORIZATION, "DPoP"));
        let token = match (dpop, bound) {
            (_, Some(token)) => {
                *scheme = Scheme::Dpop;
                token
            }
            (Some(dpop), None) if dpop.required => {
                return Err(match plain() {
                    Some(_) => Code::KeyBindingMissing.into(),
                    None => Code::TokenMissing.into(),
                });
            }
            _ => plain().ok_or(Code::TokenMissing)?,
        };
        let claims = verify_token(&token, now, settings).await?;
        let proof = match (dpop, *scheme) {
            (Some(dpop), Scheme::Dpop) => {
                let key = bound_key(&claims).ok_or(Code::KeyBindingMissing)?;
                let of = ProofOf {
                    token: Some(&token),
                    key: Some(key),
                };
                Some((dpop, dpop.check(request, of, now)?))
            }
            _ => {
                // Taken as a bearer token, it would lose what protects it (RFC 9449, section 7.2).
                is_not_bound(dpop.as_ref(), &claims)?;
                None
            }
        };
        if let Some(settings) = fingerprint {
            fingerprint::check(request.headers, &claims, settings)?;
        }
        if let Some((dpop, proof)) = proof
            && dpop.seen.seen(&proof, now).await.map_err(Stop::Store)?
        {
            return Err(Code::ProofReplayed.into());
        }
        let token = token.into_owned();
        Ok(Verified { claims, token })
    }

    /// How it is told: by the scheme that the token needs.
    fn told(&self, stop: Stop, scheme: Scheme, now: i64) -> VerifyError {
        let (code, cause) = match stop {
            Stop::Refused(code) => (code, None),
            Stop::Keys(cause) => (Code::KeysUnavailable, Some(cause)),
            Stop::Store(cause) => return VerifyError::Store(cause),
        };
        let Settings { header, dpop, .. } = &*self.0;
        let needs_proof = |dpop: &&DpopCheck| {
            dpop.required || scheme == Scheme::Dpop || code == Code::KeyBindingMissing
        };
        let refusal = match dpop.as_ref().filter(needs_proof) {
            Some(dpop) => Unauthorized::new(code, "DPoP", Some(&dpop.algorithms)),
            None if header.scheme.is_empty() => Unauthorized::new(code, "Bearer", None),
            None => Unauthorized::new(code, &header.scheme, None),
        };
        let nonces = dpop.as_ref().and_then(|dpop| dpop.nonce.as_ref());
        let nonce = nonces.and_then(|nonces| nonces.current(now));
        refusal.with_nonce(nonce).with_cause(cause).into()
    }
}

fn is_not_bound(dpop: Option<&DpopCheck>, claims: &Claims) -> Result<(), Code> {
    match (bound_key(claims), dpop) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(Code::BindingUnchecked),
        (Some(_), Some(_)) => Err(Code::KeyBindingMissing),
    }
}

impl Verified {
    /// The claims as a type of one's own.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(self.claims.clone()))
    }

    /// Who it is for (`sub`).
    pub fn subject(&self) -> Option<&str> {
        self.claims.get("sub").and_then(Value::as_str)
    }
}

/// No claims and no token: this may end up in a log.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verified")
    }
}
