//! What happens by itself: time passes, the page wakes, the network comes back, other tabs speak.

use crate::effect::{Change, SignOutReason};
use crate::event::Stored;
use crate::record::Message;
use crate::time::Span;

use super::attempt::{Attempt, Cause};
use super::live::Live;
use super::{Context, Phase, Stage, Turn};

/// Wakes come in flocks (focus, visibilitychange, pageshow): one attempt a second is enough.
const SHORTEST_RETRY: Span = Span::from_millis(1_000);

impl Turn<'_> {
    /// Judges every deadline; nothing happens where none has passed.
    pub(super) fn tick(&mut self, mut live: Box<Live>, stage: Stage) -> Phase {
        let Context { now, config, .. } = self.context;
        if let Some(reason) = live.limit_passed(now, &config.limits) {
            return self.end_live(stage, reason, Some(None));
        }
        if let Some(sign_out_at) = live.idle_warning(now, &config.limits) {
            self.emit(Change::IdleWarning { sign_out_at });
        }
        live.judge(now);
        let can_refresh = live.can_refresh(now, config);
        match stage {
            Stage::Fresh if live.is_due(now) && config.schedule.proactive && can_refresh => {
                self.begin(live, Attempt::new(Cause::Schedule))
            }
            Stage::Backoff(backoff)
                if backoff.is_over(now) && !self.memory.offline && can_refresh =>
            {
                self.begin(live, backoff.next_attempt(Cause::Schedule))
            }
            stage @ (Stage::Fresh | Stage::Backoff(_))
                if !live.is_usable(now, None) && !can_refresh =>
            {
                self.end_live(stage, SignOutReason::Expired, None)
            }
            stage => Phase::SignedIn { live, stage },
        }
    }

    pub(super) fn woke(&mut self, live: Box<Live>, stage: Stage, stored: Stored) -> Phase {
        match stored {
            Stored::Empty | Stored::Damaged => self.end_live(stage, SignOutReason::Storage, None),
            Stored::Found(record) if !live.knows(&record) => self.adopted(&live, stage, *record),
            Stored::Found(_) | Stored::Unknown => self.retry(live, stage),
        }
    }

    /// Something changed for the better: the page is in front again, or there is a network.
    pub(super) fn retry(&mut self, live: Box<Live>, mut stage: Stage) -> Phase {
        let now = self.context.now;
        if let Stage::Backoff(backoff) = &mut stage
            && let Some(earliest) = backoff.earliest(now, SHORTEST_RETRY)
        {
            let until = backoff
                .until
                .map_or(earliest, |until| until.sooner(earliest, now));
            backoff.until = Some(until);
        }
        self.tick(live, stage)
    }

    pub(super) fn peer_said(
        &mut self,
        mut live: Box<Live>,
        stage: Stage,
        message: Message,
    ) -> Phase {
        match message {
            Message::SignedOut { sid, at } if live.is_meant_by(sid.as_ref(), at) => {
                self.end_live(stage, SignOutReason::OtherTab, None)
            }
            Message::Active { .. } => {
                live.active(self.context.now);
                Phase::SignedIn { live, stage }
            }
            Message::SignedOut { .. } => Phase::SignedIn { live, stage },
        }
    }
}
