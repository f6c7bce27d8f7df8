//! What other tabs say to one with a session.

use crate::generation::Generation;
use crate::record::{Message, Record, Sid};
use crate::time::Timestamp;

use super::active::Active;
use super::next::{End, Next};
use super::refresh::Refresh;
use super::sign_outs::plausible;
use super::turn::Turn;

impl Turn<'_> {
    /// Another tab said something.
    pub(super) fn peer_said(&mut self, active: &mut Active, message: Message) -> Next {
        let now = self.context.now;
        active.copies.exist |= message.sid() == Some(&active.record.sid);
        match message {
            Message::SignedOut { sid, before } => {
                return self.peer_signed_out(active, sid, before);
            }
            Message::Active { at } => active.idle.active_since(now.wall.since(at), now),
            Message::Renewed { sid, generation } => {
                if active.misses(&sid, generation) {
                    active.copies.hear_of(generation);
                    if self.tab.peers.may_reply(now) {
                        let spends = matches!(active.refresh, Refresh::Waiting(_));
                        self.ask_about(active, spends);
                    }
                }
            }
            Message::Failed {
                sid,
                generation,
                retry_after,
            } => {
                let is_ours = sid.as_ref() == Some(&active.record.sid)
                    && generation.refreshes == active.record.generation.refreshes;
                if is_ours && active.refresh.heeds_failure() {
                    return self.peer_failed(active, retry_after);
                }
            }
            Message::Offered { ask, record } => return self.peer_offered(active, &ask, *record),
            Message::Asked {
                ask,
                sid,
                generation,
                spends,
            } => self.peer_asked(active, ask, sid.as_ref(), generation, spends),
        }
        Next::Stay
    }

    /// A session ended, or all did.
    pub(super) fn peer_signed_out(
        &mut self,
        active: &Active,
        sid: Option<Sid>,
        before: Option<Timestamp>,
    ) -> Next {
        let record = &active.record;
        let is_named = sid.as_ref() == Some(&record.sid);
        let before = before.map(|at| plausible(at, self.latest_begin()));
        let is_news = self.note_sign_out(sid, before);
        let is_meant = before.is_some_and(|at| active.began_before(at, self.context.now));
        if is_named || is_news && is_meant {
            self.retract_offers(&record.sid, before);
            let is_unheard = !is_named && record.tokens.refresh().is_some();
            return Next::End(End::by_other_tab(is_unheard));
        }
        Next::Stay
    }

    /// A sibling answers a question.
    fn peer_offered(&mut self, active: &mut Active, ask: &Sid, record: Record) -> Next {
        let is_fallback_copy = active.refresh.is_refused()
            && !active.copies.is_fallback_copy
            && active.is_other_copy(&record);
        let wants = is_fallback_copy || active.misses(&record.sid, record.generation);
        // The answer under way is newer, and may bring a cookie that must not be lost.
        let is_late = matches!(active.refresh, Refresh::InFlight(_));
        if !wants || is_late || !self.tab.peers.close(ask) {
            return Next::Stay;
        }
        let next = self.given(active, record);
        active.copies.adopt(self.context.now);
        active.copies.is_fallback_copy = is_fallback_copy;
        next
    }

    /// A tab wants to know whether it has missed something.
    fn peer_asked(
        &mut self,
        active: &Active,
        ask: Sid,
        sid: Option<&Sid>,
        generation: Generation,
        spends: bool,
    ) {
        if sid.is_some() {
            self.tell_last_seen(active);
        }
        if sid.is_some_and(|sid| *sid != active.record.sid) {
            self.retell_sign_out();
        }
        let may_want = sid.is_some() || self.context.config.is_shared();
        let may_pass_on = spends || !active.copies.pass_on(self.context.now);
        if may_want && may_pass_on && active.is_news_to(sid, generation) {
            self.offer(active, ask);
        }
    }

    /// Back from the browser's cache: nothing was heard meanwhile, and the tab may have been duplicated.
    pub(super) fn came_back(&mut self, active: &mut Active) -> Next {
        active.copies.exist = true;
        self.ask_about(active, false);
        self.lock_again(&mut active.refresh);
        Next::Stay
    }
}
