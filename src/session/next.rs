//! What a handler leaves to be done when it has changed the session.

use crate::effect::SignOutReason;
use crate::error::Error;
use crate::event::WaiterId;

use super::refresh::Attempt;

/// What follows.
#[derive(Debug)]
pub(super) enum Next {
    /// Nothing.
    Stay,
    /// Every deadline is judged.
    Tick,
    /// An attempt to refresh begins, if the loop guard admits it.
    Refresh(Attempt),
    /// The session ends.
    End(End),
}

/// How a session ends.
#[derive(Debug)]
pub(super) struct End {
    pub(super) reason: SignOutReason,
    pub(super) tell: Tell,
    /// Whether the server hears of it.
    pub(super) tells_server: bool,
    /// Why, for the callers that wait for a token.
    pub(super) because: Option<Error>,
    /// The caller that asked for it.
    pub(super) asked_by: Option<WaiterId>,
}

/// What other tabs hear of an end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tell {
    /// Nothing: it concerns this tab alone.
    None,
    /// That this session is over.
    Session,
    /// That it is over, and every other one that has begun by now.
    All,
}

impl End {
    const fn new(reason: SignOutReason, tell: Tell, tells_server: bool) -> Self {
        Self {
            reason,
            tell,
            tells_server,
            because: None,
            asked_by: None,
        }
    }

    /// For this tab alone.
    pub(super) const fn here(reason: SignOutReason) -> Self {
        Self::new(reason, Tell::None, false)
    }

    /// For all tabs that share the session.
    pub(super) const fn for_siblings(reason: SignOutReason) -> Self {
        Self::new(reason, Tell::Session, false)
    }

    /// For every tab, and at the server: a limit has passed.
    pub(super) const fn by_limit(reason: SignOutReason) -> Self {
        Self::new(reason, Tell::All, true)
    }

    /// For every tab, and at the server: the user has signed out.
    pub(super) fn by_user(reason: SignOutReason, waiter: WaiterId) -> Self {
        let mut end = Self::new(reason, Tell::All, true);
        end.asked_by = Some(waiter);
        end
    }

    /// Another tab ended the session; `tells_server`: of the refresh token that is this tab's own the server has not
    /// heard.
    pub(super) const fn by_other_tab(tells_server: bool) -> Self {
        Self::new(SignOutReason::OtherTab, Tell::None, tells_server)
    }

    /// Callers hear why.
    pub(super) fn because(mut self, error: Error) -> Self {
        self.because = Some(error);
        self
    }
}
