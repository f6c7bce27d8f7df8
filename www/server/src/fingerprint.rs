//! The fingerprint that binds a token to one browser (OWASP, token sidejacking).
//!
//! The value lives in a hardened cookie, its SHA-256 in the token. An attacker who steals the token from
//! script, a log or a URL does not have the cookie, and the token alone opens nothing.

use axum::http::HeaderMap;
use subtle::ConstantTimeEq;

use crate::cookies;
use crate::random;

/// A fingerprint cookie as it came with a request, or a new one.
pub(crate) struct Fingerprint {
    value: String,
}

impl Fingerprint {
    /// 32 random bytes, hex.
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self {
            value: random::hex(&bytes),
        })
    }

    /// The one that the browser sent.
    pub(crate) fn from_request(headers: &HeaderMap) -> Option<Self> {
        let value = cookies::get(headers, cookies::FINGERPRINT)?;
        let well_formed = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        well_formed.then(|| Self {
            value: value.to_owned(),
        })
    }

    /// The claim: SHA-256 of the cookie value's text, hex.
    pub(crate) fn claim(&self) -> String {
        random::sha256_hex(self.value.as_bytes())
    }

    /// Does it belong to a token or session with this claim? Takes the same time either way.
    pub(crate) fn matches(&self, claim: &str) -> bool {
        self.claim().as_bytes().ct_eq(claim.as_bytes()).into()
    }

    /// The `Set-Cookie` value. It outlives any session: the sessions of one browser share it, and
    /// without its token it opens nothing.
    pub(crate) fn set_cookie(&self) -> String {
        cookies::hidden(cookies::FINGERPRINT, &self.value, LONGEST_COOKIE_SECONDS)
    }
}

/// 400 days: browsers keep no cookie longer (RFC 6265bis, section 5.5).
const LONGEST_COOKIE_SECONDS: i64 = 34_560_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claim_is_the_hash_of_the_text() {
        // SEC-23: over the text of the value, not over the bytes that it spells.
        let fingerprint = Fingerprint {
            value: "abc".to_owned(),
        };
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(fingerprint.claim(), expected);
        assert!(fingerprint.matches(expected));
        assert!(!fingerprint.matches(""));
    }

    #[test]
    fn odd_cookies_are_none() {
        for value in ["", "abc", &"g".repeat(64), &"0".repeat(65)] {
            let mut headers = HeaderMap::new();
            let cookie = format!("a=b; __Host-Fgp={value}");
            headers.insert("cookie", cookie.parse().expect("header"));
            assert!(Fingerprint::from_request(&headers).is_none(), "{value}");
        }
    }
}
