//! Signed tokens in their compact form (RFC 7515, section 3.1), taken apart.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};

/// Header or claims. Of two members with one name the last counts, as in JavaScript.
pub type Claims = Map<String, Value>;

/// A token whose signature nobody has looked at.
pub(crate) struct Compact<'a> {
    /// What was signed: header and payload as they came.
    pub(crate) signed: &'a str,
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Three parts, none empty, in base64url as its encoders write it: no padding, no bits left over (RFC 4648,
    /// section 3.5). So a token has one text only: what is changed in any place is another token.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let part = |text: &str| {
            let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
            (!bytes.is_empty()).then_some(bytes)
        };
        Some(Self {
            signed,
            header: part(header)?,
            payload: part(payload)?,
            signature: part(signature)?,
        })
    }
}

/// The JSON object that these bytes are.
pub(crate) fn object(bytes: &[u8]) -> Option<Claims> {
    serde_json::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_text() {
        assert!(Compact::parse("YWE.YWFh.YQ").is_some());
        for text in [
            "",
            ".",
            "..",
            "a",
            "YWE.YWFh",
            "YWE.YWFh.",
            ".YWFh.YQ",
            "YWE..YQ",
            "YWE.YWFh.YQ.YQ",
            "YWE=.YWFh.YQ",
            "YWF.YWFh.YQ",
            "YWE.YWFh.YR",
            "YWE.YW+h.YQ",
            "YWE.YW/h.YQ",
            "YWE.Y Fh.YQ",
            " YWE.YWFh.YQ",
            "YWE.YWFh.YQ\n",
            "é.YWFh.YQ",
            "YWE.YWFhY.YQ",
        ] {
            assert!(Compact::parse(text).is_none(), "{text}");
        }
    }
}
