//! What is stored between reloads, and what tabs say to each other.
//!
//! Both come back as untrusted input (SEC-03, SEC-37): whatever has another shape, size or version is
//! nothing at all.

use crate::fingerprint::hex;
use crate::json::{Members, Writer};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};
use crate::tokens::Tokens;

const VERSION: i64 = 1;

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
        let generation = i64::try_from(self.generation).ok()?;
        let text = Writer::default()
            .integer("v", Some(VERSION))
            .text("sid", Some(&self.sid.0))
            .integer("generation", Some(generation))
            .text("access", Some(self.tokens.access().expose()))
            .text("refresh", refresh.map(Secret::expose))
            .integer("received", Some(self.tokens.received().as_millis()))
            .integer("lifetime", self.tokens.lifetime().map(Span::as_millis))
            .integer("signedIn", Some(self.signed_in.as_millis()));
        Some(Secret::from(text.finish()))
    }

    /// Reads a stored text; `limit` is the longest token accepted, in bytes.
    pub fn from_text(text: &str, limit: usize) -> Option<Self> {
        // Two tokens and a little more: nothing that we wrote is longer, so nothing longer is parsed.
        if text.len() > limit.saturating_mul(2).saturating_add(512) {
            return None;
        }
        let mut members = Members::parse(text)?;
        if members.integer("v").ok()? != Some(VERSION) {
            return None;
        }
        let sid = Sid::parse(&members.text("sid").ok()??)?;
        let generation = u64::try_from(members.integer("generation").ok()??).ok()?;
        let tokens = Tokens::restore(
            members.text("access").ok()?.map(Secret::from)?,
            members.text("refresh").ok()?.map(Secret::from),
            Timestamp::from_millis(members.integer("received").ok()??),
            members.integer("lifetime").ok()?.map(Span::from_millis),
            limit,
        );
        let signed_in = Timestamp::from_millis(members.integer("signedIn").ok()??);
        members.unknown().is_none().then_some(Self {
            sid,
            generation,
            tokens: tokens.ok()?,
            signed_in,
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

    /// From random bytes, and a number that no other session of this tab has: two sessions may begin in
    /// one step, and so with the same bytes.
    pub fn new(random: [u8; 16], number: u32) -> Self {
        let mut bytes = random;
        for (byte, other) in bytes.iter_mut().zip(number.to_le_bytes()) {
            *byte ^= other;
        }
        Self(hex(&bytes))
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
    pub fn to_text(&self) -> String {
        let (kind, sid, at) = match self {
            Self::SignedOut { sid, at } => ("signed-out", sid.as_ref(), at),
            Self::Active { at } => ("active", None, at),
        };
        Writer::default()
            .integer("v", Some(VERSION))
            .text("kind", Some(kind))
            .text("sid", sid.map(|sid| sid.0.as_str()))
            .integer("at", Some(at.as_millis()))
            .finish()
    }

    /// Reads what came over the channel.
    pub fn from_text(text: &str) -> Option<Self> {
        if text.len() > 512 {
            return None;
        }
        let mut members = Members::parse(text)?;
        if members.integer("v").ok()? != Some(VERSION) {
            return None;
        }
        let kind = members.text("kind").ok()??;
        let sid = members.text("sid").ok()?;
        let at = Timestamp::from_millis(members.integer("at").ok()??);
        if members.unknown().is_some() {
            return None;
        }
        match (kind.as_str(), sid) {
            ("signed-out", None) => Some(Self::SignedOut { sid: None, at }),
            ("signed-out", Some(sid)) => Some(Self::SignedOut {
                sid: Some(Sid::parse(&sid)?),
                at,
            }),
            ("active", None) => Some(Self::Active { at }),
            _ => None,
        }
    }
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
        let mut bad: Vec<String> = ["", "null", "{}", "[]", "5", "\"x\"", "{", "\u{0}"]
            .map(str::to_owned)
            .into();
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
            let text = message.to_text();
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
