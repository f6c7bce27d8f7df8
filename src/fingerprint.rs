//! Token sidejacking protection (OWASP JWT cheat sheet): a token is bound to a random value in a
//! hardened cookie, of which it carries the SHA-256.
//!
//! Whether cookie and token belong together is for the server to judge, on every request. Here it is
//! only seen to that no session starts with a token that lacks the claim, and, in client mode, that the
//! stored token is the one that this browser's cookie was made for.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::config::{Fingerprint, FingerprintMode};
use crate::cookie;
use crate::error::{Error, ErrorKind};
use crate::json::digits;
use crate::time::Span;
use crate::tokens::Tokens;

/// SHA-256 over the UTF-8 text of the cookie's value, in lower-case hex.
///
/// ```
/// # use hallpass::fingerprint::hash;
/// assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// ```
pub fn hash(value: &str) -> String {
    hex(&sha256(value))
}

/// SHA-256 over the UTF-8 text.
#[inline(never)]
pub fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let mut text = String::new();
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// Whether `text` is so many bytes in hex, of either case.
pub fn is_hex(text: &str, bytes: usize) -> bool {
    text.len() == bytes.saturating_mul(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether the access token may be used in this browser. `cookie_hash` is the hash of the cookie that
/// this package made, in client mode.
///
/// # Errors
/// `fingerprint_missing`: no such claim, or in client mode another hash than the cookie's.
pub fn check(
    tokens: &Tokens,
    options: Option<&Fingerprint>,
    cookie_hash: Option<&str>,
) -> Result<(), Error> {
    let Some(options) = options else {
        return Ok(());
    };
    let claim = tokens
        .jwt()
        .and_then(|jwt| jwt.text(&options.claim))
        .filter(|claim| !claim.is_empty());
    let is_ours = match (options.mode, claim, cookie_hash) {
        (_, None, _) | (FingerprintMode::Client, _, None) => false,
        (FingerprintMode::Server, Some(_), _) => true,
        (FingerprintMode::Client, Some(claim), Some(hash)) => same_hex(claim, hash),
    };
    if is_ours {
        return Ok(());
    }
    Err(ErrorKind::FingerprintMissing.into())
}

/// Whether this package makes the fingerprint.
pub fn is_made_here(options: Option<&Fingerprint>) -> bool {
    options.is_some_and(|options| options.mode == FingerprintMode::Client)
}

/// The name of the cookie in client mode. Where the page is https it begins with `__Host-`, whatever was
/// asked for: no subdomain and no other path can plant such a cookie, or set one beside it. Plain http, on
/// loopback, cannot have that.
pub fn cookie_name(options: &Fingerprint, is_https: bool) -> String {
    let prefix = if is_https { "__Host-" } else { "" };
    [prefix, options.cookie.as_str()].concat()
}

/// The value of the cookie `name`, among all that `document.cookie` says, where this package has made it.
/// Another value was planted, and is replaced.
pub fn own_value<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    cookie::values(cookies, name).find(|value| is_own(value))
}

/// What [`hex`] makes of 32 bytes.
fn is_own(value: &str) -> bool {
    value.len() == 64
        && value
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The text that sets the cookie in client mode, living no longer than the token; `ZERO` removes it.
/// Built from a name that was checked and from hex, so nothing can add an attribute (SEC-27).
pub fn cookie(name: &str, value: &str, is_https: bool, lifetime: Option<Span>) -> String {
    let mut text = [name, "=", value, "; Path=/; SameSite=Strict"].concat();
    if is_https {
        text.push_str("; Secure");
    }
    if let Some(lifetime) = lifetime {
        text.push_str("; Max-Age=");
        text.push_str(&digits(lifetime.max(Span::ZERO).part(1000).as_millis()));
    }
    text
}

fn same_hex(claim: &str, hash: &str) -> bool {
    let lower = claim.to_ascii_lowercase();
    lower.as_bytes().ct_eq(hash.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;
    use crate::secret::Secret;
    use crate::time::Timestamp;

    fn tokens(payload: &str) -> Tokens {
        let access = format!(
            "eyJhbGciOiJub25lIn0.{}.",
            Base64UrlUnpadded::encode_string(payload.as_bytes())
        );
        Tokens::restore(
            Secret::from(access),
            None,
            Timestamp::from_millis(0),
            None,
            9_999,
        )
        .unwrap()
    }

    fn options(mode: FingerprintMode) -> Fingerprint {
        Fingerprint {
            mode,
            claim: "userFingerprint".to_owned(),
            cookie: "Fgp".to_owned(),
            field: "fingerprint".to_owned(),
        }
    }

    #[test]
    fn sec_23_hash_is_over_the_text_of_the_value() {
        // SHA-256 of the two characters "00", not of one zero byte.
        assert_eq!(
            hash("00"),
            "f1534392279bddbf9d43dde8701cb5be14b82f76ec6607bf8d6ad557f60f304e"
        );
    }

    #[test]
    fn sec_22_in_server_mode_the_claim_must_be_there() {
        let server = options(FingerprintMode::Server);
        assert!(check(&tokens(r#"{"userFingerprint":"ab"}"#), Some(&server), None).is_ok());
        for payload in [
            "{}",
            r#"{"userFingerprint":""}"#,
            r#"{"userFingerprint":5}"#,
            r#"{"other":"ab"}"#,
        ] {
            let error = check(&tokens(payload), Some(&server), None).unwrap_err();
            assert_eq!(error.code(), "fingerprint_missing", "{payload}");
        }
        assert!(check(&tokens("{}"), None, None).is_ok());
    }

    #[test]
    fn sec_24_in_client_mode_it_must_be_the_cookies() {
        let client = options(FingerprintMode::Client);
        let hash = hash("value");
        let upper = format!(r#"{{"userFingerprint":"{}"}}"#, hash.to_uppercase());
        assert!(check(&tokens(&upper), Some(&client), Some(&hash)).is_ok());
        assert!(check(&tokens(&upper), Some(&client), None).is_err());
        assert!(
            check(
                &tokens(r#"{"userFingerprint":"ab"}"#),
                Some(&client),
                Some(&hash)
            )
            .is_err()
        );
    }

    #[test]
    fn sec_27_the_cookie_is_hardened_as_far_as_a_script_can() {
        assert_eq!(
            cookie("__Host-Fgp", "ab", true, Some(Span::from_millis(90_900))),
            "__Host-Fgp=ab; Path=/; SameSite=Strict; Secure; Max-Age=90"
        );
        assert_eq!(
            cookie("Fgp", "ab", false, None),
            "Fgp=ab; Path=/; SameSite=Strict"
        );
        assert_eq!(
            cookie("Fgp", "", false, Some(Span::from_millis(-5))),
            "Fgp=; Path=/; SameSite=Strict; Max-Age=0"
        );
    }

    #[test]
    fn sec_27_only_a_value_that_was_made_here_is_adopted() {
        let ours = "0123456789abcdef".repeat(4);
        let own = |cookies: &str| own_value(cookies, "Fgp").map(str::to_owned);
        assert_eq!(own(&format!("Fgp={ours}")), Some(ours.clone()));
        assert_eq!(own(&format!("a=b; Fgp={ours}; c=d")), Some(ours.clone()));
        // Planted beside it, with a longer path: it stands first.
        assert_eq!(own(&format!("Fgp=planted; Fgp={ours}")), Some(ours.clone()));
        for planted in [
            "",
            "planted",
            &ours.to_uppercase(),
            &ours[1..],
            &format!("{ours}0"),
            &format!("\"{ours}\""),
            &ours.replace('0', "g"),
            &ours.replace('0', "%"),
            &"é".repeat(32),
        ] {
            assert_eq!(own(&format!("Fgp={planted}")), None, "{planted}");
        }
        for other in ["xFgp", "Fgp2", "fgp", "__Host-Fgp", "=Fgp"] {
            assert_eq!(own(&format!("{other}={ours}")), None, "{other}");
        }
        assert_eq!(own(""), None);
        assert_eq!(own("Fgp"), None);
    }

    #[test]
    fn sec_22_the_cookie_has_the_host_prefix_wherever_it_can() {
        let options = options(FingerprintMode::Client);
        assert_eq!(cookie_name(&options, true), "__Host-Fgp");
        assert_eq!(cookie_name(&options, false), "Fgp");
    }
}
