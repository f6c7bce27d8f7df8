//! A pause after an attempt to refresh the session failed, in this tab or in another one.

use crate::effect::Change;
use crate::error::Error;
use crate::time::Span;

use super::active::Active;
use super::attempts::heard;
use super::errors::unavailable;
use super::next::Next;
use super::refresh::{Attempt, Pause, Refresh, Wants};
use super::turn::Turn;

impl Turn<'_> {
    /// A sibling failed to renew this session: this tab does not try before a pause, either.
    pub(super) fn peer_failed(&mut self, active: &mut Active, retry_after: Option<Span>) -> Next {
        let attempt = self.failed_elsewhere(&mut active.refresh);
        let pause = Pause::ByRule(heard(retry_after));
        self.back_off(active, attempt, unavailable(None), pause)
    }

    /// The attempt failed: a pause.
    pub(super) fn back_off(
        &mut self,
        active: &mut Active,
        attempt: Attempt,
        error: Error,
        pause: Pause,
    ) -> Next {
        let now = self.context.now;
        let backoff = self.backoff(attempt, error.clone(), pause);
        let due = backoff.due(now, self.tab.is_offline);
        active.refresh = Refresh::Backoff(backoff);
        active.expiry.pause(due);
        self.emit(Change::RefreshFailed {
            error: error.clone(),
            retry_at: Some(due.wall()),
        });
        // A failed early refresh never harms a token that is still good.
        let is_usable = active.is_usable(now, None);
        for waiter in std::mem::take(&mut active.waiters) {
            let outcome = match waiter.wants {
                Wants::Token if is_usable => active.token(),
                _ => waiter.failed(&error),
            };
            self.settle(waiter.id, outcome);
        }
        Next::Tick
    }
}
