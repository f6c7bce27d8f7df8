//! What is stored between reloads, and what tabs say to each other.
//!
//! Both come back as untrusted input (SEC-03, SEC-37): whatever has another shape, size or version is
//! nothing at all.

mod sid;

use crate::generation::Generation;
use crate::group::Group;
use crate::json::{Members, Writer};
use crate::oidc::grant::Grant;
use crate::profile::{PROFILE_BYTES, Profile};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};
use crate::tokens::Tokens;

pub use self::sid::Sid;

const VERSION: i64 = 1;

/// Nothing that we wrote is longer than its tokens, its profile as a text in a text, and so much more.
const REST_BYTES: usize = 640;
const RECORD_BYTES: usize = PROFILE_BYTES * 2 + REST_BYTES;
const MESSAGE_BYTES: usize = RECORD_BYTES * 2 + REST_BYTES;

/// A session in its stored form.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The session's random name.
    pub sid: Sid,
    /// Which of its tokens these are.
    pub generation: Generation,
    /// Its tokens.
    pub tokens: Tokens,
    /// When the user signed in: after every sign-out that was known then, also where the clock had been set back.
    pub signed_in: Timestamp,
    /// By how much that is ahead of what the clock said.
    pub ahead: Span,
    /// What the tab and its copies share; `None` in a record of 0.1.0, whose copies do not find each other.
    pub group: Option<Group>,
    /// How far the wall clock was behind what it would have shown if it had not been set back.
    pub set_back: Span,
    /// What the application keeps of the user.
    pub profile: Option<Profile>,
    /// What it keeps of its provider, where it has one.
    pub grant: Option<Grant>,
}

/// An optional span, which is left out where it is nought.
fn span(span: Span) -> Option<i64> {
    Some(span.as_millis()).filter(|millis| *millis > 0)
}

impl Record {
    /// The text to store. Without the refresh token unless it may be kept on disk.
    pub fn to_text(&self, with_refresh: bool) -> Option<Secret> {
        let refresh = self.tokens.refresh().filter(|_| with_refresh);
        let text = Writer::default()
            .integer("v", Some(VERSION))
            .text("sid", Some(self.sid.as_str()))
            .integer("generation", refreshes(self.generation))
            .integer("slides", slides(self.generation))
            .text("access", Some(self.tokens.access().expose()))
            .text("refresh", refresh.map(Secret::expose))
            .integer("received", Some(self.tokens.received().as_millis()))
            .integer("lifetime", self.tokens.lifetime().map(Span::as_millis))
            .integer("signedIn", Some(self.signed_in.as_millis()))
            .text("group", self.group.as_ref().map(Group::expose))
            .integer("ahead", span(self.ahead))
            .integer("setBack", span(self.set_back))
            .text("profile", self.profile.as_ref().map(Profile::as_json));
        let text = match &self.grant {
            Some(grant) => text.json("grant", grant.to_json().expose()),
            None => text,
        };
        Some(Secret::from(text.finish()))
    }

    /// Reads a stored text; `limit` is the longest token accepted, in bytes.
    pub fn from_text(text: &str, limit: usize) -> Option<Self> {
        let mut members = members(text, limit, RECORD_BYTES)?;
        let sid = sid(&mut members, "sid")??;
        let generation = generation(&mut members)??;
        let tokens = Tokens::restore(
            members.text("access").ok()?.map(Secret::from)?,
            members.text("refresh").ok()?.map(Secret::from),
            Timestamp::from_millis(members.integer("received").ok()??),
            members.integer("lifetime").ok()?.map(Span::from_millis),
            limit,
        );
        let signed_in = Timestamp::from_millis(members.integer("signedIn").ok()??);
        let group = match members.text("group").ok()? {
            Some(text) => Some(Group::parse(text)?),
            None => None,
        };
        let profile = match members.text("profile").ok()? {
            Some(text) => Some(Profile::check(Secret::from(text)).ok()?),
            None => None,
        };
        let grant = match members.take("grant") {
            Some(grant) => Some(Grant::read(Members::of(grant)?, limit)?),
            None => None,
        };
        // The name of a tab, in records of 0.1.0.
        members.text("tab").ok()?;
        let mut span = |name| {
            let millis = members.integer(name).ok()?.unwrap_or_default();
            Some(Span::from_millis(millis).max(Span::ZERO))
        };
        let (ahead, set_back) = (span("ahead")?, span("setBack")?);
        members.unknown().is_none().then_some(Self {
            sid,
            generation,
            tokens: tokens.ok()?,
            signed_in,
            ahead,
            group,
            set_back,
            profile,
            grant,
        })
    }

    /// The name of the key to which its tokens are bound (RFC 9449).
    pub fn key(&self) -> Option<&str> {
        self.grant.as_ref()?.key.as_deref()
    }

    /// When the user signed in, by the clock: from there limits count.
    pub fn signed_in_by_clock(&self) -> Timestamp {
        self.signed_in.plus(Span::ZERO.minus(self.ahead))
    }
}

/// The members of a text that is no longer than three tokens and `rest`: nothing longer is parsed.
fn members(text: &str, token: usize, rest: usize) -> Option<Members> {
    if text.len() > token.saturating_mul(3).saturating_add(rest) {
        return None;
    }
    let mut members = Members::parse(text)?;
    (members.integer("v").ok()? == Some(VERSION)).then_some(members)
}

/// `None` where it is no name, `Some(None)` where there is none.
fn sid(members: &mut Members, name: &str) -> Option<Option<Sid>> {
    match members.text(name).ok()? {
        Some(text) => Sid::parse(&text).map(Some),
        None => Some(None),
    }
}

fn generation(members: &mut Members) -> Option<Option<Generation>> {
    let mut number = |name| match members.integer(name).ok()? {
        Some(number) => u64::try_from(number).ok().map(Some),
        None => Some(None),
    };
    match (number("generation")?, number("slides")?) {
        (Some(refreshes), slides) => Some(Some(Generation {
            refreshes,
            slides: slides.unwrap_or_default(),
        })),
        (None, None) => Some(None),
        (None, Some(_)) => None,
    }
}

fn refreshes(generation: Generation) -> Option<i64> {
    i64::try_from(generation.refreshes).ok()
}

fn slides(generation: Generation) -> Option<i64> {
    let slides = i64::try_from(generation.slides).unwrap_or(i64::MAX);
    Some(slides).filter(|slides| *slides > 0)
}

/// What one tab says to all others. A sign-out, a question and word of new tokens can end a session or make a tab look
/// again, a failed refresh can make it wait, none can install anything; tokens are taken from an offer only, by the tab
/// that has asked for it, and only among tabs that share the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The user did something.
    Active {
        /// When.
        at: Timestamp,
    },
    /// A tab wants to know whether it has missed something.
    Asked {
        /// The name of the question.
        ask: Sid,
        /// The session that it knows.
        sid: Option<Sid>,
        /// In which generation.
        generation: Generation,
        /// Whether it is about to spend the refresh token: a tab that knows better says so.
        spends: bool,
    },
    /// The answer to a question, where tabs share their session.
    Offered {
        /// To which one.
        ask: Sid,
        /// The session.
        record: Box<Record>,
    },
    /// The server did not answer a refresh: the tabs that are about to ask it may pause, too.
    Failed {
        /// Of which session; `None` where the tab has none yet.
        sid: Option<Sid>,
        /// In which generation.
        generation: Generation,
        /// How long the server said to wait.
        retry_after: Option<Span>,
    },
    /// A session has new tokens: tabs that share it may ask for them.
    Renewed {
        /// Which session.
        sid: Sid,
        /// Now in which generation.
        generation: Generation,
    },
    /// A session ended, or all did.
    SignedOut {
        /// The one that ended, whatever any clock says.
        sid: Option<Sid>,
        /// All that began before this ended, too.
        before: Option<Timestamp>,
    },
}

impl Message {
    /// Whether it hands a session on.
    pub const fn has_tokens(&self) -> bool {
        matches!(self, Self::Offered { .. })
    }

    /// The session of which it speaks.
    pub const fn sid(&self) -> Option<&Sid> {
        match self {
            Self::Active { .. } => None,
            Self::Asked { sid, .. } | Self::Failed { sid, .. } | Self::SignedOut { sid, .. } => {
                sid.as_ref()
            }
            Self::Offered { record, .. } => Some(&record.sid),
            Self::Renewed { sid, .. } => Some(sid),
        }
    }

    /// The text for the channel.
    pub fn to_text(&self) -> Secret {
        let writer = Writer::default().integer("v", Some(VERSION));
        let of = |kind| writer.text("kind", Some(kind));
        let writer = match self {
            Self::Active { at } => of("active").integer("at", Some(at.as_millis())),
            Self::Asked {
                ask,
                sid,
                generation,
                spends,
            } => of("asked")
                .text("ask", Some(ask.as_str()))
                .text("sid", sid.as_ref().map(Sid::as_str))
                .integer("generation", refreshes(*generation))
                .integer("slides", slides(*generation))
                .integer("spends", spends.then_some(1)),
            Self::Offered { ask, record } => of("offered")
                .text("ask", Some(ask.as_str()))
                .text("record", record.to_text(true).as_ref().map(Secret::expose)),
            Self::Failed {
                sid,
                generation,
                retry_after,
            } => of("failed")
                .text("sid", sid.as_ref().map(Sid::as_str))
                .integer("generation", refreshes(*generation))
                .integer("slides", slides(*generation))
                .integer("retryAfter", retry_after.map(Span::as_millis)),
            Self::Renewed { sid, generation } => of("renewed")
                .text("sid", Some(sid.as_str()))
                .integer("generation", refreshes(*generation))
                .integer("slides", slides(*generation)),
            Self::SignedOut { sid, before } => of("signed-out")
                .text("sid", sid.as_ref().map(Sid::as_str))
                .integer("at", before.map(Timestamp::as_millis)),
        };
        Secret::from(writer.finish())
    }

    /// Reads what came over the channel; `limit` is the longest token accepted, in bytes.
    pub fn from_text(text: &str, limit: usize) -> Option<Self> {
        let mut members = members(text, limit, MESSAGE_BYTES)?;
        let kind = members.text("kind").ok()??;
        let at = members.integer("at").ok()?.map(Timestamp::from_millis);
        let sid = self::sid(&mut members, "sid")?;
        let ask = self::sid(&mut members, "ask")?;
        let generation = generation(&mut members)?;
        let record = members.text("record").ok()?;
        let spends = members.integer("spends").ok()?;
        let retry_after = members.integer("retryAfter").ok()?.map(Span::from_millis);
        let is_odd = spends.is_some_and(|spends| spends != 1 || kind != "asked")
            || retry_after.is_some_and(|wait| wait < Span::ZERO || kind != "failed");
        if is_odd || members.unknown().is_some() {
            return None;
        }
        match (kind.as_str(), at, sid, ask, generation, record) {
            ("active", Some(at), None, None, None, None) => Some(Self::Active { at }),
            ("asked", None, sid, Some(ask), Some(generation), None) => Some(Self::Asked {
                ask,
                sid,
                generation,
                spends: spends.is_some(),
            }),
            ("offered", None, None, Some(ask), None, Some(record)) => Some(Self::Offered {
                ask,
                record: Box::new(Record::from_text(&record, limit)?),
            }),
            ("failed", None, sid, None, Some(generation), None) => Some(Self::Failed {
                sid,
                generation,
                retry_after,
            }),
            ("renewed", None, Some(sid), None, Some(generation), None) => {
                Some(Self::Renewed { sid, generation })
            }
            ("signed-out", before, sid, None, None, None) if before.is_some() || sid.is_some() => {
                Some(Self::SignedOut { sid, before })
            }
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
            generation: Generation::from(3).slid(),
            tokens: tokens.unwrap(),
            signed_in: Timestamp::from_millis(1),
            group: Group::parse("cd".repeat(16)),
            ahead: Span::from_millis(60_000),
            set_back: Span::from_millis(86_400_000),
            profile: Profile::check(Secret::from(r#"{"name":"\"Ada\""}"#)).ok(),
            grant: Some(Grant {
                subject: Some("24400320".to_owned()),
                auth_time: Some(1_311_280_969),
                id_token: Some(Secret::from("e.y.J")),
                key: Some("a1".to_owned()),
            }),
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
    fn the_largest_profile_is_stored_and_offered() {
        let quotes = "\\\"".repeat(PROFILE_BYTES / 2 - 4);
        let profile = Profile::check(Secret::from(format!(r#"{{"a":"{quotes}"}}"#)));
        let record = Record {
            profile: Some(profile.unwrap()),
            ..record()
        };
        let text = record.to_text(true).unwrap();
        assert_eq!(Record::from_text(text.expose(), 64), Some(record.clone()));
        let offer = Message::Offered {
            ask: record.sid.clone(),
            record: Box::new(record),
        };
        assert_eq!(
            Message::from_text(offer.to_text().expose(), 64),
            Some(offer)
        );
    }

    #[test]
    fn a_record_of_before_tabs_had_names_is_a_record() {
        let text = Record {
            group: None,
            ..record()
        }
        .to_text(true)
        .unwrap();
        assert!(!text.expose().contains("tab"));
        assert!(Record::from_text(text.expose(), LIMIT).is_some());
    }

    fn messages() -> Vec<Message> {
        let at = Timestamp::from_millis(7);
        let name = || Sid::parse(&"0f".repeat(16)).unwrap();
        vec![
            Message::Active { at },
            Message::Asked {
                ask: name(),
                sid: None,
                generation: 0.into(),
                spends: false,
            },
            Message::Asked {
                ask: name(),
                sid: Some(name()),
                generation: 3.into(),
                spends: true,
            },
            Message::Offered {
                ask: name(),
                record: Box::new(record()),
            },
            Message::Renewed {
                sid: name(),
                generation: Generation::from(4).slid().slid(),
            },
            Message::Failed {
                sid: None,
                generation: 0.into(),
                retry_after: None,
            },
            Message::Failed {
                sid: Some(name()),
                generation: 4.into(),
                retry_after: Some(Span::from_millis(30_000)),
            },
            Message::SignedOut {
                sid: None,
                before: Some(at),
            },
            Message::SignedOut {
                sid: Some(name()),
                before: None,
            },
            Message::SignedOut {
                sid: Some(name()),
                before: Some(at),
            },
        ]
    }

    #[test]
    fn a_message_arrives_as_it_was() {
        for message in messages() {
            let text = message.to_text();
            assert_eq!(Message::from_text(text.expose(), LIMIT), Some(message));
        }
    }

    #[test]
    fn sec_40_no_message_shows_a_token_in_debug() {
        let text = format!("{:?}", messages());
        assert!(
            !text.contains("\"access\"") && !text.contains("\"refresh\""),
            "{text}"
        );
    }

    #[test]
    fn sec_37_the_largest_session_can_be_offered_and_nothing_larger_is_read() {
        let longest = || Secret::from("a".repeat(LIMIT));
        let at = Timestamp::from_millis(i64::MAX);
        let tokens = Tokens::restore(longest(), Some(longest()), at, None, LIMIT);
        let message = Message::Offered {
            ask: Sid::parse(&"0f".repeat(16)).unwrap(),
            record: Box::new(Record {
                tokens: tokens.unwrap(),
                ..record()
            }),
        };
        let text = message.to_text();
        assert!(Message::from_text(text.expose(), LIMIT).is_some());
        assert_eq!(Message::from_text(text.expose(), LIMIT - 1), None);
        assert_eq!(Message::from_text(&"[".repeat(5_000_000), LIMIT), None);
    }

    #[test]
    fn sec_37_messages_of_any_other_shape_are_nothing() {
        let name = "0f".repeat(16);
        let offer = messages()[3].to_text().expose().to_owned();
        let bad = [
            "".to_owned(),
            "null".to_owned(),
            "[]".to_owned(),
            r#"{"v":1,"kind":"signed-in","at":7}"#.to_owned(),
            r#"{"v":2,"kind":"active","at":7}"#.to_owned(),
            r#"{"v":1,"kind":"active","at":"7"}"#.to_owned(),
            r#"{"v":1,"kind":"active","at":7,"access":"x"}"#.to_owned(),
            r#"{"v":1,"kind":"active"}"#.to_owned(),
            r#"{"v":1,"kind":"signed-out"}"#.to_owned(),
            r#"{"v":1,"kind":"signed-out","at":7,"sid":"me"}"#.to_owned(),
            r#"{"v":1,"kind":"asked","generation":1}"#.to_owned(),
            format!(r#"{{"v":1,"kind":"asked","ask":"{name}","generation":-1}}"#),
            format!(r#"{{"v":1,"kind":"asked","ask":"{name}","generation":1,"at":7}}"#),
            format!(r#"{{"v":1,"kind":"asked","ask":"{name}","generation":1,"spends":0}}"#),
            format!(r#"{{"v":1,"kind":"renewed","sid":"{name}","generation":1,"spends":1}}"#),
            format!(r#"{{"v":1,"kind":"renewed","generation":1,"ask":"{name}"}}"#),
            format!(r#"{{"v":1,"kind":"failed","sid":"{name}"}}"#),
            format!(r#"{{"v":1,"kind":"failed","sid":"{name}","generation":1,"retryAfter":-1}}"#),
            format!(r#"{{"v":1,"kind":"renewed","sid":"{name}","generation":1,"retryAfter":1}}"#),
            format!(r#"{{"v":1,"kind":"offered","ask":"{name}","record":"{{}}"}}"#),
            format!(r#"{{"v":1,"kind":"offered","ask":"{name}","record":{{}}}}"#),
            offer.replace("60000", "sixty"),
            offer.replace("offered", "renewed"),
        ];
        for text in bad {
            assert_eq!(Message::from_text(&text, LIMIT), None, "{text}");
        }
    }
}
