//! One refresh, its waiters, and the pause after it failed.

use crate::effect::{Effect, Outcome};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, WaiterId};
use crate::schedule;
use crate::time::{Deadline, Now, Span};

use super::live::Live;
use super::{Stage, Turn};

/// For how long the schedule waits for the network that the browser says is not there: now and then that is wrong,
/// and `online` never comes.
const FOR_NETWORK: Span = Span::from_millis(60_000);

/// One refresh, and its waiters.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) id: Option<AttemptId>,
    pub(super) cause: Cause,
    /// Failures in a row before this one.
    pub(super) failures: u32,
    pub(super) waiters: Vec<Waiter>,
    /// When it took its place in the line for the lock.
    pub(super) queued: Span,
    /// A wait for siblings was in vain: all is looked through once more, and not again.
    pub(super) looks_again: bool,
    /// Failures of siblings in a row that stood for one of this tab's own.
    pub(super) heeded: u32,
}

/// Why a refresh began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cause {
    /// The application said so.
    Asked,
    /// A request needs the token.
    Need,
    /// It is due.
    Schedule,
    /// The page opened.
    Start,
    /// The server refused the token that we have.
    Unauthorized,
}

/// A caller, and what it wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    pub(super) id: WaiterId,
    pub(super) wants: Wants,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wants {
    /// The refresh itself.
    Refresh,
    /// A token for a replay, or word that there is none.
    Replay,
    /// A token.
    Token,
}

/// A pause between two attempts.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    /// When the next attempt is due.
    pub(super) until: Option<Deadline>,
    /// Why there is a pause.
    pub(super) error: Error,
    pub(super) began: Now,
    pub(super) failures: u32,
    /// Before this the server does not want to hear from us, not even by hand.
    pub(super) not_before: Option<Deadline>,
    pub(super) heeded: u32,
}

impl Attempt {
    pub(super) fn new(cause: Cause) -> Box<Self> {
        Box::new(Self {
            id: None,
            cause,
            failures: 0,
            waiters: Vec::new(),
            queued: Span::ZERO,
            looks_again: false,
            heeded: 0,
        })
    }

    pub(super) fn with(mut self: Box<Self>, id: WaiterId, wants: Wants) -> Box<Self> {
        self.waiters.push(Waiter { id, wants });
        self
    }

    pub(super) fn is(&self, id: AttemptId) -> bool {
        self.id == Some(id)
    }
}

impl Backoff {
    pub(super) fn is_over(&self, now: Now) -> bool {
        self.until.is_some_and(|until| until.has_passed(now))
    }

    /// When the schedule tries again.
    pub(super) fn due(&self, now: Now, is_offline: bool) -> Option<Deadline> {
        let network = Deadline::after(self.began, FOR_NETWORK);
        self.until.map(|until| {
            if is_offline {
                until.later(network, now)
            } else {
                until
            }
        })
    }

    pub(super) fn is_due(&self, now: Now, is_offline: bool) -> bool {
        self.due(now, is_offline)
            .is_some_and(|due| due.has_passed(now))
    }

    /// Whether the server said not to come yet.
    pub(super) fn is_forbidden(&self, now: Now) -> bool {
        self.not_before
            .is_some_and(|deadline| !deadline.has_passed(now))
    }

    /// Something changed for the better: the pause ends as soon as it may.
    pub(super) fn hasten(&mut self, now: Now, shortest: Span) -> Option<Deadline> {
        let earliest = self.earliest(now, shortest)?;
        let until = self
            .until
            .map_or(earliest, |until| until.sooner(earliest, now));
        self.until = Some(until);
        self.until
    }

    /// Whether the server must not be asked again yet, whatever the reason.
    pub(super) fn is_too_early(&self, now: Now, shortest: Span) -> bool {
        self.is_forbidden(now) || !Deadline::after(self.began, shortest).has_passed(now)
    }

    /// From when on a wake or a network may end the pause; `None` where they may not.
    fn earliest(&self, now: Now, shortest: Span) -> Option<Deadline> {
        if self.error.kind() == ErrorKind::RefreshLoop {
            return None;
        }
        let allowed = self.not_before.filter(|_| self.is_forbidden(now));
        Some(allowed.unwrap_or(Deadline::after(self.began, shortest)))
    }

    pub(super) fn next_attempt(&self, cause: Cause) -> Box<Attempt> {
        let mut attempt = Attempt::new(cause);
        attempt.failures = self.failures;
        attempt.heeded = self.heeded;
        attempt
    }
}

impl Stage {
    /// The attempt under way, if there is one.
    pub(super) fn attempt_mut(&mut self) -> Option<&mut Attempt> {
        match self {
            Self::Locking(attempt) | Self::Refreshing(attempt) => Some(attempt),
            Self::Waiting(wait) => Some(&mut wait.attempt),
            Self::Fresh | Self::Backoff(_) => None,
        }
    }
}

impl Turn<'_> {
    /// A pause of `pause` after this attempt, or else by the backoff's rule.
    pub(super) fn backoff(
        &self,
        attempt: &Attempt,
        error: Error,
        pause: Option<Span>,
        retry_after: Option<Span>,
    ) -> Backoff {
        let now = self.context.now;
        let failures = attempt.failures.saturating_add(1);
        let wait =
            pause.unwrap_or_else(|| schedule::backoff(failures, self.context.dice(), retry_after));
        Backoff {
            until: Some(Deadline::after(now, wait)),
            error,
            began: now,
            failures,
            not_before: retry_after.map(|wait| Deadline::after(now, wait)),
            heeded: attempt.heeded,
        }
    }

    /// New tokens are here.
    pub(super) fn serve(&mut self, waiters: Vec<Waiter>, live: &Live) {
        for waiter in waiters {
            let outcome = match waiter.wants {
                Wants::Token | Wants::Replay => live.token(),
                Wants::Refresh => Outcome::Done,
            };
            self.settle(waiter.id, outcome);
        }
    }

    /// There will be none.
    pub(super) fn fail(&mut self, waiters: Vec<Waiter>, error: &Error) {
        for waiter in waiters {
            let outcome = match waiter.wants {
                Wants::Token | Wants::Refresh => Outcome::Failed(error.clone()),
                Wants::Replay => Outcome::Stands,
            };
            self.settle(waiter.id, outcome);
        }
    }

    /// Ends the attempt under way, if any, and gives back its waiters.
    pub(super) fn interrupt(&mut self, mut stage: Stage) -> Vec<Waiter> {
        let Some(attempt) = stage.attempt_mut() else {
            return Vec::new();
        };
        let abandoned = attempt.id.map(|attempt| Effect::Abandon { attempt });
        self.effects.extend(abandoned);
        self.effects.push(Effect::ReleaseLock);
        std::mem::take(&mut attempt.waiters)
    }
}
