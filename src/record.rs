//! What is stored between reloads, and what tabs say to each other.
//!
//! Both come back as untrusted input (SEC-03, SEC-37): whatever has another shape, size or version is
//! nothing at all.

use serde::{Deserialize, Serialize};

use crate::fingerprint::hex;
use crate::secret::Secret;
use crate::time::{Span, Timestamp};
use crate::tokens::Tokens;

const VERSION: u8 = 1;

/// A session in its stored form.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The session's random name.
    pub sid: Sid,
    /// Counts token changes within the session.
    pub generation: u64,
    /// Its tokens.
    pub tokens: Tokens,
    /// When the user signed in.
    pub signed_in: Timestamp,
}

impl Record {
    /// The text to store. Without the refresh token unless it may be kept on disk.
    pub fn to_text(&self, with_refresh: bool) -> Option<Secret> {
        let refresh = self.tokens.refresh().filter(|_| with_refresh);
        let stored = Stored {
            v: VERSION,
            sid: self.sid.0.as_str().into(),
            generation: self.generation,
            access: self.tokens.access().expose().into(),
            refresh: refresh.map(|token| token.expose().into()),
            received: self.tokens.received().as_millis(),
            lifetime: self.tokens.lifetime().map(Span::as_millis),
            signed_in: self.signed_in.as_millis(),
        };
        serde_json::to_string(&stored).ok().map(Secret::from)
    }

    /// Reads a stored text; `limit` is the longest token accepted, in bytes.
    pub fn from_text(text: &str, limit: usize) -> Option<Self> {
        // Two tokens and a little more: nothing that we wrote is longer, so nothing longer is parsed.
        if text.len() > limit.saturating_mul(2).saturating_add(512) {
            return None;
        }
        let stored: Stored = serde_json::from_str(text).ok().filter(|stored: &Stored| stored.v == VERSION)?;
        let tokens = Tokens::restore(
            Secret::from(stored.access),
            stored.refresh.map(Secret::from),
            Timestamp::from_millis(stored.received),
            stored.lifetime.map(Span::from_millis),
            limit,
        );
        Some(Self {
            sid: Sid::parse(&stored.sid)?,
            generation: stored.generation,
            tokens: tokens.ok()?,
            signed_in: Timestamp::from_millis(stored.signed_in),
        })
    }
}

/// A session's random name: 128 bits in hex.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sid(String);

impl Sid {
    /// From 32 hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| Self(text.to_owned()))
    }

    /// From random bytes.
    pub fn from_bytes(random: [u8; 16]) -> Self {
        Self(hex(&random))
    }
}

/// A hint from another tab. It can end a session or make this tab look again, never install anything.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A session ended.
    SignedOut {
        /// Which one; every one of this name where there is none.
        sid: Option<Sid>,
        /// When.
        at: Timestamp,
    },
    /// The user did something.
    Active {
        /// When.
        at: Timestamp,
    },
}

impl Message {
    /// The text for the channel.
    pub fn to_text(&self) -> Option<String> {
        let (kind, sid, at) = match self {
            Self::SignedOut { sid, at } => (Kind::SignedOut, sid.as_ref().map(|sid| sid.0.as_str().into()), at),
            Self::Active { at } => (Kind::Active, None, at),
        };
        serde_json::to_string(&Envelope {
            v: VERSION,
            kind,
            sid,
            at: at.as_millis(),
        })
        .ok()
    }

    /// Reads what came over the channel.
    pub fn from_text(text: &str) -> Option<Self> {
        if text.len() > 512 {
            return None;
        }
        let envelope: Envelope = serde_json::from_str(text).ok()?;
        let at = Timestamp::from_millis(envelope.at);
        match (envelope.v, envelope.kind, envelope.sid) {
            (VERSION, Kind::SignedOut, None) => Some(Self::SignedOut { sid: None, at }),
            (VERSION, Kind::SignedOut, Some(sid)) => Some(Self::SignedOut {
                sid: Some(Sid::parse(&sid)?),
                at,
            }),
            (VERSION, Kind::Active, None) => Some(Self::Active { at }),
            _ => None,
        }
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    v: u8,
    sid: String,
    generation: u64,
    access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    received: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifetime: Option<i64>,
    signed_in: i64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    v: u8,
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    at: i64,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    SignedOut,
    Active,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 16_384;

    fn record() -> Record {
        let tokens = Tokens::restore(
            Secret::from("access"),
            Some(Secret::from("refresh")),
            Timestamp::from_millis(5),
            Some(Span::from_millis(60_000)),
            LIMIT,
        );
        Record {
            sid: Sid::parse(&"ab".repeat(16)).unwrap(),
            generation: 3,
            tokens: tokens.unwrap(),
            signed_in: Timestamp::from_millis(1),
        }
    }

    #[test]
    fn a_record_comes_back_as_it_was() {
        let text = record().to_text(true).unwrap();
        assert_eq!(Record::from_text(text.expose(), LIMIT), Some(record()));
    }

    #[test]
    fn sec_02_a_refresh_token_in_memory_is_not_written() {
        let text = record().to_text(false).unwrap();
        assert!(!text.expose().contains("refresh"));
        let back = Record::from_text(text.expose(), LIMIT).unwrap();
        assert_eq!(back.tokens, record().tokens.without_refresh());
    }

    #[test]
    fn sec_03_anything_else_is_nothing() {
        let good = record().to_text(true).unwrap();
        let good = good.expose();
        let mut bad: Vec<String> = ["", "null", "{}", "[]", "5", "\"x\"", "{", "\u{0}"].map(str::to_owned).into();
        bad.push(good.replace("\"v\":1", "\"v\":2"));
        bad.push(good.replace("\"v\":1", "\"v\":\"1\""));
        bad.push(good.replace("\"v\":1", "\"v\":1,\"tokenEndpoint\":\"https://evil.test\""));
        bad.push(good.replace("abab", "zzzz"));
        bad.push(good.replace("access\":\"", "access\":\"\\n"));
        bad.push(good.replace("60000", "\"60000\""));
        bad.push(good.replace("60000", "1e400"));
        bad.push("[".repeat(5_000_000));
        for (index, cut) in (0..good.len()).step_by(7).enumerate() {
            assert_eq!(Record::from_text(&good[..cut], LIMIT), None, "cut {index}");
        }
        for text in bad {
            assert_eq!(Record::from_text(&text, LIMIT), None, "{text:.80}");
        }
    }

    #[test]
    fn sec_37_messages_of_any_other_shape_are_nothing() {
        let at = Timestamp::from_millis(7);
        let sid = Sid::parse(&"0f".repeat(16));
        for message in [
            Message::SignedOut { sid: None, at },
            Message::SignedOut { sid, at },
            Message::Active { at },
        ] {
            let text = message.to_text().unwrap();
            assert_eq!(Message::from_text(&text), Some(message));
        }
        for text in [
            "",
            "null",
            "[]",
            r#"{"v":1,"kind":"signed-in","at":7}"#,
            r#"{"v":2,"kind":"active","at":7}"#,
            r#"{"v":1,"kind":"active","at":"7"}"#,
            r#"{"v":1,"kind":"active","at":7,"access":"x"}"#,
            r#"{"v":1,"kind":"signed-out","at":7,"sid":"me"}"#,
        ] {
            assert_eq!(Message::from_text(text), None, "{text}");
        }
    }
}
