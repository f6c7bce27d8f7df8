//! The session: the only place with flow logic.
//!
//! [`step`] takes the state, one event, the time, sixteen random bytes and the settings, and gives the
//! next state and the effects to carry out. Nothing else goes in or out, so every run can be replayed.
//!
//! ```text
//! Loading ──▶ SilentRenewal ──▶ SignedOut ◀── end, from anywhere
//!    │              │               │ a sign-in, or a sibling's session
//!    └──────────────┴───────▶ Active ◀┘
//!
//! Active, its refresh:   Idle ──▶ Locking ──▶ Waiting ──▶ InFlight ──▶ Idle
//!                                    ▲                       │ trouble
//!                                    └─────── Backoff ◀──────┘
//! Active, its idle limit:  Off    Counting ◀──▶ Confirming
//! ```
//!
//! Words that the files share: a waiter is a caller whose promise is open; a sibling is another tab of this origin with
//! the same `name`; a copy is a tab that holds the same record, because the browser has duplicated one; an attempt is
//! one try to refresh, from the wait for the lock to the answer; the mark tells all tabs of the last sign-in and
//! sign-out; a generation says which tokens of a session are newer.
//!
//! A handler changes the phase that it is given and says what follows; calls between the files run one way, from the
//! bottom of this table to the top (`tests/session_calls.rs`).
//!
//! | File | Holds |
//! |---|---|
//! | `context`, `view` | what comes in beside the event; the session as the application sees it |
//! | `deferred`, `clock`, `peers`, `sign_ins`, `sign_outs`, `activity`, `owed` | what outlives a session, each with fields and rules of its own |
//! | `refresh`, `idle`, `expiry`, `copies` | the parts of one session: an attempt and its pause, the idle limit, the token's life, what other tabs hold |
//! | `loading_state`, `active`, `silent_renewal`, `state` | the phases: loading, a session, the search for one; and which of them there is |
//! | `errors`, `next` | what callers are told of a failure; what a handler leaves to be done: a tick, an attempt, the end |
//! | `turn` | one step under way |
//! | `messages`, `storing`, `server_sign_out` | what other tabs, other pages and the server hear |
//! | `attempts` | the steps of an attempt: lock, wait, ask the server, pause |
//! | `backing_off` | the pause after an attempt that failed, here or in another tab |
//! | `ending` | the one place where sessions end |
//! | `sign_in`, `adopting` | the ways in: the user's, and a sibling's tokens |
//! | `refreshing`, `refresh_result` | the way into a refresh, and out of it |
//! | `sliding` | renewal without a refresh: the application was given tokens in an ordinary answer |
//! | `callers`, `timers`, `tabs` | what callers ask, what time and the page bring about, what other tabs say |
//! | `confirming_idle` | back from sleep after the idle limit: another tab may have seen the user |
//! | `signed_in`, `signed_out` | with a user, and without one: what handles which event |
//! | `silent_outcome`, `silent_steps` | the same while that is not known, and how the search ends |
//! | `loading` | the store is read for the first time, or a code is exchanged |

mod active;
mod activity;
mod adopting;
mod attempts;
mod backing_off;
mod callers;
mod clock;
mod confirming_idle;
mod context;
mod copies;
mod deferred;
mod ending;
mod errors;
mod expiry;
mod idle;
mod loading;
mod loading_state;
mod messages;
mod next;
mod owed;
mod peers;
mod refresh;
mod refresh_result;
mod refreshing;
mod server_sign_out;
mod sign_in;
mod sign_ins;
mod sign_outs;
mod signed_in;
mod signed_out;
mod silent_outcome;
mod silent_renewal;
mod silent_steps;
mod sliding;
mod state;
mod storing;
mod tabs;
mod timers;
mod turn;
mod view;

use std::collections::VecDeque;

use crate::effect::{Change, Effect, Outcome};
use crate::error::Error;
use crate::event::Event;
use crate::mark::Mark;
use crate::record::Message;
use crate::time::{Span, Timestamp};

use self::deferred::Deferred;
use self::state::Phase;
use self::turn::Turn;

pub use self::context::Context;
pub use self::state::State;
pub use self::view::View;

/// One event in, the next state and all its effects out.
pub fn step(state: State, event: Event, context: Context<'_>) -> (State, Vec<Effect>) {
    let mut turn = Turn {
        context,
        tab: state.tab,
        effects: Vec::new(),
        queue: VecDeque::new(),
        sets_timer: false,
    };
    let is_mark = matches!(event, Event::MarkRead { .. });
    // It is read just before another event: that one tells of the clocks and the network.
    if !is_mark {
        turn.notice(&event);
    }
    let mut phase = state.phase;
    turn.queue.push_back(event);
    while let Some(event) = turn.queue.pop_front() {
        if let Event::SignedIn { waiter, .. } = &event {
            turn.tab.sign_ins.exchanged(*waiter);
        }
        phase = turn.handle(phase, event);
        phase = turn.settle_loading(phase);
    }
    // The event that follows arms and shows what this has changed.
    if is_mark && turn.effects.is_empty() {
        let tab = turn.tab;
        return (State { phase, tab }, Vec::new());
    }
    turn.finish(phase)
}

impl Turn<'_> {
    /// What an event means in every phase.
    fn notice(&mut self, event: &Event) {
        self.notice_wake(event);
        self.notice_network(event);
        match event {
            Event::Ticked => self.tab.armed = None,
            Event::CameBack | Event::WentOnline | Event::Woke { .. } => self.tell_what_is_owed(),
            _ => {}
        }
    }

    fn handle(&mut self, phase: Phase, event: Event) -> Phase {
        match event {
            Event::StoreFailed { error } => self.store_failed(error),
            Event::SignOutAnswered { waiter, outcome } => self.sign_out_answered(waiter, outcome),
            Event::MarkRead {
                mark,
                last_active,
                newest,
            } => return self.mark_read(phase, mark, last_active, newest),
            Event::SignInBegan { waiter, exchanges } => self.tab.sign_ins.begin(waiter, exchanges),
            Event::SignInFailed { waiter, error } => {
                if self.tab.sign_ins.finish(waiter) {
                    self.settle(waiter, Outcome::Failed(error));
                }
            }
            Event::WentOffline => {}
            Event::Restarted => self.tab.is_restarted = true,
            Event::Left => {
                if let Phase::Active(active) = &phase {
                    self.note_last_activity(active);
                }
            }
            event => {
                return match phase {
                    Phase::Loading(loading) => self.while_loading(loading, event),
                    Phase::SilentRenewal(renewal) => self.while_renewing_silently(renewal, event),
                    Phase::SignedOut(reason) => self.while_signed_out(reason, event),
                    Phase::Active(active) => self.while_active(active, event),
                };
            }
        }
        phase
    }

    /// The mark may say that this session is over, or that nothing is to be renewed silently any more.
    fn mark_read(
        &mut self,
        mut phase: Phase,
        mark: Mark,
        last_active: Option<Timestamp>,
        newest: u64,
    ) -> Phase {
        let is_news = self.tab.sign_outs.read(mark);
        self.tab.activity.read(last_active, self.context.now.wall);
        let before = mark.ended;
        if let Phase::Active(active) = &mut phase {
            active.copies.noted = newest;
            if is_news {
                let message = Message::SignedOut { sid: None, before };
                self.replay(Deferred(vec![Event::PeerSaid(message)]));
                return phase;
            }
        }
        self.note_sign_out(None, before);
        match phase {
            Phase::SilentRenewal(renewal) if mark.is_signed_out() => {
                let conclusion = renewal.given_up(&self.tab);
                self.conclude(renewal, Some(conclusion))
            }
            phase => phase,
        }
    }

    fn store_failed(&mut self, error: Error) {
        if !self.tab.is_degraded {
            self.tab.is_degraded = true;
            self.emit(Change::StorageDegraded { error });
        }
    }

    fn finish(mut self, phase: Phase) -> (State, Vec<Effect>) {
        self.open_with_sign_in();
        self.arm(&phase);
        let has_emitted = self
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Emit(_)));
        let tab = self.tab;
        let mut state = State { phase, tab };
        let view = state.view(self.context.now);
        if view != state.tab.shown && !has_emitted {
            self.effects.push(Effect::Emit(None));
        }
        state.tab.shown = view;
        (state, self.effects)
    }

    /// Sets the one timer for the next deadline.
    fn arm(&mut self, phase: &Phase) {
        let now = self.context.now;
        let next = match phase {
            Phase::Active(active) => active.next_deadline(self.tab.is_offline, self.context),
            Phase::SilentRenewal(renewal) => renewal.next_deadline(now),
            Phase::Loading(_) | Phase::SignedOut(_) => None,
        };
        if next != self.tab.armed || (self.sets_timer && next.is_some()) {
            self.tab.armed = next;
            let delay = next.map(|deadline| deadline.remaining(now).max(Span::ZERO));
            self.effects.push(Effect::Arm(delay));
        }
    }
}
