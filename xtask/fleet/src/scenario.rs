//! What the fleet goes through.

use std::ops::Range;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scenario {
    /// Everybody signs in at nine, within ten seconds, and stays for a day.
    Day,
    /// The endpoint is down for ten minutes.
    Outage,
    /// A deploy revokes every access token. Within ten seconds every page has its first 401.
    Deploy,
}

impl Scenario {
    pub(crate) const ALL: [Self; 3] = [Self::Day, Self::Outage, Self::Deploy];

    /// Calls a second that the endpoint can serve: the whole fleet in a hundred seconds, which is 36 times
    /// what it has to where the calls come evenly. On the day it keeps up, to show what is asked of it.
    pub(crate) const fn capacity(self, clients: u32) -> u32 {
        match self {
            Self::Day => u32::MAX,
            Self::Outage | Self::Deploy => clients.div_ceil(100),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Day => "a day: everybody signs in at nine, within ten seconds",
            Self::Outage => "the endpoint is down for ten minutes",
            Self::Deploy => "a deploy revokes every access token",
        }
    }

    /// Sign-ins are spread over this, evenly.
    pub(crate) const fn sign_ins(self) -> u64 {
        match self {
            Self::Day => 10 * SECOND,
            // In step with the tokens, so that the endpoint has the same load all the time.
            Self::Outage | Self::Deploy => 59 * MINUTE,
        }
    }

    /// When the endpoint serves no client.
    pub(crate) const fn outage(self) -> Range<u64> {
        match self {
            Self::Outage => self.trouble()..self.trouble() + 10 * MINUTE,
            Self::Day | Self::Deploy => 0..0,
        }
    }

    /// Every page's first request after the deploy comes within this time.
    pub(crate) const fn revocation(self) -> Option<Range<u64>> {
        match self {
            Self::Deploy => Some(self.trouble()..self.trouble() + 10 * SECOND),
            Self::Day | Self::Outage => None,
        }
    }

    /// When it begins; from here on things are counted.
    pub(crate) const fn trouble(self) -> u64 {
        match self {
            Self::Day => 0,
            Self::Outage | Self::Deploy => 90 * MINUTE,
        }
    }

    /// When the cause is gone; from here on the time until all are well is measured.
    pub(crate) fn relief(self) -> u64 {
        self.outage().end.max(self.trouble())
    }

    pub(crate) const fn end(self) -> u64 {
        match self {
            Self::Day => 24 * HOUR,
            Self::Outage | Self::Deploy => self.trouble() + 2 * HOUR,
        }
    }
}
