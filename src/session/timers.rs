//! What happens by itself: time passes, the page wakes, the network comes back.

use crate::effect::{Change, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, Stored};
use crate::time::Span;

use super::attempt::{Attempt, Cause};
use super::live::Live;
use super::sign_out::Tell;
use super::{Context, Phase, Stage, Turn};

/// Wakes come in flocks (focus, visibilitychange, pageshow): one attempt a second is enough.
pub(super) const SHORTEST_RETRY: Span = Span::from_millis(1_000);

impl Turn<'_> {
    /// Judges every deadline; nothing happens where none has passed.
    pub(super) fn tick(&mut self, mut live: Box<Live>, stage: Stage) -> Phase {
        let Context { now, config, .. } = self.context;
        if let Some(reason) = live.limit_passed(now) {
            return self.end_by_limit(&live, stage, reason);
        }
        if let Some(sign_out_at) = live.idle_warning(now, config.limits.idle_warning) {
            self.emit(Change::IdleWarning { sign_out_at });
        }
        live.judge(now);
        let can_refresh = live.can_refresh(now, config);
        match stage {
            Stage::Fresh if live.is_due(now) && config.schedule.proactive && can_refresh => {
                self.begin_by_schedule(live)
            }
            Stage::Waiting(wait) if wait.until.has_passed(now) => self.waited(live, *wait),
            Stage::Backoff(backoff) if backoff.is_due(now, self.tab.is_offline) && can_refresh => {
                self.begin(live, backoff.next_attempt(Cause::Schedule))
            }
            stage @ (Stage::Fresh | Stage::Backoff(_))
                if !live.is_usable(now, None) && !can_refresh =>
            {
                self.end_live(&live, stage, SignOutReason::Expired, Tell::Nobody)
            }
            stage => Phase::SignedIn { live, stage },
        }
    }

    /// Where the browser says that there is no network, the schedule waits for it, for a while; but a caller that needs a
    /// token is not kept waiting, so this pause is over for them as it begins.
    fn begin_by_schedule(&mut self, live: Box<Live>) -> Phase {
        let attempt = Attempt::new(Cause::Schedule);
        if !self.tab.is_offline {
            return self.begin(live, attempt);
        }
        let error = Error::new(
            ErrorKind::RefreshUnavailable,
            "the browser says that there is no network: the session waits for it",
        );
        self.back_off(live, *attempt, error, Some(Span::ZERO), None)
    }

    pub(super) fn woke(&mut self, live: Box<Live>, stage: Stage, stored: Stored) -> Phase {
        match stored {
            Stored::Empty | Stored::Damaged => {
                self.end_live(&live, stage, SignOutReason::Storage, Tell::Nobody)
            }
            Stored::Found(record) if !live.knows(&record) => self.adopted(&live, stage, *record),
            Stored::Found(_) | Stored::Unknown => self.retry(live, stage),
        }
    }

    /// Something changed for the better: the page is in front again, or there is a network.
    pub(super) fn retry(&mut self, mut live: Box<Live>, mut stage: Stage) -> Phase {
        let now = self.context.now;
        if let Stage::Backoff(backoff) = &mut stage
            && let Some(until) = backoff.hasten(now, SHORTEST_RETRY)
            // What begins at once has no time that would be worth a snapshot.
            && !until.has_passed(now)
        {
            live.refresh_due = Some(until);
        }
        self.tick(live, stage)
    }

    /// The browser's word on the network counts until something comes over it.
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
        // The timer may have slept, too.
        self.sets_timer = self.tab.clock.read(self.context.now, is_wake);
    }
}
