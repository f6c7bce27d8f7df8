//! The mark that outlives pages: which sessions are over, and whether the server may know this browser.
//!
//! A message reaches the tabs that are open and awake. The mark reaches the others: it is read before a session is
//! restored, begun, renewed or gone on with.

use crate::effect::{Effect, SignOutReason};
use crate::event::{Event, WaiterId};
use crate::mark::{Mark, Marking};
use crate::record::Message;
use crate::time::Timestamp;

use super::live::Live;
use super::sign_out::Tell;
use super::{Phase, Stage, Turn};

impl Turn<'_> {
    /// The mark may say that this session is over, or that nothing is to be renewed silently any more.
    pub(super) fn mark_read(
        &mut self,
        mut phase: Phase,
        mark: Mark,
        last_active: Option<Timestamp>,
        newest: u64,
    ) -> Phase {
        if let Phase::SignedIn { live, .. } = &mut phase {
            live.noted = newest;
        }
        let now = self.context.now.wall;
        let is_news = self.tab.sign_outs.read(mark);
        self.tab.activity.read(last_active, now);
        let before = mark.ended;
        match phase {
            phase @ (Phase::SignedIn { .. } | Phase::ConfirmingIdle(_)) if is_news => {
                let message = Message::SignedOut { sid: None, before };
                self.handle(phase, Event::PeerSaid(message))
            }
            Phase::Opening(opening) if mark.is_signed_out() => {
                self.note_sign_out(None, before);
                self.give_up_opening(*opening)
            }
            phase => {
                self.note_sign_out(None, before);
                phase
            }
        }
    }

    /// No session of this browser has begun later.
    pub(super) const fn latest_begin(&self) -> Timestamp {
        self.tab.clock.latest(self.context.now)
    }

    /// A session began, or was renewed for a browser that the server knows.
    pub(super) fn mark_begin(&mut self, live: &Live) {
        let is_known = self.context.config.refreshes_without_tokens();
        let at = live.record.signed_in;
        let since = is_known.then(|| live.record.signed_in_by_clock());
        self.effects
            .push(Effect::Mark(Marking::Began { at, since }));
        if let Some(at) = live.last_seen() {
            self.note_activity(at);
        }
    }

    /// Every session of this browser is over.
    pub(super) fn mark_end(&mut self, before: Timestamp) {
        let is_owed = self.context.config.sign_out.is_some();
        self.effects
            .push(Effect::Mark(Marking::Ended { before, is_owed }));
    }

    /// The user was active: other pages of this browser shall know, also those to come.
    pub(super) fn note_activity_in_time(&mut self, live: &Live) {
        let Some((idle, at)) = self.context.config.limits.idle.zip(live.last_seen()) else {
            return;
        };
        if self.tab.activity.is_due(at, idle) {
            self.note_activity(at);
        }
    }

    /// The page is left: no later sign of the user will come from it.
    pub(super) fn note_last_activity(&mut self, live: &Live) {
        if let Some(at) = live.last_seen()
            && self.tab.activity.is_news(at)
        {
            self.note_activity(at);
        }
    }

    fn note_activity(&mut self, at: Timestamp) {
        self.tab.activity.note(at);
        self.effects.push(Effect::NoteActivity(at));
    }

    /// Ends what only the server's cookie knows, for every tab.
    pub(super) fn end_unrestored(
        &mut self,
        reason: SignOutReason,
        waiter: Option<WaiterId>,
    ) -> Phase {
        let before = self.tab.sign_outs.end_of_all(self.latest_begin());
        self.note_sign_out(None, Some(before));
        self.mark_end(before);
        self.tell(Message::SignedOut {
            sid: None,
            before: Some(before),
        });
        let phase = self.end(reason);
        self.tell_server_of_cookie(waiter);
        phase
    }

    /// A record of a session that ended while its tab was closed, frozen or copied: the server may not have heard of
    /// its refresh token.
    pub(super) fn end_restored(&mut self, live: &Live) -> Phase {
        if live.record.tokens.refresh().is_some() {
            self.tell_server(live, None);
        }
        self.end_live(live, Stage::Fresh, SignOutReason::OtherTab, Tell::Nobody)
    }
}
