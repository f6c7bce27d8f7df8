//! The way out of a refresh: new tokens, a sibling's tokens, a pause, or the end.
//!
//! An answer counts only for the attempt that is under way; whatever changed the session meanwhile has
//! ended that attempt, so an old answer can never replace newer tokens (SEC-38).

use crate::answer::Answer;
use crate::effect::{Change, Effect, Outcome, Refresher, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Stored};
use crate::fingerprint;
use crate::record::Record;
use crate::schedule;
use crate::time::{Deadline, Span};
use crate::tokens::{TokenSet, Tokens};

use super::attempt::{Attempt, Cause, Waiter, Wants};
use super::live::Live;
use super::sign_out::{Tell, signed_out};
use super::{Phase, Stage, Turn};

impl Turn<'_> {
    pub(super) fn answered(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        (id, answer): (AttemptId, Answer),
        cookie_hash: Option<&str>,
        stored: Stored,
    ) -> Phase {
        let attempt = match stage {
            Stage::Refreshing(attempt) if attempt.is(id) => attempt,
            stage => return Phase::SignedIn { live, stage },
        };
        match (answer, stored) {
            // Another tab was quicker: its tokens count, whatever came here.
            (Answer::Tokens(_) | Answer::Refused { .. }, Stored::Found(record))
                if !live.knows(&record) =>
            {
                self.adopted(&live, Stage::Refreshing(attempt), *record)
            }
            // What was removed while the server was asked is not written again.
            (Answer::Tokens(_), Stored::Empty | Stored::Damaged) => self.end_live(
                &live,
                Stage::Refreshing(attempt),
                SignOutReason::Storage,
                Tell::Nobody,
            ),
            (Answer::Tokens(set), _) => self.renewed(live, *attempt, set, cookie_hash),
            (Answer::Refused { status }, _) => {
                let error = Error::from(ErrorKind::RefreshRejected);
                self.query_peers_after_rejection(live, attempt, error.with_status(status))
            }
            (
                Answer::Trouble {
                    status,
                    retry_after,
                },
                _,
            ) => {
                if status.is_none() && self.is_waking(&attempt) {
                    self.effects.push(Effect::ReleaseLock);
                    return self.try_again_shortly(live, attempt);
                }
                self.failed(live, *attempt, unavailable(status), None, retry_after)
            }
            (Answer::Nonsense { status }, _) => {
                let error = unavailable(status).because(not_tokens(status));
                self.failed(live, *attempt, error, None, None)
            }
            (Answer::Unread { status, because }, _) => {
                let pause = schedule::long_pause(attempt.failures.saturating_add(1));
                self.failed(live, *attempt, because.error(status), Some(pause), None)
            }
        }
    }

    fn renewed(
        &mut self,
        live: Box<Live>,
        attempt: Attempt,
        set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Phase {
        let config = self.context.config;
        let now = self.context.now;
        let limit = config.limits.token_bytes;
        let (older, skew) = (&live.record.tokens, self.tab.clock.skew());
        let waited = now.monotonic.minus(attempt.queued);
        let tokens = match Tokens::renew(set, now.wall, skew, limit, older, waited) {
            Ok(tokens) if !tokens.contradicts(older) => tokens,
            Ok(_) => return self.answered_for_another(live, attempt),
            Err(error) => return self.useless(live, attempt, error),
        };
        if let Err(error) = fingerprint::check(&tokens, config.fingerprint.as_ref(), cookie_hash) {
            self.effects.push(Effect::ReleaseLock);
            let phase = self.end_live(
                &live,
                Stage::Fresh,
                SignOutReason::Fingerprint,
                Tell::Nobody,
            );
            self.reject_waiters(attempt.waiters, &error);
            return phase;
        }
        let record = Record {
            sid: live.record.sid.clone(),
            generation: live.record.generation.saturating_add(1),
            tokens: tokens.keeping_refresh_of(&live.record.tokens),
            signed_in: live.record.signed_in,
            group: live.record.group.clone(),
            ahead: live.record.ahead,
            set_back: self.tab.clock.set_back(),
        };
        let mut next = self.live(record, Some(now));
        next.inherit(&live);
        // The tab that gets the lock next shall find these, or hear of them.
        self.keep(&next);
        self.effects.push(Effect::ReleaseLock);
        self.emit(Change::Refreshed {
            by: Refresher::ThisTab,
        });
        let (asked, others) = split_manual(attempt.waiters);
        self.serve(asked, &next);
        self.go_on(next, Cause::Need, others)
    }

    /// Another user signed in in another tab where the refresh token is a cookie: ours is gone. A token of
    /// our own cannot have become another user's; there it is the server that errs.
    fn answered_for_another(&mut self, live: Box<Live>, attempt: Attempt) -> Phase {
        let message = "the refresh was answered for another user";
        let error = Error::new(ErrorKind::InvalidResponse, message);
        if self.context.config.refreshes_without_tokens() {
            let error = Error::new(ErrorKind::RefreshRejected, message).because(error);
            return self.refused(&live, attempt, error);
        }
        self.useless(live, attempt, error)
    }

    /// New tokens are here, for the callers that wait for one; where they are over already, these wait on, as far
    /// as the loop guard lets them.
    pub(super) fn go_on(&mut self, next: Box<Live>, cause: Cause, waiters: Vec<Waiter>) -> Phase {
        let now = self.context.now;
        let is_good = next.is_usable(now, Some(Span::ZERO)) && cause != Cause::Asked;
        if is_good || waiters.is_empty() {
            self.serve(waiters, &next);
            return self.tick(next, Stage::Fresh);
        }
        let mut attempt = Attempt::new(cause);
        attempt.waiters = waiters;
        self.begin(next, attempt)
    }

    /// Another tab was quicker, or another session stands in the store that tabs share.
    pub(super) fn adopted(&mut self, live: &Live, stage: Stage, record: Record) -> Phase {
        self.taken(live, stage, record, false)
    }

    /// Another tab was quicker, and handed on what it got.
    pub(super) fn given(&mut self, live: &Live, stage: Stage, record: Record) -> Phase {
        self.taken(live, stage, record, true)
    }

    fn taken(&mut self, live: &Live, stage: Stage, record: Record, is_given: bool) -> Phase {
        let is_same = record.sid == live.record.sid;
        if self.lacks_fingerprint(&record.tokens) {
            return self.end_live(live, stage, SignOutReason::Fingerprint, Tell::Nobody);
        }
        let waiters = self.interrupt(stage);
        let mut next = self.live(record, Some(self.context.now));
        next.inherit(live);
        next.has_copies = true;
        if is_given || self.context.config.is_shared() {
            self.persist_own(&next);
        }
        if !is_same {
            self.emit(Change::SignedIn);
            self.fail(waiters, &signed_out());
            return self.tick(next, Stage::Fresh);
        }
        self.emit(Change::Refreshed {
            by: Refresher::OtherTab,
        });
        // A caller of `refresh()` wants what the server says now, not what it said to a sibling.
        let (mut asked, others) = split_manual(waiters);
        if asked.is_empty() {
            return self.go_on(next, Cause::Need, others);
        }
        if next.is_usable(self.context.now, Some(Span::ZERO)) {
            self.serve(others, &next);
        } else {
            asked.extend(others);
        }
        self.go_on(next, Cause::Asked, asked)
    }

    /// This tab asked, and the server did not renew the session.
    fn failed(
        &mut self,
        live: Box<Live>,
        mut attempt: Attempt,
        error: Error,
        pause: Option<Span>,
        retry_after: Option<Span>,
    ) -> Phase {
        self.failed_here(&mut attempt, Some(&live), retry_after);
        self.back_off(live, attempt, error, pause, retry_after)
    }

    /// A pause of `pause`, or else by the backoff's rule.
    pub(super) fn back_off(
        &mut self,
        mut live: Box<Live>,
        attempt: Attempt,
        error: Error,
        pause: Option<Span>,
        retry_after: Option<Span>,
    ) -> Phase {
        let now = self.context.now;
        let backoff = Box::new(self.backoff(&attempt, error.clone(), pause, retry_after));
        let due = backoff.due(now, self.tab.is_offline);
        live.pause(due);
        self.emit(Change::RefreshFailed {
            error: error.clone(),
            retry_at: due.map(Deadline::wall),
        });
        // A failed early refresh never harms a token that is still good.
        let is_usable = live.is_usable(now, None);
        for waiter in attempt.waiters {
            let outcome = match waiter.wants {
                Wants::Token if is_usable => live.token(),
                Wants::Token | Wants::Refresh => Outcome::Failed(error.clone()),
                Wants::Replay => Outcome::Stands,
            };
            self.settle(waiter.id, outcome);
        }
        self.tick(live, Stage::Backoff(backoff))
    }

    fn useless(&mut self, live: Box<Live>, attempt: Attempt, error: Error) -> Phase {
        let error = unavailable(None).because(error);
        self.failed(live, attempt, error, None, None)
    }

    pub(super) fn refused(&mut self, live: &Live, attempt: Attempt, error: Error) -> Phase {
        self.effects.push(Effect::ReleaseLock);
        let phase = self.end_live(live, Stage::Fresh, SignOutReason::Rejected, Tell::Session);
        self.reject_waiters(attempt.waiters, &error);
        phase
    }

    /// The session is over: callers of `refresh()` hear why, the others that no user is signed in.
    pub(super) fn reject_waiters(&mut self, waiters: Vec<Waiter>, error: &Error) {
        let (asked, others) = split_manual(waiters);
        self.fail(others, &signed_out().because(error.clone()));
        self.fail(asked, error);
    }
}

pub(super) fn split_manual(waiters: Vec<Waiter>) -> (Vec<Waiter>, Vec<Waiter>) {
    waiters
        .into_iter()
        .partition(|waiter| waiter.wants == Wants::Refresh)
}

pub(super) fn unavailable(status: Option<u16>) -> Error {
    Error::from(ErrorKind::RefreshUnavailable).with_status(status)
}

pub(super) fn not_tokens(status: Option<u16>) -> Error {
    Error::from(ErrorKind::InvalidResponse).with_status(status)
}
