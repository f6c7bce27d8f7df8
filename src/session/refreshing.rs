//! The way into a refresh: look, lock, look again (in the store, then among the siblings), ask the server.

use crate::effect::{Change, Effect, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Stored};

use super::attempt::{Attempt, Cause};
use super::callers::not_refreshable;
use super::live::Live;
use super::sign_out::Tell;
use super::waiting::Then;
use super::{Phase, Stage, Turn};

impl Turn<'_> {
    pub(super) fn begin(&mut self, live: Box<Live>, attempt: Box<Attempt>) -> Phase {
        let now = self.context.now;
        let is_automatic = attempt.cause != Cause::Asked;
        if is_automatic && let Err(pause) = self.tab.guard.admit(live.age(now), now) {
            let error = Error::from(ErrorKind::RefreshLoop);
            return self.back_off(live, *attempt, error, Some(pause), None);
        }
        let stage = self.lock(attempt);
        Phase::SignedIn { live, stage }
    }

    pub(super) fn lock(&mut self, mut attempt: Box<Attempt>) -> Stage {
        self.tab.attempts = self.tab.attempts.wrapping_add(1);
        let id = AttemptId(self.tab.attempts);
        attempt.id = Some(id);
        attempt.queued = self.context.now.monotonic;
        self.effects.push(Effect::AcquireLock { attempt: id });
        Stage::Locking(attempt)
    }

    pub(super) fn lock_granted(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        id: AttemptId,
        stored: Stored,
    ) -> Phase {
        let attempt = match stage {
            Stage::Locking(attempt) if attempt.is(id) => attempt,
            stage => {
                self.return_foreign_lock(&stage);
                return Phase::SignedIn { live, stage };
            }
        };
        match stored {
            Stored::Empty | Stored::Damaged => self.end_live(
                &live,
                Stage::Locking(attempt),
                SignOutReason::Storage,
                Tell::Nobody,
            ),
            Stored::Found(record) if !live.knows(&record) => {
                self.adopted(&live, Stage::Locking(attempt), *record)
            }
            Stored::Found(_) | Stored::Unknown => self.query_peers_before_refresh(live, attempt),
        }
    }

    /// Without the lock two tabs may ask at once; the server sees that they do, and the guard by attempt
    /// keeps the answers apart.
    pub(super) fn lock_unavailable(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        id: AttemptId,
    ) -> Phase {
        match stage {
            Stage::Locking(attempt) if attempt.is(id) => {
                self.query_peers_before_refresh(live, attempt)
            }
            stage => Phase::SignedIn { live, stage },
        }
    }

    pub(super) fn under_way(&mut self, live: Box<Live>, attempt: Box<Attempt>) -> Phase {
        // What could renew itself when the wait began may be over by now.
        if !live.can_refresh(self.context.now, self.context.config) {
            let stage = Stage::Locking(attempt);
            return self.end_live(&live, stage, SignOutReason::Expired, Tell::Nobody);
        }
        if live.is_behind_a_copy() {
            return self.spent_by_a_copy(live, attempt);
        }
        let stage = self.ask_server(attempt, Some(&live));
        Phase::SignedIn { live, stage }
    }

    /// The refresh token is spent, and no tab is here that has the next one. To spend it again would end the session
    /// for those that come back with it: what is left here is the access token.
    fn spent_by_a_copy(&mut self, mut live: Box<Live>, attempt: Box<Attempt>) -> Phase {
        let waiters = self.interrupt(Stage::Locking(attempt));
        live.lose_refresh_token(self.context);
        self.persist(&live);
        self.emit(Change::RefreshFailed {
            error: not_refreshable(),
            retry_at: None,
        });
        self.fail(waiters, &not_refreshable());
        self.tick(live, Stage::Fresh)
    }

    pub(super) fn ask_server(&mut self, attempt: Box<Attempt>, live: Option<&Live>) -> Stage {
        let tokens = live.map(|live| &live.record.tokens);
        self.effects
            .extend(attempt.id.map(|attempt| Effect::Refresh {
                attempt,
                access: tokens.map(|tokens| tokens.access().clone()),
                refresh: tokens.and_then(|tokens| tokens.refresh().cloned()),
            }));
        Stage::Refreshing(attempt)
    }

    /// A page that is left gives its lock back: if it was about to ask the server, it takes the lock again.
    pub(super) fn locked_again(&mut self, stage: Stage) -> Stage {
        match stage {
            Stage::Waiting(wait) if matches!(wait.then, Then::Refresh) => {
                self.effects.push(Effect::ReleaseLock);
                self.lock(wait.attempt)
            }
            stage => stage,
        }
    }

    /// A lock that came for an attempt which no longer waits; but not the one under which we refresh.
    pub(super) fn return_foreign_lock(&mut self, stage: &Stage) {
        if !matches!(stage, Stage::Refreshing(_) | Stage::Waiting(_)) {
            self.effects.push(Effect::ReleaseLock);
        }
    }
}
