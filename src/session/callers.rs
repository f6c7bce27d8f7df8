//! What callers ask of a session: a token, another token, a refresh.

use crate::effect::{Outcome, SignOutReason};
use crate::event::WaiterId;
use crate::secret::Secret;
use crate::time::Span;

use super::active::Active;
use super::next::{End, Next, not_refreshable};
use super::refresh::{Attempt, Refresh, Wants};
use super::turn::Turn;

impl Turn<'_> {
    /// A caller needs a token that is good for `min` from now.
    pub(super) fn token_needed(
        &mut self,
        active: &mut Active,
        id: WaiterId,
        min: Option<Span>,
    ) -> Next {
        let now = self.context.now;
        if active.is_usable(now, min) {
            self.settle(id, active.token());
        } else if active.refresh.is_under_way() {
            active.enqueue(id, Wants::Token);
        } else if self.may_begin(active) {
            active.enqueue(id, Wants::Token);
            return Next::Refresh(active.refresh.next_attempt());
        } else if active.is_usable(now, None) {
            // No refresh is coming: what there is must do, while it is good at all.
            self.settle(id, active.token());
        } else if let Refresh::Backoff(backoff) = &active.refresh {
            self.settle(id, Outcome::Failed(backoff.error.clone()));
        } else {
            active.enqueue(id, Wants::Token);
            return Next::End(End::here(SignOutReason::Expired));
        }
        Next::Stay
    }

    /// A request that carried `sent` came back with a 401.
    pub(super) fn unauthorized(
        &mut self,
        active: &mut Active,
        id: WaiterId,
        sent: &Secret,
    ) -> Next {
        let now = self.context.now;
        let is_of_now = active.record.tokens.access() == sent;
        // The answer came late: there was a refresh since (REL-17).
        if !is_of_now && active.is_usable(now, None) {
            self.settle(id, active.token());
            return Next::Stay;
        }
        if is_of_now {
            self.distrust(active);
        }
        if active.refresh.is_under_way() {
            active.enqueue(id, Wants::Replay);
        } else if self.may_begin(active) {
            active.enqueue(id, Wants::Replay);
            return Next::Refresh(active.refresh.next_attempt());
        } else if is_of_now && !active.can_refresh(now, self.context.config) {
            // Its own token is refused, and no other can be had: that is the end. Where there is no way to refresh for
            // any tab, it concerns all that share the session; a tab that has only lost its own way, like a copy
            // without the refresh token, ends alone.
            active.enqueue(id, Wants::Replay);
            let reason = SignOutReason::Rejected;
            return Next::End(match self.context.config.refresh {
                None => End::for_siblings(reason),
                Some(_) => End::here(reason),
            });
        } else {
            self.settle(id, Outcome::Stands);
        }
        Next::Stay
    }

    /// Whether a caller's need begins an attempt: the pause is over, though the schedule may still wait for the
    /// network.
    fn may_begin(&self, active: &Active) -> bool {
        let now = self.context.now;
        active.refresh.may_begin(now) && active.can_refresh(now, self.context.config)
    }

    /// The server refused a token that this device thinks good: its clock may be further ahead than we
    /// know. A token that carried no measure of it is not used again, and the next one is judged by what
    /// was learnt; a token refused soon after it came was refused for something else.
    fn distrust(&mut self, active: &mut Active) {
        let now = self.context.now;
        let (tokens, skew) = (&active.record.tokens, self.tab.clock.skew());
        let least = active.expiry.contradicted_skew(tokens, now, skew);
        self.tab.clock.raise_skew(least);
        active.distrust(now, self.context.config);
    }

    /// The application wants a refresh, whatever time is left.
    pub(super) fn refresh_asked(&mut self, active: &mut Active, id: WaiterId) -> Next {
        let now = self.context.now;
        if !active.can_refresh(now, self.context.config) {
            self.settle(id, Outcome::Failed(not_refreshable()));
            return Next::Stay;
        }
        match &active.refresh {
            Refresh::Backoff(backoff) if backoff.is_forbidden(now) => {
                self.settle(id, Outcome::Failed(backoff.error.clone()));
                return Next::Stay;
            }
            _ => active.enqueue(id, Wants::Refresh),
        }
        if active.refresh.is_under_way() {
            return Next::Stay;
        }
        Next::Refresh(Attempt {
            is_asked: true,
            ..active.refresh.next_attempt()
        })
    }
}
