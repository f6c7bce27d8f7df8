//! While it is asked whether the siblings or the server have a session: what handles which event.

use crate::effect::{Change, Outcome, Refresher, SignOutReason};
use crate::event::{AttemptId, Event, Stored, WaiterId};
use crate::record::Message;
use crate::time::{Deadline, Span};

use super::attempts::heard;
use super::deferred::Deferred;
use super::errors::{signed_out, unavailable};
use super::next::End;
use super::refresh::{Attempt, Refresh, Then, Waiter, Wants};
use super::silent_renewal::{Conclusion, SilentRenewal};
use super::state::Phase;
use super::turn::Turn;

/// How long the application waits at most, where the refresh is a function and has no time of its own.
const PATIENCE: Span = Span::from_millis(10_000);

impl Turn<'_> {
    /// Nothing is stored: asks the siblings, which may share their session and know of the last sign-out; and then the
    /// server.
    pub(super) fn renew_silently(&mut self) -> Phase {
        let config = self.context.config;
        let now = self.context.now;
        let last_active = self.tab.activity.last();
        let sign_outs = &self.tab.sign_outs;
        let patience = config
            .refresh_endpoint()
            .map_or(PATIENCE, |endpoint| endpoint.timeout);
        let mut renewal = Box::new(SilentRenewal {
            refresh: Refresh::Idle,
            waiters: Vec::new(),
            show_by: Some(Deadline::after(now, patience)),
            is_shown_signed_in: false,
            deferred: Deferred::default(),
        });
        let attempt = Attempt::default();
        let conclusion =
            if let Some(reason) = sign_outs.limit_passed(&config.limits, last_active, now.wall) {
                Some(Conclusion::None(End::by_limit(reason)))
            } else if config.is_shared() {
                renewal.refresh = self.wait_to_join(attempt, Then::Lock);
                None
            } else {
                self.ask_for_session();
                self.lock_silently(&mut renewal, attempt)
            };
        self.conclude(renewal, conclusion)
    }

    /// Asks the server whether it knows this browser, where the settings say so and the user has not signed out.
    fn lock_silently(
        &mut self,
        renewal: &mut SilentRenewal,
        attempt: Attempt,
    ) -> Option<Conclusion> {
        let config = self.context.config;
        let may_ask = config.schedule.on_start
            && config.refreshes_without_tokens()
            && !self.tab.sign_outs.mark().is_signed_out();
        if !may_ask {
            renewal.refresh = Refresh::Idle;
            return Some(Conclusion::None(End::here(self.tab.none_found())));
        }
        renewal.refresh = self.lock(attempt);
        None
    }

    /// One event while that is not known.
    pub(super) fn while_renewing_silently(
        &mut self,
        mut renewal: Box<SilentRenewal>,
        event: Event,
    ) -> Phase {
        let conclusion = self.handle_silently(&mut renewal, event);
        self.conclude(renewal, conclusion)
    }

    /// Ends the silent renewal where there is a conclusion; what has waited for that is handled next.
    pub(super) fn conclude(
        &mut self,
        renewal: Box<SilentRenewal>,
        conclusion: Option<Conclusion>,
    ) -> Phase {
        let Some(conclusion) = conclusion else {
            return Phase::SilentRenewal(renewal);
        };
        let mut renewal = *renewal;
        self.replay(renewal.deferred);
        match conclusion {
            Conclusion::Session(active, next) => self.go_on(active, next),
            Conclusion::None(end) => self.end(None, &mut renewal.refresh, renewal.waiters, end),
        }
    }

    fn handle_silently(&mut self, renewal: &mut SilentRenewal, event: Event) -> Option<Conclusion> {
        match event {
            Event::LockGranted { attempt, stored } => {
                return self.silently_locked(renewal, attempt, stored);
            }
            Event::LockUnavailable { attempt } => {
                if let Some(attempt) = renewal.refresh.locking(attempt) {
                    self.look_again_silently(renewal, attempt);
                }
            }
            Event::Answered {
                attempt,
                answer,
                cookie_hash,
                ..
            } => {
                let attempt = renewal.refresh.in_flight(attempt)?;
                return self.silently_answered(renewal, attempt, answer, cookie_hash.as_deref());
            }
            Event::Ticked => return self.tick_silently(renewal),
            Event::WentOnline | Event::Woke { .. } | Event::CameBack
                if matches!(renewal.refresh, Refresh::Backoff(_)) =>
            {
                if let Refresh::Backoff(backoff) = &mut renewal.refresh {
                    backoff.hasten(self.context.now);
                }
                return self.tick_silently(renewal);
            }
            Event::CameBack => self.lock_again(&mut renewal.refresh),
            Event::SignedIn { waiter, .. } if !self.tab.sign_ins.counts(waiter) => {}
            // A sign-in or sign-out does not wait for the cookie's answer, nor does a sign-out elsewhere.
            Event::SignedIn {
                waiter,
                set,
                cookie_hash,
            } if renewal.is_shown_signed_in => {
                return self.signed_in_anew(renewal, waiter, set, cookie_hash.as_deref());
            }
            Event::SignedIn { .. } => {
                renewal.deferred.keep(event);
                return Some(renewal.given_up(&self.tab));
            }
            Event::SignOutAsked { waiter } => return Some(self.sign_out_unknown(renewal, waiter)),
            Event::PeerSaid(message) => return self.on_message_while_starting(renewal, message),
            event if renewal.show_by.is_some() => renewal.deferred.defer(event),
            Event::TokenNeeded { waiter, .. } => {
                self.needed_silently(renewal, waiter, Wants::Token);
            }
            Event::RefreshAsked { waiter } => {
                self.needed_silently(renewal, waiter, Wants::Refresh);
            }
            Event::TokensGiven { waiter, .. } => {
                self.settle(waiter, Outcome::Failed(signed_out()));
            }
            Event::Unauthorized { waiter, .. } => self.settle(waiter, Outcome::Stands),
            _ => {}
        }
        None
    }

    fn silently_locked(
        &mut self,
        renewal: &mut SilentRenewal,
        id: AttemptId,
        stored: Stored,
    ) -> Option<Conclusion> {
        match (renewal.refresh.locking(id), stored) {
            // A sibling was quicker.
            (Some(_), Stored::Found(record)) => return Some(self.taken_over(renewal, *record)),
            (Some(attempt), _) => self.look_again_silently(renewal, attempt),
            (None, _) => self.return_foreign_lock(&renewal.refresh),
        }
        None
    }

    /// The store is empty: the siblings are asked, and then the server.
    fn look_again_silently(&mut self, renewal: &mut SilentRenewal, attempt: Attempt) {
        renewal.refresh = if self.context.config.is_shared() {
            self.wait_to_join(attempt, Then::Refresh)
        } else {
            self.ask_server(attempt, None)
        };
    }

    fn tick_silently(&mut self, renewal: &mut SilentRenewal) -> Option<Conclusion> {
        let now = self.context.now;
        if renewal.show_by.is_some_and(|by| by.has_passed(now)) {
            self.show_what_is_known(renewal);
            return None;
        }
        match &renewal.refresh {
            Refresh::Waiting(wait) if wait.until.has_passed(now) => {
                let attempt = wait.attempt;
                if matches!(wait.then, Then::Lock) {
                    return self.lock_silently(renewal, attempt);
                }
                renewal.refresh = self.ask_server(attempt, None);
            }
            Refresh::Backoff(backoff) if backoff.until.has_passed(now) => {
                let attempt = backoff.next_attempt();
                renewal.refresh = self.lock(attempt);
            }
            _ => {}
        }
        None
    }

    /// The application is not kept waiting any longer.
    fn show_what_is_known(&mut self, renewal: &mut SilentRenewal) {
        renewal.show_by = None;
        renewal.is_shown_signed_in = self.may_be_known();
        if renewal.is_shown_signed_in {
            self.emit(Change::Restored);
            if let Refresh::Backoff(backoff) = &renewal.refresh {
                self.tell_of_failure(backoff);
            }
        } else {
            let reason = SignOutReason::Unreachable;
            self.emit(Change::SignedOut { reason });
        }
        let mut deferred = std::mem::take(&mut renewal.deferred);
        deferred.keep(Event::Ticked);
        self.replay(deferred);
    }

    /// A caller needs a token: the server is asked at once, unless it was just asked or forbade that.
    fn needed_silently(&mut self, renewal: &mut SilentRenewal, id: WaiterId, wants: Wants) {
        let now = self.context.now;
        match &renewal.refresh {
            Refresh::Backoff(backoff) if backoff.is_too_early(now) => {
                return self.settle(id, Outcome::Failed(backoff.error.clone()));
            }
            Refresh::Backoff(backoff) => {
                let attempt = backoff.next_attempt();
                renewal.refresh = self.lock(attempt);
            }
            _ => {}
        }
        renewal.waiters.push(Waiter { id, wants });
    }

    fn on_message_while_starting(
        &mut self,
        renewal: &mut SilentRenewal,
        message: Message,
    ) -> Option<Conclusion> {
        match message {
            // Before the siblings' answers are in, one of them may still offer a newer session.
            Message::SignedOut { sid, before } => {
                let is_waiting = matches!(renewal.refresh, Refresh::Waiting(_));
                if self.note_sign_out(sid, before) && !is_waiting {
                    return Some(renewal.given_up(&self.tab));
                }
            }
            // The answer under way may bring a cookie that must not be lost.
            Message::Offered { ask, record }
                if !matches!(renewal.refresh, Refresh::InFlight(_)) =>
            {
                let active = self.joined(&ask, *record)?;
                return Some(self.known(renewal, active, Refresher::OtherTab));
            }
            Message::Failed {
                sid: None,
                retry_after,
                ..
            } if self.context.config.is_shared() && renewal.refresh.heeds_failure() => {
                let attempt = self.failed_elsewhere(&mut renewal.refresh);
                self.pause(renewal, attempt, unavailable(None), heard(retry_after));
            }
            Message::Renewed { .. } => self.ask_to_join(),
            message => self.overhear(message),
        }
        None
    }
}
