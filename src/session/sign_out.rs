//! Every way out of a session: local and unconditional first, then the other tabs, then the server.

use crate::effect::{Change, Effect, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::WaiterId;
use crate::record::Message;
use crate::schedule::LoopGuard;

use super::live::Live;
use super::{Phase, Stage, Turn};

/// What other tabs hear of an end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tell {
    /// Nothing: it concerns this tab alone.
    Nobody,
    /// That this session is over.
    Session,
    /// That it is over, and every other one that has begun by now.
    All,
}

impl Turn<'_> {
    /// `signOut()`: ends the session here and in every tab, then tells the server.
    pub(super) fn sign_out(&mut self, live: &Live, stage: Stage, waiter: WaiterId) -> Phase {
        let phase = self.end_live(live, stage, SignOutReason::User, Tell::All);
        self.give_up_sign_ins(|other| other < waiter, &signed_out());
        self.tell_server(live, Some(waiter));
        phase
    }

    /// A limit has passed: as if the user had signed out.
    pub(super) fn end_by_limit(
        &mut self,
        live: &Live,
        stage: Stage,
        reason: SignOutReason,
    ) -> Phase {
        let phase = self.end_live(live, stage, reason, Tell::All);
        self.tell_server(live, None);
        phase
    }

    /// Another tab ended this session; of the refresh token that is this tab's own the server has not heard.
    pub(super) fn end_by_other_tab(&mut self, live: &Live, stage: Stage, is_its: bool) -> Phase {
        let phase = self.end_live(live, stage, SignOutReason::OtherTab, Tell::Nobody);
        if !is_its && live.record.tokens.refresh().is_some() {
            self.tell_server(live, None);
        }
        phase
    }

    /// Ends a session that lives.
    pub(super) fn end_live(
        &mut self,
        live: &Live,
        stage: Stage,
        reason: SignOutReason,
        tell: Tell,
    ) -> Phase {
        let waiters = self.interrupt(stage);
        self.effects.push(if reason == SignOutReason::OtherTab {
            Effect::ForgetHere(live.record.sid.clone())
        } else {
            Effect::Forget
        });
        let sid = Some(live.record.sid.clone());
        if tell != Tell::Nobody {
            let latest = self.latest_begin();
            let before = (tell == Tell::All).then(|| self.tab.sign_outs.end_of_all(latest));
            self.note_sign_out(sid.clone(), before);
            if let Some(before) = before {
                self.mark_end(before);
            }
            self.tell(Message::SignedOut {
                sid: sid.clone(),
                before,
            });
        }
        if tell != Tell::Nobody || reason == SignOutReason::OtherTab {
            self.tab.sign_outs.ended(&live.record.sid, true);
        }
        self.tab.sign_outs.ended(&live.record.sid, false);
        let phase = self.reset_guard(reason);
        self.fail(waiters, &signed_out());
        // The user's own sign-out knows which sign-ins began before it.
        if reason.voids_pending_sign_in() && reason != SignOutReason::User {
            self.give_up_sign_ins(|_| true, &signed_out());
        }
        phase
    }

    /// Ends what was stored, before it lived.
    pub(super) fn end(&mut self, reason: SignOutReason) -> Phase {
        self.effects.push(Effect::Forget);
        self.reset_guard(reason)
    }

    fn reset_guard(&mut self, reason: SignOutReason) -> Phase {
        // The next user starts with a clean record.
        self.tab.guard = LoopGuard::default();
        self.emit(Change::SignedOut { reason });
        Phase::SignedOut(reason)
    }
}

pub(super) fn signed_out() -> Error {
    Error::from(ErrorKind::SignedOut)
}
