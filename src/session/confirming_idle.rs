//! The idle limit has passed while this tab slept. Another tab may have seen the user meanwhile: before
//! all tabs are signed out, it may say so. Until then no token goes out, and callers wait.

use crate::effect::SignOutReason;
use crate::event::Event;
use crate::record::Message;
use crate::time::{Deadline, Span};

use super::live::Live;
use super::{Phase, Stage, Turn};

/// How late a timer may be in a tab that is awake.
const LATE: Span = Span::from_millis(2_000);
/// How long the others, and what they said meanwhile, have to arrive.
const PATIENCE: Span = Span::from_millis(500);

/// A session that may be over.
#[derive(Clone, Debug)]
pub(super) struct Confirmation {
    pub(super) live: Box<Live>,
    pub(super) stage: Stage,
    pub(super) until: Deadline,
    deferred: Vec<Event>,
}

impl Turn<'_> {
    /// A limit has passed, and this is the first event after it: the timer may be late, or have slept.
    pub(super) fn limit_reached(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        reason: SignOutReason,
        event: Event,
    ) -> Phase {
        let now = self.context.now;
        if reason == SignOutReason::Idle && live.was_idle(now.earlier(LATE)) {
            self.ask_about(&live, false);
            let confirmation = Box::new(Confirmation {
                live,
                stage,
                until: Deadline::after(now, PATIENCE),
                deferred: Vec::new(),
            });
            return self.while_confirming_idle(confirmation, event);
        }
        let phase = self.end_by_limit(&live, stage, reason);
        self.handle(phase, event)
    }

    pub(super) fn while_confirming_idle(
        &mut self,
        mut confirmation: Box<Confirmation>,
        event: Event,
    ) -> Phase {
        let now = self.context.now;
        match event {
            // The user of this very moment comes too late.
            Event::Active => {}
            Event::PeerSaid(Message::Active { at }) => {
                confirmation.live.active_since(now.wall.since(at), now);
            }
            event @ (Event::PeerSaid(Message::SignedOut { .. }) | Event::SignOutAsked { .. }) => {
                let Confirmation {
                    live,
                    stage,
                    until,
                    deferred,
                } = *confirmation;
                confirmation = match self.handle_in(live, stage, event) {
                    // It meant another session, or was known: the question stands, and ends when it would have.
                    Phase::SignedIn { live, stage } => Box::new(Confirmation {
                        live,
                        stage,
                        until,
                        deferred,
                    }),
                    phase => return self.replay(phase, deferred),
                };
            }
            // The refresh under way stands if the session does; and what a page missed while it was away, it asks for then.
            event @ (Event::Answered { .. }
            | Event::LockGranted { .. }
            | Event::LockUnavailable { .. }
            | Event::CameBack) => confirmation.deferred.push(event),
            event => self.defer(&mut confirmation.deferred, event),
        }
        let was_active = !confirmation.live.was_idle(now);
        if !was_active && !confirmation.until.has_passed(now) {
            return Phase::ConfirmingIdle(confirmation);
        }
        let Confirmation {
            live,
            stage,
            deferred,
            ..
        } = *confirmation;
        let phase = if was_active {
            self.tick(live, stage)
        } else {
            self.end_by_limit(&live, stage, SignOutReason::Idle)
        };
        self.replay(phase, deferred)
    }
}
