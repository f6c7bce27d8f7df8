//! The server's nonces for proofs (RFC 9449, section 9).

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::hmac;
use subtle::ConstantTimeEq;

/// Gives nonces out, and knows them again.
pub trait Nonces: Send + Sync {
    /// The one for the next proof. `None`: none is asked for at the moment.
    fn current(&self, now: i64) -> Option<String>;

    /// Is it the one of now, or the one before? A proof may be under way while it changes.
    fn is_good(&self, nonce: &str, now: i64) -> bool;
}

/// Nonces that are kept nowhere: the number of a span of two minutes, as an HMAC. The processes of a server share the
/// key, and so the nonces.
pub struct SpanNonces(hmac::Key);

/// A nonce is given out for so long, and good for as long again.
const SPAN_SECONDS: i64 = 120;

impl SpanNonces {
    /// With a random key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    fn of_span(&self, span: i64) -> String {
        let tag = hmac::sign(&self.0, &span.to_be_bytes());
        Base64UrlUnpadded::encode_string(tag.as_ref())
    }
}

impl Nonces for SpanNonces {
    fn current(&self, now: i64) -> Option<String> {
        Some(self.of_span(now.div_euclid(SPAN_SECONDS)))
    }

    fn is_good(&self, nonce: &str, now: i64) -> bool {
        let span = now.div_euclid(SPAN_SECONDS);
        [span, span.saturating_sub(1)].into_iter().any(|span| {
            let right = self.of_span(span);
            right.as_bytes().ct_eq(nonce.as_bytes()).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_two_spans() {
        let nonces = SpanNonces::new(&[7; 32]);
        let nonce = nonces.current(1200).unwrap();
        assert_eq!(Some(&nonce), nonces.current(1319).as_ref());
        for (now, good) in [(1199, false), (1200, true), (1439, true), (1440, false)] {
            assert_eq!(nonces.is_good(&nonce, now), good, "{now}");
        }
        let others = SpanNonces::new(&[8; 32]).current(1200).unwrap();
        for other in ["", "x", &others] {
            assert!(!nonces.is_good(other, 1200));
        }
    }
}
