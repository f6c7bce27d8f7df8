//! The steps of an attempt to refresh, with a session or without one.
//!
//! When the server does not answer, each tab in line for the lock would ask it in vain, one after the other. So the tab
//! that failed says so, and a tab that shares its session and was about to ask pauses as if it had asked.

use crate::effect::Effect;
use crate::error::Error;
use crate::event::AttemptId;
use crate::generation::Generation;
use crate::record::Message;
use crate::schedule;
use crate::time::{Deadline, Span};

use super::active::Active;
use super::refresh::{Attempt, Backoff, Pause, Refresh, Then, Wait};
use super::turn::Turn;

/// Siblings answer within milliseconds, even from the background.
pub(super) const FOR_SIBLINGS: Span = Span::from_millis(100);

impl Turn<'_> {
    /// Asks for the lock.
    pub(super) fn lock(&mut self, mut attempt: Attempt) -> Refresh {
        self.tab.attempts = self.tab.attempts.wrapping_add(1);
        let id = AttemptId(self.tab.attempts);
        attempt.id = Some(id);
        attempt.queued = self.context.now.monotonic;
        self.effects.push(Effect::AcquireLock { attempt: id });
        Refresh::Locking(attempt)
    }

    /// Waits a moment.
    pub(super) const fn wait(&self, attempt: Attempt, span: Span, then: Then) -> Refresh {
        Refresh::Waiting(Wait {
            attempt,
            until: Deadline::after(self.context.now, span),
            then,
        })
    }

    /// A page opens without a session: the siblings may have one.
    pub(super) fn wait_to_join(&mut self, attempt: Attempt, then: Then) -> Refresh {
        self.ask_for_session();
        self.wait(attempt, FOR_SIBLINGS, then)
    }

    /// Sends the refresh.
    pub(super) fn ask_server(&mut self, attempt: Attempt, active: Option<&Active>) -> Refresh {
        let tokens = active.map(|active| &active.record.tokens);
        let order = |attempt| Effect::Refresh {
            attempt,
            access: tokens.map(|tokens| tokens.access().clone()),
            refresh: tokens.and_then(|tokens| tokens.refresh().cloned()),
        };
        self.effects.extend(attempt.id.map(order));
        Refresh::InFlight(attempt)
    }

    /// The attempt has had its answer, and gives the lock back.
    pub(super) fn finish_attempt(&mut self, refresh: &mut Refresh) {
        self.effects.push(Effect::ReleaseLock);
        *refresh = Refresh::Idle;
    }

    /// Ends the attempt under way, if any, before it has an answer. Its callers wait on.
    pub(super) fn interrupt(&mut self, refresh: &mut Refresh) {
        if let Some(attempt) = refresh.attempt() {
            let abandoned = attempt.id.map(|attempt| Effect::Abandon { attempt });
            self.effects.extend(abandoned);
            self.finish_attempt(refresh);
        }
    }

    /// A page that is left gives its lock back: if it was about to ask the server, it takes the lock again.
    pub(super) fn lock_again(&mut self, refresh: &mut Refresh) {
        if let Some(attempt) = refresh.about_to_ask() {
            self.effects.push(Effect::ReleaseLock);
            *refresh = self.lock(attempt);
        }
    }

    /// Gives a lock back that came for an attempt which no longer waits; but not the one under which an attempt goes
    /// on.
    pub(super) fn return_foreign_lock(&mut self, refresh: &Refresh) {
        if !matches!(refresh, Refresh::InFlight(_) | Refresh::Waiting(_)) {
            self.effects.push(Effect::ReleaseLock);
        }
    }

    /// A pause after this attempt.
    pub(super) fn backoff(&self, attempt: Attempt, error: Error, pause: Pause) -> Backoff {
        let now = self.context.now;
        let failures = attempt.failures.saturating_add(1);
        let (wait, retry_after) = match pause {
            Pause::ByRule(least) => {
                let dice = self.context.dice();
                (schedule::backoff(failures, dice, least), least)
            }
            Pause::For(span) => (span, None),
        };
        Backoff {
            until: Deadline::after(now, wait),
            error,
            began: now,
            failures,
            not_before: retry_after.map(|wait| Deadline::after(now, wait)),
            heeded: attempt.heeded,
        }
    }

    /// This tab asked in vain. Siblings hear of it before the lock is given back, so that the next in line does not
    /// ask.
    pub(super) fn failed_here(
        &mut self,
        attempt: &mut Attempt,
        active: Option<&Active>,
        pause: Pause,
    ) {
        let config = self.context.config;
        if active.map_or(config.is_shared(), |active| active.is_shared(config)) {
            self.tell(Message::Failed {
                sid: active.map(|active| active.record.sid.clone()),
                generation: active.map_or(Generation::default(), |active| active.record.generation),
                retry_after: match pause {
                    Pause::ByRule(least) => least,
                    Pause::For(_) => None,
                },
            });
        }
        self.effects.push(Effect::ReleaseLock);
        attempt.heeded = 0;
    }

    /// A sibling failed: ends the attempt before the server was asked, as if it had been.
    pub(super) fn failed_elsewhere(&mut self, refresh: &mut Refresh) -> Attempt {
        let attempt = refresh.attempt().copied().unwrap_or_default();
        self.interrupt(refresh);
        Attempt {
            failures: attempt.failures,
            heeded: attempt.heeded.saturating_add(1),
            ..Attempt::default()
        }
    }
}

/// A sibling cannot make this tab wait longer than its own pauses are.
pub(super) fn heard(retry_after: Option<Span>) -> Option<Span> {
    retry_after.map(|wait| wait.min(schedule::LONGEST_BACKOFF))
}
