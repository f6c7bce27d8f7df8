//! PKCE (RFC 7636), with S256 alone.

use base64ct::{Base64UrlUnpadded, Encoding};
use subtle::ConstantTimeEq;

use crate::random;

/// A SHA-256 in base64url has so many characters.
const CHALLENGE_LENGTH: usize = 43;

/// Can this be the hash of a verifier (4.2)?
pub(crate) fn is_challenge(text: &str) -> bool {
    let mut hash = [0; 32];
    text.len() == CHALLENGE_LENGTH && Base64UrlUnpadded::decode(text, &mut hash).is_ok()
}

/// Is this a verifier (4.1), and the one whose hash was sent (4.6)?
pub(crate) fn is_verifier_of(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let well_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    let hash = Base64UrlUnpadded::encode_string(&random::sha256(verifier.as_bytes()));
    well_formed && bool::from(hash.as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_example_of_the_rfc() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(is_challenge(challenge));
        assert!(is_verifier_of(verifier, challenge));
        assert!(!is_verifier_of(challenge, challenge));
        assert!(!is_verifier_of(&verifier.to_lowercase(), challenge));
    }

    #[test]
    fn lengths_and_letters() {
        for bad in ["", "short", &"=".repeat(43), &"a".repeat(44)] {
            assert!(!is_challenge(bad), "{bad}");
        }
        let challenge =
            |text: &str| Base64UrlUnpadded::encode_string(&random::sha256(text.as_bytes()));
        for (verifier, good) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("~".repeat(128), true),
            ("a".repeat(129), false),
            ("+".repeat(43), false),
        ] {
            assert_eq!(
                is_verifier_of(&verifier, &challenge(&verifier)),
                good,
                "{verifier}"
            );
        }
    }
}
