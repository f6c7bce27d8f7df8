//! The way into a refresh: look, lock, look again (in the store, then among the siblings), ask the server.

use crate::effect::{Change, Effect, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Stored};
use crate::time::Span;

use super::active::Active;
use super::attempts::FOR_SIBLINGS;
use super::errors::not_refreshable;
use super::next::{End, Next};
use super::refresh::{Attempt, Pause, Then, Wait};
use super::turn::Turn;

/// Another tab has newer tokens, or is likely to: to spend the old ones would end the session for all, and on a busy
/// machine a sibling's answer takes long.
const FOR_NEWER_TOKENS: Span = Span::from_millis(1_000);
/// A tab that waited so long for the lock waited for another tab, which has probably just refreshed.
const IN_LINE: Span = Span::from_millis(50);
/// The first request after a wake fails on phones, and the next one works.
const AFTER_WAKE: Span = Span::from_millis(1_000);

impl Turn<'_> {
    /// An attempt begins, if the loop guard admits it.
    pub(super) fn begin(&mut self, active: &mut Active, attempt: Attempt) -> Next {
        let now = self.context.now;
        if !attempt.is_asked
            && let Err(pause) = self.tab.guard.admit(active.expiry.age(now), now)
        {
            let error = Error::from(ErrorKind::RefreshLoop);
            return self.back_off(active, attempt, error, Pause::For(pause));
        }
        active.refresh = self.lock(attempt);
        Next::Stay
    }

    /// This tab has the lock.
    pub(super) fn lock_granted(
        &mut self,
        active: &mut Active,
        id: AttemptId,
        stored: Stored,
    ) -> Next {
        let Some(attempt) = active.refresh.locking(id) else {
            self.return_foreign_lock(&active.refresh);
            return Next::Stay;
        };
        match stored {
            Stored::Empty | Stored::Damaged => Next::End(End::here(SignOutReason::Storage)),
            Stored::Found(record) if !active.knows(&record) => self.adopted(active, *record),
            Stored::Found(_) | Stored::Unknown => self.query_peers_before_refresh(active, attempt),
        }
    }

    /// Without the lock two tabs may ask at once; each takes the answer to its own attempt.
    pub(super) fn lock_unavailable(&mut self, active: &mut Active, id: AttemptId) -> Next {
        match active.refresh.locking(id) {
            Some(attempt) => self.query_peers_before_refresh(active, attempt),
            None => Next::Stay,
        }
    }

    /// Before a refresh token is spent: the store was looked at again, now the siblings are asked.
    fn query_peers_before_refresh(&mut self, active: &mut Active, attempt: Attempt) -> Next {
        if !active.is_shared(self.context.config) {
            return self.ask_server_to_renew(active, attempt);
        }
        self.ask_about(active, true);
        let queued = self.context.now.monotonic.minus(attempt.queued);
        let span = if active.has_heard_of_newer() || active.is_behind_a_copy() || queued > IN_LINE {
            FOR_NEWER_TOKENS
        } else {
            FOR_SIBLINGS
        };
        active.refresh = self.wait(attempt, span, Then::Refresh);
        Next::Stay
    }

    /// Refused: another tab that shares the session may have spent the token and hold the next one, in the same
    /// generation where both asked without a lock.
    pub(super) fn query_peers_after_rejection(
        &mut self,
        active: &mut Active,
        attempt: Attempt,
        error: Error,
    ) -> Next {
        if !active.is_shared(self.context.config) {
            return self.refused(active, error);
        }
        let generation = active.record.generation.before();
        self.ask(Some(active.record.sid.clone()), generation, true);
        active.refresh = self.wait(attempt, FOR_NEWER_TOKENS, Then::Refuse(error));
        Next::Stay
    }

    /// One more try before any caller hears of the failure.
    pub(super) fn try_again_shortly(&mut self, active: &mut Active, mut attempt: Attempt) -> Next {
        self.effects.push(Effect::ReleaseLock);
        attempt.failures = attempt.failures.saturating_add(1);
        attempt.id = None;
        active.refresh = self.wait(attempt, AFTER_WAKE, Then::Lock);
        Next::Stay
    }

    /// A wait is over in which no newer tokens came.
    pub(super) fn waited(&mut self, active: &mut Active, wait: Wait) -> Next {
        let was_slept_through = wait.was_slept_through(self.context.now);
        let Wait {
            mut attempt, then, ..
        } = wait;
        let may_look_again = self.context.config.has_common_store() && !attempt.looks_again;
        match then {
            Then::Lock => active.refresh = self.lock(attempt),
            Then::Refuse(error) => return self.refused(active, error),
            // Once: a timer in the background is always late, and messages arrive all the same.
            Then::Refresh if was_slept_through => {
                attempt.looks_again = true;
                return self.query_peers_before_refresh(active, attempt);
            }
            // The tab that had the newer tokens may be gone, but the store that tabs share has them.
            Then::Refresh if active.has_heard_of_newer() && may_look_again => {
                self.effects.push(Effect::ReleaseLock);
                attempt.looks_again = true;
                active.refresh = self.lock(attempt);
            }
            Then::Refresh => return self.ask_server_to_renew(active, attempt),
        }
        Next::Stay
    }

    fn ask_server_to_renew(&mut self, active: &mut Active, attempt: Attempt) -> Next {
        // A token that could authorize its own renewal when the wait began may have ended since.
        if !active.can_refresh(self.context.now, self.context.config) {
            return Next::End(End::here(SignOutReason::Expired));
        }
        if active.is_behind_a_copy() {
            return self.spent_by_a_copy(active);
        }
        active.refresh = self.ask_server(attempt, Some(active));
        Next::Stay
    }

    /// A copy of this tab has spent the refresh token, and does not answer. To send it again would end the session for
    /// the copy, should that come back: this tab goes on with the access token alone.
    fn spent_by_a_copy(&mut self, active: &mut Active) -> Next {
        self.interrupt(&mut active.refresh);
        active.lose_refresh_token(self.context);
        self.persist(active);
        self.emit(Change::RefreshFailed {
            error: not_refreshable(),
            retry_at: None,
        });
        self.fail(std::mem::take(&mut active.waiters), &not_refreshable());
        Next::Tick
    }

    /// The server refused, and no sibling has newer tokens.
    pub(super) fn refused(&mut self, active: &mut Active, error: Error) -> Next {
        self.finish_attempt(&mut active.refresh);
        Next::End(End::for_siblings(SignOutReason::Rejected).because(error))
    }
}
