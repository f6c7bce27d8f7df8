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
//!                                  ▲           ▲   Waiting  │ trouble
//!                                  └───────── Backoff ◀─────┘
//! ```
//!
//! Cut along its states. This file holds them and says what handles what:
//!
//! | File | Holds |
//! |---|---|
//! | `live` | the session itself, and when something is due |
//! | `opening` | the store is read for the first time |
//! | `silent_renewal` | nothing is stored: siblings or the server may know the browser |
//! | `silent_outcome` | how that ends: known, not known, no answer |
//! | `marks` | what outlives pages: which sessions are over, when the user was last active |
//! | `clock`, `peers`, `sign_ins`, `sign_outs`, `activity`, `owed` | what outlives a session: small machines, each with fields and rules of its own |
//! | `server_sign_out` | the server hears of an end |
//! | `signed_out`, `signed_in` | no user is here, or one: what handles which fact |
//! | `sign_in` | every way in |
//! | `callers` | what callers ask: a token, another token, a refresh |
//! | `timers` | what happens by itself: time, wakes, network |
//! | `tabs` | what tabs say to each other, and copies of a tab |
//! | `attempt` | one refresh, its waiters, the pause after it failed |
//! | `refreshing` | the way into a refresh: look, lock, look again, ask |
//! | `waiting` | short waits on that way: for siblings, for a network that wakes |
//! | `outage` | a sibling asked in vain: this tab pauses with it |
//! | `refresh_result` | the way out of it: renewed, adopted, a pause, refused |
//! | `confirming_idle` | back from sleep after the idle limit: another tab may have seen the user |
//! | `sign_out` | every way out of the session |
//! | `view` | the session as the application sees it |

mod activity;
mod attempt;
mod callers;
mod clock;
mod confirming_idle;
mod context;
mod live;
mod marks;
mod opening;
mod outage;
mod owed;
mod peers;
mod refresh_result;
mod refreshing;
mod server_sign_out;
mod sign_in;
mod sign_ins;
mod sign_out;
mod sign_outs;
mod signed_in;
mod signed_out;
mod silent_outcome;
mod silent_renewal;
mod tabs;
mod timers;
mod view;
mod waiting;

use crate::effect::{Change, Effect, Outcome, SignOutReason};
use crate::error::Error;
use crate::event::{Event, WaiterId};
use crate::group::Group;
use crate::record::Sid;
use crate::schedule::LoopGuard;
use crate::secret::Secret;
use crate::time::{Deadline, Now, Span};
use crate::tokens::Tokens;

use self::activity::Activity;
use self::attempt::{Attempt, Backoff};
use self::clock::Clock;
use self::confirming_idle::Confirmation;
use self::live::Live;
use self::owed::Owed;
use self::peers::Peers;
use self::sign_ins::SignIns;
use self::sign_outs::SignOuts;
use self::silent_renewal::Opening;
use self::waiting::Wait;

pub use self::context::Context;
pub use self::view::View;

/// Everything that the core knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    phase: Phase,
    tab: TabState,
}

/// Where the session stands. Each phase holds only what is valid in it.
#[derive(Clone, Debug)]
enum Phase {
    /// The store is being read. What comes meanwhile waits.
    Loading { deferred: Vec<Event> },
    /// Nothing was stored, but siblings may have a session, or the server may know this browser by a cookie.
    Opening(Box<Opening>),
    /// No user is here.
    SignedOut(SignOutReason),
    /// A user is.
    SignedIn { live: Box<Live>, stage: Stage },
    /// A user was, and may be still.
    ConfirmingIdle(Box<Confirmation>),
}

/// How far a refresh is. Boxed, for it is handed on with every event.
#[derive(Clone, Debug)]
enum Stage {
    /// None is needed.
    Fresh,
    /// Waiting for the lock.
    Locking(Box<Attempt>),
    /// Waiting a moment, mostly with the lock.
    Waiting(Box<Wait>),
    /// Waiting for the server.
    Refreshing(Box<Attempt>),
    /// Waiting before the next attempt.
    Backoff(Box<Backoff>),
}

impl Default for Phase {
    fn default() -> Self {
        Self::Loading {
            deferred: Vec::new(),
        }
    }
}

/// What outlives a session: small machines, each with fields and rules of its own.
#[derive(Clone, Debug, Default)]
struct TabState {
    clock: Clock,
    peers: Peers,
    sign_ins: SignIns,
    sign_outs: SignOuts,
    activity: Activity,
    owed: Owed,
    guard: LoopGuard,
    attempts: u32,
    /// Names that were drawn in this tab.
    names: u32,
    is_offline: bool,
    /// The store failed; the session lives in memory.
    is_degraded: bool,
    /// For when the timer is set.
    armed: Option<Deadline>,
    /// What the application was shown last.
    shown: View,
}

impl State {
    /// What this tab and its copies share.
    pub fn group(&self) -> Option<&Group> {
        self.live()?.record.group.as_ref()
    }

    /// The tokens of the session, where there is one.
    pub fn tokens(&self) -> Option<&Tokens> {
        Some(&self.live()?.record.tokens)
    }

    /// The name of the session, where there is one.
    pub fn sid(&self) -> Option<&Sid> {
        Some(&self.live()?.record.sid)
    }

    fn live(&self) -> Option<&Live> {
        match &self.phase {
            Phase::SignedIn { live, .. } => Some(live),
            Phase::ConfirmingIdle(confirmation) => Some(&confirmation.live),
            Phase::Loading { .. } | Phase::Opening(_) | Phase::SignedOut(_) => None,
        }
    }

    /// The access token and its session, where it is good for so long from now (the leeway where not said).
    pub fn usable_token(&self, now: Now, min_validity: Option<Span>) -> Option<(&Secret, &Sid)> {
        match &self.phase {
            Phase::SignedIn { live, .. }
                if live.is_usable(now, min_validity) && live.limit_passed(now).is_none() =>
            {
                Some((live.record.tokens.access(), &live.record.sid))
            }
            _ => None,
        }
    }
}

/// One event in, the next state and all its effects out.
pub fn step(state: State, event: Event, context: Context<'_>) -> (State, Vec<Effect>) {
    let mut turn = Turn {
        context,
        tab: state.tab,
        effects: Vec::new(),
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
    let phase = turn.handle(state.phase, event);
    if is_prelude && turn.effects.is_empty() {
        let tab = turn.tab;
        return (State { phase, tab }, Vec::new());
    }
    turn.finish(phase)
}

/// One step under way.
struct Turn<'a> {
    context: Context<'a>,
    tab: TabState,
    effects: Vec<Effect>,
    /// Whether the timer is set again even for the moment for which it is set already.
    sets_timer: bool,
}

impl Turn<'_> {
    fn handle(&mut self, phase: Phase, event: Event) -> Phase {
        match (phase, event) {
            (phase, Event::StoreFailed { error }) => self.store_failed(phase, error),
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
            (phase, Event::SignInBegan { waiter }) => {
                self.tab.sign_ins.begin(waiter);
                phase
            }
            (phase, Event::SignInFailed { waiter, error }) => {
                if self.tab.sign_ins.finish(waiter) {
                    self.settle(waiter, Outcome::Failed(error));
                }
                phase
            }
            (phase, Event::WentOffline) => phase,
            (phase, Event::Left) => {
                if let Phase::SignedIn { live, .. } = &phase {
                    self.note_last_activity(live);
                }
                phase
            }
            (Phase::Loading { deferred }, event) => self.while_loading(deferred, event),
            (Phase::Opening(opening), event) => self.while_opening(*opening, event),
            (Phase::SignedOut(reason), event) => self.while_signed_out(reason, event),
            (Phase::SignedIn { live, stage }, event) => self.while_signed_in(live, stage, event),
            (Phase::ConfirmingIdle(confirmation), event) => {
                self.while_confirming_idle(confirmation, event)
            }
        }
    }

    // ── Small change ──

    fn store_failed(&mut self, phase: Phase, error: Error) -> Phase {
        if !self.tab.is_degraded {
            self.tab.is_degraded = true;
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
        self.open_with_sign_in();
        let now = self.context.now;
        let next = match &phase {
            Phase::SignedIn { live, stage } => {
                live.next_deadline(stage, self.tab.is_offline, self.context)
            }
            Phase::Opening(opening) => opening.next_deadline(now),
            Phase::ConfirmingIdle(confirmation) => Some(confirmation.until),
            _ => None,
        };
        if next != self.tab.armed || (self.sets_timer && next.is_some()) {
            self.tab.armed = next;
            self.effects.push(Effect::Arm(
                next.map(|deadline| deadline.remaining(now).max(Span::ZERO)),
            ));
        }
        let mut state = State {
            phase,
            tab: self.tab,
        };
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
