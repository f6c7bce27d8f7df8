//! DPoP proofs (RFC 9449): a key signs each request, and a token that is bound to that key is good
//! for nothing without it.

use axum::http::{HeaderMap, Method};
use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::alg::Es256;
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmExt, UntrustedToken};
use rusqlite::Transaction;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use url::Url;

use super::endpoints;
use super::headers::DPOP;
use super::jwk::thumbprint;
use super::proofs;
use crate::error::ApiError;
use crate::random;
use crate::state::App;

/// How far `iat` may be from our time, either way.
const WINDOW_SECONDS: i64 = 60;

/// No proof is longer, and no `jti` is.
const LONGEST: usize = 4096;
const LONGEST_JTI: usize = 256;

/// The request that a proof must be for.
pub(crate) struct Target<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// The access token that comes with it.
    pub(crate) access_token: Option<&'a str>,
}

/// A proof that is good for this request, if it is not used already: see `spend`.
#[derive(Debug)]
pub(crate) struct Proof {
    /// Thumbprint of the key that has signed it.
    pub(crate) jkt: String,
    jti: String,
    issued_at: i64,
}

/// Why a proof is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Invalid(&'static str),
    /// It needs the nonce that the answer brings along.
    NonceNeeded,
}

impl Refusal {
    pub(crate) const MISSING: Self = Self::Invalid("a proof of the key is needed");
    pub(crate) const REPLAYED: Self = Self::Invalid("the proof was used before");

    /// At the endpoints of the authorization server (5, 8).
    pub(crate) fn at_provider(self) -> ApiError {
        let (error, reason) = self.parts();
        ApiError::oauth(error, reason)
    }

    /// At the API (7.1, 9).
    pub(crate) fn at_api(self) -> ApiError {
        let (error, reason) = self.parts();
        ApiError::proof_needed(error, reason)
    }

    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Invalid(reason) => ("invalid_dpop_proof", reason),
            Self::NonceNeeded => ("use_dpop_nonce", "the proof needs the nonce of this answer"),
        }
    }
}

impl Proof {
    /// Is it signed by the key of this thumbprint?
    pub(crate) fn is_by(&self, jkt: &str) -> bool {
        self.jkt.as_bytes().ct_eq(jkt.as_bytes()).into()
    }

    /// Notes that it was used. `false`: a second time.
    pub(crate) fn spend(&self, tx: &Transaction<'_>, now: i64) -> rusqlite::Result<bool> {
        let until = self.issued_at.saturating_add(WINDOW_SECONDS);
        proofs::spend(tx, &self.jkt, &self.jti, until, now)
    }
}

#[derive(Clone, Deserialize)]
struct ProofHeader {
    jwk: JsonWebKey<'static>,
}

#[derive(Deserialize)]
struct ProofClaims {
    jti: String,
    htm: String,
    htu: String,
    nonce: Option<String>,
    ath: Option<String>,
}

/// Checks the proof of a request in the order of RFC 9449, 4.3; `None` where there is none.
pub(crate) fn check(
    app: &App,
    headers: &HeaderMap,
    target: &Target<'_>,
) -> Result<Option<Proof>, Refusal> {
    let mut proofs = headers.get_all(DPOP).iter();
    let Some(text) = proofs.next() else {
        return Ok(None);
    };
    if proofs.next().is_some() {
        return Err(Refusal::Invalid("there must be one proof"));
    }
    let text = text.to_str().unwrap_or_default();
    let (claims, issued_at, jkt) = verified(text)?;
    if claims.jti.is_empty() || claims.jti.len() > LONGEST_JTI {
        return Err(Refusal::Invalid("jti must be 1 to 256 characters"));
    }
    if claims.htm != target.method.as_str() {
        return Err(Refusal::Invalid("htm must be the method of the request"));
    }
    if !is_url_of(&claims.htu, &endpoints::url(&app.origins, target.path)) {
        return Err(Refusal::Invalid("htu must be the address of the request"));
    }
    let now = app.clock.now();
    if issued_at.abs_diff(now) > WINDOW_SECONDS.unsigned_abs() {
        return Err(Refusal::Invalid("iat is too long ago or in the future"));
    }
    if let Some(token) = target.access_token {
        let right = Base64UrlUnpadded::encode_string(&random::sha256(token.as_bytes()));
        let ath = claims.ath.unwrap_or_default();
        if !bool::from(ath.as_bytes().ct_eq(right.as_bytes())) {
            return Err(Refusal::Invalid("ath must be the hash of the access token"));
        }
    }
    let nonce = claims.nonce.unwrap_or_default();
    if app.policy.get().dpop_nonce && !app.nonces.is_good(&nonce, now) {
        return Err(Refusal::NonceNeeded);
    }
    Ok(Some(Proof {
        jkt,
        jti: claims.jti,
        issued_at,
    }))
}

/// Shape, type, algorithm, key and signature.
fn verified(text: &str) -> Result<(ProofClaims, i64, String), Refusal> {
    let malformed = Refusal::Invalid("the proof is not well-formed");
    if text.len() > LONGEST {
        return Err(malformed);
    }
    let Ok(token) = UntrustedToken::<ProofHeader>::try_from(text) else {
        return Err(malformed);
    };
    if token.header().token_type.as_deref() != Some("dpop+jwt") {
        return Err(Refusal::Invalid("typ must be dpop+jwt"));
    }
    if token.algorithm() != "ES256" {
        return Err(Refusal::Invalid("alg must be ES256"));
    }
    let jwk = &token.header().other_fields.jwk;
    if jwk.is_signing_key() {
        return Err(Refusal::Invalid("jwk must be a public key"));
    }
    let jkt = thumbprint(jwk);
    let Ok(key) = <Es256 as Algorithm>::VerifyingKey::try_from(jwk) else {
        return Err(Refusal::Invalid("jwk must be a key of the curve P-256"));
    };
    let Ok(token) = Es256.validator::<ProofClaims>(&key).validate(&token) else {
        return Err(Refusal::Invalid("the signature or a claim is wrong"));
    };
    let (_, claims) = token.into_parts();
    let issued_at = claims
        .issued_at
        .ok_or(Refusal::Invalid("iat is missing"))?
        .timestamp();
    Ok((claims.custom, issued_at, jkt))
}

/// Does `htu` name this address? Query and fragment do not count, nor do ways of writing it that
/// mean the same (4.3, 9).
fn is_url_of(htu: &str, right: &str) -> bool {
    let plain = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    plain(htu).is_some_and(|htu| Some(htu) == plain(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9449, figure 2: key, thumbprint (figure 8 has it) and signature.
    #[test]
    fn the_example_of_the_rfc() {
        let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
        let (claims, issued_at, jkt) = verified(proof).ok().unwrap();
        assert_eq!(jkt, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        assert_eq!((claims.htm.as_str(), issued_at), ("POST", 1_562_262_616));
        assert!(is_url_of(&claims.htu, "https://server.example.com/token"));

        let (signed, _) = proof.rsplit_once('.').unwrap();
        for bad in [
            "".to_owned(),
            "a.b.c".to_owned(),
            format!("{signed}."),
            proof.replace("eyJqdGki", "eyJqdGkj"),
            format!("{proof}{}", "A".repeat(LONGEST)),
        ] {
            assert!(verified(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_are_compared_as_addresses() {
        let right = "https://api.test/me";
        for same in [
            right,
            "HTTPS://API.test:443/me",
            "https://api.test/me?a=b#c",
            "https://api.test/x/../me",
        ] {
            assert!(is_url_of(same, right), "{same}");
        }
        for other in [
            "",
            "/me",
            "http://api.test/me",
            "https://api.test/me/",
            "https://api.test/ME",
            "https://api.test:444/me",
            "https://api.test@evil.test/me",
        ] {
            assert!(!is_url_of(other, right), "{other}");
        }
    }
}
