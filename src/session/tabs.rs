//! What tabs say to each other.
//!
//! A tab that may have missed something asks: when it opens, when it comes back from the browser's cache, when it
//! hears of new tokens of its session, and before it spends a refresh token that another tab may hold, too. A tab
//! that remembers a sign-out tells it again; one that holds something newer of the session offers it. An offer counts
//! only for the question that is open here (SEC-37).
//!
//! `tabs` says which tabs hear an offer: all of the origin, or those that hold the record already because they are
//! copies of one tab ([`Group`](crate::group::Group)).

use crate::effect::Effect;
use crate::fingerprint;
use crate::record::{Message, Record, Sid};
use crate::time::{Span, Timestamp};
use crate::tokens::Tokens;

use super::live::Live;
use super::sign_in::new_name;
use super::sign_outs::plausible;
use super::waiting::Then;
use super::{Phase, Stage, Turn};

/// A tab that got the tokens from a sibling leaves it to that one to pass them on for so long, else every tab
/// would answer every other; but not where old ones are about to be spent, for that one may be gone.
const SECOND_HAND: Span = Span::from_millis(500);

// ── Telling ──

impl Turn<'_> {
    pub(super) fn tell(&mut self, message: Message) {
        self.effects.push(Effect::Tell(message));
    }

    /// Asks what this tab may have missed of its session; `spends` where it is about to refresh.
    pub(super) fn ask_about(&mut self, live: &Live, spends: bool) {
        self.ask(
            Some(live.record.sid.clone()),
            live.record.generation,
            spends,
        );
    }

    /// Asks for the session of the others, where they hand it out.
    pub(super) fn ask_to_join(&mut self) {
        if self.context.config.is_shared() && self.tab.peers.may_reply(self.context.now) {
            self.ask(None, 0, false);
        }
    }

    pub(super) fn ask(&mut self, sid: Option<Sid>, generation: u64, spends: bool) {
        let (names, random) = (&mut self.tab.names, self.context.random);
        let ask = self.tab.peers.ask(|| new_name(names, random));
        self.tell(Message::Asked {
            ask,
            sid,
            generation,
            spends,
        });
    }

    /// Tabs that share this session may want its new tokens.
    pub(super) fn tell_renewed(&mut self, live: &Live) {
        if self.is_shared(live) {
            self.tell(Message::Renewed {
                sid: live.record.sid.clone(),
                generation: live.record.generation,
            });
        }
    }
}

// ── Hearing ──

impl Turn<'_> {
    pub(super) fn peer_said(
        &mut self,
        mut live: Box<Live>,
        stage: Stage,
        message: Message,
    ) -> Phase {
        let now = self.context.now;
        live.has_copies |= message.sid() == Some(&live.record.sid);
        match message {
            Message::SignedOut { sid, before } => {
                let is_named = sid.as_ref() == Some(&live.record.sid);
                let before = before.map(|at| plausible(at, self.latest_begin()));
                let is_news = self.note_sign_out(sid, before);
                if is_named || is_news && before.is_some_and(|at| live.began_before(at, now)) {
                    self.retract_offers(&live.record.sid, before);
                    return self.end_by_other_tab(&live, stage, is_named);
                }
            }
            Message::Active { at } => live.active_since(now.wall.since(at), now),
            Message::Renewed { sid, generation } => {
                if live.misses(&sid, generation) {
                    live.newest_peer_generation = live.newest_peer_generation.max(generation);
                    if self.tab.peers.may_reply(self.context.now) {
                        self.ask_about(&live, matches!(stage, Stage::Waiting(_)));
                    }
                }
            }
            Message::Failed {
                sid,
                generation,
                retry_after,
            } => {
                let is_ours =
                    sid.as_ref() == Some(&live.record.sid) && generation == live.record.generation;
                if is_ours && Self::heeds_failure(&stage) {
                    return self.failed_elsewhere(live, stage, retry_after);
                }
            }
            Message::Offered { ask, record } => {
                let is_choice =
                    stage.is_refused() && !live.is_fallback_copy && live.is_other_copy(&record);
                let wants = is_choice || live.misses(&record.sid, record.generation);
                // What is on its way from the server is newer, and may bring a cookie that must not be lost.
                let is_late = matches!(stage, Stage::Refreshing(_));
                if wants && !is_late && self.tab.peers.close(&ask) {
                    let mut phase = self.given(&live, stage, *record);
                    if let Phase::SignedIn { live, .. } = &mut phase {
                        live.adopted = Some(now.monotonic);
                        live.is_fallback_copy = is_choice;
                    }
                    return phase;
                }
            }
            Message::Asked {
                ask,
                sid,
                generation,
                spends,
            } => {
                if sid.is_some() {
                    self.tell_last_seen(&live);
                }
                if sid.is_some() && sid.as_ref() != Some(&live.record.sid) {
                    self.retell_sign_out();
                }
                let age = live.adopted.map(|adopted| now.monotonic.minus(adopted));
                let is_second_hand = age.is_some_and(|age| age < SECOND_HAND);
                let may_want = sid.is_some() || self.context.config.is_shared();
                if may_want
                    && (spends || !is_second_hand)
                    && live.is_news_to(sid.as_ref(), generation)
                {
                    self.offer(&live, ask);
                }
            }
        }
        Phase::SignedIn { live, stage }
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

    fn offer(&mut self, live: &Live, ask: Sid) {
        if self.is_shared(live) && self.tab.peers.may_reply(self.context.now) {
            let record = Box::new(Record {
                set_back: self.tab.clock.set_back(),
                ..live.record.clone()
            });
            self.tab.peers.offered(self.context.now);
            self.tell(Message::Offered { ask, record });
        }
    }

    /// The tab that asks may have been away when the user was active here.
    fn tell_last_seen(&mut self, live: &Live) {
        if let Some(at) = live.last_seen()
            && self.tab.peers.may_volunteer(self.context.now)
        {
            self.tell(Message::Active { at });
        }
    }

    /// The tab that asks may have been away when its session was ended, or all were, or may be offered one by a tab
    /// that has not heard of that yet.
    fn retell_sign_out(&mut self) {
        if let Some((sid, before)) = self.tab.sign_outs.to_retell()
            && self.tab.peers.may_volunteer(self.context.now)
        {
            self.tell(Message::SignedOut { sid, before });
        }
    }

    /// A tab that has just opened may get our offer without having heard that the session is over.
    fn retract_offers(&mut self, sid: &Sid, before: Option<Timestamp>) {
        if self.tab.peers.retracts(self.context.now) {
            let sid = Some(sid.clone());
            self.tell(Message::SignedOut { sid, before });
        }
    }

    /// Whether word of this end is news.
    pub(super) fn note_sign_out(&mut self, sid: Option<Sid>, before: Option<Timestamp>) -> bool {
        let latest = self.latest_begin();
        self.tab.sign_outs.note(sid, before, latest)
    }

    /// The session that a sibling offers to a tab without one, if it may live here. The question stays open:
    /// another sibling may have newer tokens of it.
    pub(super) fn joined(&mut self, ask: &Sid, record: Record) -> Option<Box<Live>> {
        if !self.context.config.is_shared()
            || self.tab.sign_outs.bar(&record)
            || self.lacks_fingerprint(&record.tokens)
            || !self.tab.peers.is_open(ask)
        {
            return None;
        }
        let mut live = self.live(record, None);
        if self.rejection_reason(&live).is_some() {
            return None;
        }
        live.adopted = Some(self.context.now.monotonic);
        self.persist_own(&live);
        Some(live)
    }

    /// Stores what a sibling gave, unless the sibling has done so in the store that all share.
    pub(super) fn persist_own(&mut self, live: &Live) {
        if !self.context.config.has_common_store() {
            self.persist(live);
        }
    }

    /// Whether a sibling's tokens may not be used. In client mode the server has judged the cookie's hash
    /// for the tab that got them.
    pub(super) fn lacks_fingerprint(&self, tokens: &Tokens) -> bool {
        let options = self.context.config.fingerprint.as_ref();
        !fingerprint::is_made_here(options) && fingerprint::check(tokens, options, None).is_err()
    }
}

// ── Copies of a tab ──

impl Turn<'_> {
    /// Whether another tab may hold this session.
    pub(super) fn is_shared(&self, live: &Live) -> bool {
        live.has_copies || live.is_behind_a_copy() || self.context.config.is_shared()
    }

    /// Back from the browser's cache: nothing was heard meanwhile, and the tab may have been duplicated.
    pub(super) fn came_back(&mut self, mut live: Box<Live>, stage: Stage) -> Phase {
        live.has_copies = true;
        self.ask_about(&live, false);
        let stage = self.locked_again(stage);
        Phase::SignedIn { live, stage }
    }
}

impl Stage {
    /// Whether the server has refused the refresh token that this tab has.
    fn is_refused(&self) -> bool {
        matches!(self, Self::Waiting(wait) if matches!(wait.then, Then::Refuse(_)))
    }
}
