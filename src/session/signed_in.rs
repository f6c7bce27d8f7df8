//! A user is here: what handles which fact.

use crate::effect::Outcome;
use crate::event::Event;
use crate::record::Message;

use super::live::Live;
use super::sign_out::signed_out;
use super::{Phase, Stage, Turn};

impl Turn<'_> {
    pub(super) fn while_signed_in(&mut self, live: Box<Live>, stage: Stage, event: Event) -> Phase {
        match live.limit_passed(self.context.now) {
            Some(reason) => self.limit_reached(live, stage, reason, event),
            None => self.handle_in(live, stage, event),
        }
    }

    pub(super) fn handle_in(&mut self, mut live: Box<Live>, stage: Stage, event: Event) -> Phase {
        match event {
            // What belongs to another session gets nothing of this one.
            Event::TokenNeeded { waiter, sid, .. }
                if sid.as_ref().is_some_and(|sid| *sid != live.record.sid) =>
            {
                self.settle(waiter, Outcome::Failed(signed_out()));
                Phase::SignedIn { live, stage }
            }
            Event::Unauthorized { waiter, sid, .. } if sid != live.record.sid => {
                self.settle(waiter, Outcome::Stands);
                Phase::SignedIn { live, stage }
            }
            Event::TokenNeeded {
                waiter,
                min_validity,
                ..
            } => self.token_needed(live, stage, waiter, min_validity),
            Event::Unauthorized { waiter, sent, .. } => {
                self.unauthorized(live, stage, waiter, &sent)
            }
            Event::RefreshAsked { waiter } => self.refresh_asked(live, stage, waiter),
            Event::LockGranted { attempt, stored } => {
                self.lock_granted(live, stage, attempt, stored)
            }
            Event::LockUnavailable { attempt } => self.lock_unavailable(live, stage, attempt),
            Event::Answered {
                attempt,
                answer,
                cookie_hash,
                stored,
            } => self.answered(
                live,
                stage,
                (attempt, answer),
                cookie_hash.as_deref(),
                stored,
            ),
            Event::Ticked => self.tick(live, stage),
            Event::CameBack => self.came_back(live, stage),
            Event::Woke { stored } => self.woke(live, stage, stored),
            Event::WentOnline => self.retry(live, stage),
            Event::Active => {
                live.active(self.context.now);
                if self.context.config.limits.idle.is_some() {
                    let at = self.context.now.wall;
                    self.tell(Message::Active { at });
                    self.note_activity_in_time(&live);
                }
                Phase::SignedIn { live, stage }
            }
            Event::PeerSaid(message) => self.peer_said(live, stage, message),
            Event::SignedIn { waiter, .. } if !self.tab.sign_ins.finish(waiter) => {
                Phase::SignedIn { live, stage }
            }
            Event::SignedIn {
                waiter,
                set,
                cookie_hash,
            } => match self.session_from(set, cookie_hash.as_deref()) {
                Ok(next) => self.replaced(&live, stage, next, waiter),
                Err(error) => {
                    self.settle(waiter, Outcome::Failed(error));
                    Phase::SignedIn { live, stage }
                }
            },
            Event::SignOutAsked { waiter } => self.sign_out(&live, stage, waiter),
            Event::Left
            | Event::MarkRead { .. }
            | Event::Restored { .. }
            | Event::SignInBegan { .. }
            | Event::SignInFailed { .. }
            | Event::SignOutAnswered { .. }
            | Event::StoreFailed { .. }
            | Event::WentOffline => Phase::SignedIn { live, stage },
        }
    }
}
