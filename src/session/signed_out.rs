//! While no user is signed in: a sign-in may come or, where tabs share their session, a sibling's offer.

use crate::effect::{Change, Effect, Outcome, SignOutReason};
use crate::event::Event;
use crate::record::Message;

use super::errors::signed_out;
use super::next::Next;
use super::state::Phase;
use super::turn::Turn;

impl Turn<'_> {
    /// One event without a session.
    pub(super) fn while_signed_out(&mut self, reason: SignOutReason, event: Event) -> Phase {
        match event {
            Event::SignedIn {
                waiter,
                set,
                cookie_hash,
            } => {
                let session = self.session_of_sign_in(waiter, set, cookie_hash.as_deref());
                if let Some(active) = session {
                    self.signed_in(&active, waiter);
                    return self.go_on(active, Next::Tick);
                }
            }
            Event::TokenNeeded { waiter, .. }
            | Event::TokensGiven { waiter, .. }
            | Event::RefreshAsked { waiter } => {
                self.settle(waiter, Outcome::Failed(signed_out()));
            }
            Event::Unauthorized { waiter, .. } => self.settle(waiter, Outcome::Stands),
            // A redirect or a sign-in may be under way; the server has nothing to end.
            Event::SignOutAsked { waiter } => {
                self.effects.push(Effect::Forget);
                self.void_sign_ins(|other| other < waiter, &signed_out());
                self.settle(waiter, Outcome::Done);
            }
            // For a refresh of a session that has ended.
            Event::LockGranted { .. } => self.effects.push(Effect::ReleaseLock),
            Event::CameBack | Event::PeerSaid(Message::Renewed { .. }) => self.ask_to_join(),
            Event::PeerSaid(Message::Offered { ask, record }) => {
                if let Some(active) = self.joined(&ask, *record) {
                    self.emit(Change::SignedIn);
                    return self.go_on(active, Next::Tick);
                }
            }
            Event::PeerSaid(message) => self.overhear(message),
            _ => {}
        }
        Phase::SignedOut(reason)
    }
}
