//! The store is read for the first time. Until it is known whether a session is there, what comes waits and is handled
//! afterwards.

use crate::effect::{Change, SignOutReason};
use crate::event::{Event, Stored};
use crate::fingerprint;
use crate::record::{Message, Record};
use crate::time::Span;

use super::attempt::{Attempt, Cause};
use super::live::Live;
use super::{Phase, Stage, Turn};

impl Turn<'_> {
    pub(super) fn while_loading(&mut self, mut deferred: Vec<Event>, event: Event) -> Phase {
        let Event::Restored {
            stored,
            cookie_hash,
        } = event
        else {
            self.defer(&mut deferred, event);
            return Phase::Loading { deferred };
        };
        let phase = self.restored(stored, cookie_hash.as_deref());
        // Where it opens still, most of it waits on; a sign-in does not.
        self.replay(phase, deferred)
    }

    fn restored(&mut self, stored: Stored, cookie_hash: Option<&str>) -> Phase {
        self.tell_what_was_owed();
        match stored {
            Stored::Found(record) => self.restored_session(*record, cookie_hash),
            Stored::Damaged => self.end(SignOutReason::Storage),
            Stored::Empty | Stored::Unknown => self.open(),
        }
    }

    fn restored_session(&mut self, record: Record, cookie_hash: Option<&str>) -> Phase {
        let config = self.context.config;
        let now = self.context.now;
        let is_over = self.tab.sign_outs.include(&record);
        let mut live = self.live(record, None);
        if is_over {
            return self.end_restored(&live);
        }
        if let Some(at) = self.tab.activity.last() {
            live.was_active_at(at, now);
        }
        // In client mode the cookie lives no longer than the token, so an old token may have lost it.
        let is_judged = live.is_usable(now, Some(Span::ZERO));
        let options = config.fingerprint.as_ref();
        if is_judged && fingerprint::check(&live.record.tokens, options, cookie_hash).is_err() {
            return self.end(SignOutReason::Fingerprint);
        }
        if let Some(reason) = live.limit_passed(now) {
            return self.end_by_limit(&live, Stage::Fresh, reason);
        }
        if let Some(reason) = self.rejection_reason(&live) {
            return self.end(reason);
        }
        self.emit(Change::Restored);
        self.ask_about(&live, false);
        if config.schedule.on_start && live.can_refresh(now, config) {
            return self.begin(live, Attempt::new(Cause::Start));
        }
        self.tick(live, Stage::Fresh)
    }

    /// Why a session that comes from outside may not live on.
    pub(super) fn rejection_reason(&self, live: &Live) -> Option<SignOutReason> {
        let now = self.context.now;
        let may_live = live.is_usable(now, None) || live.can_refresh(now, self.context.config);
        live.limit_passed(now)
            .or((!may_live).then_some(SignOutReason::Expired))
    }

    /// Keeps a fact for later; but what belongs to an attempt that is over, or a wake and what the store held then, is
    /// about the time before, and of what siblings say only sign-outs and new tokens matter.
    pub(super) fn defer(&mut self, deferred: &mut Vec<Event>, event: Event) {
        let is_past = matches!(
            event,
            Event::Answered { .. }
                | Event::CameBack
                | Event::LockGranted { .. }
                | Event::LockUnavailable { .. }
                | Event::Ticked
                | Event::Woke { .. }
                | Event::PeerSaid(
                    Message::Active { .. } | Message::Asked { .. } | Message::Offered { .. }
                )
        );
        // A sign-out is known before anybody is given a token; but a sign-in that came first, came first.
        let place = match event {
            Event::PeerSaid(Message::SignedOut { .. }) => deferred
                .iter()
                .rposition(|other| matches!(other, Event::SignedIn { .. }))
                .map_or(0, |last| last.saturating_add(1)),
            _ => deferred.len(),
        };
        if !is_past {
            deferred.insert(place, event);
        }
    }

    pub(super) fn replay(&mut self, phase: Phase, deferred: Vec<Event>) -> Phase {
        deferred
            .into_iter()
            .fold(phase, |phase, event| self.handle(phase, event))
    }
}
