//! The way out of a refresh: new tokens, a sibling's tokens, a pause, or the end of the session.
//!
//! An answer counts only for the attempt that is under way; whatever changed the session meanwhile has
//! ended that attempt, so an old answer can never replace newer tokens (SEC-38).

use crate::answer::{Answer, Outlook};
use crate::effect::{Change, Refresher, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Stored};
use crate::fingerprint;
use crate::schedule;
use crate::secret::Secret;
use crate::tokens::{TokenSet, Tokens};

use super::active::Active;
use super::errors::{not_tokens, refresh_rejected, unavailable};
use super::next::{End, Next};
use super::refresh::{Attempt, Pause};
use super::turn::Turn;

impl Turn<'_> {
    /// The server answered, or did not; and what the store held then.
    pub(super) fn answered(
        &mut self,
        active: &mut Active,
        (id, answer): (AttemptId, Answer),
        cookie_hash: Option<&str>,
        stored: Stored,
    ) -> Next {
        let Some(attempt) = active.refresh.in_flight(id) else {
            return Next::Stay;
        };
        match (&answer, stored) {
            // Another tab was quicker: its tokens count, whatever came here.
            (
                Answer::Tokens(_) | Answer::Refused { .. } | Answer::Unusable { .. },
                Stored::Found(record),
            ) if active.is_outdated_by(&record) => return self.adopted(active, *record),
            // The session was removed from the store while the server was asked: it is not written again.
            (
                Answer::Tokens(_)
                | Answer::Unusable {
                    rotated: Some(_), ..
                },
                Stored::Empty | Stored::Damaged,
            ) => return Next::End(End::here(SignOutReason::Storage)),
            _ => {}
        }
        let long = Pause::For(schedule::long_pause(attempt.failures.saturating_add(1)));
        let (error, pause) = match answer {
            Answer::Tokens(set) => return self.renewed(active, attempt, set, cookie_hash),
            Answer::Refused { status, error } => {
                let error = refresh_rejected(status, error.as_deref());
                return self.query_peers_after_rejection(active, attempt, error);
            }
            Answer::Trouble { status: None, .. } if self.is_waking(&attempt) => {
                return self.try_again_shortly(active, attempt);
            }
            Answer::Trouble {
                status,
                retry_after,
            } => (unavailable(status), Pause::ByRule(retry_after)),
            Answer::Nonsense { status } => {
                let error = unavailable(status).because(not_tokens(status));
                (error, Pause::ByRule(None))
            }
            Answer::Unread { status, because } => (because.error(status), long),
            Answer::Unusable {
                error,
                outlook,
                rotated,
            } => {
                let pause = match outlook {
                    Outlook::Over => return self.refused(active, error),
                    Outlook::Passing => Pause::ByRule(None),
                    Outlook::Lasting => long,
                };
                self.rotate(active, rotated);
                (error, pause)
            }
        };
        self.failed(active, attempt, error, pause)
    }

    fn renewed(
        &mut self,
        active: &mut Active,
        attempt: Attempt,
        set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Next {
        let rotated = set.refresh.clone();
        let older = &active.record.tokens;
        let waited = self.context.now.monotonic.minus(attempt.queued);
        let newer = match self.check_received(set, |set, now, skew, limit| {
            Tokens::renew(set, now, skew, limit, older, waited)
        }) {
            Ok(newer) if !newer.tokens.contradicts(older) => newer,
            Ok(_) => return self.answered_for_another(active, attempt),
            Err(error) => return self.useless(active, attempt, error, rotated),
        };
        let options = self.context.config.fingerprint.as_ref();
        if let Err(error) = fingerprint::check(&newer.tokens, options, cookie_hash) {
            self.finish_attempt(&mut active.refresh);
            return Next::End(End::here(SignOutReason::Fingerprint).because(error));
        }
        let generation = active.record.generation.refreshed();
        let next = self.activate_renewed(active, newer, generation);
        self.finish_attempt(&mut active.refresh);
        let old = std::mem::replace(active, *next);
        self.emit(Change::Refreshed {
            by: Refresher::ThisTab,
        });
        self.serve_or_refresh(active, old.waiters)
    }

    /// Where the refresh token is a cookie, another user has signed in in another tab, and the cookie is theirs now. A
    /// refresh token of this tab's own cannot become another user's: there the answer is wrong.
    fn answered_for_another(&mut self, active: &mut Active, attempt: Attempt) -> Next {
        let message = "the refresh was answered for another user";
        let error = Error::new(ErrorKind::InvalidResponse, message);
        if self.context.config.refreshes_without_tokens() {
            let error = Error::new(ErrorKind::RefreshRejected, message).because(error);
            return self.refused(active, error);
        }
        self.useless(active, attempt, error, None)
    }

    fn useless(
        &mut self,
        active: &mut Active,
        attempt: Attempt,
        error: Error,
        rotated: Option<Secret>,
    ) -> Next {
        self.rotate(active, rotated);
        let error = unavailable(None).because(error);
        self.failed(active, attempt, error, Pause::ByRule(None))
    }

    /// Keeps the new refresh token of an answer that is of no use otherwise: should the server see the old one again,
    /// it takes it for stolen. Not where tabs share a store that does not hold refresh tokens: they would take the
    /// record there for complete.
    fn rotate(&mut self, active: &mut Active, rotated: Option<Secret>) {
        let config = self.context.config;
        if config.has_common_store() && !config.stores_refresh_token() {
            return;
        }
        let limit = config.limits.token_bytes;
        let fits = |token: &Secret| (1..=limit).contains(&token.expose().len());
        let Some(refresh) = rotated.filter(fits) else {
            return;
        };
        let record = &mut active.record;
        record.tokens = record.tokens.clone().with_refresh(refresh);
        record.generation = record.generation.refreshed();
        self.persist(active);
        self.tell_renewed(active);
    }

    /// This tab asked, and the server did not renew the session.
    fn failed(
        &mut self,
        active: &mut Active,
        mut attempt: Attempt,
        error: Error,
        pause: Pause,
    ) -> Next {
        self.failed_here(&mut attempt, Some(active), pause);
        self.back_off(active, attempt, error, pause)
    }

    /// Whether a missing answer is put down to a wake: then no caller hears of it yet.
    fn is_waking(&self, attempt: &Attempt) -> bool {
        let has_just_woken = self.tab.clock.is_waking(self.context.now);
        attempt.failures == 0 && !self.tab.is_offline && has_just_woken
    }
}
