//! No user is here: a sign-in may come, or, where tabs share their session, word of a sibling's.

use crate::effect::{Change, Effect, Outcome, SignOutReason};
use crate::event::Event;
use crate::record::Message;

use super::sign_out::signed_out;
use super::{Phase, Stage, Turn};

impl Turn<'_> {
    pub(super) fn while_signed_out(&mut self, reason: SignOutReason, event: Event) -> Phase {
        match event {
            Event::SignedIn {
                waiter,
                set,
                cookie_hash,
            } if self.tab.sign_ins.finish(waiter) => {
                return match self.session_from(set, cookie_hash.as_deref()) {
                    Ok(live) => self.signed_in(live, waiter),
                    Err(error) => {
                        self.settle(waiter, Outcome::Failed(error));
                        Phase::SignedOut(reason)
                    }
                };
            }
            Event::TokenNeeded { waiter, .. } | Event::RefreshAsked { waiter } => {
                self.settle(waiter, Outcome::Failed(signed_out()));
            }
            Event::Unauthorized { waiter, .. } => self.settle(waiter, Outcome::Stands),
            // Nothing to end, but a redirect may be under way; and the server has nothing to hear.
            Event::SignOutAsked { waiter } => {
                self.effects.push(Effect::Forget);
                self.give_up_sign_ins(|other| other < waiter, &signed_out());
                self.settle(waiter, Outcome::Done);
            }
            // It came too late: there is no refresh here any more.
            Event::LockGranted { .. } => self.effects.push(Effect::ReleaseLock),
            Event::CameBack => self.ask_to_join(),
            Event::PeerSaid(message) => return self.peer_said_to_nobody(reason, message),
            _ => {}
        }
        Phase::SignedOut(reason)
    }

    fn peer_said_to_nobody(&mut self, reason: SignOutReason, message: Message) -> Phase {
        match message {
            Message::Offered { ask, record } => {
                if let Some(live) = self.joined(&ask, *record) {
                    self.emit(Change::SignedIn);
                    return self.tick(live, Stage::Fresh);
                }
            }
            Message::Renewed { .. } => self.ask_to_join(),
            message => self.overhear(message),
        }
        Phase::SignedOut(reason)
    }
}
