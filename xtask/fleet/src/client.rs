//! What happens to a client, and what it orders: the same words for every kind.

use crate::dice::Dice;

/// How long an access token lives.
pub(crate) const LIFETIME_SECONDS: u32 = 3_600;

/// A kind of client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The core as it ships.
    Hallpass,
    /// The core with `jitterSeconds: 0`, its backoff not random either: one second, two, four …
    WithoutJitter,
    /// The core with every pause cut to a second at most, by an `online` after each failure.
    WithoutBackoff,
    /// `setTimeout` a minute before expiry, and again every second while that fails.
    Plain,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [
        Self::Plain,
        Self::WithoutBackoff,
        Self::WithoutJitter,
        Self::Hallpass,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hallpass => "hallpass",
            Self::WithoutJitter => "hallpass, no jitter",
            Self::WithoutBackoff => "hallpass, no backoff",
            Self::Plain => "plain setTimeout",
        }
    }
}

/// What happens to one client.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Fact {
    /// Its user signed in.
    SignedIn,
    /// Its timer fired.
    TimerFired,
    /// The endpoint answered this attempt, with tokens or with a 503.
    Answered { attempt: u32, is_served: bool },
    /// A request with its token got a 401.
    Unauthorized,
}

/// What a client wants done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// Ask the endpoint for tokens.
    Refresh { attempt: u32 },
    /// Fire the timer after so many milliseconds, instead of what was armed before; `None`: not at all.
    Arm(Option<u64>),
}

/// Many clients of one kind.
pub(crate) trait Fleet {
    /// Something happens to one of them at `now`, in milliseconds.
    fn happens(
        &mut self,
        client: u32,
        fact: Fact,
        now: u64,
        dice: &mut Dice,
        orders: &mut Vec<Order>,
    );
}
