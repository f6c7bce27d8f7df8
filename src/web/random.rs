//! Randomness, from `crypto.getRandomValues` only: where that is missing there is no session (SEC-45).

use wasm_bindgen::JsCast;
use web_sys::Crypto;

use crate::error::{Error, ErrorKind};

use super::global::global;

pub(super) struct Random(Crypto);

impl Random {
    pub(super) fn new() -> Result<Self, Error> {
        let crypto = global("crypto").map(JsCast::unchecked_into::<Crypto>);
        let random = crypto
            .map(Self)
            .filter(|random| random.bytes::<1>().is_ok());
        random.ok_or_else(unavailable)
    }

    pub(super) fn bytes<const N: usize>(&self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        match self.0.get_random_values_with_u8_array(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(_) => Err(unavailable()),
        }
    }
}

fn unavailable() -> Error {
    Error::new(
        ErrorKind::CoreUnavailable,
        "crypto.getRandomValues is missing here: nothing else is random enough",
    )
}
