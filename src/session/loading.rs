//! The store is read for the first time. Until it is known whether a session is there, what comes waits and is handled
//! afterwards.

use crate::effect::{Change, SignOutReason};
use crate::event::{Event, Stored};
use crate::fingerprint;
use crate::record::Record;
use crate::time::Span;

use super::active::Active;
use super::deferred::Deferred;
use super::next::{End, Next};
use super::refresh::{Attempt, Refresh};
use super::state::Phase;
use super::turn::Turn;

impl Turn<'_> {
    /// One fact.
    pub(super) fn while_loading(&mut self, mut deferred: Deferred, event: Event) -> Phase {
        let Event::Restored {
            stored,
            cookie_hash,
        } = event
        else {
            deferred.defer(event);
            return Phase::Loading(deferred);
        };
        // Where a silent renewal follows, most of it waits on; a sign-in does not.
        self.replay(deferred);
        self.tell_what_was_owed();
        match stored {
            Stored::Found(record) => self.restored(*record, cookie_hash.as_deref()),
            Stored::Damaged => self.end_stored(End::here(SignOutReason::Storage)),
            Stored::Empty | Stored::Unknown => self.renew_silently(),
        }
    }

    fn restored(&mut self, record: Record, cookie_hash: Option<&str>) -> Phase {
        let (now, config) = (self.context.now, self.context.config);
        let is_over = self.tab.sign_outs.include(&record);
        let mut active = self.activate(record, None);
        if is_over {
            // It ended while the tab was closed, frozen or copied: the server may not have heard of its refresh token.
            let is_unheard = active.record.tokens.refresh().is_some();
            return self.go_on(active, Next::End(End::by_other_tab(is_unheard)));
        }
        if let Some(at) = self.tab.activity.last() {
            active.was_active_at(at, now);
        }
        // In client mode the cookie lives no longer than the token, so an old token may have lost it.
        let is_judged = active.is_usable(now, Some(Span::ZERO));
        let options = config.fingerprint.as_ref();
        if is_judged && fingerprint::check(&active.record.tokens, options, cookie_hash).is_err() {
            return self.end_stored(End::here(SignOutReason::Fingerprint));
        }
        if let Some(reason) = active.limit_passed(now) {
            return self.go_on(active, Next::End(End::by_limit(reason)));
        }
        if let Some(reason) = active.rejection_reason(now, config) {
            return self.end_stored(End::here(reason));
        }
        self.emit(Change::Restored);
        self.ask_about(&active, false);
        let next = self.first_step(&active);
        self.go_on(active, next)
    }

    fn first_step(&self, active: &Active) -> Next {
        let config = self.context.config;
        if config.schedule.on_start && active.can_refresh(self.context.now, config) {
            return Next::Refresh(Attempt::default());
        }
        Next::Tick
    }

    /// Ends what was stored, before it lived.
    fn end_stored(&mut self, end: End) -> Phase {
        self.end(None, &mut Refresh::Idle, Vec::new(), end)
    }
}
