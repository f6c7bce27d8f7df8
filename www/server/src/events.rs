//! What an operator wants to be told of: counted, and a line of the log for each. It names sessions and
//! accounts by the ids that the database has for them, and never holds a secret.

use tracing::{info, warn};

use crate::metrics::METRICS;

/// Something that has to do with security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A refresh token or a code came twice: there is a copy of it.
    ReuseDetected { of: &'static str, session: String },
    /// Sessions ended before their time, with their refresh tokens.
    FamilyRevoked { of: String, count: u64 },
    /// Too many wrong ones. Of whom is not said: a password may have been typed for a name.
    GuessesTurnedAway { at: &'static str },
    /// A key was made, which happens once in the life of a database.
    KeyMade { name: String },
}

/// Makes the counters, before any of it has happened.
pub(crate) fn count_from_zero() {
    METRICS.security_events.expect(&Event::NAMES);
}

impl Event {
    /// The names that they are counted by.
    const NAMES: [&str; 4] = [
        "reuse_detected",
        "family_revoked",
        "guesses_turned_away",
        "key_made",
    ];

    /// It has happened, and cannot be rolled back.
    pub(crate) fn happened(&self) {
        let event = self.name();
        METRICS.security_events.count(event);
        match self {
            Self::ReuseDetected { of, session } => warn!(event, of, session, "security"),
            Self::FamilyRevoked { of, count } => info!(event, of, count, "security"),
            Self::GuessesTurnedAway { at } => warn!(event, at, "security"),
            Self::KeyMade { name } => info!(event, name, "security"),
        }
    }

    fn name(&self) -> &'static str {
        let [reuse, revoked, guesses, key] = Self::NAMES;
        match self {
            Self::ReuseDetected { .. } => reuse,
            Self::FamilyRevoked { .. } => revoked,
            Self::GuessesTurnedAway { .. } => guesses,
            Self::KeyMade { .. } => key,
        }
    }
}
