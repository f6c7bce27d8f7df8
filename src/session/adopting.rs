//! A sibling's tokens: another tab was quicker, or has a session where this one has none.

use crate::effect::{Change, Refresher, SignOutReason};
use crate::record::{Record, Sid};
use crate::time::Span;

use super::active::Active;
use super::errors::signed_out;
use super::next::{End, Next};
use super::refresh::{Attempt, Waiter, split_manual};
use super::turn::Turn;

impl Turn<'_> {
    /// Another tab was quicker, or another session stands in the store that tabs share.
    pub(super) fn adopted(&mut self, active: &mut Active, record: Record) -> Next {
        let is_stored = !self.context.config.is_shared();
        self.taken(active, record, is_stored)
    }

    /// Another tab was quicker, and handed on what it got.
    pub(super) fn given(&mut self, active: &mut Active, record: Record) -> Next {
        self.taken(active, record, false)
    }

    fn taken(&mut self, active: &mut Active, record: Record, is_stored: bool) -> Next {
        if self.lacks_fingerprint(&record.tokens) {
            return Next::End(End::here(SignOutReason::Fingerprint));
        }
        let is_same_session = record.sid == active.record.sid;
        if is_same_session && record.tokens.are_as_received(&active.record.tokens) {
            return self.rotated_elsewhere(active, record, is_stored);
        }
        self.interrupt(&mut active.refresh);
        let mut next = self.activate(record, Some(self.context.now));
        next.inherit(active);
        next.copies.exist = true;
        if !is_stored {
            self.persist_own(&next);
        }
        let old = std::mem::replace(active, *next);
        if old.record.sid != active.record.sid {
            self.emit(Change::SignedIn);
            self.fail(old.waiters, &signed_out());
            return Next::Tick;
        }
        self.renewed_without_asking(active, old.waiters, Refresher::OtherTab)
    }

    /// Nothing but the refresh token is newer: of the answer that a sibling got nothing else was usable. So the refresh
    /// failed there, and this tab counts it as its own.
    fn rotated_elsewhere(&mut self, active: &mut Active, record: Record, is_stored: bool) -> Next {
        active.record = record;
        active.copies.exist = true;
        if !is_stored {
            self.persist_own(active);
        }
        if active.refresh.is_under_way() {
            return self.peer_failed(active, None);
        }
        Next::Tick
    }

    /// New tokens are here that no refresh of this tab has brought. One that is under way goes on.
    pub(super) fn renewed_without_asking(
        &mut self,
        active: &mut Active,
        waiters: Vec<Waiter>,
        by: Refresher,
    ) -> Next {
        self.emit(Change::Refreshed { by });
        // A caller of `refresh()` wants what the server says now, not what it said before.
        let (mut asked, others) = split_manual(waiters);
        let is_under_way = active.refresh.is_under_way();
        if asked.is_empty() && !is_under_way {
            return self.serve_or_refresh(active, others);
        }
        if active.is_usable(self.context.now, Some(Span::ZERO)) {
            self.serve(others, active);
        } else {
            asked.extend(others);
        }
        active.waiters = asked;
        if is_under_way {
            return Next::Tick;
        }
        Next::Refresh(Attempt {
            is_asked: true,
            ..Attempt::default()
        })
    }

    /// New tokens are here: callers of `refresh()` have what they asked for, the others where the token is good. Else
    /// they wait for the next one, as far as the loop guard lets them.
    pub(super) fn serve_or_refresh(&mut self, active: &mut Active, waiters: Vec<Waiter>) -> Next {
        let (asked, others) = split_manual(waiters);
        self.serve(asked, active);
        let is_good = active.is_usable(self.context.now, Some(Span::ZERO));
        if is_good || others.is_empty() {
            self.serve(others, active);
            return Next::Tick;
        }
        active.waiters = others;
        Next::Refresh(Attempt::default())
    }

    /// The session that a sibling offers to a tab without one, if it may live here. The question stays open:
    /// another sibling may have newer tokens of it.
    pub(super) fn joined(&mut self, ask: &Sid, record: Record) -> Option<Box<Active>> {
        let (now, config) = (self.context.now, self.context.config);
        if !config.is_shared()
            || self.tab.sign_outs.bar(&record)
            || self.lacks_fingerprint(&record.tokens)
            || !self.tab.peers.is_open(ask)
        {
            return None;
        }
        let mut active = self.activate(record, None);
        if active.rejection_reason(now, config).is_some() {
            return None;
        }
        active.copies.adopt(now);
        self.persist_own(&active);
        Some(active)
    }
}
