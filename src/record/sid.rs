//! Names of sessions.

use crate::fingerprint::{hex, is_hex};

/// A random name, 128 bits in hex: of a session, of a question to other tabs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sid(String);

impl Sid {
    /// From 32 hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        is_hex(text, 16).then(|| Self(text.to_owned()))
    }

    /// Its hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From random bytes, and a number that no other name of this tab has: two names may be drawn in one
    /// step, and so from the same bytes.
    pub fn new(random: [u8; 16], number: u32) -> Self {
        let mut bytes = random;
        for (byte, other) in bytes.iter_mut().zip(number.to_le_bytes()) {
            *byte ^= other;
        }
        Self(hex(&bytes))
    }
}
