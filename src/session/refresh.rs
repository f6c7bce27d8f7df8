//! How far a refresh is: one attempt, its callers, and the pause after it failed.

use crate::effect::Outcome;
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, WaiterId};
use crate::time::{Deadline, Now, Span};

/// For how long the schedule waits where the browser says that there is no network: sometimes that is wrong, and
/// `online` never comes.
const FOR_NETWORK: Span = Span::from_millis(60_000);
/// One wake is several events (focus, visibilitychange, pageshow): one attempt a second is enough.
const SHORTEST_RETRY: Span = Span::from_millis(1_000);
/// A wait that ends so late was slept through: no message could arrive.
const OVERSLEPT: Span = Span::from_millis(1_000);
/// So many failures of siblings in a row count as this tab's own: after five, the pauses add up to half a minute at
/// most. Messages can be forged: that may delay a refresh, and must not prevent it (SEC-37).
const MOST_HEEDED: u32 = 5;

#[derive(Clone, Debug, Default)]
pub(super) enum Refresh {
    /// None is under way.
    #[default]
    Idle,
    /// Waiting for the lock.
    Locking(Attempt),
    /// Waiting a moment, mostly with the lock: for what siblings say, or for a network that wakes.
    Waiting(Wait),
    /// Waiting for the server.
    InFlight(Attempt),
    /// Waiting before the next attempt.
    Backoff(Backoff),
}

/// One attempt to refresh.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempt {
    pub(super) id: Option<AttemptId>,
    /// The application asked for it: the loop guard is for automatic ones.
    pub(super) is_asked: bool,
    /// Failures in a row before this one.
    pub(super) failures: u32,
    /// When it asked for the lock.
    pub(super) queued: Span,
    /// A wait for siblings was in vain, and has been repeated: it is not repeated again.
    pub(super) looks_again: bool,
    /// Failures of siblings in a row that counted as this tab's own.
    pub(super) heeded: u32,
}

/// A short wait, and what follows it where no newer tokens came.
#[derive(Clone, Debug)]
pub(super) struct Wait {
    pub(super) attempt: Attempt,
    pub(super) until: Deadline,
    pub(super) then: Then,
}

/// What follows a wait.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// Take the lock.
    Lock,
    /// Believe the server, which refused.
    Refuse(Error),
    /// Ask the server.
    Refresh,
}

/// A pause between two attempts.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    /// When the next attempt is due.
    pub(super) until: Deadline,
    /// Why there is a pause.
    pub(super) error: Error,
    pub(super) began: Now,
    pub(super) failures: u32,
    /// The server said not to come before (`Retry-After`), whatever the application asks for.
    pub(super) not_before: Option<Deadline>,
    pub(super) heeded: u32,
}

/// How long a pause is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pause {
    /// By the backoff's rule, and no shorter than the server asked for.
    ByRule(Option<Span>),
    /// So long.
    For(Span),
}

/// A caller that waits for the attempt under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    pub(super) id: WaiterId,
    pub(super) wants: Wants,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wants {
    /// The refresh itself.
    Refresh,
    /// A token to send a request again with; without one the 401 stands.
    Replay,
    /// A token.
    Token,
}

impl Refresh {
    /// The attempt under way.
    pub(super) const fn attempt(&self) -> Option<&Attempt> {
        match self {
            Self::Locking(attempt) | Self::InFlight(attempt) => Some(attempt),
            Self::Waiting(wait) => Some(&wait.attempt),
            Self::Idle | Self::Backoff(_) => None,
        }
    }

    /// Whether callers wait for its end.
    pub(super) const fn is_under_way(&self) -> bool {
        self.attempt().is_some()
    }

    /// The attempt `id`, where it waits for the lock.
    pub(super) fn locking(&self, id: AttemptId) -> Option<Attempt> {
        match self {
            Self::Locking(attempt) if attempt.id == Some(id) => Some(*attempt),
            _ => None,
        }
    }

    /// The attempt `id`, where it waits for the server.
    pub(super) fn in_flight(&self, id: AttemptId) -> Option<Attempt> {
        match self {
            Self::InFlight(attempt) if attempt.id == Some(id) => Some(*attempt),
            _ => None,
        }
    }

    /// The attempt that is about to ask the server, while it waits with the lock.
    pub(super) const fn about_to_ask(&self) -> Option<Attempt> {
        match self {
            Self::Waiting(Wait {
                attempt,
                then: Then::Refresh,
                ..
            }) => Some(*attempt),
            _ => None,
        }
    }

    /// Whether the server has refused the refresh token that this tab has.
    pub(super) const fn is_refused(&self) -> bool {
        matches!(
            self,
            Self::Waiting(Wait {
                then: Then::Refuse(_),
                ..
            })
        )
    }

    /// Whether an attempt that has not asked the server yet may count a sibling's failure as its own.
    pub(super) fn heeds_failure(&self) -> bool {
        let attempt = match self {
            Self::Locking(attempt) => Some(*attempt),
            _ => self.about_to_ask(),
        };
        attempt.is_some_and(|attempt| attempt.heeded < MOST_HEEDED)
    }

    /// Whether a caller's need may begin an attempt: none is under way, and no pause holds.
    pub(super) fn may_begin(&self, now: Now) -> bool {
        match self {
            Self::Idle => true,
            Self::Backoff(backoff) => backoff.until.has_passed(now),
            _ => false,
        }
    }

    /// The next attempt; it counts on from the pause before it.
    pub(super) fn next_attempt(&self) -> Attempt {
        match self {
            Self::Backoff(backoff) => backoff.next_attempt(),
            _ => Attempt::default(),
        }
    }
}

impl Wait {
    /// Whether it ended so late that no message could arrive; that counts once.
    pub(super) fn was_slept_through(&self, now: Now) -> bool {
        let late = Span::ZERO.minus(self.until.remaining(now));
        !self.attempt.looks_again && late > OVERSLEPT
    }
}

impl Backoff {
    /// When the schedule tries again.
    pub(super) fn due(&self, now: Now, is_offline: bool) -> Deadline {
        if is_offline {
            let network = Deadline::after(self.began, FOR_NETWORK);
            self.until.later(network, now)
        } else {
            self.until
        }
    }

    /// Whether the server said not to come yet.
    pub(super) fn is_forbidden(&self, now: Now) -> bool {
        self.not_before
            .is_some_and(|deadline| !deadline.has_passed(now))
    }

    /// Whether the server must not be asked again yet, whatever the reason.
    pub(super) fn is_too_early(&self, now: Now) -> bool {
        self.is_forbidden(now) || !Deadline::after(self.began, SHORTEST_RETRY).has_passed(now)
    }

    /// Something changed for the better: the pause ends as soon as it may. Returns whether it may.
    pub(super) fn hasten(&mut self, now: Now) -> bool {
        if self.error.kind() == ErrorKind::RefreshLoop {
            return false;
        }
        let allowed = self.not_before.filter(|_| self.is_forbidden(now));
        let earliest = allowed.unwrap_or(Deadline::after(self.began, SHORTEST_RETRY));
        self.until = self.until.sooner(earliest, now);
        true
    }

    pub(super) fn next_attempt(&self) -> Attempt {
        Attempt {
            failures: self.failures,
            heeded: self.heeded,
            ..Attempt::default()
        }
    }
}

impl Waiter {
    /// What it is told where the refresh failed.
    pub(super) fn failed(self, error: &Error) -> Outcome {
        match self.wants {
            Wants::Token | Wants::Refresh => Outcome::Failed(error.clone()),
            Wants::Replay => Outcome::Stands,
        }
    }

    /// What it is told where there is a token.
    pub(super) fn served(self, token: Outcome) -> Outcome {
        match self.wants {
            Wants::Token | Wants::Replay => token,
            Wants::Refresh => Outcome::Done,
        }
    }
}

/// Callers of `refresh()`, and the others.
pub(super) fn split_manual(waiters: Vec<Waiter>) -> (Vec<Waiter>, Vec<Waiter>) {
    waiters
        .into_iter()
        .partition(|waiter| waiter.wants == Wants::Refresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Now {
        Now::at(millis, millis)
    }

    fn backoff(kind: ErrorKind, not_before: Option<i64>) -> Backoff {
        let after = |millis| Deadline::after(at(0), Span::from_millis(millis));
        Backoff {
            until: after(30_000),
            error: Error::from(kind),
            began: at(0),
            failures: 2,
            not_before: not_before.map(after),
            heeded: 1,
        }
    }

    #[test]
    fn a_pause_is_hastened_to_a_second_and_no_further_than_the_server_allows() {
        for (kind, not_before, ends) in [
            (ErrorKind::RefreshUnavailable, None, 1_000),
            (ErrorKind::RefreshUnavailable, Some(9_000), 9_000),
            (ErrorKind::RefreshLoop, None, 30_000),
        ] {
            let mut backoff = backoff(kind, not_before);
            backoff.hasten(at(10));
            let refresh = Refresh::Backoff(backoff);
            assert!(!refresh.may_begin(at(ends - 1)), "{kind:?} {not_before:?}");
            assert!(refresh.may_begin(at(ends)), "{kind:?} {not_before:?}");
        }
    }

    #[test]
    fn offline_the_schedule_waits_for_the_network_for_a_minute() {
        let backoff = backoff(ErrorKind::RefreshUnavailable, None);
        assert_eq!(backoff.due(at(0), false).wall().as_millis(), 30_000);
        assert_eq!(backoff.due(at(0), true).wall().as_millis(), 60_000);
    }

    #[test]
    fn the_next_attempt_counts_on() {
        let pause = backoff(ErrorKind::RefreshUnavailable, None);
        let attempt = Refresh::Backoff(pause).next_attempt();
        assert_eq!((attempt.failures, attempt.heeded), (2, 1));
        let attempt = Refresh::Idle.next_attempt();
        assert_eq!((attempt.failures, attempt.heeded), (0, 0));
    }

    #[test]
    fn sec_37_siblings_failures_are_heeded_five_times_and_only_before_the_server_is_asked() {
        let mut attempt = Attempt {
            heeded: 4,
            ..Attempt::default()
        };
        let wait = |then| {
            let until = Deadline::after(at(0), Span::ZERO);
            Refresh::Waiting(Wait {
                attempt,
                until,
                then,
            })
        };
        assert!(Refresh::Locking(attempt).heeds_failure() && wait(Then::Refresh).heeds_failure());
        assert!(!Refresh::InFlight(attempt).heeds_failure() && !wait(Then::Lock).heeds_failure());
        attempt.heeded = 5;
        assert!(!Refresh::Locking(attempt).heeds_failure());
    }
}
