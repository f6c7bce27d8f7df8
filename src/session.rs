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
//! A handler changes the phase that it is given and says what follows; calls between the files run one way, from the
//! bottom of this table to the top (`tests/session_calls.rs`).
//!
//! | File | Holds |
//! |---|---|
//! | `context`, `view` | what comes in beside the event; the session as the application sees it |
//! | `deferred`, `clock`, `peers`, `sign_ins`, `sign_outs`, `activity`, `owed` | what outlives a session: small machines, each with fields and rules of its own |
//! | `refresh`, `idle`, `expiry`, `copies` | those of one session: an attempt and its pause, the idle limit, the token's life, what other tabs hold |
//! | `loading_state`, `active`, `silent_renewal`, `state` | what waits for a session; the session itself; the search for one; which of them there is |
//! | `next` | what a handler leaves to be done: a tick, an attempt, the end |
//! | `turn` | one step under way |
//! | `messages`, `storing`, `server_sign_out` | what other tabs, other pages and the server hear |
//! | `attempts` | the steps of an attempt: lock, wait, ask the server, pause |
//! | `ending` | the one place where sessions end |
//! | `sign_in`, `adopting` | the ways in: the user's, and a sibling's tokens |
//! | `refreshing`, `refresh_result` | the way into a refresh, and out of it |
//! | `sliding` | renewal without a refresh: tokens that the application was given by the way |
//! | `callers`, `timers`, `tabs` | what callers ask, what happens by itself, what other tabs say |
//! | `confirming_idle` | back from sleep after the idle limit: another tab may have seen the user |
//! | `signed_in`, `signed_out` | a user is here, or none: what handles which fact |
//! | `silent_outcome`, `silent_steps` | the same while it is not known, and how that ends |
//! | `loading` | the store is read for the first time, or a code is exchanged |

mod active;
mod activity;
mod adopting;
mod attempts;
mod callers;
mod clock;
mod confirming_idle;
mod context;
mod copies;
mod deferred;
mod ending;
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
    // The mark is read just before an event, and that one is judged.
    let is_prelude = matches!(event, Event::MarkRead { .. });
    if !is_prelude {
        turn.notice_wake(&event);
        turn.notice_network(&event);
    }
    if matches!(event, Event::Ticked) {
        turn.tab.armed = None;
    }
    if matches!(
        event,
        Event::CameBack | Event::WentOnline | Event::Woke { .. }
    ) {
        turn.tell_what_is_owed();
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
    if is_prelude && turn.effects.is_empty() {
        let tab = turn.tab;
        return (State { phase, tab }, Vec::new());
    }
    turn.finish(phase)
}

impl Turn<'_> {
    fn handle(&mut self, phase: Phase, event: Event) -> Phase {
        match (phase, event) {
            (phase, Event::StoreFailed { error }) => {
                self.store_failed(error);
                phase
            }
            (phase, Event::SignOutAnswered { waiter, outcome }) => {
                self.sign_out_answered(waiter, outcome);
                phase
            }
            (
                phase,
                Event::MarkRead {
                    mark,
                    last_active,
                    newest,
                },
            ) => self.mark_read(phase, mark, last_active, newest),
            (phase, Event::SignInBegan { waiter, exchanges }) => {
                self.tab.sign_ins.begin(waiter, exchanges);
                phase
            }
            (phase, Event::SignInFailed { waiter, error }) => {
                if self.tab.sign_ins.finish(waiter) {
                    self.settle(waiter, Outcome::Failed(error));
                }
                phase
            }
            (phase, Event::WentOffline) => phase,
            (phase, Event::Restarted) => {
                self.tab.is_restarted = true;
                phase
            }
            (phase, Event::Left) => {
                if let Phase::Active(active) = &phase {
                    self.note_last_activity(active);
                }
                phase
            }
            (Phase::Loading(loading), event) => self.while_loading(loading, event),
            (Phase::SilentRenewal(renewal), event) => self.while_renewing_silently(renewal, event),
            (Phase::SignedOut(reason), event) => self.while_signed_out(reason, event),
            (Phase::Active(active), event) => self.while_active(active, event),
        }
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

    /// Arms the one timer, and shows the session where it looks different from last time.
    fn finish(mut self, phase: Phase) -> (State, Vec<Effect>) {
        self.open_with_sign_in();
        let now = self.context.now;
        let next = match &phase {
            Phase::Active(active) => active.next_deadline(self.tab.is_offline, self.context),
            Phase::SilentRenewal(renewal) => renewal.next_deadline(now),
            Phase::Loading(_) | Phase::SignedOut(_) => None,
        };
        if next != self.tab.armed || (self.sets_timer && next.is_some()) {
            self.tab.armed = next;
            let delay = next.map(|deadline| deadline.remaining(now).max(Span::ZERO));
            self.effects.push(Effect::Arm(delay));
        }
        let tab = self.tab;
        let mut state = State { phase, tab };
        let view = state.view(now);
        let has_emitted = self
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Emit(_)));
        if view != state.tab.shown && !has_emitted {
            self.effects.push(Effect::Emit(None));
        }
        state.tab.shown = view;
        (state, self.effects)
    }
}
