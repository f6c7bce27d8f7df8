//! The session as the application sees it.

use crate::effect::SignOutReason;
use crate::time::{Deadline, Now, Timestamp};

use super::live::Live;
use super::{Phase, State};

/// The session as the application sees it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum View {
    /// Not known yet.
    #[default]
    Loading,
    /// A user is signed in.
    SignedIn {
        /// Changes with every change of the tokens.
        generation: u64,
        /// When the access token ends. Generation 0 has none: the server may know this browser, but cannot be reached.
        expires_at: Option<Timestamp>,
        /// When the next refresh is due.
        refresh_at: Option<Timestamp>,
        /// Whether it ended and could not be renewed yet.
        stale: bool,
    },
    /// No user is.
    SignedOut(SignOutReason),
}

impl State {
    /// The session as the application sees it at `now`.
    pub fn view(&self, now: Now) -> View {
        match &self.phase {
            Phase::Loading { .. } => View::Loading,
            Phase::Opening(opening) => opening.view(),
            Phase::SignedOut(reason) => View::SignedOut(*reason),
            Phase::SignedIn { live, .. } => live.view(now),
            Phase::ConfirmingIdle(confirmation) => confirmation.live.view(now),
        }
    }
}

impl Live {
    /// The moments are those that were reckoned when the tokens came, or the pause began: asked again, on
    /// clocks that were set or rounded meanwhile, they are the same.
    fn view(&self, now: Now) -> View {
        View::SignedIn {
            generation: self.record.generation,
            expires_at: self.expires.map(Deadline::wall),
            refresh_at: self.refresh_due.map(Deadline::wall),
            stale: self.looks_stale(now),
        }
    }
}
