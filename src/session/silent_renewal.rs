//! Nothing is stored, but the siblings may share their session, and the server may know this browser by a cookie.
//!
//! The refresh that finds out is one like any other: it is tried again after a pause, when the network is back, when
//! the page is in front, and when a caller needs a token. The application is not kept waiting for all of that: after
//! the time that the refresh itself may take it is shown what is known. A browser whose last sign-in was not followed
//! by a sign-out is taken for signed in, with a stale session; any other for signed out, because the server is
//! unreachable.

use crate::effect::{Change, Effect, Outcome, Refresher, SignOutReason};
use crate::event::{Event, Stored, WaiterId};
use crate::record::Message;
use crate::time::{Deadline, Now, Span};

use super::attempt::{Attempt, Cause, Waiter, Wants};
use super::sign_out::signed_out;
use super::timers::SHORTEST_RETRY;
use super::view::View;
use super::waiting::Then;
use super::{Phase, Stage, Turn};

/// How long the application waits at most, where the refresh is a function and has no time of its own.
const PATIENCE: Span = Span::from_millis(10_000);

/// A page that does not know yet whether the user is signed in.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub(super) stage: Stage,
    /// When the application is shown what is known; `None` once it was.
    pub(super) show_by: Option<Deadline>,
    /// Whether it was shown a stale session: until the server has answered, no other tab's fate changes that.
    pub(super) is_shown_signed_in: bool,
    /// What waits until then.
    pub(super) deferred: Vec<Event>,
}

impl Opening {
    /// What the application is shown.
    pub(super) fn view(&self) -> View {
        match (self.show_by, self.is_shown_signed_in) {
            (Some(_), _) => View::Loading,
            (None, false) => View::SignedOut(SignOutReason::Unreachable),
            (None, true) => View::SignedIn {
                generation: 0,
                expires_at: None,
                refresh_at: self.retry_at().map(Deadline::wall),
                stale: true,
            },
        }
    }

    /// When something is due.
    pub(super) fn next_deadline(&self, now: Now) -> Option<Deadline> {
        let due = match &self.stage {
            Stage::Waiting(wait) => Some(wait.until),
            _ => self.retry_at(),
        };
        [due, self.show_by]
            .into_iter()
            .flatten()
            .reduce(|first, other| first.sooner(other, now))
    }

    fn retry_at(&self) -> Option<Deadline> {
        match &self.stage {
            Stage::Backoff(backoff) => backoff.until,
            _ => None,
        }
    }

    pub(super) fn at(mut self, stage: Stage) -> Phase {
        self.stage = stage;
        Phase::Opening(Box::new(self))
    }
}

impl Turn<'_> {
    /// Nothing is stored: asks the siblings, who may share their session, and at least know of the last
    /// sign-out; and then the server.
    pub(super) fn open(&mut self) -> Phase {
        let last_active = self.tab.activity.last();
        let limits = &self.context.config.limits;
        let now = self.context.now.wall;
        if let Some(reason) = self.tab.sign_outs.limit_passed(limits, last_active, now) {
            return self.end_unrestored(reason, None);
        }
        let attempt = Attempt::new(Cause::Start);
        let patience = self
            .context
            .config
            .refresh_endpoint()
            .map_or(PATIENCE, |endpoint| {
                Span::from_seconds(endpoint.timeout_seconds)
            });
        let opening = |stage| Opening {
            stage,
            show_by: Some(Deadline::after(self.context.now, patience)),
            is_shown_signed_in: false,
            deferred: Vec::new(),
        };
        if self.context.config.is_shared() {
            let opening = opening(Stage::Fresh);
            return opening.at(self.wait_to_join(attempt, Then::Lock));
        }
        let opening = opening(Stage::Fresh);
        self.ask(None, 0, false);
        self.open_at_server(opening, attempt)
    }

    /// Asks the server whether it knows this browser, where the settings say so and the user has not signed out.
    fn open_at_server(&mut self, opening: Opening, attempt: Box<Attempt>) -> Phase {
        let config = self.context.config;
        let may_ask = config.schedule.on_start
            && config.refreshes_without_tokens()
            && !self.tab.sign_outs.mark().is_signed_out();
        if may_ask {
            return opening.at(self.lock(attempt));
        }
        let phase = self.never_signed_in();
        self.fail(attempt.waiters, &signed_out());
        self.replay(phase, opening.deferred)
    }

    pub(super) fn while_opening(&mut self, mut opening: Opening, event: Event) -> Phase {
        let now = self.context.now;
        match (std::mem::replace(&mut opening.stage, Stage::Fresh), event) {
            // A sibling was quicker.
            (
                Stage::Locking(attempt),
                Event::LockGranted {
                    attempt: id,
                    stored: Stored::Found(record),
                },
            ) if attempt.is(id) => {
                self.effects.push(Effect::ReleaseLock);
                self.taken_over(opening, *attempt, *record)
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
                opening.at(stage)
            }
            (stage @ Stage::Waiting(_), Event::CameBack) => {
                let stage = self.locked_again(stage);
                opening.at(stage)
            }
            (stage, Event::Ticked) if opening.show_by.is_some_and(|by| by.has_passed(now)) => {
                opening.stage = stage;
                let phase = self.show_what_is_known(opening);
                self.handle(phase, Event::Ticked)
            }
            (Stage::Waiting(wait), Event::Ticked) if wait.until.has_passed(now) => {
                if let Then::Lock = wait.then {
                    return self.open_at_server(opening, wait.attempt);
                }
                let stage = self.ask_server(wait.attempt, None);
                opening.at(stage)
            }
            (Stage::Backoff(backoff), Event::Ticked) if backoff.is_over(now) => {
                opening.at(self.lock(backoff.next_attempt(Cause::Schedule)))
            }
            (
                Stage::Refreshing(attempt),
                Event::Answered {
                    attempt: id,
                    answer,
                    cookie_hash,
                    ..
                },
            ) if attempt.is(id) => self.opened(opening, *attempt, answer, cookie_hash.as_deref()),
            (
                Stage::Backoff(mut backoff),
                Event::WentOnline | Event::Woke { .. } | Event::CameBack,
            ) => {
                backoff.hasten(now, SHORTEST_RETRY);
                opening.stage = Stage::Backoff(backoff);
                self.while_opening(opening, Event::Ticked)
            }
            (stage, Event::SignedIn { waiter, .. }) if !self.tab.sign_ins.counts(waiter) => {
                opening.at(stage)
            }
            // A sign-in or sign-out does not wait for the cookie's answer, nor does a sign-out elsewhere.
            (
                stage,
                Event::SignedIn {
                    waiter,
                    set,
                    cookie_hash,
                },
            ) if opening.is_shown_signed_in => {
                opening.stage = stage;
                self.signed_in_anew(opening, waiter, set, cookie_hash.as_deref())
            }
            (stage, event @ Event::SignedIn { .. }) => {
                opening.stage = stage;
                let phase = self.give_up_opening(opening);
                self.handle(phase, event)
            }
            (stage, Event::SignOutAsked { waiter }) => {
                opening.stage = stage;
                self.sign_out_unknown(opening, waiter)
            }
            (stage, Event::PeerSaid(message)) => {
                opening.stage = stage;
                self.peer_said_while_opening(opening, message)
            }
            (stage, Event::LockGranted { .. }) => {
                self.return_foreign_lock(&stage);
                opening.at(stage)
            }
            (stage, event) if opening.show_by.is_some() => {
                self.defer(&mut opening.deferred, event);
                opening.at(stage)
            }
            (stage, Event::TokenNeeded { waiter, .. }) => {
                self.needed_while_opening(opening, stage, (waiter, Wants::Token))
            }
            (stage, Event::RefreshAsked { waiter }) => {
                self.needed_while_opening(opening, stage, (waiter, Wants::Refresh))
            }
            (stage, Event::Unauthorized { waiter, .. }) => {
                self.settle(waiter, Outcome::Stands);
                opening.at(stage)
            }
            (stage, _) => opening.at(stage),
        }
    }

    /// The application is not kept waiting any longer.
    fn show_what_is_known(&mut self, mut opening: Opening) -> Phase {
        opening.show_by = None;
        opening.is_shown_signed_in = self.may_be_known();
        let deferred = std::mem::take(&mut opening.deferred);
        if opening.is_shown_signed_in {
            self.emit(Change::Restored);
            if let Stage::Backoff(backoff) = &opening.stage {
                self.tell_of_failure(backoff);
            }
        } else {
            let reason = SignOutReason::Unreachable;
            self.emit(Change::SignedOut { reason });
        }
        self.replay(Phase::Opening(Box::new(opening)), deferred)
    }

    /// Whether the last sign-in of this browser was not followed by a sign-out.
    pub(super) fn may_be_known(&self) -> bool {
        self.tab.sign_outs.mark().is_signed_in()
    }

    /// A caller needs a token: reason enough to ask the server at once, unless that was just done or is forbidden.
    fn needed_while_opening(
        &mut self,
        opening: Opening,
        mut stage: Stage,
        (id, wants): (WaiterId, Wants),
    ) -> Phase {
        if let Some(attempt) = stage.attempt_mut() {
            attempt.waiters.push(Waiter { id, wants });
            return opening.at(stage);
        }
        match stage {
            Stage::Backoff(backoff) if !backoff.is_too_early(self.context.now, SHORTEST_RETRY) => {
                let attempt = backoff.next_attempt(Cause::Need).with(id, wants);
                opening.at(self.lock(attempt))
            }
            Stage::Backoff(backoff) => {
                self.settle(id, Outcome::Failed(backoff.error.clone()));
                opening.at(Stage::Backoff(backoff))
            }
            stage => opening.at(stage),
        }
    }

    fn peer_said_while_opening(&mut self, opening: Opening, message: Message) -> Phase {
        match message {
            // Before the siblings' answers are in, one of them may still offer a newer session.
            Message::SignedOut { sid, before } => {
                let is_waiting = matches!(opening.stage, Stage::Waiting(_));
                if self.note_sign_out(sid, before) && !is_waiting {
                    return self.give_up_opening(opening);
                }
            }
            // An answer that is on its way may bring a cookie that must not be lost.
            Message::Offered { ask, record } if !matches!(opening.stage, Stage::Refreshing(_)) => {
                if let Some(live) = self.joined(&ask, *record) {
                    return self.known(opening, live, Refresher::OtherTab, Vec::new());
                }
            }
            Message::Failed {
                sid: None,
                retry_after,
                ..
            } if self.context.config.is_shared() && Self::heeds_failure(&opening.stage) => {
                return self.opening_failed_elsewhere(opening, retry_after);
            }
            Message::Renewed { .. } => self.ask_to_join(),
            message => self.overhear(message),
        }
        Phase::Opening(Box::new(opening))
    }
}
