//! Nothing is stored, but the siblings may share their session, and the server may know this browser by a cookie.
//!
//! A refresh finds out. It is tried again after a pause, when the network is back, when the page is in front, and when
//! a caller needs a token. The application waits no longer than one refresh may take; then it is shown what is known: a
//! stale session, where the last sign-in of this browser was not followed by a sign-out, else that no user is signed in
//! because the server is unreachable.

use crate::effect::SignOutReason;
use crate::generation::Generation;
use crate::time::{Deadline, Now};

use super::active::Active;
use super::deferred::Deferred;
use super::next::{End, Next};
use super::refresh::{Refresh, Waiter};
use super::turn::TabState;
use super::view::View;

#[derive(Clone, Debug)]
pub(super) struct SilentRenewal {
    pub(super) refresh: Refresh,
    /// The callers that wait for the attempt under way.
    pub(super) waiters: Vec<Waiter>,
    /// When the application is shown what is known; `None` once it was.
    pub(super) show_by: Option<Deadline>,
    /// Whether it was shown a stale session. That stays until the server has answered, whatever other tabs are told.
    pub(super) is_shown_signed_in: bool,
    /// What waits until then.
    pub(super) deferred: Deferred,
}

/// How a silent renewal ends.
pub(super) enum Conclusion {
    /// There is a session.
    Session(Box<Active>, Next),
    /// There is none.
    None(End),
}

impl SilentRenewal {
    /// What the application is shown.
    pub(super) fn view(&self) -> View {
        match (self.show_by, self.is_shown_signed_in) {
            (Some(_), _) => View::Loading,
            (None, false) => View::SignedOut(SignOutReason::Unreachable),
            (None, true) => View::SignedIn {
                generation: Generation::default(),
                expires_at: None,
                refresh_at: self.retry_at().map(Deadline::wall),
                stale: true,
            },
        }
    }

    /// When something is due.
    pub(super) fn next_deadline(&self, now: Now) -> Option<Deadline> {
        let due = match &self.refresh {
            Refresh::Waiting(wait) => Some(wait.until),
            _ => self.retry_at(),
        };
        Deadline::soonest([due, self.show_by], now)
    }

    /// The page is taken for one without a session.
    pub(super) const fn given_up(&self, tab: &TabState) -> Conclusion {
        Conclusion::None(End::here(if self.is_shown_signed_in {
            SignOutReason::OtherTab
        } else {
            tab.none_found()
        }))
    }

    const fn retry_at(&self) -> Option<Deadline> {
        match &self.refresh {
            Refresh::Backoff(backoff) => Some(backoff.until),
            _ => None,
        }
    }
}
