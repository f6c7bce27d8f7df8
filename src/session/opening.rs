//! Before it is known whether somebody is here: the store is read, and where that has nothing, the
//! siblings may share their session, and the server may know this browser by a cookie. What comes
//! meanwhile waits and is handled afterwards.

use crate::answer::Answer;
use crate::effect::{Change, Effect, SignOutReason};
use crate::error::ErrorKind;
use crate::event::{Event, Stored};
use crate::fingerprint;
use crate::record::{Message, Record};
use crate::time::Span;

use super::attempt::{Attempt, Cause};
use super::ending::signed_out;
use super::live::Live;
use super::tabs::copy_of;
use super::waiting::Then;
use super::{Phase, Stage, Turn};

impl Turn<'_> {
    pub(super) fn while_loading(&mut self, mut deferred: Vec<Event>, event: Event) -> Phase {
        let Event::Restored {
            stored,
            cookie_hash,
            is_clone,
        } = event
        else {
            self.defer(&mut deferred, event);
            return Phase::Loading { deferred };
        };
        match self.restored(stored, cookie_hash.as_deref(), is_clone) {
            Phase::Opening { stage, .. } => Phase::Opening { stage, deferred },
            phase => self.replay(phase, deferred),
        }
    }

    fn restored(&mut self, stored: Stored, cookie_hash: Option<&str>, is_clone: bool) -> Phase {
        match stored {
            Stored::Found(record) => self.restored_session(*record, cookie_hash, is_clone),
            Stored::Damaged => self.end(SignOutReason::Storage),
            Stored::Empty | Stored::Unknown => self.open(),
        }
    }

    fn restored_session(
        &mut self,
        mut record: Record,
        cookie_hash: Option<&str>,
        is_clone: bool,
    ) -> Phase {
        let config = self.context.config;
        let now = self.context.now;
        if is_clone {
            record = copy_of(record);
        } else {
            self.memory.tab = record.tab.take();
        }
        let live = self.live(record, None);
        // In client mode the cookie lives no longer than the token, so an old token may have lost it.
        let is_judged = live.is_usable(now, Some(Span::ZERO));
        let options = config.fingerprint.as_ref();
        if is_judged && fingerprint::check(&live.record.tokens, options, cookie_hash).is_err() {
            return self.end(SignOutReason::Fingerprint);
        }
        if let Some(reason) = self.objection(&live) {
            return self.end(reason);
        }
        if is_clone {
            self.persist(&live);
        }
        self.emit(Change::Restored);
        self.ask_about(&live, false);
        if config.schedule.on_start && live.can_refresh(now, config) {
            return self.begin(live, Attempt::new(Cause::Start));
        }
        self.tick(live, Stage::Fresh)
    }

    /// Why a session that comes from outside may not live on.
    pub(super) fn objection(&self, live: &Live) -> Option<SignOutReason> {
        let now = self.context.now;
        let may_live = live.is_usable(now, None) || live.can_refresh(now, self.context.config);
        live.limit_passed(now)
            .or((!may_live).then_some(SignOutReason::Expired))
    }

    /// Nothing is stored: asks the siblings, who may share their session, and at least know of the last
    /// sign-out; and then the server.
    fn open(&mut self) -> Phase {
        let attempt = Attempt::new(Cause::Start);
        if self.context.config.is_shared() {
            return Phase::Opening {
                stage: self.wait_to_join(attempt, Then::Lock),
                deferred: Vec::new(),
            };
        }
        self.ask(None, 0, false);
        self.open_at_server(attempt, Vec::new())
    }

    /// Asks the server whether it knows this browser, where the settings say so.
    fn open_at_server(&mut self, attempt: Box<Attempt>, deferred: Vec<Event>) -> Phase {
        let config = self.context.config;
        if config.schedule.on_start && config.refreshes_without_tokens() && !self.memory.offline {
            return Phase::Opening {
                stage: self.lock(attempt),
                deferred,
            };
        }
        let phase = self.never_signed_in();
        self.replay(phase, deferred)
    }

    pub(super) fn while_opening(
        &mut self,
        stage: Stage,
        mut deferred: Vec<Event>,
        event: Event,
    ) -> Phase {
        match (stage, event) {
            // A sibling was quicker.
            (
                Stage::Locking(attempt),
                Event::LockGranted {
                    attempt: id,
                    stored: Stored::Found(record),
                },
            ) if attempt.is(id) => {
                self.effects.push(Effect::ReleaseLock);
                let phase = self.taken_over(*record);
                self.replay(phase, deferred)
            }
            (
                Stage::Locking(attempt),
                Event::LockGranted { attempt: id, .. } | Event::LockUnavailable { attempt: id },
            ) if attempt.is(id) => {
                let stage = if self.context.config.is_shared() {
                    self.wait_to_join(attempt, Then::Refresh)
                } else {
                    self.ask_server(attempt, None)
                };
                Phase::Opening { stage, deferred }
            }
            (stage @ Stage::Waiting(_), Event::CameBack { .. }) => {
                let stage = self.locked_again(stage);
                Phase::Opening { stage, deferred }
            }
            (Stage::Waiting(wait), Event::Ticked) if wait.until.has_passed(self.context.now) => {
                if let Then::Lock = wait.then {
                    return self.open_at_server(wait.attempt, deferred);
                }
                let stage = self.ask_server(wait.attempt, None);
                Phase::Opening { stage, deferred }
            }
            (
                Stage::Refreshing(attempt),
                Event::Answered {
                    attempt: id,
                    answer,
                    cookie_hash,
                    ..
                },
            ) if attempt.is(id) => {
                let phase = self.opened(answer, cookie_hash.as_deref());
                self.replay(phase, deferred)
            }
            // Whoever signs in or out by hand does not wait for the cookie's answer, nor does a sign-out
            // elsewhere.
            (stage, event @ (Event::SignedIn { .. } | Event::SignOutAsked { .. })) => {
                let phase = self.give_up_opening(stage, deferred);
                self.handle(phase, event)
            }
            (stage, Event::PeerSaid(message)) => self.peer_said_at_door(stage, deferred, message),
            (stage, Event::LockGranted { .. }) => {
                self.return_foreign_lock(&stage);
                Phase::Opening { stage, deferred }
            }
            (stage, event) => {
                self.defer(&mut deferred, event);
                Phase::Opening { stage, deferred }
            }
        }
    }

    fn peer_said_at_door(&mut self, stage: Stage, deferred: Vec<Event>, message: Message) -> Phase {
        match message {
            // Before the siblings' answers are in, one of them may still offer a newer session.
            Message::SignedOut { sid, before } => {
                if self.note_sign_out(sid, before) && !matches!(stage, Stage::Waiting(_)) {
                    return self.give_up_opening(stage, deferred);
                }
            }
            // An answer that is on its way may bring a cookie that must not be lost.
            Message::Offered { ask, record } if !matches!(stage, Stage::Refreshing(_)) => {
                if let Some(live) = self.joined(&ask, *record) {
                    // Nobody waits for this attempt: who asked meanwhile comes after it.
                    self.interrupt(stage);
                    self.emit(Change::Restored);
                    let phase = self.tick(live, Stage::Fresh);
                    return self.replay(phase, deferred);
                }
            }
            Message::Renewed { .. } => self.ask_to_join(),
            message => self.overhear(message),
        }
        Phase::Opening { stage, deferred }
    }

    /// What a sibling has stored, seen under the lock.
    fn taken_over(&mut self, record: Record) -> Phase {
        if self.lacks_fingerprint(&record.tokens) {
            return self.end(SignOutReason::Fingerprint);
        }
        let live = self.live(record, None);
        if let Some(reason) = self.objection(&live) {
            return self.end(reason);
        }
        self.emit(Change::Restored);
        self.tick(live, Stage::Fresh)
    }

    /// The answer to a browser without any token.
    fn opened(&mut self, answer: Answer, cookie_hash: Option<&str>) -> Phase {
        let live = match answer {
            Answer::Tokens(set) => self
                .session_from(set, self.memory.epoch, cookie_hash)
                .map_err(|error| error.kind() == ErrorKind::FingerprintMissing),
            _ => Err(false),
        };
        if let Ok(live) = &live {
            self.keep(live);
        }
        self.effects.push(Effect::ReleaseLock);
        let live = match live {
            Ok(live) => live,
            Err(true) => return self.end(SignOutReason::Fingerprint),
            Err(false) => return self.never_signed_in(),
        };
        self.emit(Change::Restored);
        self.tick(live, Stage::Fresh)
    }

    fn give_up_opening(&mut self, stage: Stage, deferred: Vec<Event>) -> Phase {
        let waiters = self.interrupt(stage);
        self.fail(waiters, &signed_out());
        let phase = self.never_signed_in();
        self.replay(phase, deferred)
    }

    fn never_signed_in(&mut self) -> Phase {
        let reason = SignOutReason::NeverSignedIn;
        self.emit(Change::SignedOut { reason });
        Phase::SignedOut(reason)
    }

    /// Keeps a fact for later; but a wake, and what the store held then, is about a session before this
    /// one, and of what siblings say only sign-outs and new tokens matter.
    pub(super) fn defer(&mut self, deferred: &mut Vec<Event>, event: Event) {
        self.note_network(&event);
        let is_past = matches!(
            event,
            Event::CameBack { .. }
                | Event::Woke { .. }
                | Event::Ticked
                | Event::PeerSaid(
                    Message::Active { .. } | Message::Asked { .. } | Message::Offered { .. }
                )
        );
        // A sign-out is known before anybody is given a token; but a sign-in that came first, came first.
        let place = match event {
            Event::PeerSaid(Message::SignedOut { .. }) => deferred
                .iter()
                .rposition(|other| matches!(other, Event::SignedIn { .. }))
                .map_or(0, |last| last.saturating_add(1)),
            _ => deferred.len(),
        };
        if !is_past {
            deferred.insert(place, event);
        }
    }

    pub(super) fn replay(&mut self, phase: Phase, deferred: Vec<Event>) -> Phase {
        deferred
            .into_iter()
            .fold(phase, |phase, event| self.handle(phase, event))
    }
}
