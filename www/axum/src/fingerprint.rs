//! The fingerprint that binds a token to one browser (OWASP, token sidejacking).
//!
//! The value lives in a hardened cookie, its SHA-256 in the token. An attacker who steals the token from script, a log or
//! a URL does not have the cookie, and the token alone opens nothing.

use axum::http::HeaderMap;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::code::UnauthorizedCode as Code;
use crate::compact::Claims;
use crate::cookies;

/// 400 days: browsers keep no cookie longer (RFC 6265bis, section 5.5).
const LONGEST_COOKIE_SECONDS: u32 = 34_560_000;

/// Where the two halves of a fingerprint are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerprintCheck {
    /// Claim with the hash. Default `"userFingerprint"`.
    pub claim: String,
    /// Cookie with the value. A name without a prefix gets `__Host-` before it. Default `"Fgp"`, so `"__Host-Fgp"`.
    pub cookie: String,
    /// `false`: a token without the claim may pass. It is good in any browser, then. Default `true`.
    pub required: bool,
}

impl Default for FingerprintCheck {
    fn default() -> Self {
        Self {
            claim: "userFingerprint".to_owned(),
            cookie: "Fgp".to_owned(),
            required: true,
        }
    }
}

/// The value of a fingerprint's cookie: a fresh one, or the one that the browser sent.
///
/// A fresh one at each sign-in; a refresh keeps the hash, and sets no cookie.
///
/// ```
/// use hallpass_axum::Fingerprint;
///
/// let fingerprint = Fingerprint::generate()?;
/// let claim = fingerprint.hash(); // for the token: "userFingerprint"
/// let line = fingerprint.set_cookie("Fgp", None); // for the answer: Set-Cookie
/// assert!(fingerprint.matches(&claim) && line.starts_with("__Host-Fgp="));
/// # Ok::<(), getrandom::Error>(())
/// ```
#[derive(Clone)]
pub struct Fingerprint {
    value: String,
}

impl Fingerprint {
    /// 32 random bytes of the system.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self::of(&bytes))
    }

    /// Of random bytes; in the cookie they are hex.
    pub fn of(random: &[u8; 32]) -> Self {
        Self { value: hex(random) }
    }

    /// The one that the browser sent in this cookie.
    pub fn from_headers(headers: &HeaderMap, cookie: &str) -> Option<Self> {
        let value = cookies::value(headers, &cookies::hardened(cookie))?.to_owned();
        Some(Self { value })
    }

    /// The claim: SHA-256 of the cookie value's text, hex.
    pub fn hash(&self) -> String {
        hex(digest(&SHA256, self.value.as_bytes()).as_ref())
    }

    /// Does it belong to a token with this claim? Takes the same time either way.
    pub fn matches(&self, claim: &str) -> bool {
        let claim = claim.to_ascii_lowercase();
        self.hash().as_bytes().ct_eq(claim.as_bytes()).into()
    }

    /// The `Set-Cookie` value. For so many seconds, at most and by default the 400 days that browsers keep one: without
    /// its token it opens nothing.
    pub fn set_cookie(&self, cookie: &str, max_age_seconds: Option<u32>) -> String {
        let seconds = max_age_seconds.map_or(LONGEST_COOKIE_SECONDS, |seconds| {
            seconds.min(LONGEST_COOKIE_SECONDS)
        });
        let (name, value) = (cookies::hardened(cookie), &self.value);
        format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}")
    }
}

/// The hash in the token against the cookie.
pub(crate) fn check(
    headers: &HeaderMap,
    claims: &Claims,
    settings: &FingerprintCheck,
) -> Result<(), Code> {
    let claim = claims.get(&settings.claim);
    if claim.is_none() && !settings.required {
        return Ok(());
    }
    let claim = claim.and_then(Value::as_str).filter(|it| !it.is_empty());
    let cookie = Fingerprint::from_headers(headers, &settings.cookie);
    let (claim, fingerprint) = claim.zip(cookie).ok_or(Code::FingerprintMissing)?;
    match fingerprint.matches(claim) {
        true => Ok(()),
        false => Err(Code::FingerprintMismatch),
    }
}

/// Lower case.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_23_the_claim_is_the_hash_of_the_text() {
        // Over the text of the value, not over the bytes that it spells.
        let fingerprint = Fingerprint {
            value: "abc".to_owned(),
        };
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(fingerprint.hash(), hash);
        assert!(fingerprint.matches(hash) && fingerprint.matches(&hash.to_uppercase()));
        assert!(!fingerprint.matches("") && !fingerprint.matches(&hash[1..]));
    }

    #[test]
    fn sec_22_a_hardened_cookie_of_256_bits() {
        let fingerprint = Fingerprint::of(&[0xab; 32]);
        let rest = "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=";
        let value = "ab".repeat(32);
        for (cookie, seconds, line) in [
            ("Fgp", None, format!("__Host-Fgp={value}{rest}34560000")),
            ("Own", Some(60), format!("__Host-Own={value}{rest}60")),
            (
                "__Secure-Own",
                Some(u32::MAX),
                format!("__Secure-Own={value}{rest}34560000"),
            ),
        ] {
            assert_eq!(fingerprint.set_cookie(cookie, seconds), line);
        }
        let (one, other) = (
            Fingerprint::generate().unwrap(),
            Fingerprint::generate().unwrap(),
        );
        assert_ne!(one.hash(), other.hash());
    }
}
