//! While a user is signed in: what handles which event, and what follows.

use crate::effect::{Outcome, SignOutReason};
use crate::event::Event;
use crate::record::Message;

use super::active::Active;
use super::errors::signed_out;
use super::next::{End, Next};
use super::state::Phase;
use super::turn::Turn;

impl Turn<'_> {
    /// One event while there is a session.
    pub(super) fn while_active(&mut self, mut active: Box<Active>, event: Event) -> Phase {
        let next = if active.idle.confirming().is_some() {
            self.while_confirming_idle(&mut active, event)
        } else if let Some(reason) = active.limit_passed(self.context.now) {
            self.limit_reached(&mut active, reason, event)
        } else {
            self.while_signed_in(&mut active, event)
        };
        self.go_on(active, next)
    }

    /// Carries out what a handler left to be done.
    pub(super) fn go_on(&mut self, mut active: Box<Active>, mut next: Next) -> Phase {
        loop {
            next = match next {
                Next::Stay => return Phase::Active(active),
                Next::Tick => self.tick(&mut active),
                Next::Refresh(attempt) => self.begin(&mut active, attempt),
                Next::End(end) => {
                    let mut active = *active;
                    self.replay(active.idle.confirmed());
                    let record = Some(&active.record);
                    return self.end(record, &mut active.refresh, active.waiters, end);
                }
            };
        }
    }

    fn while_signed_in(&mut self, active: &mut Active, event: Event) -> Next {
        match event {
            // A caller of another session gets no token of this one.
            Event::TokenNeeded { waiter, sid, .. }
                if sid.as_ref().is_some_and(|sid| *sid != active.record.sid) =>
            {
                self.settle(waiter, Outcome::Failed(signed_out()));
                Next::Stay
            }
            Event::Unauthorized { waiter, sid, .. } if sid != active.record.sid => {
                self.settle(waiter, Outcome::Stands);
                Next::Stay
            }
            Event::TokenNeeded {
                waiter,
                min_validity,
                ..
            } => self.token_needed(active, waiter, min_validity),
            Event::Unauthorized { waiter, sent, .. } => self.unauthorized(active, waiter, &sent),
            Event::RefreshAsked { waiter } => self.refresh_asked(active, waiter),
            Event::LockGranted { attempt, stored } => self.lock_granted(active, attempt, stored),
            Event::LockUnavailable { attempt } => self.lock_unavailable(active, attempt),
            Event::Answered {
                attempt,
                answer,
                cookie_hash,
                stored,
            } => self.answered(active, (attempt, answer), cookie_hash.as_deref(), stored),
            Event::TokensGiven {
                waiter,
                set,
                sid,
                cookie_hash,
                stored,
            } => self.tokens_given(active, waiter, (set, sid, cookie_hash), stored),
            Event::Ticked => Next::Tick,
            Event::CameBack => self.came_back(active),
            Event::Woke { stored } => self.woke(active, stored),
            Event::WentOnline => self.retry(active),
            Event::Active => {
                active.idle.active(self.context.now);
                if self.context.config.limits.idle.is_some() {
                    let at = self.context.now.wall;
                    self.tell(Message::Active { at });
                    self.note_activity_in_time(active);
                }
                Next::Stay
            }
            Event::PeerSaid(message) => self.peer_said(active, message),
            Event::SignedIn {
                waiter,
                set,
                cookie_hash,
            } => match self.session_of_sign_in(waiter, set, cookie_hash.as_deref()) {
                Some(next) => self.replaced(active, next, waiter),
                None => Next::Stay,
            },
            Event::KeyLost { key } if active.record.key() == Some(&key) => {
                Next::End(End::here(SignOutReason::Storage))
            }
            Event::SignOutAsked { waiter } => Next::End(End::by_user(SignOutReason::User, waiter)),
            Event::KeyLost { .. }
            | Event::Left
            | Event::MarkRead { .. }
            | Event::Restarted
            | Event::Restored { .. }
            | Event::SignInBegan { .. }
            | Event::SignInFailed { .. }
            | Event::SignOutAnswered { .. }
            | Event::StoreFailed { .. }
            | Event::WentOffline => Next::Stay,
        }
    }
}
