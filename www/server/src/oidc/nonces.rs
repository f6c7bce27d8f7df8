//! The provider's nonces for DPoP proofs (RFC 9449, 8). They are not kept anywhere: a nonce is the
//! number of a span of time and an HMAC over it.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A nonce is given out for so long, and good for as long again.
const SPAN_SECONDS: i64 = 120;

/// The key of the HMAC.
pub(crate) struct Nonces(Hmac<Sha256>);

impl Nonces {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, hmac::digest::InvalidLength> {
        Hmac::new_from_slice(key).map(Self)
    }

    /// The one to use from now on.
    pub(crate) fn current(&self, now: i64) -> String {
        self.of_span(now.div_euclid(SPAN_SECONDS))
    }

    /// Is it this span's or the one's before?
    pub(crate) fn is_good(&self, nonce: &str, now: i64) -> bool {
        let span = now.div_euclid(SPAN_SECONDS);
        [span, span.saturating_sub(1)].into_iter().any(|span| {
            let right = self.of_span(span);
            right.as_bytes().ct_eq(nonce.as_bytes()).into()
        })
    }

    fn of_span(&self, span: i64) -> String {
        let mac = self.0.clone().chain_update(span.to_be_bytes()).finalize();
        Base64UrlUnpadded::encode_string(&mac.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_two_spans() {
        let nonces = Nonces::new(&[7; 32]).unwrap();
        let nonce = nonces.current(1200);
        assert_eq!(nonce, nonces.current(1319));
        for (now, good) in [(1199, false), (1200, true), (1439, true), (1440, false)] {
            assert_eq!(nonces.is_good(&nonce, now), good, "{now}");
        }
        for other in ["", "x", &Nonces::new(&[8; 32]).unwrap().current(1200)] {
            assert!(!nonces.is_good(other, 1200));
        }
    }
}
