//! What callers ask of a session: a token, another token, a refresh.

use crate::effect::Outcome;
use crate::error::{Error, ErrorKind};
use crate::event::WaiterId;
use crate::secret::Secret;
use crate::time::Span;

use super::attempt::{Attempt, Backoff, Cause, Waiter, Wants};
use super::live::Live;
use super::sign_out::{Tell, signed_out};
use super::{Phase, Stage, Turn};
use crate::effect::SignOutReason;

impl Turn<'_> {
    /// A caller needs a token that is good for `min` from now.
    pub(super) fn token_needed(
        &mut self,
        live: Box<Live>,
        mut stage: Stage,
        id: WaiterId,
        min: Option<Span>,
    ) -> Phase {
        let now = self.context.now;
        if live.is_usable(now, min) {
            self.settle(id, live.token());
            return Phase::SignedIn { live, stage };
        }
        if let Some(attempt) = stage.attempt_mut() {
            attempt.waiters.push(Waiter {
                id,
                wants: Wants::Token,
            });
            return Phase::SignedIn { live, stage };
        }
        match stage {
            Stage::Fresh if live.can_refresh(now, self.context.config) => {
                self.begin(live, Attempt::new(Cause::Need).with(id, Wants::Token))
            }
            Stage::Backoff(backoff) if self.may_try(&backoff, &live) => {
                let attempt = backoff.next_attempt(Cause::Need);
                self.begin(live, attempt.with(id, Wants::Token))
            }
            // No refresh is coming: what there is must do, while it is good at all.
            stage if live.is_usable(now, None) => {
                self.settle(id, live.token());
                Phase::SignedIn { live, stage }
            }
            Stage::Backoff(backoff) => {
                self.settle(id, Outcome::Failed(backoff.error.clone()));
                Phase::SignedIn {
                    live,
                    stage: Stage::Backoff(backoff),
                }
            }
            stage => {
                let phase = self.end_live(&live, stage, SignOutReason::Expired, Tell::Nobody);
                self.settle(id, Outcome::Failed(signed_out()));
                phase
            }
        }
    }

    /// A request that carried `sent` came back with a 401.
    pub(super) fn unauthorized(
        &mut self,
        mut live: Box<Live>,
        mut stage: Stage,
        id: WaiterId,
        sent: &Secret,
    ) -> Phase {
        let now = self.context.now;
        let is_of_now = live.record.tokens.access() == sent;
        // The answer came late: there was a refresh since (REL-17).
        if !is_of_now && live.is_usable(now, None) {
            self.settle(id, live.token());
            return Phase::SignedIn { live, stage };
        }
        if is_of_now {
            self.distrust(&mut live);
        }
        if let Some(attempt) = stage.attempt_mut() {
            attempt.waiters.push(Waiter {
                id,
                wants: Wants::Replay,
            });
            return Phase::SignedIn { live, stage };
        }
        let can_refresh = live.can_refresh(now, self.context.config);
        match stage {
            Stage::Fresh if can_refresh => {
                let attempt = Attempt::new(Cause::Unauthorized);
                self.begin(live, attempt.with(id, Wants::Replay))
            }
            Stage::Backoff(backoff) if self.may_try(&backoff, &live) => {
                let attempt = backoff.next_attempt(Cause::Unauthorized);
                self.begin(live, attempt.with(id, Wants::Replay))
            }
            // Its own token is refused, and no other can be had: that is the end.
            stage if is_of_now && !can_refresh => {
                let phase =
                    self.end_live(&live, stage, SignOutReason::Rejected, self.whom_to_tell());
                self.settle(id, Outcome::Stands);
                phase
            }
            stage => {
                self.settle(id, Outcome::Stands);
                Phase::SignedIn { live, stage }
            }
        }
    }

    /// The pause is over, though the schedule may still wait for the network.
    fn may_try(&self, backoff: &Backoff, live: &Live) -> bool {
        let now = self.context.now;
        backoff.is_over(now) && live.can_refresh(now, self.context.config)
    }

    /// Where there is no way to refresh for any tab, the end concerns all that share the session; a tab that has
    /// only lost its own way, like a copy without the refresh token, ends alone.
    const fn whom_to_tell(&self) -> Tell {
        match self.context.config.refresh {
            None => Tell::Session,
            Some(_) => Tell::Nobody,
        }
    }

    /// The server refused a token that this device thinks good: its clock may be further ahead than we
    /// know. A token that carried no measure of it is not used again, and the next one is judged by what
    /// was learnt; a token refused soon after it came was refused for something else.
    fn distrust(&mut self, live: &mut Live) {
        let now = self.context.now;
        let least = live.contradicted_skew(now, self.tab.clock.skew());
        self.tab.clock.raise_skew(least);
        live.distrust(now, self.context.config);
    }

    /// The application wants a refresh, whatever time is left.
    pub(super) fn refresh_asked(
        &mut self,
        live: Box<Live>,
        mut stage: Stage,
        id: WaiterId,
    ) -> Phase {
        let now = self.context.now;
        if !live.can_refresh(now, self.context.config) {
            self.settle(id, Outcome::Failed(not_refreshable()));
            return Phase::SignedIn { live, stage };
        }
        if let Some(attempt) = stage.attempt_mut() {
            attempt.waiters.push(Waiter {
                id,
                wants: Wants::Refresh,
            });
            return Phase::SignedIn { live, stage };
        }
        let attempt = match stage {
            Stage::Backoff(backoff) if backoff.is_forbidden(now) => {
                self.settle(id, Outcome::Failed(backoff.error.clone()));
                return Phase::SignedIn {
                    live,
                    stage: Stage::Backoff(backoff),
                };
            }
            Stage::Backoff(backoff) => backoff.next_attempt(Cause::Asked),
            _ => Attempt::new(Cause::Asked),
        };
        self.begin(live, attempt.with(id, Wants::Refresh))
    }
}

/// There is nothing to refresh with.
pub(super) fn not_refreshable() -> Error {
    Error::new(
        ErrorKind::RefreshUnavailable,
        "there is no way to refresh: set options.refresh, and sign in so that a refresh token is given",
    )
}
