//! The session: the only place with flow logic.
//!
//! [`step`] takes the state, one event, the time, sixteen random bytes and the settings, and gives the
//! next state and the effects to carry out. Nothing else goes in or out, so every run can be replayed.
//!
//! ```text
//! Loading ──▶ Opening ──▶ SignedOut ◀──────────────── end, from anywhere
//!    │           │            │ SignedIn
//!    ▼           ▼            ▼
//!    └────────────────▶ SignedIn: Fresh ──▶ Locking ──▶ Refreshing ──▶ Fresh
//!                                  ▲                        │ trouble
//!                                  └───────── Backoff ◀─────┘
//! ```
//!
//! Cut along its states. This file holds them and says who handles what:
//!
//! | File | Holds |
//! |---|---|
//! | `live` | the session itself, and when something is due |
//! | `opening` | the store is read, the server may know the browser |
//! | `beginning` | every way in |
//! | `asking` | what callers ask: a token, another token, a refresh |
//! | `watching` | what happens by itself: time, wakes, network, other tabs |
//! | `attempt` | one refresh, who waits for it, the pause after it failed |
//! | `refreshing` | the way into a refresh: look, lock, look again, ask |
//! | `answered` | the way out of it: renewed, adopted, a pause, refused |
//! | `ending` | every way out of the session |
//! | `view` | the session as the application sees it |

mod answered;
mod asking;
mod attempt;
mod beginning;
mod context;
mod ending;
mod live;
mod opening;
mod refreshing;
mod view;
mod watching;

use crate::effect::{Change, Effect, Outcome, SignOutReason};
use crate::error::Error;
use crate::event::{Event, WaiterId};
use crate::record::Message;
use crate::schedule::LoopGuard;
use crate::secret::Secret;
use crate::time::{Deadline, Now, Span};
use crate::tokens::Tokens;

use self::attempt::{Attempt, Backoff};
use self::ending::signed_out;
use self::live::Live;

pub use self::context::Context;
pub use self::view::View;

/// Everything that the core knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    phase: Phase,
    memory: Memory,
}

/// Where the session stands. Each phase holds only what is valid in it.
#[derive(Clone, Debug)]
enum Phase {
    /// The store is being read. What comes meanwhile waits.
    Loading { deferred: Vec<Event> },
    /// Nothing was stored, but the server may know this browser by a cookie. What comes meanwhile waits.
    Opening { stage: Stage, deferred: Vec<Event> },
    /// Nobody is here.
    SignedOut(SignOutReason),
    /// Somebody is.
    SignedIn { live: Box<Live>, stage: Stage },
}

/// How far a refresh is.
#[derive(Clone, Debug)]
enum Stage {
    /// None is needed.
    Fresh,
    /// Waiting for the lock.
    Locking(Attempt),
    /// Waiting for the server.
    Refreshing(Attempt),
    /// Waiting before the next attempt.
    Backoff(Backoff),
}

impl Default for Phase {
    fn default() -> Self {
        Self::Loading {
            deferred: Vec::new(),
        }
    }
}

/// What outlives a session.
#[derive(Clone, Debug, Default)]
struct Memory {
    /// Counts sign-outs, so that a sign-in that began before one cannot undo it.
    epoch: u32,
    attempts: u32,
    /// Sessions that began in this tab.
    sessions: u32,
    guard: LoopGuard,
    offline: bool,
    /// How far the server's clock was last seen ahead of this one.
    skew: Span,
    degraded: bool,
    armed: Option<Deadline>,
    shown: View,
}

impl State {
    /// Counts sign-outs; a sign-in carries the number under which it began.
    pub const fn epoch(&self) -> u32 {
        self.memory.epoch
    }

    /// The tokens of the session, where there is one.
    pub fn tokens(&self) -> Option<&Tokens> {
        match &self.phase {
            Phase::SignedIn { live, .. } => Some(&live.record.tokens),
            Phase::Loading { .. } | Phase::Opening { .. } | Phase::SignedOut(_) => None,
        }
    }

    /// The access token, where it is good for so long from now (the leeway where not said).
    pub fn usable_token(&self, now: Now, min_validity: Option<Span>) -> Option<&Secret> {
        match &self.phase {
            Phase::SignedIn { live, .. } if live.is_usable(now, min_validity) => {
                Some(live.record.tokens.access())
            }
            _ => None,
        }
    }
}

/// One event in, the next state and all its effects out.
pub fn step(state: State, event: Event, context: Context<'_>) -> (State, Vec<Effect>) {
    let mut turn = Turn {
        context,
        memory: state.memory,
        effects: Vec::new(),
    };
    let phase = turn.handle(state.phase, event);
    turn.finish(phase)
}

/// One step under way.
struct Turn<'a> {
    context: Context<'a>,
    memory: Memory,
    effects: Vec<Effect>,
}

impl Turn<'_> {
    fn handle(&mut self, phase: Phase, event: Event) -> Phase {
        match (phase, event) {
            (phase, Event::StoreFailed { error }) => self.store_failed(phase, error),
            (phase, Event::SignOutAnswered { waiter, outcome }) => {
                self.settle(
                    waiter,
                    outcome.map_or_else(Outcome::Failed, |()| Outcome::Done),
                );
                phase
            }
            (phase, Event::WentOffline) => {
                self.memory.offline = true;
                phase
            }
            (Phase::Loading { deferred }, event) => self.while_loading(deferred, event),
            (Phase::Opening { stage, deferred }, event) => {
                self.while_opening(stage, deferred, event)
            }
            (Phase::SignedOut(reason), event) => self.while_signed_out(reason, event),
            (Phase::SignedIn { live, stage }, event) => self.while_signed_in(live, stage, event),
        }
    }

    fn note_network(&mut self, event: &Event) {
        if matches!(event, Event::WentOnline) {
            self.memory.offline = false;
        }
    }

    // ── Signed out ──

    fn while_signed_out(&mut self, reason: SignOutReason, event: Event) -> Phase {
        match event {
            Event::SignedIn {
                waiter,
                set,
                epoch,
                cookie_hash,
            } => {
                return match self.session_from(set, epoch, cookie_hash.as_deref()) {
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
                self.memory.epoch = self.memory.epoch.wrapping_add(1);
                self.effects.push(Effect::Forget);
                self.settle(waiter, Outcome::Done);
            }
            // It came too late: nobody refreshes here any more.
            Event::LockGranted { .. } => self.effects.push(Effect::ReleaseLock),
            other => self.note_network(&other),
        }
        Phase::SignedOut(reason)
    }

    // ── Signed in ──

    fn while_signed_in(&mut self, mut live: Box<Live>, stage: Stage, event: Event) -> Phase {
        match event {
            Event::TokenNeeded {
                waiter,
                min_validity,
            } => self.token_needed(live, stage, waiter, min_validity),
            Event::Unauthorized { waiter, sent } => self.unauthorized(live, stage, waiter, &sent),
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
            Event::Ticked => {
                self.memory.armed = None;
                self.tick(live, stage)
            }
            Event::Woke { stored } => self.woke(live, stage, stored),
            Event::WentOnline => {
                self.memory.offline = false;
                self.retry(live, stage)
            }
            Event::Active => {
                live.active(self.context.now);
                if self.context.config.limits.idle.is_some() {
                    let at = self.context.now.wall;
                    self.effects.push(Effect::Tell(Message::Active { at }));
                }
                Phase::SignedIn { live, stage }
            }
            Event::PeerSaid(message) => self.peer_said(live, stage, message),
            Event::SignedIn {
                waiter,
                set,
                epoch,
                cookie_hash,
            } => match self.session_from(set, epoch, cookie_hash.as_deref()) {
                Ok(next) => self.replaced(&live, stage, next, waiter),
                Err(error) => {
                    self.settle(waiter, Outcome::Failed(error));
                    Phase::SignedIn { live, stage }
                }
            },
            Event::SignOutAsked { waiter } => self.sign_out(&live, stage, waiter),
            Event::Restored { .. }
            | Event::SignOutAnswered { .. }
            | Event::StoreFailed { .. }
            | Event::WentOffline => Phase::SignedIn { live, stage },
        }
    }

    // ── Small change ──

    fn store_failed(&mut self, phase: Phase, error: Error) -> Phase {
        if !self.memory.degraded {
            self.memory.degraded = true;
            self.emit(Change::StorageDegraded { error });
        }
        phase
    }

    fn emit(&mut self, change: Change) {
        self.effects.push(Effect::Emit(Some(change)));
    }

    fn settle(&mut self, waiter: WaiterId, outcome: Outcome) {
        self.effects.push(Effect::Settle { waiter, outcome });
    }

    /// Arms the one timer, and shows the session where it looks different from last time.
    fn finish(mut self, phase: Phase) -> (State, Vec<Effect>) {
        let now = self.context.now;
        let next = match &phase {
            Phase::SignedIn { live, stage } => {
                live.next_deadline(stage, self.memory.offline, self.context)
            }
            _ => None,
        };
        if next != self.memory.armed {
            self.memory.armed = next;
            self.effects.push(Effect::Arm(
                next.map(|deadline| deadline.remaining(now).max(Span::ZERO)),
            ));
        }
        let mut state = State {
            phase,
            memory: self.memory,
        };
        let view = state.view(now);
        let has_emitted = self
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Emit(_)));
        if view != state.memory.shown && !has_emitted {
            self.effects.push(Effect::Emit(None));
        }
        state.memory.shown = view;
        (state, self.effects)
    }
}
