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
use super::waiting::Then;
use super::{Phase, Stage, Turn};

/// How much a tab says in a second because others said something: a forger can make no storm of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Replies {
    since: Span,
    count: u32,
}

impl Replies {
    const WINDOW: Span = Span::from_millis(1_000);

    fn admit(&mut self, now: Span, limit: u32) -> bool {
        if self.count == 0 || now.minus(self.since) >= Self::WINDOW {
            *self = Self {
                since: now,
                count: 0,
            };
        }
        self.count = self.count.saturating_add(1);
        self.count <= limit
    }
}

/// Questions and offers: fifty tabs that all ask at once get their answers.
const MOST_ANSWERS: u32 = 256;
/// Everything else: it must not take the offers' share.
const MOST_VOLUNTEERED: u32 = 32;
/// A tab that got the tokens from a sibling leaves it to that one to pass them on for so long, else every tab
/// would answer every other; but not where old ones are about to be spent, for that one may be gone.
const SECOND_HAND: Span = Span::from_millis(500);
/// For how long an offer may be on its way to a tab that did not hear of a sign-out.
const OFFERED: Span = Span::from_millis(10_000);

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
        if self.context.config.is_shared() && self.may_reply() {
            self.ask(None, 0, false);
        }
    }

    pub(super) fn ask(&mut self, sid: Option<Sid>, generation: u64, spends: bool) {
        // A tab that asks again while an answer is on its way wants that one, too.
        let open = self.memory.ask.take();
        let ask = open.unwrap_or_else(|| self.new_name());
        self.memory.ask = Some(ask.clone());
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

    fn may_reply(&mut self) -> bool {
        let now = self.context.now.monotonic;
        self.memory.answers.admit(now, MOST_ANSWERS)
    }

    fn may_volunteer(&mut self) -> bool {
        let now = self.context.now.monotonic;
        self.memory.volunteered.admit(now, MOST_VOLUNTEERED)
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
                let before = before.map(|at| self.plausible_end(at));
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
                    if self.may_reply() {
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
                if wants && !is_late && self.is_awaited(&ask) {
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
        if self.is_shared(live) && self.may_reply() {
            let record = Box::new(Record {
                set_back: self.memory.set_back,
                ..live.record.clone()
            });
            self.memory.offered = Some(self.context.now.monotonic);
            self.tell(Message::Offered { ask, record });
        }
    }

    /// The tab that asks may have been away when the user was active here.
    fn tell_last_seen(&mut self, live: &Live) {
        if let Some(at) = live.last_seen()
            && self.may_volunteer()
        {
            self.tell(Message::Active { at });
        }
    }

    /// The tab that asks may have been away when its session was ended, or all were, or may be offered one by a tab
    /// that has not heard of that yet.
    fn retell_sign_out(&mut self) {
        let sid = self.memory.over.clone();
        let before = self.memory.last_sign_out;
        if (sid.is_some() || before.is_some()) && self.may_volunteer() {
            self.tell(Message::SignedOut { sid, before });
        }
    }

    /// A tab that has just opened may get our offer without having heard that the session is over.
    fn retract_offers(&mut self, sid: &Sid, before: Option<Timestamp>) {
        let now = self.context.now.monotonic;
        let age = self.memory.offered.take().map(|offered| now.minus(offered));
        if age.is_some_and(|age| age < OFFERED) {
            let sid = Some(sid.clone());
            self.tell(Message::SignedOut { sid, before });
        }
    }

    /// Remembers the session that is over, which no late offer shall bring back, and the latest end of all.
    /// Whether that end is news: where it is known already, what lives here began after it, whatever the
    /// clocks say.
    pub(super) fn note_sign_out(&mut self, sid: Option<Sid>, before: Option<Timestamp>) -> bool {
        self.memory.ended = sid.or(self.memory.ended.take());
        let before = before.map(|at| self.plausible_end(at));
        let known = self.memory.last_sign_out;
        self.memory.last_sign_out = known.max(before);
        before.is_some() && before != known
    }

    fn is_open(&self, ask: &Sid) -> bool {
        self.memory.ask.as_ref() == Some(ask)
    }

    /// Whether the open question is answered; there is none after that.
    fn is_awaited(&mut self, ask: &Sid) -> bool {
        let is_open = self.is_open(ask);
        if is_open {
            self.memory.ask = None;
        }
        is_open
    }

    /// The session that a sibling offers to a tab without one, if it may live here. The question stays open:
    /// another sibling may have newer tokens of it.
    pub(super) fn joined(&mut self, ask: &Sid, record: Record) -> Option<Box<Live>> {
        let is_over = self.memory.ended.as_ref() == Some(&record.sid) || self.is_over(&record);
        if !self.context.config.is_shared()
            || is_over
            || self.lacks_fingerprint(&record.tokens)
            || !self.is_open(ask)
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
