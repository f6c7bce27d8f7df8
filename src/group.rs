//! A tab and its copies: the browser copies sessionStorage, and with it the session, when a tab is duplicated or opens
//! another one by `window.open`.
//!
//! Each session has a secret beside its tokens that is never sent. What the copies have in common is named by hashes
//! of it, so that a page which does not hold the record cannot name it: the channel on which they hand their tokens
//! on, the lock under which they refresh, and the place where they note how far they have come. Each hash has a
//! purpose of its own: every page of the origin can list locks and read localStorage, and learns nothing of the
//! channel's name from them (SEC-37).

use crate::fingerprint::{hash, hex, is_hex};
use crate::secret::Secret;

/// The secret that the copies of a tab share.
#[derive(Clone, Debug, PartialEq)]
pub struct Group(Secret);

impl Group {
    /// A new one, from random bytes of which nothing else is made.
    pub fn new(random: [u8; 16]) -> Self {
        Self(Secret::from(hex(&random)))
    }

    /// From 32 hex digits.
    pub fn parse(text: String) -> Option<Self> {
        is_hex(&text, 16).then(|| Self(Secret::from(text)))
    }

    /// Its hex digits, for the record.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Where the copies hand their tokens on. A page that knows this name hears them.
    pub fn channel(&self) -> Secret {
        Secret::from(self.name("channel"))
    }

    /// Under which lock they refresh.
    pub fn lock(&self) -> String {
        self.name("lock")
    }

    /// Where they note how far they have come.
    pub fn note(&self) -> String {
        self.name("generation")
    }

    fn name(&self, purpose: &str) -> String {
        hash(&[purpose, ":", self.0.expose()].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_37_no_name_tells_another_or_the_secret() {
        let group = Group::new([7; 16]);
        let channel = group.channel();
        let names = [channel.expose(), &group.lock(), &group.note()];
        for (index, name) in names.iter().enumerate() {
            assert_eq!(name.len(), 64);
            assert!(!names[..index].contains(name) && !name.contains(group.expose()));
        }
        assert_ne!(Group::new([8; 16]).channel(), channel);
        assert_eq!(Group::parse(group.expose().to_owned()), Some(group.clone()));
        assert!(!format!("{group:?}").contains(group.expose()));
    }

    #[test]
    fn sec_03_anything_but_32_hex_digits_is_no_group() {
        for text in ["", "ab", &"g".repeat(32), &"a".repeat(33)] {
            assert_eq!(Group::parse(text.to_owned()), None, "{text}");
        }
    }
}
