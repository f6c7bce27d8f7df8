//! What callers ask of a session: a token, another token, a refresh.

use crate::effect::{Outcome, SignOutReason};
use crate::event::WaiterId;
use crate::secret::Secret;
use crate::time::Span;

use super::active::Active;
use super::errors::not_refreshable;
use super::next::{End, Next};
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
        } else if let Some(next) = self.wait_for_refresh(active, id, Wants::Token) {
            return next;
        } else if active.is_usable(now, None) {
            // No refresh is coming: a token that ends before `min` is better than none.
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
        // There was a refresh since the request was sent (REL-17).
        if !is_of_now && active.is_usable(now, None) {
            self.settle(id, active.token());
            return Next::Stay;
        }
        if is_of_now {
            self.distrust(active);
        }
        if let Some(next) = self.wait_for_refresh(active, id, Wants::Replay) {
            return next;
        }
        if is_of_now && !active.can_refresh(now, self.context.config) {
            // The token of the session is refused, and no other can be had. Where no tab can refresh, the session ends
            // for all that share it; a tab that alone cannot, like a copy without the refresh token, ends alone.
            active.enqueue(id, Wants::Replay);
            let reason = SignOutReason::Rejected;
            return Next::End(match self.context.config.refresh {
                None => End::for_siblings(reason),
                Some(_) => End::here(reason),
            });
        }
        self.settle(id, Outcome::Stands);
        Next::Stay
    }

    /// The application wants a refresh, whatever time is left.
    pub(super) fn refresh_asked(&mut self, active: &mut Active, id: WaiterId) -> Next {
        let now = self.context.now;
        if !active.can_refresh(now, self.context.config) {
            self.settle(id, Outcome::Failed(not_refreshable()));
            return Next::Stay;
        }
        if let Refresh::Backoff(backoff) = &active.refresh
            && backoff.is_forbidden(now)
        {
            self.settle(id, Outcome::Failed(backoff.error.clone()));
            return Next::Stay;
        }
        active.enqueue(id, Wants::Refresh);
        if active.refresh.is_under_way() {
            return Next::Stay;
        }
        Next::Refresh(Attempt {
            is_asked: true,
            ..active.refresh.next_attempt()
        })
    }

    /// The caller waits for the attempt under way, or for one that it begins: where the pause is over, though the
    /// schedule may still wait for the network. `None` where no refresh is coming.
    fn wait_for_refresh(&self, active: &mut Active, id: WaiterId, wants: Wants) -> Option<Next> {
        let now = self.context.now;
        let next = if active.refresh.is_under_way() {
            Next::Stay
        } else if active.refresh.may_begin(now) && active.can_refresh(now, self.context.config) {
            Next::Refresh(active.refresh.next_attempt())
        } else {
            return None;
        };
        active.enqueue(id, wants);
        Some(next)
    }

    /// The server refused a token that is good by this device's clock: the server's may be further ahead than was
    /// known. The next token is judged by that; this one is not used again where it does not show the server's clock
    /// itself. A token refused soon after it came was refused for another reason.
    fn distrust(&mut self, active: &mut Active) {
        let now = self.context.now;
        let (tokens, skew) = (&active.record.tokens, self.tab.clock.skew());
        let least = active.expiry.contradicted_skew(tokens, now, skew);
        self.tab.clock.raise_skew(least);
        active.distrust(now, self.context.config);
    }
}
