//! The way through a refresh: look, lock, look again, ask the server, judge the answer.
//!
//! An answer counts only for the attempt that is under way; whatever changed the session meanwhile has
//! ended that attempt, so an old answer can never replace newer tokens (SEC-38).

use crate::answer::Answer;
use crate::config::{Config, RefreshTokenPlace, Supplier};
use crate::effect::{Change, Effect, Outcome, Refresher, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Stored, WaiterId};
use crate::fingerprint;
use crate::record::{Record, Sid};
use crate::schedule;
use crate::time::{Deadline, Now, Span};
use crate::tokens::{TokenSet, Tokens};

use super::ending::signed_out;
use super::live::Live;
use super::{Phase, Stage, Turn};

/// One refresh, and who waits for it.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    id: Option<AttemptId>,
    cause: Cause,
    /// Failures in a row before this one.
    failures: u32,
    waiters: Vec<Waiter>,
}

/// Why a refresh began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cause {
    /// The application said so.
    Asked,
    /// A request needs the token.
    Need,
    /// It is due.
    Schedule,
    /// The page opened.
    Start,
    /// The server refused the token that we have.
    Unauthorized,
}

/// A caller, and what it wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    id: WaiterId,
    wants: Wants,
}

#[derive(Clone, Copy, Debug)]
enum Wants {
    /// The refresh itself.
    Refresh,
    /// A token for a replay, or word that there is none.
    Replay,
    /// A token.
    Token,
}

/// A pause between two attempts.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    /// When the next attempt is due.
    pub(super) until: Option<Deadline>,
    /// Why there is a pause.
    pub(super) error: Error,
    began: Now,
    failures: u32,
    /// Before this the server does not want to hear from us, not even by hand.
    not_before: Option<Deadline>,
}

/// Whether the server knows a browser without any token: by its cookie, or by a function's own means.
pub(super) fn needs_no_tokens(config: &Config) -> bool {
    match &config.refresh {
        Some(Supplier::Endpoint(endpoint)) => endpoint.refresh_token == RefreshTokenPlace::Cookie,
        Some(Supplier::Function) => true,
        None => false,
    }
}

impl Attempt {
    pub(super) const fn new(cause: Cause) -> Self {
        Self {
            id: None,
            cause,
            failures: 0,
            waiters: Vec::new(),
        }
    }

    pub(super) fn with(self, id: WaiterId) -> Self {
        self.joined_by(id, Wants::Token)
    }

    pub(super) fn with_replay(self, id: WaiterId) -> Self {
        self.joined_by(id, Wants::Replay)
    }

    pub(super) fn is(&self, id: AttemptId) -> bool {
        self.id == Some(id)
    }

    fn joined_by(mut self, id: WaiterId, wants: Wants) -> Self {
        self.waiters.push(Waiter { id, wants });
        self
    }
}

impl Backoff {
    pub(super) fn is_over(&self, now: Now) -> bool {
        self.until.is_some_and(|until| until.has_passed(now))
    }

    pub(super) fn into_attempt(self, cause: Cause) -> Attempt {
        Attempt {
            failures: self.failures,
            ..Attempt::new(cause)
        }
    }

    fn is_forbidden(&self, now: Now) -> bool {
        self.not_before
            .is_some_and(|deadline| !deadline.has_passed(now))
    }
}

impl Turn<'_> {
    // ── Asking ──

    pub(super) fn refresh_asked(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        waiter: WaiterId,
    ) -> Phase {
        let now = self.context.now;
        if !live.can_refresh(now, self.context.config) {
            let error = Error::new(
                ErrorKind::RefreshUnavailable,
                "there is no way to refresh: set options.refresh, and sign in so that a refresh token is given",
            );
            self.settle(waiter, Outcome::Failed(error));
            return Phase::SignedIn { live, stage };
        }
        match stage {
            Stage::Fresh => self.begin(
                live,
                Attempt::new(Cause::Asked).joined_by(waiter, Wants::Refresh),
            ),
            Stage::Locking(attempt) => {
                let stage = Stage::Locking(attempt.joined_by(waiter, Wants::Refresh));
                Phase::SignedIn { live, stage }
            }
            Stage::Refreshing(attempt) => {
                let stage = Stage::Refreshing(attempt.joined_by(waiter, Wants::Refresh));
                Phase::SignedIn { live, stage }
            }
            Stage::Backoff(backoff) if backoff.is_forbidden(now) => {
                self.settle(waiter, Outcome::Failed(backoff.error.clone()));
                Phase::SignedIn {
                    live,
                    stage: Stage::Backoff(backoff),
                }
            }
            Stage::Backoff(backoff) => {
                let attempt = backoff
                    .into_attempt(Cause::Asked)
                    .joined_by(waiter, Wants::Refresh);
                self.begin(live, attempt)
            }
        }
    }

    /// Something changed for the better: the page is in front again, or there is a network.
    pub(super) fn retry(&mut self, live: Box<Live>, stage: Stage) -> Phase {
        let now = self.context.now;
        match stage {
            Stage::Backoff(mut backoff)
                if !backoff.is_forbidden(now) && backoff.error.kind() != ErrorKind::RefreshLoop =>
            {
                // Wakes come in flocks (focus, visibilitychange, pageshow): one attempt a second is enough.
                let earliest = Deadline::after(backoff.began, Span::from_millis(1_000));
                backoff.until = Some(
                    backoff
                        .until
                        .map_or(earliest, |until| until.sooner(earliest, now)),
                );
                self.tick(live, Stage::Backoff(backoff))
            }
            stage => self.tick(live, stage),
        }
    }

    pub(super) fn begin(&mut self, live: Box<Live>, attempt: Attempt) -> Phase {
        let now = self.context.now;
        let is_automatic = attempt.cause != Cause::Asked;
        if is_automatic && self.memory.offline {
            let error = Error::new(
                ErrorKind::RefreshUnavailable,
                "there is no network: the session waits for it",
            );
            return self.back_off(live, attempt, error, None, None);
        }
        if is_automatic && let Err(pause) = self.memory.guard.admit(live.age(now), now) {
            let error = Error::new(
                ErrorKind::RefreshLoop,
                "the server keeps giving tokens that do not last: automatic refreshes pause for a minute",
            );
            return self.back_off(live, attempt, error, Some(pause), None);
        }
        let stage = self.lock(attempt);
        Phase::SignedIn { live, stage }
    }

    pub(super) fn lock(&mut self, mut attempt: Attempt) -> Stage {
        self.memory.attempts = self.memory.attempts.wrapping_add(1);
        let id = AttemptId(self.memory.attempts);
        attempt.id = Some(id);
        self.effects.push(Effect::AcquireLock { attempt: id });
        Stage::Locking(attempt)
    }

    pub(super) fn lock_granted(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        id: AttemptId,
        stored: Stored,
    ) -> Phase {
        let attempt = match stage {
            Stage::Locking(attempt) if attempt.is(id) => attempt,
            stage => return Phase::SignedIn { live, stage },
        };
        match stored {
            Stored::Empty | Stored::Damaged => {
                self.end_live(Stage::Locking(attempt), SignOutReason::Storage, None)
            }
            Stored::Found(record) if !live.knows(&record) => {
                self.adopted(&live, Stage::Locking(attempt), *record)
            }
            Stored::Found(_) | Stored::Unknown => self.under_way(live, attempt),
        }
    }

    /// Without the lock two tabs may ask at once; the server sees that they do, and the guard by attempt
    /// keeps the answers apart.
    pub(super) fn lock_unavailable(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        id: AttemptId,
    ) -> Phase {
        match stage {
            Stage::Locking(attempt) if attempt.is(id) => self.under_way(live, attempt),
            stage => Phase::SignedIn { live, stage },
        }
    }

    fn under_way(&mut self, live: Box<Live>, attempt: Attempt) -> Phase {
        let stage = self.ask_server(attempt, Some(&live));
        Phase::SignedIn { live, stage }
    }

    pub(super) fn ask_server(&mut self, attempt: Attempt, live: Option<&Live>) -> Stage {
        let tokens = live.map(|live| &live.record.tokens);
        if let Some(id) = attempt.id {
            self.effects.push(Effect::Refresh {
                attempt: id,
                access: tokens.map(|tokens| tokens.access().clone()),
                refresh: tokens.and_then(|tokens| tokens.refresh().cloned()),
            });
        }
        Stage::Refreshing(attempt)
    }

    // ── Being answered ──

    pub(super) fn answered(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        id: AttemptId,
        answer: Answer,
        cookie_hash: Option<&str>,
    ) -> Phase {
        let attempt = match stage {
            Stage::Refreshing(attempt) if attempt.is(id) => attempt,
            stage => return Phase::SignedIn { live, stage },
        };
        self.effects.push(Effect::ReleaseLock);
        match answer {
            Answer::Tokens(set) => self.renewed(live, attempt, set, cookie_hash),
            Answer::Refused { status } => {
                let error = Error::new(
                    ErrorKind::RefreshRejected,
                    "the server ended the session: the user has to sign in again",
                );
                self.refused(&live, attempt, error.with_status(status))
            }
            Answer::Trouble {
                status,
                retry_after,
            } => {
                let error = unavailable(status);
                self.back_off(live, attempt, error, None, retry_after)
            }
            Answer::Nonsense { status } => {
                let error = unavailable(status).because(not_tokens(status));
                self.back_off(live, attempt, error, None, None)
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
        let received = Tokens::receive(
            set,
            self.context.now.wall,
            self.memory.skew,
            config.limits.token_bytes,
        );
        let tokens = match received {
            Ok(tokens) if !tokens.contradicts(&live.record.tokens) => tokens,
            Ok(_) => {
                let error = Error::new(
                    ErrorKind::InvalidResponse,
                    "the refresh was answered for another user",
                );
                return self.back_off(live, attempt, unavailable(None).because(error), None, None);
            }
            Err(error) => {
                return self.back_off(live, attempt, unavailable(None).because(error), None, None);
            }
        };
        if let Err(error) = fingerprint::check(&tokens, config.fingerprint.as_ref(), cookie_hash) {
            let phase = self.end_live(Stage::Fresh, SignOutReason::Fingerprint, None);
            self.fail(attempt.waiters, &error);
            return phase;
        }
        let record = Record {
            generation: live.record.generation.saturating_add(1),
            tokens: tokens.keeping_refresh_of(&live.record.tokens),
            sid: live.record.sid.clone(),
            signed_in: live.record.signed_in,
        };
        let mut next = self.live(record, Some(self.context.now));
        next.inherit_activity(&live);
        self.keep(&next);
        self.emit(Change::Refreshed {
            by: Refresher::ThisTab,
        });
        self.serve(attempt.waiters, &next);
        Phase::SignedIn {
            live: next,
            stage: Stage::Fresh,
        }
    }

    /// Another tab was quicker, or another session stands in the store that tabs share.
    pub(super) fn adopted(&mut self, live: &Live, stage: Stage, record: Record) -> Phase {
        let is_same = record.sid == live.record.sid;
        let waiters = self.interrupt(stage);
        let mut next = self.live(record, Some(self.context.now));
        next.inherit_activity(live);
        self.emit(if is_same {
            Change::Refreshed {
                by: Refresher::OtherTab,
            }
        } else {
            Change::SignedIn
        });
        if is_same {
            // Who asked for a refresh by hand wants what the server says now, not what it said to a sibling.
            let (asked, others): (Vec<_>, Vec<_>) = waiters
                .into_iter()
                .partition(|waiter| matches!(waiter.wants, Wants::Refresh));
            self.serve(others, &next);
            if !asked.is_empty() {
                return self.begin(
                    next,
                    Attempt {
                        waiters: asked,
                        ..Attempt::new(Cause::Asked)
                    },
                );
            }
        } else {
            self.fail(waiters, &signed_out());
        }
        self.tick(next, Stage::Fresh)
    }

    fn back_off(
        &mut self,
        live: Box<Live>,
        attempt: Attempt,
        error: Error,
        pause: Option<Span>,
        retry_after: Option<Span>,
    ) -> Phase {
        let now = self.context.now;
        let failures = attempt.failures.saturating_add(1);
        let wait =
            pause.unwrap_or_else(|| schedule::backoff(failures, self.context.dice(), retry_after));
        let until = Some(Deadline::after(now, wait)).filter(|_| !self.memory.offline);
        self.emit(Change::RefreshFailed {
            error: error.clone(),
            retry_at: until.map(Deadline::wall),
        });
        for waiter in attempt.waiters {
            let outcome = match waiter.wants {
                Wants::Token if live.is_usable(now, None) => {
                    Outcome::Token(live.record.tokens.access().clone())
                }
                Wants::Token | Wants::Refresh => Outcome::Failed(error.clone()),
                Wants::Replay => Outcome::Stands,
            };
            self.settle(waiter.id, outcome);
        }
        let stage = Stage::Backoff(Backoff {
            until,
            error,
            began: now,
            failures,
            not_before: retry_after.map(|wait| Deadline::after(now, wait)),
        });
        Phase::SignedIn { live, stage }
    }

    fn refused(&mut self, live: &Live, attempt: Attempt, error: Error) -> Phase {
        let sid = live.record.sid.clone();
        let phase = self.end_live(Stage::Fresh, SignOutReason::Rejected, Some(Some(sid)));
        let (asked, others): (Vec<_>, Vec<_>) = attempt
            .waiters
            .into_iter()
            .partition(|waiter| matches!(waiter.wants, Wants::Refresh));
        self.fail(others, &signed_out().because(error.clone()));
        self.fail(asked, &error);
        phase
    }

    /// The answer to a browser without any token.
    pub(super) fn opened(&mut self, answer: Answer, cookie_hash: Option<&str>) -> Phase {
        let config = self.context.config;
        let Answer::Tokens(set) = answer else {
            return self.never_signed_in();
        };
        let now = self.context.now;
        let tokens = Tokens::receive(set, now.wall, self.memory.skew, config.limits.token_bytes);
        let Ok(tokens) = tokens else {
            return self.never_signed_in();
        };
        if fingerprint::check(&tokens, config.fingerprint.as_ref(), cookie_hash).is_err() {
            return self.end(SignOutReason::Fingerprint);
        }
        let record = Record {
            sid: Sid::from_bytes(self.context.random),
            generation: 1,
            tokens,
            signed_in: now.wall,
        };
        let live = self.live(record, Some(now));
        self.keep(&live);
        self.emit(Change::Restored);
        Phase::SignedIn {
            live,
            stage: Stage::Fresh,
        }
    }

    // ── Waiters ──

    pub(super) fn serve(&mut self, waiters: Vec<Waiter>, live: &Live) {
        for waiter in waiters {
            let outcome = match waiter.wants {
                Wants::Token | Wants::Replay => Outcome::Token(live.record.tokens.access().clone()),
                Wants::Refresh => Outcome::Done,
            };
            self.settle(waiter.id, outcome);
        }
    }

    pub(super) fn fail(&mut self, waiters: Vec<Waiter>, error: &Error) {
        for waiter in waiters {
            let outcome = match waiter.wants {
                Wants::Token | Wants::Refresh => Outcome::Failed(error.clone()),
                Wants::Replay => Outcome::Stands,
            };
            self.settle(waiter.id, outcome);
        }
    }

    /// Ends the attempt under way, if any, and gives back who waited for it.
    pub(super) fn interrupt(&mut self, stage: Stage) -> Vec<Waiter> {
        match stage {
            Stage::Fresh | Stage::Backoff(_) => Vec::new(),
            Stage::Locking(attempt) | Stage::Refreshing(attempt) => {
                self.effects
                    .extend(attempt.id.map(|attempt| Effect::Abandon { attempt }));
                self.effects.push(Effect::ReleaseLock);
                attempt.waiters
            }
        }
    }

    pub(super) fn abandon(&mut self, stage: Stage, error: &Error) {
        let waiters = self.interrupt(stage);
        self.fail(waiters, error);
    }
}

fn unavailable(status: Option<u16>) -> Error {
    Error::new(
        ErrorKind::RefreshUnavailable,
        "the refresh did not get through: it is tried again by itself, the session stays",
    )
    .with_status(status)
}

fn not_tokens(status: Option<u16>) -> Error {
    Error::new(
        ErrorKind::InvalidResponse,
        "the refresh endpoint answered without usable tokens: see options.readTokens",
    )
    .with_status(status)
}
