//! The one place where sessions end: here first, whatever else fails, then in the other tabs, then at the server.

use crate::effect::{Change, Effect, Outcome, SignOutReason};
use crate::error::Error;
use crate::event::WaiterId;
use crate::mark::Marking;
use crate::record::{Message, Record};
use crate::schedule::LoopGuard;

use super::errors::signed_out;
use super::next::{End, Tell};
use super::refresh::{Refresh, Waiter};
use super::state::Phase;
use super::turn::Turn;

impl Turn<'_> {
    /// Ends the session of this record, or one that only the server, or another tab, may know.
    pub(super) fn end(
        &mut self,
        record: Option<&Record>,
        refresh: &mut Refresh,
        waiters: Vec<Waiter>,
        end: End,
    ) -> Phase {
        let reason = end.reason;
        self.interrupt(refresh);
        self.forget(record, &end);
        self.tell_tabs(record, &end);
        // What the server did in this session says nothing of the next one.
        self.tab.guard = LoopGuard::default();
        self.emit(Change::SignedOut { reason });
        match &end.because {
            Some(error) => self.reject_waiters(waiters, error),
            None => self.fail(waiters, &signed_out()),
        }
        match end.asked_by {
            Some(waiter) => self.void_sign_ins(|other| other < waiter, &signed_out()),
            None if record.is_some() && reason.voids_pending_sign_in() => {
                self.void_sign_ins(|_| true, &signed_out());
            }
            None => {}
        }
        if end.tells_server {
            self.tell_server(record, end.asked_by);
        }
        Phase::SignedOut(reason)
    }

    fn forget(&mut self, record: Option<&Record>, end: &End) {
        let is_for_all = end.tell == Tell::All;
        self.effects.extend(match (end.reason, record) {
            (SignOutReason::OtherTab, Some(record)) => Some(Effect::ForgetHere(record.sid.clone())),
            // Nothing of this page was stored.
            (SignOutReason::OtherTab, None) => None,
            (SignOutReason::NeverSignedIn, _) if !is_for_all => None,
            _ => Some(Effect::Forget),
        });
    }

    fn tell_tabs(&mut self, record: Option<&Record>, end: &End) {
        let sid = record.map(|record| record.sid.clone());
        if end.tell != Tell::None {
            let latest = self.latest_begin();
            let is_for_all = end.tell == Tell::All;
            let before = is_for_all.then(|| self.tab.sign_outs.end_of_all(latest));
            self.note_sign_out(sid.clone(), before);
            if let Some(before) = before {
                let is_owed = self.context.config.sign_out.is_some();
                self.effects
                    .push(Effect::Mark(Marking::Ended { before, is_owed }));
            }
            let sid = sid.clone();
            self.tell(Message::SignedOut { sid, before });
        }
        if let Some(sid) = sid {
            let is_everywhere = end.tell != Tell::None || end.reason == SignOutReason::OtherTab;
            self.tab.sign_outs.ended(&sid, is_everywhere);
        }
    }

    /// What these sign-ins bring counts no more.
    pub(super) fn void_sign_ins(&mut self, is_void: impl Fn(WaiterId) -> bool, error: &Error) {
        for waiter in self.tab.sign_ins.void(is_void) {
            self.effects.push(Effect::AbandonSignIn { waiter });
            self.settle(waiter, Outcome::Failed(error.clone()));
        }
    }
}
