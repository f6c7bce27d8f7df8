//! Short waits within a refresh: for what siblings know, and for a network that is not quite awake.

use crate::effect::Effect;
use crate::error::Error;
use crate::time::{Deadline, Now, Span};

use super::attempt::Attempt;
use super::live::Live;
use super::{Phase, Stage, Turn};

/// Siblings answer within milliseconds, even from the background.
const FOR_SIBLINGS: Span = Span::from_millis(100);
/// Newer tokens are there, or are likely to be: to spend the old ones now would end the session for all, and
/// on a machine that is busy what a sibling says takes its time.
const FOR_NEWER_TOKENS: Span = Span::from_millis(1_000);
/// A tab that waited so long for the lock waited for another one, which has probably just refreshed.
const IN_LINE: Span = Span::from_millis(50);
/// Phones refuse the first request after a wake, and take the next one.
const AFTER_WAKE: Span = Span::from_millis(1_000);
/// A wait that ends so late was slept through: no tab could be heard.
const OVERSLEPT: Span = Span::from_millis(1_000);

/// A short wait, and what follows it.
#[derive(Clone, Debug)]
pub(super) struct Wait {
    pub(super) attempt: Box<Attempt>,
    pub(super) until: Deadline,
    pub(super) then: Then,
}

/// What follows a wait in which nothing better came.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// Take the lock.
    Lock,
    /// Believe the server, which refused.
    Refuse(Error),
    /// Ask the server.
    Refresh,
}

impl Wait {
    fn was_slept_through(&self, now: Now) -> bool {
        let late = Span::ZERO.minus(self.until.remaining(now));
        !self.attempt.looks_again && late > OVERSLEPT
    }
}

impl Turn<'_> {
    pub(super) fn wait(&self, attempt: Box<Attempt>, span: Span, then: Then) -> Stage {
        Stage::Waiting(Box::new(Wait {
            attempt,
            until: Deadline::after(self.context.now, span),
            then,
        }))
    }

    /// A page opens without a session: the siblings may have one.
    pub(super) fn wait_to_join(&mut self, attempt: Box<Attempt>, then: Then) -> Stage {
        self.ask(None, 0, false);
        self.wait(attempt, FOR_SIBLINGS, then)
    }

    /// Looks again before a refresh token is spent: in the store that is done, now among the siblings.
    pub(super) fn query_peers_before_refresh(
        &mut self,
        live: Box<Live>,
        attempt: Box<Attempt>,
    ) -> Phase {
        if !self.is_shared(&live) {
            return self.under_way(live, attempt);
        }
        self.ask_about(&live, true);
        let queued = self.context.now.monotonic.minus(attempt.queued);
        let span = if live.has_heard_of_newer() || live.is_behind_a_copy() || queued > IN_LINE {
            FOR_NEWER_TOKENS
        } else {
            FOR_SIBLINGS
        };
        let stage = self.wait(attempt, span, Then::Refresh);
        Phase::SignedIn { live, stage }
    }

    /// Refused: where tabs share a session, another may have spent the token and hold the next one,
    /// even in the same generation where there was no lock.
    pub(super) fn query_peers_after_rejection(
        &mut self,
        live: Box<Live>,
        attempt: Box<Attempt>,
        error: Error,
    ) -> Phase {
        if !self.is_shared(&live) {
            return self.refused(&live, *attempt, error);
        }
        let generation = live.record.generation.saturating_sub(1);
        self.ask(Some(live.record.sid.clone()), generation, true);
        let stage = self.wait(attempt, FOR_NEWER_TOKENS, Then::Refuse(error));
        Phase::SignedIn { live, stage }
    }

    /// Whether no answer at all means that the machine has only just woken: then no caller hears of it yet.
    pub(super) fn is_waking(&self, attempt: &Attempt) -> bool {
        let has_just_woken = self.tab.clock.is_waking(self.context.now);
        attempt.failures == 0 && !self.tab.is_offline && has_just_woken
    }

    /// One more try before any caller hears of the failure.
    pub(super) fn try_again_shortly(
        &mut self,
        live: Box<Live>,
        mut attempt: Box<Attempt>,
    ) -> Phase {
        attempt.failures = attempt.failures.saturating_add(1);
        attempt.id = None;
        let stage = self.wait(attempt, AFTER_WAKE, Then::Lock);
        Phase::SignedIn { live, stage }
    }

    fn may_look_again(&self, attempt: &Attempt) -> bool {
        self.context.config.has_common_store() && !attempt.looks_again
    }

    pub(super) fn waited(&mut self, live: Box<Live>, wait: Wait) -> Phase {
        let was_slept_through = wait.was_slept_through(self.context.now);
        let Wait {
            mut attempt, then, ..
        } = wait;
        match then {
            Then::Lock => {
                let stage = self.lock(attempt);
                Phase::SignedIn { live, stage }
            }
            Then::Refuse(error) => self.refused(&live, *attempt, error),
            // Once: a timer in the background is late every time, and messages come all the same.
            Then::Refresh if was_slept_through => {
                attempt.looks_again = true;
                self.query_peers_before_refresh(live, attempt)
            }
            // There are newer tokens, and the tab that had them may be gone; but the store that tabs share has them.
            Then::Refresh if live.has_heard_of_newer() && self.may_look_again(&attempt) => {
                self.effects.push(Effect::ReleaseLock);
                attempt.looks_again = true;
                let stage = self.lock(attempt);
                Phase::SignedIn { live, stage }
            }
            Then::Refresh => self.under_way(live, attempt),
        }
    }
}
