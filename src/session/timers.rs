//! What time and the page bring about: deadlines pass, the page wakes, the network comes back.

use crate::effect::{Change, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, Stored};
use crate::time::Span;

use super::Context;
use super::active::Active;
use super::next::{End, Next};
use super::refresh::{Attempt, Pause, Refresh};
use super::turn::Turn;

impl Turn<'_> {
    /// Judges every deadline; nothing happens where none has passed.
    pub(super) fn tick(&mut self, active: &mut Active) -> Next {
        let Context { now, config, .. } = self.context;
        if let Some(reason) = active.limit_passed(now) {
            return Next::End(End::by_limit(reason));
        }
        if let Some(sign_out_at) = active.idle.warn(config.limits.idle_warning, now) {
            self.emit(Change::IdleWarning { sign_out_at });
        }
        active.expiry.judge(now);
        let can_refresh = active.can_refresh(now, config);
        let is_lost = !can_refresh && !active.is_usable(now, None);
        let is_due = active.expiry.is_due(now) && config.schedule.proactive;
        match &active.refresh {
            Refresh::Idle if is_due && can_refresh => self.begin_by_schedule(active),
            Refresh::Waiting(wait) if wait.until.has_passed(now) => {
                let wait = wait.clone();
                self.waited(active, wait)
            }
            Refresh::Backoff(backoff)
                if backoff.due(now, self.tab.is_offline).has_passed(now) && can_refresh =>
            {
                Next::Refresh(backoff.next_attempt())
            }
            Refresh::Idle | Refresh::Backoff(_) if is_lost => {
                Next::End(End::here(SignOutReason::Expired))
            }
            _ => Next::Stay,
        }
    }

    /// Where the browser says that there is no network, the schedule waits a while for it. The pause has no length, so
    /// that a caller which needs a token can begin an attempt at once.
    fn begin_by_schedule(&mut self, active: &mut Active) -> Next {
        let attempt = Attempt::default();
        if !self.tab.is_offline {
            return Next::Refresh(attempt);
        }
        let error = Error::new(
            ErrorKind::RefreshUnavailable,
            "the browser says that there is no network: the session waits for it",
        );
        self.back_off(active, attempt, error, Pause::For(Span::ZERO))
    }

    /// The page came back to the front, or from sleep.
    pub(super) fn woke(&mut self, active: &mut Active, stored: Stored) -> Next {
        match stored {
            Stored::Empty | Stored::Damaged => Next::End(End::here(SignOutReason::Storage)),
            Stored::Found(record) if !active.knows(&record) => self.adopted(active, *record),
            Stored::Found(_) | Stored::Unknown => self.retry(active),
        }
    }

    /// Something changed for the better: the page is in front again, or there is a network.
    pub(super) fn retry(&mut self, active: &mut Active) -> Next {
        let now = self.context.now;
        if let Refresh::Backoff(backoff) = &mut active.refresh
            && backoff.hasten(now)
            // An attempt that begins at once needs no time to be shown.
            && !backoff.until.has_passed(now)
        {
            active.expiry.set_due(Some(backoff.until));
        }
        Next::Tick
    }

    /// What the browser says of the network counts until something comes over it.
    pub(super) fn notice_network(&mut self, event: &Event) {
        match event {
            Event::WentOffline => self.tab.is_offline = true,
            Event::Answered { answer, .. } if !answer.came_over_network() => {}
            Event::SignOutAnswered { outcome, .. } if outcome.is_err() => {}
            Event::WentOnline
            | Event::Answered { .. }
            | Event::SignOutAnswered { .. }
            | Event::SignedIn { .. }
            | Event::Unauthorized { .. } => self.tab.is_offline = false,
            _ => {}
        }
    }

    /// Reads the clocks.
    pub(super) fn notice_wake(&mut self, event: &Event) {
        let is_wake = matches!(
            event,
            Event::CameBack | Event::Woke { .. } | Event::WentOnline
        );
        // The browser's timer may stand still during sleep.
        self.sets_timer = self.tab.clock.read(self.context.now, is_wake);
    }
}
