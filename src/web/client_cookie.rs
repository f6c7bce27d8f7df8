//! The fingerprint cookie of client mode: made here, read back, renewed with the token, removed at the end.

use crate::config::Fingerprint;
use crate::fingerprint;
use crate::time::Span;

use super::cookie;
use super::random::Random;

pub(super) struct ClientCookie<'a> {
    random: &'a Random,
    name: String,
    is_https: bool,
}

impl<'a> ClientCookie<'a> {
    pub(super) fn new(options: &Fingerprint, random: &'a Random) -> Self {
        let is_https = cookie::is_https();
        Self {
            random,
            name: fingerprint::cookie_name(options, is_https),
            is_https,
        }
    }

    /// The hash of the cookie that this browser has.
    pub(super) fn hash(&self) -> Option<String> {
        self.value().map(|value| fingerprint::hash(&value))
    }

    /// The same; makes the cookie where there is none yet, or one that was not made here.
    pub(super) fn made_hash(&self) -> Option<String> {
        if self.value().is_none() {
            let value = fingerprint::hex(&self.random.bytes::<32>().ok()?);
            self.write(&value, None);
        }
        self.hash()
    }

    /// Lets it live as long as the token.
    pub(super) fn renew(&self, lifetime: Option<Span>) {
        if let Some(value) = self.value() {
            self.write(&value, lifetime);
        }
    }

    pub(super) fn remove(&self) {
        self.write("", Some(Span::ZERO));
    }

    fn value(&self) -> Option<String> {
        fingerprint::own_value(&cookie::read()?, &self.name).map(str::to_owned)
    }

    fn write(&self, value: &str, lifetime: Option<Span>) {
        cookie::write(&fingerprint::cookie(
            &self.name,
            value,
            self.is_https,
            lifetime,
        ));
    }
}
