//! How the search for a session ends: there is one, there is none, or the server could not say.

use crate::answer::Answer;
use crate::effect::{Change, Effect, Refresher, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, WaiterId};
use crate::mark::Marking;
use crate::record::Record;
use crate::schedule;
use crate::time::Span;
use crate::tokens::TokenSet;

use super::active::Active;
use super::errors::{not_tokens, refresh_rejected, signed_out, unavailable};
use super::next::{End, Next};
use super::refresh::{Attempt, Backoff, Pause, Refresh};
use super::silent_renewal::{Conclusion, SilentRenewal};
use super::turn::Turn;

impl Turn<'_> {
    /// What a sibling has stored, seen under the lock.
    pub(super) fn taken_over(&mut self, renewal: &mut SilentRenewal, record: Record) -> Conclusion {
        self.finish_attempt(&mut renewal.refresh);
        if self.lacks_fingerprint(&record.tokens) {
            return Conclusion::None(End::here(SignOutReason::Fingerprint));
        }
        let active = self.activate(record, None);
        match active.rejection_reason(self.context.now, self.context.config) {
            None => self.known(renewal, active, Refresher::OtherTab),
            Some(reason) => Conclusion::None(End::here(reason)),
        }
    }

    /// The answer to a browser without any token.
    pub(super) fn silently_answered(
        &mut self,
        renewal: &mut SilentRenewal,
        attempt: Attempt,
        answer: Answer,
        cookie_hash: Option<&str>,
    ) -> Option<Conclusion> {
        let error = match answer {
            Answer::Tokens(set) => match self.session_from(set, cookie_hash) {
                Ok(active) => {
                    let active = self.continued(active);
                    self.keep(&active);
                    self.mark_begin(&active);
                    self.finish_attempt(&mut renewal.refresh);
                    return Some(self.known(renewal, active, Refresher::ThisTab));
                }
                Err(error) if error.kind() == ErrorKind::FingerprintMissing => {
                    self.finish_attempt(&mut renewal.refresh);
                    let end = End::here(SignOutReason::Fingerprint).because(error);
                    return Some(Conclusion::None(end));
                }
                Err(error) => error,
            },
            Answer::Trouble {
                status,
                retry_after,
            } if passes(status) => {
                return self.silently_failed(renewal, attempt, unavailable(status), retry_after);
            }
            Answer::Nonsense { status } if self.may_be_known() => {
                let error = unavailable(status).because(not_tokens(status));
                return self.silently_failed(renewal, attempt, error, None);
            }
            Answer::Unread { status, because } if self.may_be_known() => {
                let pause = schedule::long_pause(attempt.failures.saturating_add(1));
                return self.silently_failed(renewal, attempt, because.error(status), Some(pause));
            }
            // Most servers say with a 401 that there is no session, some with a 400, a 404, or an empty success.
            Answer::Refused { status, error } => refresh_rejected(status, error.as_deref()),
            Answer::Trouble { status, .. }
            | Answer::Nonsense { status }
            | Answer::Unread { status, .. } => refresh_rejected(status, None),
            Answer::Unusable { error, .. } => error,
        };
        self.finish_attempt(&mut renewal.refresh);
        Some(Conclusion::None(self.not_known(renewal).because(error)))
    }

    /// The session of this browser goes on: its limits count from its sign-in, where that is known.
    fn continued(&mut self, active: Box<Active>) -> Box<Active> {
        let Some(since) = self.tab.sign_outs.mark().signed_in_since() else {
            return active;
        };
        let mut record = active.record;
        record.ahead = record.signed_in.since(since).max(Span::ZERO);
        let now = self.context.now;
        let mut active = self.activate(record, Some(now));
        if let Some(at) = self.tab.activity.last() {
            active.was_active_at(at, now);
        }
        active
    }

    /// This tab asked, and the server did not say whether it knows this browser.
    fn silently_failed(
        &mut self,
        renewal: &mut SilentRenewal,
        mut attempt: Attempt,
        error: Error,
        retry_after: Option<Span>,
    ) -> Option<Conclusion> {
        self.failed_here(&mut attempt, None, Pause::ByRule(retry_after));
        self.pause(renewal, attempt, error, retry_after);
        None
    }

    /// The server is asked again later.
    pub(super) fn pause(
        &mut self,
        renewal: &mut SilentRenewal,
        attempt: Attempt,
        error: Error,
        retry_after: Option<Span>,
    ) {
        let backoff = self.backoff(attempt, error.clone(), Pause::ByRule(retry_after));
        if renewal.is_shown_signed_in {
            self.tell_of_failure(&backoff);
        }
        self.fail(std::mem::take(&mut renewal.waiters), &error);
        renewal.refresh = Refresh::Backoff(backoff);
    }

    /// Why the session is stale, and until when.
    pub(super) fn tell_of_failure(&mut self, backoff: &Backoff) {
        self.emit(Change::RefreshFailed {
            error: backoff.error.clone(),
            retry_at: Some(backoff.until.wall()),
        });
    }

    /// There is a session. The application is told that it was restored, or refreshed where a stale one was shown.
    pub(super) fn known(
        &mut self,
        renewal: &mut SilentRenewal,
        mut active: Box<Active>,
        by: Refresher,
    ) -> Conclusion {
        self.interrupt(&mut renewal.refresh);
        self.emit(if renewal.is_shown_signed_in {
            Change::Refreshed { by }
        } else {
            Change::Restored
        });
        let waiters = std::mem::take(&mut renewal.waiters);
        let next = self.serve_or_refresh(&mut active, waiters);
        Conclusion::Session(active, next)
    }

    /// The server does not know this browser, or not any more.
    fn not_known(&mut self, renewal: &SilentRenewal) -> End {
        if !renewal.is_shown_signed_in && !self.may_be_known() {
            return End::here(self.tab.none_found());
        }
        self.effects.push(Effect::Mark(Marking::Refused));
        self.tab.sign_outs.write(Marking::Refused);
        End::here(SignOutReason::Rejected)
    }

    /// `signOut()` before it is known whether there is a session: the server is told to end one.
    pub(super) fn sign_out_unknown(
        &mut self,
        renewal: &mut SilentRenewal,
        waiter: WaiterId,
    ) -> Conclusion {
        if !self.context.config.refreshes_without_tokens() {
            renewal.deferred.keep(Event::SignOutAsked { waiter });
            return renewal.given_up(&self.tab);
        }
        let is_known = renewal.is_shown_signed_in || self.tab.is_restarted || self.may_be_known();
        let reason = if is_known {
            SignOutReason::User
        } else {
            SignOutReason::NeverSignedIn
        };
        Conclusion::None(End::by_user(reason, waiter))
    }

    /// The user has signed in. Until that has worked, the stale session stays.
    pub(super) fn signed_in_anew(
        &mut self,
        renewal: &mut SilentRenewal,
        waiter: WaiterId,
        set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Option<Conclusion> {
        let active = self.session_of_sign_in(waiter, set, cookie_hash)?;
        self.interrupt(&mut renewal.refresh);
        self.signed_in(&active, waiter);
        self.fail(std::mem::take(&mut renewal.waiters), &signed_out());
        Some(Conclusion::Session(active, Next::Tick))
    }

    /// Whether the last sign-in of this browser was not followed by a sign-out.
    pub(super) const fn may_be_known(&self) -> bool {
        self.tab.sign_outs.mark().is_signed_in()
    }
}

/// Whether trouble of this kind says nothing about the session, and passes by itself.
const fn passes(status: Option<u16>) -> bool {
    matches!(status, None | Some(408 | 425 | 429 | 500..))
}
