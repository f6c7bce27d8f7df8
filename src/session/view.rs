//! The session as the application sees it.

use crate::effect::SignOutReason;
use crate::time::{Deadline, Now, Timestamp};

use super::live::Live;
use super::{Phase, Stage, State};

/// The session as the application sees it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum View {
    /// Not known yet.
    #[default]
    Loading,
    /// Somebody is signed in.
    SignedIn {
        /// Changes with every change of the tokens.
        generation: u64,
        /// When the access token ends.
        expires_at: Option<Timestamp>,
        /// When the next refresh is due.
        refresh_at: Option<Timestamp>,
        /// Whether it ended and could not be renewed yet.
        stale: bool,
    },
    /// Nobody is.
    SignedOut(SignOutReason),
}

impl State {
    /// The session as the application sees it at `now`.
    pub fn view(&self, now: Now) -> View {
        match &self.phase {
            Phase::Loading { .. } | Phase::Opening { .. } => View::Loading,
            Phase::SignedOut(reason) => View::SignedOut(*reason),
            Phase::SignedIn { live, stage } => live.view(stage, now),
            Phase::Doubting(doubt) => doubt.live.view(&doubt.stage, now),
        }
    }
}

impl Live {
    fn view(&self, stage: &Stage, now: Now) -> View {
        View::SignedIn {
            generation: self.record.generation,
            expires_at: self.expires.map(Deadline::wall),
            refresh_at: match stage {
                Stage::Backoff(backoff) => backoff.until.map(Deadline::wall),
                _ => self.refresh_due.map(Deadline::wall),
            },
            stale: !self.is_usable(now, None),
        }
    }
}
