//! What this tab says to the others.
//!
//! A tab that may have missed something asks: when it opens, when it comes back from the browser's cache, when it
//! hears of new tokens of its session, and before it spends a refresh token that another tab may hold, too. A tab
//! that knows of a sign-out tells it again; one that has newer tokens of the session offers them. An offer counts
//! only for the question that is open here (SEC-37).
//!
//! `tabs` says which tabs hear an offer: all of the origin, or those that hold the record already because they are
//! copies of one tab ([`Group`](crate::group::Group)).

use crate::generation::Generation;
use crate::record::{Message, Record, Sid};
use crate::time::Timestamp;

use super::active::Active;
use super::turn::Turn;

impl Turn<'_> {
    /// Asks for what this tab may have missed of a session, or for any; `spends`: whether it is about to refresh.
    pub(super) fn ask(&mut self, sid: Option<Sid>, generation: Generation, spends: bool) {
        let (names, random) = (&mut self.tab.names, self.context.random);
        let ask = self.tab.peers.ask(|| new_name(names, random));
        self.tell(Message::Asked {
            ask,
            sid,
            generation,
            spends,
        });
    }

    /// Asks for what this tab may have missed of its session.
    pub(super) fn ask_about(&mut self, active: &Active, spends: bool) {
        let record = &active.record;
        self.ask(Some(record.sid.clone()), record.generation, spends);
    }

    /// Asks for any session, and for the sign-outs that this tab may have missed.
    pub(super) fn ask_for_session(&mut self) {
        self.ask(None, Generation::default(), false);
    }

    /// Asks for any session because of what another tab said, where tabs share theirs.
    pub(super) fn ask_to_join(&mut self) {
        if self.context.config.is_shared() && self.tab.peers.may_reply(self.context.now) {
            self.ask_for_session();
        }
    }

    /// Tells tabs that share this session of its new tokens.
    pub(super) fn tell_renewed(&mut self, active: &Active) {
        if active.is_shared(self.context.config) {
            self.tell(Message::Renewed {
                sid: active.record.sid.clone(),
                generation: active.record.generation,
            });
        }
    }

    /// Answers a question, where the tab that asks may have the session.
    pub(super) fn offer(&mut self, active: &Active, ask: Sid) {
        let now = self.context.now;
        if active.is_shared(self.context.config) && self.tab.peers.may_reply(now) {
            let record = self.record_for_others(active);
            self.tab.peers.offered(now);
            self.tell(Message::Offered { ask, record });
        }
    }

    /// The record as pages read it that have not seen this page's clock.
    pub(super) fn record_for_others(&self, active: &Active) -> Box<Record> {
        Box::new(Record {
            set_back: self.tab.clock.set_back(),
            ..active.record.clone()
        })
    }

    /// The tab that asks may have been away when the user was active here.
    pub(super) fn tell_last_seen(&mut self, active: &Active) {
        if let Some(at) = active.idle.last_seen()
            && self.tab.peers.may_volunteer(self.context.now)
        {
            self.tell(Message::Active { at });
        }
    }

    /// The tab that asks may have been away when its session ended, or all did; or a tab that does not know that yet
    /// may offer it one.
    pub(super) fn retell_sign_out(&mut self) {
        if let Some((sid, before)) = self.tab.sign_outs.to_retell()
            && self.tab.peers.may_volunteer(self.context.now)
        {
            self.tell(Message::SignedOut { sid, before });
        }
    }

    /// A tab that has just opened may get this tab's offer, but not the message that the session is over.
    pub(super) fn retract_offers(&mut self, sid: &Sid, before: Option<Timestamp>) {
        if self.tab.peers.retracts(self.context.now) {
            let sid = Some(sid.clone());
            self.tell(Message::SignedOut { sid, before });
        }
    }

    /// Remembers what is over. Returns whether this end of all is news.
    pub(super) fn note_sign_out(&mut self, sid: Option<Sid>, before: Option<Timestamp>) -> bool {
        let latest = self.latest_begin();
        self.tab.sign_outs.note(sid, before, latest)
    }

    /// What concerns a tab even when it has no session.
    pub(super) fn overhear(&mut self, message: Message) {
        match message {
            Message::SignedOut { sid, before } => {
                self.note_sign_out(sid, before);
            }
            Message::Asked { .. } => self.retell_sign_out(),
            Message::Active { .. }
            | Message::Failed { .. }
            | Message::Offered { .. }
            | Message::Renewed { .. } => {}
        }
    }
}

/// A name that no other session or question has.
pub(super) fn new_name(names: &mut u32, random: [u8; 16]) -> Sid {
    *names = names.wrapping_add(1);
    Sid::new(random, *names)
}
