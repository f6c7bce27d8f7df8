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
//! Cut along its states: this file holds them and who handles what; `live` is the session itself,
//! `refreshing` the way through lock and answer, `ending` every way out.

mod ending;
mod live;
mod refreshing;

use crate::config::Config;
use crate::effect::{Change, Effect, Outcome, SignOutReason};
use crate::error::Error;
use crate::event::{Event, Stored, WaiterId};
use crate::fingerprint;
use crate::record::{Message, Record, Sid};
use crate::schedule::LoopGuard;
use crate::secret::Secret;
use crate::time::{Deadline, Now, Span, Timestamp};
use crate::tokens::{TokenSet, Tokens};

use self::ending::signed_out;
use self::live::Live;
use self::refreshing::{Attempt, Backoff, Cause};

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
    guard: LoopGuard,
    offline: bool,
    /// How far the server's clock was last seen ahead of this one.
    skew: Span,
    degraded: bool,
    armed: Option<Deadline>,
    shown: View,
}

/// What comes in beside the event.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time.
    pub now: Now,
    /// Fresh random bytes.
    pub random: [u8; 16],
    /// The settings.
    pub config: &'a Config,
}

impl Context<'_> {
    /// A number from 0.0 to 1.0.
    fn dice(self) -> f64 {
        let [a, b, c, d, ..] = self.random;
        f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX)
    }
}

/// The session as the application sees it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum View {
    /// Not known yet.
    #[default]
    Loading,
    /// Somebody is signed in.
    SignedIn {
        /// Changes with every change of the tokens.
        generation: u64,
        /// When the access token ends.
        expires_at: Option<Timestamp>,
        /// When the next refresh is due.
        refresh_at: Option<Timestamp>,
        /// Whether it ended and could not be renewed yet.
        stale: bool,
    },
    /// Nobody is.
    SignedOut(SignOutReason),
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

    /// The session as the application sees it at `now`.
    pub fn view(&self, now: Now) -> View {
        match &self.phase {
            Phase::Loading { .. } | Phase::Opening { .. } => View::Loading,
            Phase::SignedOut(reason) => View::SignedOut(*reason),
            Phase::SignedIn { live, stage } => View::SignedIn {
                generation: live.record.generation,
                expires_at: live.expires.map(Deadline::wall),
                refresh_at: match stage {
                    Stage::Backoff(backoff) => backoff.until.map(Deadline::wall),
                    _ => live.refresh_due.map(Deadline::wall),
                },
                stale: !live.is_usable(now, None),
            },
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

    // ── Loading and opening ──

    fn while_loading(&mut self, mut deferred: Vec<Event>, event: Event) -> Phase {
        let Event::Restored {
            stored,
            cookie_hash,
        } = event
        else {
            self.note_network(&event);
            deferred.push(event);
            return Phase::Loading { deferred };
        };
        match self.restored(stored, cookie_hash.as_deref()) {
            Phase::Opening { stage, .. } => Phase::Opening { stage, deferred },
            phase => self.replay(phase, deferred),
        }
    }

    fn restored(&mut self, stored: Stored, cookie_hash: Option<&str>) -> Phase {
        let config = self.context.config;
        let record = match stored {
            Stored::Found(record) => record,
            Stored::Damaged => return self.end(SignOutReason::Storage),
            Stored::Empty | Stored::Unknown => return self.open(),
        };
        let live = self.live(*record, None);
        // In client mode the cookie lives no longer than the token, so an old token may have lost it.
        let judged = live.is_usable(self.context.now, Some(Span::ZERO));
        if judged
            && fingerprint::check(
                &live.record.tokens,
                config.fingerprint.as_ref(),
                cookie_hash,
            )
            .is_err()
        {
            return self.end(SignOutReason::Fingerprint);
        }
        if !live.is_usable(self.context.now, None) && !live.can_refresh(self.context.now, config) {
            return self.end(SignOutReason::Expired);
        }
        self.emit(Change::Restored);
        if config.schedule.on_start && live.can_refresh(self.context.now, config) {
            return self.begin(live, Attempt::new(Cause::Start));
        }
        self.tick(live, Stage::Fresh)
    }

    /// Nothing is stored: ask the server whether it knows this browser, where the settings say so.
    fn open(&mut self) -> Phase {
        let config = self.context.config;
        let by_cookie = refreshing::needs_no_tokens(config);
        if config.schedule.on_start && by_cookie && !self.memory.offline {
            return Phase::Opening {
                stage: self.lock(Attempt::new(Cause::Start)),
                deferred: Vec::new(),
            };
        }
        self.never_signed_in()
    }

    fn while_opening(&mut self, stage: Stage, mut deferred: Vec<Event>, event: Event) -> Phase {
        match (stage, event) {
            (
                Stage::Locking(attempt),
                Event::LockGranted { attempt: id, .. } | Event::LockUnavailable { attempt: id },
            ) if attempt.is(id) => {
                let stage = self.ask_server(attempt, None);
                Phase::Opening { stage, deferred }
            }
            (
                Stage::Refreshing(attempt),
                Event::Answered {
                    attempt: id,
                    answer,
                    cookie_hash,
                },
            ) if attempt.is(id) => {
                self.effects.push(Effect::ReleaseLock);
                let phase = self.opened(answer, cookie_hash.as_deref());
                self.replay(phase, deferred)
            }
            (stage, event @ (Event::SignedIn { .. } | Event::SignOutAsked { .. })) => {
                self.abandon(stage, &signed_out());
                let phase = self.never_signed_in();
                let phase = self.replay(phase, deferred);
                self.handle(phase, event)
            }
            (stage, event) => {
                self.note_network(&event);
                deferred.push(event);
                Phase::Opening { stage, deferred }
            }
        }
    }

    fn note_network(&mut self, event: &Event) {
        if matches!(event, Event::WentOnline) {
            self.memory.offline = false;
        }
    }

    fn replay(&mut self, phase: Phase, deferred: Vec<Event>) -> Phase {
        deferred
            .into_iter()
            .fold(phase, |phase, event| self.handle(phase, event))
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
            } => self.answered(live, stage, attempt, answer, cookie_hash.as_deref()),
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

    fn token_needed(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        waiter: WaiterId,
        min: Option<Span>,
    ) -> Phase {
        let now = self.context.now;
        if live.is_usable(now, min) {
            self.settle(waiter, Outcome::Token(live.record.tokens.access().clone()));
            return Phase::SignedIn { live, stage };
        }
        match stage {
            Stage::Fresh if live.can_refresh(now, self.context.config) => {
                self.begin(live, Attempt::new(Cause::Need).with(waiter))
            }
            Stage::Locking(attempt) => Phase::SignedIn {
                live,
                stage: Stage::Locking(attempt.with(waiter)),
            },
            Stage::Refreshing(attempt) => Phase::SignedIn {
                live,
                stage: Stage::Refreshing(attempt.with(waiter)),
            },
            // No refresh is coming: what there is must do, while it is good at all.
            stage if live.is_usable(now, None) => {
                self.settle(waiter, Outcome::Token(live.record.tokens.access().clone()));
                Phase::SignedIn { live, stage }
            }
            Stage::Backoff(backoff) => {
                self.settle(waiter, Outcome::Failed(backoff.error.clone()));
                Phase::SignedIn {
                    live,
                    stage: Stage::Backoff(backoff),
                }
            }
            Stage::Fresh => {
                let phase = self.end(SignOutReason::Expired);
                self.settle(waiter, Outcome::Failed(signed_out()));
                phase
            }
        }
    }

    fn unauthorized(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        waiter: WaiterId,
        sent: &Secret,
    ) -> Phase {
        let now = self.context.now;
        let current = live.record.tokens.access();
        // The answer came late: somebody has refreshed since (REL-17).
        if current != sent {
            let outcome = if live.is_usable(now, None) {
                Outcome::Token(current.clone())
            } else {
                Outcome::Stands
            };
            self.settle(waiter, outcome);
            return Phase::SignedIn { live, stage };
        }
        match stage {
            Stage::Fresh if live.can_refresh(now, self.context.config) => {
                self.begin(live, Attempt::new(Cause::Unauthorized).with_replay(waiter))
            }
            Stage::Locking(attempt) => Phase::SignedIn {
                live,
                stage: Stage::Locking(attempt.with_replay(waiter)),
            },
            Stage::Refreshing(attempt) => Phase::SignedIn {
                live,
                stage: Stage::Refreshing(attempt.with_replay(waiter)),
            },
            stage @ (Stage::Fresh | Stage::Backoff(_)) => {
                self.settle(waiter, Outcome::Stands);
                Phase::SignedIn { live, stage }
            }
        }
    }

    fn woke(&mut self, live: Box<Live>, stage: Stage, stored: Stored) -> Phase {
        match stored {
            Stored::Empty | Stored::Damaged => self.end_live(stage, SignOutReason::Storage, None),
            Stored::Found(record) if !live.knows(&record) => self.adopted(&live, stage, *record),
            Stored::Found(_) | Stored::Unknown => self.retry(live, stage),
        }
    }

    fn peer_said(&mut self, mut live: Box<Live>, stage: Stage, message: Message) -> Phase {
        match message {
            Message::SignedOut { sid, at } if live.is_meant_by(sid.as_ref(), at) => {
                self.end_live(stage, SignOutReason::OtherTab, None)
            }
            Message::Active { .. } => {
                live.active(self.context.now);
                Phase::SignedIn { live, stage }
            }
            Message::SignedOut { .. } => Phase::SignedIn { live, stage },
        }
    }

    /// Judges every deadline; nothing happens where none has passed.
    fn tick(&mut self, mut live: Box<Live>, stage: Stage) -> Phase {
        let Context { now, config, .. } = self.context;
        if let Some(reason) = live.limit_passed(now, &config.limits) {
            return self.end_live(stage, reason, Some(None));
        }
        if let Some(sign_out_at) = live.idle_warning(now, &config.limits) {
            self.emit(Change::IdleWarning { sign_out_at });
        }
        let can_refresh = live.can_refresh(now, config);
        match stage {
            Stage::Fresh if live.is_due(now) && config.schedule.proactive && can_refresh => {
                self.begin(live, Attempt::new(Cause::Schedule))
            }
            Stage::Backoff(backoff)
                if backoff.is_over(now) && !self.memory.offline && can_refresh =>
            {
                self.begin(live, backoff.into_attempt(Cause::Schedule))
            }
            stage @ (Stage::Fresh | Stage::Backoff(_))
                if !live.is_usable(now, None) && !can_refresh =>
            {
                self.end_live(stage, SignOutReason::Expired, None)
            }
            stage => Phase::SignedIn { live, stage },
        }
    }

    // ── Beginning ──

    fn session_from(
        &mut self,
        set: TokenSet,
        epoch: u32,
        cookie_hash: Option<&str>,
    ) -> Result<Box<Live>, Error> {
        let config = self.context.config;
        if epoch != self.memory.epoch {
            return Err(signed_out());
        }
        let now = self.context.now.wall;
        let tokens = Tokens::receive(set, now, self.memory.skew, config.limits.token_bytes)?;
        fingerprint::check(&tokens, config.fingerprint.as_ref(), cookie_hash)?;
        let record = Record {
            sid: Sid::from_bytes(self.context.random),
            generation: 1,
            tokens,
            signed_in: now,
        };
        Ok(self.live(record, Some(self.context.now)))
    }

    fn signed_in(&mut self, live: Box<Live>, waiter: WaiterId) -> Phase {
        self.keep(&live);
        self.emit(Change::SignedIn);
        self.settle(waiter, Outcome::Done);
        self.tick(live, Stage::Fresh)
    }

    fn replaced(&mut self, old: &Live, stage: Stage, next: Box<Live>, waiter: WaiterId) -> Phase {
        let same_user = !old.record.tokens.contradicts(&next.record.tokens);
        let waiters = self.interrupt(stage);
        self.keep(&next);
        self.emit(Change::SignedIn);
        if same_user {
            self.serve(waiters, &next);
        } else {
            self.fail(waiters, &signed_out());
        }
        self.settle(waiter, Outcome::Done);
        self.tick(next, Stage::Fresh)
    }

    fn keep(&mut self, live: &Live) {
        self.memory.skew = live.record.tokens.skew().unwrap_or(self.memory.skew);
        self.effects
            .push(Effect::Persist(Box::new(live.record.clone())));
        if self.context.config.fingerprint.is_some() {
            let lifetime = live.record.tokens.lifetime();
            self.effects.push(Effect::RenewCookie { lifetime });
        }
    }

    fn live(&self, record: Record, arrived: Option<Now>) -> Box<Live> {
        Box::new(Live::new(record, arrived, self.context, self.memory.skew))
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
