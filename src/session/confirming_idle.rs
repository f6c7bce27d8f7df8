//! The idle limit has passed while this tab slept. Before all tabs are signed out, the others are asked whether the
//! user was active there. Until then no token goes out, and callers wait.

use crate::effect::SignOutReason;
use crate::event::Event;
use crate::record::Message;
use crate::time::{Deadline, Span};

use super::active::Active;
use super::deferred::Deferred;
use super::next::{End, Next};
use super::turn::Turn;

/// How late a timer may be in a tab that is awake.
const LATE: Span = Span::from_millis(2_000);
/// How long the others, and what they said meanwhile, have to arrive.
const PATIENCE: Span = Span::from_millis(500);

impl Turn<'_> {
    /// A limit has passed, and this is the first event after it: the timer may be late, or have slept.
    pub(super) fn limit_reached(
        &mut self,
        active: &mut Active,
        reason: SignOutReason,
        event: Event,
    ) -> Next {
        let now = self.context.now;
        if reason == SignOutReason::Idle && active.idle.is_over(now.earlier(LATE)) {
            self.ask_about(active, false);
            active.idle.confirm(Deadline::after(now, PATIENCE));
            return self.while_confirming_idle(active, event);
        }
        self.replay(Deferred(vec![event]));
        Next::End(End::by_limit(reason))
    }

    /// The other tabs are asked whether they have seen the user.
    pub(super) fn while_confirming_idle(&mut self, active: &mut Active, event: Event) -> Next {
        let now = self.context.now;
        match event {
            // Activity after the limit does not count.
            Event::Active => {}
            Event::PeerSaid(Message::Active { at }) => {
                active.idle.active_since(now.wall.since(at), now);
            }
            // A sign-out of another session, or one that was known, changes nothing.
            Event::PeerSaid(Message::SignedOut { sid, before }) => {
                if let next @ Next::End(_) = self.peer_signed_out(active, sid, before) {
                    return next;
                }
            }
            Event::SignOutAsked { waiter } => {
                return Next::End(End::by_user(SignOutReason::User, waiter));
            }
            event => defer(active, event),
        }
        let was_active = !active.idle.is_over(now);
        let until = active.idle.confirming();
        if was_active {
            let deferred = active.idle.confirmed();
            self.replay(deferred);
            Next::Tick
        } else if until.is_some_and(|until| !until.has_passed(now)) {
            Next::Stay
        } else {
            Next::End(End::by_limit(SignOutReason::Idle))
        }
    }
}

fn defer(active: &mut Active, event: Event) {
    let Some(deferred) = active.idle.deferred() else {
        return;
    };
    match event {
        // If the session goes on, so does its refresh; and a page that was away asks then for what it missed.
        Event::Answered { .. }
        | Event::LockGranted { .. }
        | Event::LockUnavailable { .. }
        | Event::CameBack => deferred.keep(event),
        event => deferred.defer(event),
    }
}
