//! The way out of a refresh: new tokens, a sibling's tokens, a pause, or the end.
//!
//! An answer counts only for the attempt that is under way; whatever changed the session meanwhile has
//! ended that attempt, so an old answer can never replace newer tokens (SEC-38).

use crate::answer::{Answer, Outlook};
use crate::effect::{Change, Refresher, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Stored};
use crate::fingerprint;
use crate::profile::Profile;
use crate::schedule;
use crate::tokens::{TokenSet, Tokens};

use super::active::Active;
use super::next::{End, Next, not_tokens, refresh_rejected, unavailable};
use super::refresh::{Attempt, Pause, split_manual};
use super::storing::Newer;
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
        match (answer, stored) {
            // Another tab was quicker: its tokens count, whatever came here.
            (
                Answer::Tokens(_) | Answer::Refused { .. } | Answer::Unusable { .. },
                Stored::Found(record),
            ) if active.is_outdated_by(&record) => self.adopted(active, *record),
            // What was removed while the server was asked is not written again.
            (Answer::Tokens(_), Stored::Empty | Stored::Damaged) => {
                Next::End(End::here(SignOutReason::Storage))
            }
            (Answer::Tokens(set), _) => self.renewed(active, attempt, set, cookie_hash),
            (Answer::Refused { status, error }, _) => {
                let error = refresh_rejected(status, error.as_deref());
                self.query_peers_after_rejection(active, attempt, error)
            }
            (Answer::Trouble { status: None, .. }, _) if self.is_waking(&attempt) => {
                self.try_again_shortly(active, attempt)
            }
            (
                Answer::Trouble {
                    status,
                    retry_after,
                },
                _,
            ) => {
                let pause = Pause::ByRule(retry_after);
                self.failed(active, attempt, unavailable(status), pause)
            }
            (Answer::Nonsense { status }, _) => {
                let error = unavailable(status).because(not_tokens(status));
                self.failed(active, attempt, error, Pause::ByRule(None))
            }
            (Answer::Unread { status, because }, _) => {
                let pause = schedule::long_pause(attempt.failures.saturating_add(1));
                self.failed(active, attempt, because.error(status), Pause::For(pause))
            }
            (Answer::Unusable { error, outlook }, _) => {
                let pause = match outlook {
                    Outlook::Over => return self.refused(active, error),
                    Outlook::Passing => Pause::ByRule(None),
                    Outlook::Lasting => {
                        Pause::For(schedule::long_pause(attempt.failures.saturating_add(1)))
                    }
                };
                self.failed(active, attempt, error, pause)
            }
        }
    }

    fn renewed(
        &mut self,
        active: &mut Active,
        attempt: Attempt,
        mut set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Next {
        let profile = match set.profile.take().map(Profile::check).transpose() {
            Ok(profile) => profile,
            Err(error) => return self.useless(active, attempt, error),
        };
        let grant = set.take_grant(self.context.config.limits.token_bytes);
        let config = self.context.config;
        let now = self.context.now;
        let limit = config.limits.token_bytes;
        let (older, skew) = (&active.record.tokens, self.tab.clock.skew());
        let waited = now.monotonic.minus(attempt.queued);
        let tokens = match Tokens::renew(set, now.wall, skew, limit, older, waited) {
            Ok(tokens) if !tokens.contradicts(older) => tokens,
            Ok(_) => return self.answered_for_another(active, attempt),
            Err(error) => return self.useless(active, attempt, error),
        };
        if let Err(error) = fingerprint::check(&tokens, config.fingerprint.as_ref(), cookie_hash) {
            self.finish_attempt(&mut active.refresh);
            return Next::End(End::here(SignOutReason::Fingerprint).because(error));
        }
        let generation = active.record.generation.refreshed();
        let newer = Newer {
            tokens,
            profile,
            grant,
        };
        let next = self.activate_renewed(active, newer, generation);
        self.finish_attempt(&mut active.refresh);
        let old = std::mem::replace(active, *next);
        self.emit(Change::Refreshed {
            by: Refresher::ThisTab,
        });
        let (asked, others) = split_manual(old.waiters);
        self.serve(asked, active);
        self.serve_or_refresh(active, others)
    }

    /// Another user signed in in another tab where the refresh token is a cookie: ours is gone. A token of
    /// our own cannot have become another user's; there it is the server that errs.
    fn answered_for_another(&mut self, active: &mut Active, attempt: Attempt) -> Next {
        let message = "the refresh was answered for another user";
        let error = Error::new(ErrorKind::InvalidResponse, message);
        if self.context.config.refreshes_without_tokens() {
            let error = Error::new(ErrorKind::RefreshRejected, message).because(error);
            return self.refused(active, error);
        }
        self.useless(active, attempt, error)
    }

    fn useless(&mut self, active: &mut Active, attempt: Attempt, error: Error) -> Next {
        let error = unavailable(None).because(error);
        self.failed(active, attempt, error, Pause::ByRule(None))
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

    /// Whether no answer at all means that the machine has only just woken: then no caller hears of it yet.
    fn is_waking(&self, attempt: &Attempt) -> bool {
        let has_just_woken = self.tab.clock.is_waking(self.context.now);
        attempt.failures == 0 && !self.tab.is_offline && has_just_woken
    }
}
