//! How the search for a session ends: there is one, there is none, or the server could not say.

use crate::answer::Answer;
use crate::effect::{Change, Effect, Outcome, Refresher, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, WaiterId};
use crate::mark::Marking;
use crate::record::Record;
use crate::schedule;
use crate::time::{Deadline, Span};
use crate::tokens::TokenSet;

use super::attempt::{Attempt, Backoff, Cause, Waiter};
use super::live::Live;
use super::refresh_result::{not_tokens, split_manual, unavailable};
use super::sign_out::signed_out;
use super::silent_renewal::Opening;
use super::{Phase, Stage, Turn};

impl Turn<'_> {
    /// What a sibling has stored, seen under the lock.
    pub(super) fn taken_over(
        &mut self,
        opening: Opening,
        attempt: Attempt,
        record: Record,
    ) -> Phase {
        let reason = if self.lacks_fingerprint(&record.tokens) {
            Err(SignOutReason::Fingerprint)
        } else {
            let live = self.live(record, None);
            self.rejection_reason(&live).map_or(Ok(live), Err)
        };
        match reason {
            Ok(live) => self.known(opening, live, Refresher::OtherTab, attempt.waiters),
            Err(reason) => {
                let phase = self.end(reason);
                self.fail(attempt.waiters, &signed_out());
                self.replay(phase, opening.deferred)
            }
        }
    }

    /// The answer to a browser without any token.
    pub(super) fn opened(
        &mut self,
        opening: Opening,
        attempt: Attempt,
        answer: Answer,
        cookie_hash: Option<&str>,
    ) -> Phase {
        let error = match answer {
            Answer::Tokens(set) => match self.session_from(set, cookie_hash) {
                Ok(live) => {
                    let live = self.continued(live);
                    self.keep(&live);
                    self.mark_begin(&live);
                    self.effects.push(Effect::ReleaseLock);
                    return self.known(opening, live, Refresher::ThisTab, attempt.waiters);
                }
                Err(error) if error.kind() == ErrorKind::FingerprintMissing => {
                    self.effects.push(Effect::ReleaseLock);
                    let phase = self.end(SignOutReason::Fingerprint);
                    self.reject_waiters(attempt.waiters, &error);
                    return self.replay(phase, opening.deferred);
                }
                Err(error) => error,
            },
            Answer::Trouble {
                status,
                retry_after,
            } if passes(status) => {
                return self.opening_failed(opening, attempt, unavailable(status), retry_after);
            }
            Answer::Nonsense { status } if self.may_be_known() => {
                let error = unavailable(status).because(not_tokens(status));
                return self.opening_failed(opening, attempt, error, None);
            }
            Answer::Unread { status, because } if self.may_be_known() => {
                let pause = schedule::long_pause(attempt.failures.saturating_add(1));
                return self.opening_failed(opening, attempt, because.error(status), Some(pause));
            }
            // Without a session most servers say so with a 401, some with a 400, a 404, or an empty success.
            Answer::Refused { status }
            | Answer::Trouble { status, .. }
            | Answer::Nonsense { status }
            | Answer::Unread { status, .. } => {
                Error::from(ErrorKind::RefreshRejected).with_status(status)
            }
        };
        self.effects.push(Effect::ReleaseLock);
        let phase = self.not_known(opening.is_shown_signed_in);
        self.reject_waiters(attempt.waiters, &error);
        self.replay(phase, opening.deferred)
    }

    /// The session of this browser goes on: its limits count from its sign-in, where that is known.
    fn continued(&mut self, live: Box<Live>) -> Box<Live> {
        let Some(since) = self.tab.sign_outs.mark().signed_in_since() else {
            return live;
        };
        let mut record = live.record.clone();
        record.ahead = record.signed_in.since(since).max(Span::ZERO);
        let now = self.context.now;
        let mut live = self.live(record, Some(now));
        if let Some(at) = self.tab.activity.last() {
            live.was_active_at(at, now);
        }
        live
    }

    /// This tab asked, and the server did not say whether it knows this browser.
    fn opening_failed(
        &mut self,
        opening: Opening,
        mut attempt: Attempt,
        error: Error,
        retry_after: Option<Span>,
    ) -> Phase {
        self.failed_here(&mut attempt, None, retry_after);
        self.pause(opening, attempt, error, retry_after)
    }

    /// It is asked again later.
    pub(super) fn pause(
        &mut self,
        opening: Opening,
        attempt: Attempt,
        error: Error,
        retry_after: Option<Span>,
    ) -> Phase {
        let backoff = self.backoff(&attempt, error.clone(), None, retry_after);
        if opening.is_shown_signed_in {
            self.tell_of_failure(&backoff);
        }
        self.fail(attempt.waiters, &error);
        opening.at(Stage::Backoff(Box::new(backoff)))
    }

    /// Why the session is stale, and until when.
    pub(super) fn tell_of_failure(&mut self, backoff: &Backoff) {
        self.emit(Change::RefreshFailed {
            error: backoff.error.clone(),
            retry_at: backoff.until.map(Deadline::wall),
        });
    }

    /// There is a session: the application hears of it as of a restored one, or, where it was shown as one already,
    /// as of a renewed one.
    pub(super) fn known(
        &mut self,
        opening: Opening,
        live: Box<Live>,
        by: Refresher,
        mut waiters: Vec<Waiter>,
    ) -> Phase {
        waiters.extend(self.interrupt(opening.stage));
        self.emit(if opening.is_shown_signed_in {
            Change::Refreshed { by }
        } else {
            Change::Restored
        });
        // What is over on arrival is handed to no caller.
        let (asked, others) = split_manual(waiters);
        self.serve(asked, &live);
        let phase = self.go_on(live, Cause::Need, others);
        self.replay(phase, opening.deferred)
    }

    /// The server does not know this browser, or not any more.
    fn not_known(&mut self, is_shown_signed_in: bool) -> Phase {
        if !is_shown_signed_in && !self.may_be_known() {
            return self.never_signed_in();
        }
        self.effects.push(Effect::Mark(Marking::Refused));
        self.tab.sign_outs.write(Marking::Refused);
        self.end(SignOutReason::Rejected)
    }

    /// `signOut()` before it is known whether there is a session: the server shall not know one after this.
    pub(super) fn sign_out_unknown(&mut self, opening: Opening, waiter: WaiterId) -> Phase {
        if !self.context.config.refreshes_without_tokens() {
            let phase = self.give_up_opening(opening);
            return self.handle(phase, Event::SignOutAsked { waiter });
        }
        let reason = if opening.is_shown_signed_in || self.may_be_known() {
            SignOutReason::User
        } else {
            SignOutReason::NeverSignedIn
        };
        let waiters = self.interrupt(opening.stage);
        let phase = self.end_unrestored(reason, Some(waiter));
        self.fail(waiters, &signed_out());
        self.give_up_sign_ins(|other| other < waiter, &signed_out());
        self.replay(phase, opening.deferred)
    }

    pub(super) fn give_up_opening(&mut self, opening: Opening) -> Phase {
        let waiters = self.interrupt(opening.stage);
        self.fail(waiters, &signed_out());
        let phase = if opening.is_shown_signed_in {
            self.nobody(SignOutReason::OtherTab)
        } else {
            self.never_signed_in()
        };
        self.replay(phase, opening.deferred)
    }

    /// The user signs in, in the place of a stale session; until that has worked, it stands.
    pub(super) fn signed_in_anew(
        &mut self,
        opening: Opening,
        waiter: WaiterId,
        set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Phase {
        self.tab.sign_ins.finish(waiter);
        match self.session_from(set, cookie_hash) {
            Ok(live) => {
                let waiters = self.interrupt(opening.stage);
                let phase = self.signed_in(live, waiter);
                self.fail(waiters, &signed_out());
                phase
            }
            Err(error) => {
                self.settle(waiter, Outcome::Failed(error));
                Phase::Opening(Box::new(opening))
            }
        }
    }

    pub(super) fn never_signed_in(&mut self) -> Phase {
        self.nobody(SignOutReason::NeverSignedIn)
    }

    /// Nothing of this page was stored.
    fn nobody(&mut self, reason: SignOutReason) -> Phase {
        self.emit(Change::SignedOut { reason });
        Phase::SignedOut(reason)
    }
}

/// Whether trouble of this kind says nothing about the session, and passes by itself.
const fn passes(status: Option<u16>) -> bool {
    matches!(status, None | Some(408 | 425 | 429 | 500..))
}
