//! The mark that outlives pages: which sessions are over, and whether the server may know this browser.
//!
//! A message reaches the tabs that are open and awake. The mark reaches the others: it is read before a session is
//! restored, begun, renewed or gone on with.

use crate::effect::{Effect, SignOutReason};
use crate::event::{Event, WaiterId};
use crate::mark::{MOST_SET_BACK, Mark, Marking};
use crate::record::{Message, Record};
use crate::time::{Span, Timestamp};

use super::live::Live;
use super::sign_out::Tell;
use super::{Phase, Stage, Turn};

/// How much the last activity in the store may lag behind, at most, and as a part of the idle limit.
const LONGEST_LAG: Span = Span::from_millis(30_000);
const LAG_PART: u32 = 20;

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
        let is_news = mark.ended != self.memory.mark.ended;
        self.memory.mark = mark;
        self.memory.last_active = last_active.map(|at| at.min(now));
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

    /// Whether the session of this record has ended since it was written.
    pub(super) fn is_over(&self, record: &Record) -> bool {
        self.memory.last_sign_out >= Some(record.signed_in)
    }

    /// The time of an end, which has been: what lies further ahead than any clock is set back is forged or broken,
    /// and counts as now.
    pub(super) fn plausible_end(&self, at: Timestamp) -> Timestamp {
        let latest = self.latest_begin();
        if at > latest.plus(MOST_SET_BACK) {
            latest
        } else {
            at
        }
    }

    /// An end that no session of this browser has begun after, as far as it is known.
    pub(super) fn end_of_all(&self) -> Timestamp {
        let latest = self.latest_begin();
        let began = self.memory.mark.began.map(|at| self.plausible_end(at));
        began.map_or(latest, |began| began.max(latest))
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
        let lag = idle.part(LAG_PART).min(LONGEST_LAG);
        let noted = self.memory.noted_activity;
        if noted.is_none_or(|noted| at.since(noted) >= lag) {
            self.note_activity(at);
        }
    }

    /// The page is left: no later sign of the user will come from it.
    pub(super) fn note_last_activity(&mut self, live: &Live) {
        if let Some(at) = live.last_seen()
            && self.memory.noted_activity < Some(at)
        {
            self.note_activity(at);
        }
    }

    fn note_activity(&mut self, at: Timestamp) {
        self.memory.noted_activity = Some(at);
        self.effects.push(Effect::NoteActivity(at));
    }

    /// A limit that has passed while no page was open.
    pub(super) fn limit_passed_meanwhile(&self) -> Option<SignOutReason> {
        let since = self.memory.mark.signed_in_since()?;
        let limits = &self.context.config.limits;
        let now = self.context.now.wall;
        let has_passed = |limit: Option<Span>, from: Timestamp| {
            limit.is_some_and(|limit| now.since(from) >= limit)
        };
        if has_passed(limits.session, since) {
            Some(SignOutReason::SessionLimit)
        } else if has_passed(limits.idle, self.memory.last_active?.max(since)) {
            Some(SignOutReason::Idle)
        } else {
            None
        }
    }

    /// Ends what only the server's cookie knows, for every tab.
    pub(super) fn end_unrestored(
        &mut self,
        reason: SignOutReason,
        waiter: Option<WaiterId>,
    ) -> Phase {
        let before = self.end_of_all();
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
