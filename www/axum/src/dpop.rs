//! DPoP proofs (RFC 9449): a key signs each request, and a token that is bound to that key is good for nothing without
//! it.

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::digest::{SHA256, digest};
use serde_json::Value;
use subtle::ConstantTimeEq;
use url::Url;

use crate::access_token::algorithm;
use crate::algorithms::{ASYMMETRIC, Algorithm};
use crate::code::UnauthorizedCode as Code;
use crate::compact::{Claims, Compact, object};
use crate::error::InvalidOption;
use crate::head::{RequestHead, header};
use crate::jwk::Jwk;
use crate::nonces::Nonces;
use crate::replays::{MemoryReplays, Proof, Replays};
use crate::signature;
use crate::times;

/// How far `iat` may be from now, either way.
const WINDOW_SECONDS: u32 = 60;

/// No proof is longer, and no `jti` is.
const LONGEST: usize = 4096;
const LONGEST_JTI: usize = 256;

/// What is asked of a proof (RFC 9449, section 4.3), beyond what is always asked.
#[derive(Clone)]
pub struct DpopCheck {
    /// What clients call this server (`"https://api.example.com"`).
    pub origin: String,
    /// `false`: tokens that are not bound to a key may pass as bearer tokens. Default `true`.
    pub required: bool,
    /// The nonces that proofs must have. A proof without one is answered with `use_dpop_nonce` and the nonce, and comes
    /// again. Default: none.
    pub nonce: Option<Arc<dyn Nonces>>,
    /// Which proofs were used. Default: the memory of this process.
    pub seen: Arc<dyn Replays>,
    /// What a proof may be signed with. Default: [`ASYMMETRIC`].
    pub algorithms: Vec<Algorithm>,
}

/// What a proof must be for, beside method and address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProofOf<'a> {
    /// The access token that comes with it. At a token endpoint there is none.
    pub token: Option<&'a str>,
    /// Thumbprint of the key that must have signed it. At a token endpoint it may not be known yet.
    pub key: Option<&'a str>,
}

impl DpopCheck {
    /// For a server that clients call so.
    pub fn new(origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            required: true,
            nonce: None,
            seen: Arc::new(MemoryReplays::default()),
            algorithms: ASYMMETRIC.to_vec(),
        }
    }

    pub(crate) fn read(mut self) -> Result<Self, InvalidOption> {
        let invalid = InvalidOption("origin must be an origin such as https://api.example.com");
        let url = Url::parse(&self.origin).map_err(|_| invalid)?;
        let origin = url.origin().ascii_serialization();
        let is_origin = ["http", "https"].contains(&url.scheme())
            && self.origin.strip_suffix('/').unwrap_or(&self.origin) == origin;
        let fits = |it: &Algorithm| ASYMMETRIC.contains(it);
        if self.algorithms.is_empty() || !self.algorithms.iter().all(fits) {
            return Err(InvalidOption("a proof is signed with a private key"));
        }
        self.origin = origin;
        is_origin.then_some(self).ok_or(invalid)
    }

    /// Checks the proof of a request, and does not use it up: [`Replays::seen`] does, once nothing else can refuse the
    /// request.
    ///
    /// For authorization servers, whose token endpoint takes proofs without a token (RFC 9449, section 5). An API has
    /// [`Verifier`](crate::Verifier).
    pub fn check(
        &self,
        request: RequestHead<'_>,
        of: ProofOf<'_>,
        now: i64,
    ) -> Result<Proof, Code> {
        let text = header(request.headers, "dpop").ok_or(Code::ProofMissing)?;
        let (claims, key) = self.verified(&text, of.key, now)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let jti = text("jti").ok_or(Code::ProofInvalid)?;
        if jti.is_empty() || jti.encode_utf16().count() > LONGEST_JTI {
            return Err(Code::ProofInvalid);
        }
        let is_address = text("htu").is_some_and(|htu| is_address(htu, &self.origin, request.path));
        if text("htm") != Some(request.method.as_str()) || !is_address {
            return Err(Code::ProofInvalid);
        }
        if let Some(nonces) = &self.nonce
            && nonces.current(now).is_some()
            && !text("nonce").is_some_and(|nonce| nonces.is_good(nonce, now))
        {
            return Err(Code::NonceNeeded);
        }
        let seconds = seconds_left(&claims, now).ok_or(Code::ProofOutdated)?;
        if let Some(token) = of.token {
            let hash = digest(&SHA256, token.as_bytes());
            let right = Base64UrlUnpadded::encode_string(hash.as_ref());
            let ath = text("ath").unwrap_or_default();
            if !bool::from(ath.as_bytes().ct_eq(right.as_bytes())) {
                return Err(Code::ProofInvalid);
            }
        }
        let jti = jti.to_owned();
        Ok(Proof { key, jti, seconds })
    }

    /// Shape, key, algorithm, signature and type. A key that is not the right one is never tried.
    fn verified(
        &self,
        text: &str,
        right_key: Option<&str>,
        now: i64,
    ) -> Result<(Claims, String), Code> {
        let proof = Compact::parse(text).filter(|_| text.len() <= LONGEST);
        let proof = proof.ok_or(Code::ProofInvalid)?;
        let header = object(&proof.header).ok_or(Code::ProofInvalid)?;
        let key = header.get("jwk").and_then(Jwk::public);
        let key = key.ok_or(Code::ProofInvalid)?;
        let thumbprint = key.thumbprint().ok_or(Code::ProofInvalid)?;
        if right_key.is_some_and(|right| !bool::from(right.as_bytes().ct_eq(thumbprint.as_bytes())))
        {
            return Err(Code::KeyBindingMismatch);
        }
        let algorithm = algorithm(&header, &self.algorithms).map_err(|_| Code::ProofInvalid)?;
        let material = key.material().filter(|_| key.is_for(algorithm));
        let is_right = material.is_some_and(|key| {
            signature::is_of_key(algorithm, &key, proof.signed, &proof.signature)
        });
        let is_proof = header.get("typ").is_some_and(|typ| typ == "dpop+jwt");
        // What is not understood is not let pass.
        if !is_right || !is_proof || header.contains_key("crit") {
            return Err(Code::ProofInvalid);
        }
        let claims = object(&proof.payload).ok_or(Code::ProofInvalid)?;
        times::check(&claims, now, WINDOW_SECONDS).map_err(|_| Code::ProofInvalid)?;
        Ok((claims, thumbprint))
    }
}

/// The thumbprint of the key that a token is bound to (RFC 9449, section 6.1).
pub(crate) fn bound_key(claims: &Claims) -> Option<&str> {
    let jkt = claims.get("cnf")?.get("jkt")?.as_str();
    jkt.filter(|jkt| !jkt.is_empty())
}

/// For how long a proof can be used; `None`: it is too old, or from the future.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "two minutes at most, once it is known that `iat` is near now"
)]
fn seconds_left(claims: &Claims, now: i64) -> Option<i64> {
    let issued_at = times::number(claims, "iat").ok()??;
    let age = now as f64 - issued_at;
    let window = f64::from(WINDOW_SECONDS);
    (age.abs() <= window).then(|| ((window - age).ceil() as i64).saturating_add(1))
}

/// Whether `htu` names this address: as addresses, and without query and fragment (RFC 9449, section 4.3, item 9). A
/// user name makes it another one.
fn is_address(htu: &str, origin: &str, path: &str) -> bool {
    let plain = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    plain(htu).is_some_and(|htu| Some(htu) == plain(&format!("{origin}{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9449, figure 2: key, thumbprint (figure 8 has it) and signature.
    #[test]
    fn the_example_of_the_rfc() {
        let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
        let check = DpopCheck::new("https://server.example.com").read().unwrap();
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("dpop", proof.parse().unwrap());
        let request = RequestHead {
            method: &axum::http::Method::POST,
            path: "/token",
            headers: &headers,
        };
        let key = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
        let checked = check.check(request, ProofOf::default(), 1_562_262_616);
        let right = Proof {
            key: key.to_owned(),
            jti: "-BwC3ESc6acc2lTc".to_owned(),
            seconds: 61,
        };
        assert_eq!(checked, Ok(right));

        let other = ProofOf {
            key: Some("another"),
            token: None,
        };
        let checked = check.check(request, other, 1_562_262_616);
        assert_eq!(checked, Err(Code::KeyBindingMismatch));
        let checked = check.check(request, ProofOf::default(), 1_562_262_677);
        assert_eq!(checked, Err(Code::ProofOutdated));
    }

    #[test]
    fn addresses_are_compared_as_addresses() {
        let is_address = |htu| is_address(htu, "https://api.test", "/me");
        for same in [
            "https://api.test/me",
            "HTTPS://API.test:443/me",
            "https://api.test/me?a=b#c",
            "https://api.test/x/../me",
        ] {
            assert!(is_address(same), "{same}");
        }
        for other in [
            "",
            "/me",
            "http://api.test/me",
            "https://api.test/me/",
            "https://api.test/ME",
            "https://api.test:444/me",
            "https://api.test@evil.test/me",
            "https://user@api.test/me",
        ] {
            assert!(!is_address(other), "{other}");
        }
    }

    #[test]
    fn a_path_that_looks_like_a_host_stays_a_path() {
        let is_address = |htu| is_address(htu, "https://api.test", "//evil.test/me");
        assert!(!is_address("https://evil.test/me"));
        assert!(is_address("https://api.test//evil.test/me"));
    }
}
