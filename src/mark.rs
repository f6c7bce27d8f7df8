//! What every tab of this browser can read of the last sign-in and the last sign-out, however it comes back:
//! reopened, thawed, restored or copied. It holds no secret, and does not grow.
//!
//! It comes back as untrusted input (SEC-03): another shape, size or version is nothing at all.

use crate::json::{Members, Writer};
use crate::time::{Span, Timestamp};

const VERSION: i64 = 1;
/// Nothing that we wrote is longer.
const LONGEST_TEXT: usize = 160;

/// Ten years: by more no wall clock is set back, and what lies further ahead is forged or broken.
pub const MOST_SET_BACK: Span = Span::from_millis(315_576_000_000);

/// The mark.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Mark {
    /// When the latest session began that is not over: a clock that was set back since shows less.
    pub began: Option<Timestamp>,
    /// Every session that began by then is over.
    pub ended: Option<Timestamp>,
    /// Which of the two came last.
    pub last: Last,
}

/// The last sign-in or sign-out of this browser.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Last {
    /// Not known.
    #[default]
    Unknown,
    /// A sign-in: the server may know this browser by a cookie.
    SignedIn {
        /// When.
        since: Timestamp,
    },
    /// A sign-out: nothing is renewed silently until the next sign-in that the user asks for.
    SignedOut {
        /// Whether the server has not heard of it yet.
        is_owed: bool,
    },
}

/// A change of the mark. Applied to what is stored at that moment, which another tab may have written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Marking {
    /// A session began.
    Began {
        /// When, after every sign-out that was known then.
        at: Timestamp,
        /// The same by the clock, where the server keeps the session by a cookie.
        since: Option<Timestamp>,
    },
    /// Every session that began by `before` is over, and every other one that is known to have begun.
    Ended {
        /// When.
        before: Timestamp,
        /// Whether the server has to hear of it.
        is_owed: bool,
    },
    /// The server has heard of the sign-out.
    Told,
    /// The server does not know this browser any more.
    Refused,
}

impl Mark {
    /// The mark after this change.
    #[must_use]
    pub fn with(self, marking: Marking) -> Self {
        let last = match (marking, self.last) {
            (
                Marking::Began {
                    since: Some(since), ..
                },
                _,
            ) => Last::SignedIn { since },
            (Marking::Ended { is_owed, .. }, _) => Last::SignedOut { is_owed },
            (Marking::Told, Last::SignedOut { .. }) => Last::SignedOut { is_owed: false },
            (Marking::Refused, Last::SignedIn { .. }) => Last::Unknown,
            (Marking::Began { since: None, .. } | Marking::Told | Marking::Refused, last) => last,
        };
        let (began, ended) = match marking {
            Marking::Began { at, .. } => (self.began.max(Some(at)), self.ended),
            Marking::Ended { before, .. } => {
                let latest = before.plus(MOST_SET_BACK);
                let began = self.began.filter(|began| *began <= latest);
                (None, self.ended.max(began).max(Some(before)))
            }
            Marking::Told | Marking::Refused => (self.began, self.ended),
        };
        Self { began, ended, last }
    }

    /// When the last sign-in was, unless a sign-out has come after it.
    pub const fn signed_in_since(self) -> Option<Timestamp> {
        match self.last {
            Last::SignedIn { since } => Some(since),
            Last::Unknown | Last::SignedOut { .. } => None,
        }
    }

    /// Whether that is the last that is known: the server may know this browser.
    pub const fn is_signed_in(self) -> bool {
        matches!(self.last, Last::SignedIn { .. })
    }

    /// Whether the user has signed out since the last sign-in.
    pub const fn is_signed_out(self) -> bool {
        matches!(self.last, Last::SignedOut { .. })
    }

    /// The text to store.
    pub fn to_text(self) -> String {
        let owed = match self.last {
            Last::SignedOut { is_owed } => Some(i64::from(is_owed)),
            Last::Unknown | Last::SignedIn { .. } => None,
        };
        Writer::default()
            .integer("v", Some(VERSION))
            .integer("began", self.began.map(Timestamp::as_millis))
            .integer("ended", self.ended.map(Timestamp::as_millis))
            .integer("signedIn", self.signed_in_since().map(Timestamp::as_millis))
            .integer("signedOut", owed)
            .finish()
    }

    /// Reads a stored text; anything unknown is no mark.
    pub fn from_text(text: &str) -> Self {
        Self::read(text).unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST_TEXT {
            return None;
        }
        let mut members = Members::parse(text)?;
        if members.integer("v").ok()? != Some(VERSION) {
            return None;
        }
        let mut time = |name| Some(members.integer(name).ok()?.map(Timestamp::from_millis));
        let (began, ended) = (time("began")?, time("ended")?);
        let since = members.integer("signedIn").ok()?;
        let owed = members.integer("signedOut").ok()?;
        let last = match (since, owed) {
            (None, None) => Last::Unknown,
            (Some(since), None) => Last::SignedIn {
                since: Timestamp::from_millis(since),
            },
            (None, Some(owed @ (0 | 1))) => Last::SignedOut { is_owed: owed == 1 },
            _ => return None,
        };
        members
            .unknown()
            .is_none()
            .then_some(Self { began, ended, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const LATER: Timestamp = Timestamp::from_millis(1_700_000_060_000);

    #[test]
    fn sec_05_a_mark_comes_back_as_it_was_written() {
        let [kept, began] = [None, Some(THEN)]
            .map(|since| Mark::default().with(Marking::Began { at: LATER, since }));
        let ended = began.with(Marking::Ended {
            before: LATER,
            is_owed: true,
        });
        for mark in [
            Mark::default(),
            kept,
            began,
            ended,
            ended.with(Marking::Told),
        ] {
            assert_eq!(Mark::from_text(&mark.to_text()), mark);
        }
    }

    #[test]
    fn sec_05_an_end_is_never_taken_back() {
        let ended = Mark::default().with(Marking::Ended {
            before: LATER,
            is_owed: false,
        });
        let earlier = Marking::Ended {
            before: THEN,
            is_owed: false,
        };
        for marking in [
            earlier,
            Marking::Began {
                at: THEN,
                since: Some(THEN),
            },
            Marking::Told,
            Marking::Refused,
        ] {
            assert_eq!(ended.with(marking).ended, Some(LATER), "{marking:?}");
        }
        assert!(ended.with(Marking::Refused).is_signed_out());
    }

    #[test]
    fn sec_05_an_end_ends_what_began_while_the_clock_was_ahead() {
        let began = |at| Marking::Began { at, since: None };
        let mark = Mark::default().with(began(LATER)).with(began(THEN));
        let mark = mark.with(Marking::Ended {
            before: THEN,
            is_owed: false,
        });
        assert_eq!((mark.began, mark.ended), (None, Some(LATER)));
    }

    #[test]
    fn sec_03_the_longest_mark_is_read() {
        let far = Timestamp::from_millis(-9_000_000_000_000_000);
        let since = Some(far);
        let began = Marking::Began { at: far, since };
        let ended = Some(far);
        let last = Mark::default().with(began).last;
        let mark = Mark {
            began: ended,
            ended,
            last,
        };
        assert_eq!(Mark::from_text(&mark.to_text()), mark);
    }

    #[test]
    fn sec_03_any_other_text_is_no_mark() {
        let good = r#"{"v":1,"ended":5,"signedOut":1}"#;
        assert!(Mark::from_text(good).is_signed_out());
        let bad = [
            "".to_owned(),
            "null".to_owned(),
            "[]".to_owned(),
            good.replace("\"v\":1", "\"v\":2"),
            good.replace(":5", ":\"5\""),
            good.replace(":5", ":5.5"),
            good.replace("signedOut\":1", "signedOut\":2"),
            good.replace("signedOut", "other"),
            r#"{"v":1,"signedIn":5,"signedOut":0}"#.to_owned(),
            format!(r#"{{"v":1,"ended":5{}}}"#, " ".repeat(200)),
        ];
        for text in bad {
            assert_eq!(Mark::from_text(&text), Mark::default(), "{text}");
        }
    }
}
