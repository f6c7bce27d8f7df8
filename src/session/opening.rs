//! Before it is known whether somebody is here: the store is read, and where that has nothing, the server
//! may know this browser by a cookie. What comes meanwhile waits and is handled afterwards.

use crate::answer::Answer;
use crate::effect::{Change, Effect, SignOutReason};
use crate::error::ErrorKind;
use crate::event::{Event, Stored};
use crate::fingerprint;
use crate::record::{Message, Record};
use crate::time::Span;

use super::attempt::{Attempt, Cause};
use super::ending::signed_out;
use super::{Phase, Stage, Turn};

impl Turn<'_> {
    pub(super) fn while_loading(&mut self, mut deferred: Vec<Event>, event: Event) -> Phase {
        let Event::Restored {
            stored,
            cookie_hash,
        } = event
        else {
            self.defer(&mut deferred, event);
            return Phase::Loading { deferred };
        };
        match self.restored(stored, cookie_hash.as_deref()) {
            Phase::Opening { stage, .. } => Phase::Opening { stage, deferred },
            phase => self.replay(phase, deferred),
        }
    }

    fn restored(&mut self, stored: Stored, cookie_hash: Option<&str>) -> Phase {
        match stored {
            Stored::Found(record) => self.revived(*record, cookie_hash, true),
            Stored::Damaged => self.end(SignOutReason::Storage),
            Stored::Empty | Stored::Unknown => self.open(),
        }
    }

    /// A stored session, if it may live on. `is_page_start`: whether `onStart` has its say.
    fn revived(&mut self, record: Record, cookie_hash: Option<&str>, is_page_start: bool) -> Phase {
        let config = self.context.config;
        let now = self.context.now;
        let live = self.live(record, None);
        // In client mode the cookie lives no longer than the token, so an old token may have lost it.
        let is_judged = live.is_usable(now, Some(Span::ZERO));
        let options = config.fingerprint.as_ref();
        if is_judged && fingerprint::check(&live.record.tokens, options, cookie_hash).is_err() {
            return self.end(SignOutReason::Fingerprint);
        }
        if let Some(reason) = live.limit_passed(now, &config.limits) {
            return self.end(reason);
        }
        let can_refresh = live.can_refresh(now, config);
        if !live.is_usable(now, None) && !can_refresh {
            return self.end(SignOutReason::Expired);
        }
        self.emit(Change::Restored);
        if is_page_start && config.schedule.on_start && can_refresh {
            return self.begin(live, Attempt::new(Cause::Start));
        }
        self.tick(live, Stage::Fresh)
    }

    /// Nothing is stored: asks the server whether it knows this browser, where the settings say so.
    fn open(&mut self) -> Phase {
        let config = self.context.config;
        if config.schedule.on_start && config.refreshes_without_tokens() && !self.memory.offline {
            return Phase::Opening {
                stage: self.lock(Attempt::new(Cause::Start)),
                deferred: Vec::new(),
            };
        }
        self.never_signed_in()
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
                let phase = self.revived(*record, None, false);
                self.replay(phase, deferred)
            }
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
                    ..
                },
            ) if attempt.is(id) => {
                self.effects.push(Effect::ReleaseLock);
                let phase = self.opened(answer, cookie_hash.as_deref());
                self.replay(phase, deferred)
            }
            // Whoever signs in or out by hand does not wait for the cookie's answer, nor does a sign-out
            // elsewhere.
            (stage, event @ (Event::SignedIn { .. } | Event::SignOutAsked { .. })) => {
                let phase = self.give_up_opening(stage, deferred);
                self.handle(phase, event)
            }
            (stage, Event::PeerSaid(Message::SignedOut { sid: None, .. })) => {
                self.give_up_opening(stage, deferred)
            }
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

    /// The answer to a browser without any token.
    fn opened(&mut self, answer: Answer, cookie_hash: Option<&str>) -> Phase {
        let Answer::Tokens(set) = answer else {
            return self.never_signed_in();
        };
        let live = match self.session_from(set, self.memory.epoch, cookie_hash) {
            Ok(live) => live,
            Err(error) if error.kind() == ErrorKind::FingerprintMissing => {
                return self.end(SignOutReason::Fingerprint);
            }
            Err(_) => return self.never_signed_in(),
        };
        self.keep(&live);
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

    /// Keeps a fact for later; but what the store held at a wake is about a session before this one.
    fn defer(&mut self, deferred: &mut Vec<Event>, event: Event) {
        self.note_network(&event);
        if !matches!(event, Event::Woke { .. }) {
            deferred.push(event);
        }
    }

    fn replay(&mut self, phase: Phase, deferred: Vec<Event>) -> Phase {
        deferred
            .into_iter()
            .fold(phase, |phase, event| self.handle(phase, event))
    }
}
