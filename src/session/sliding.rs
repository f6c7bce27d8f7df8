//! Renewal without a refresh: the application was given newer tokens by the way, in an ordinary answer of its API or
//! over a channel of its own. The session goes on, with its limits.

use std::mem;

use crate::effect::{Outcome, Refresher, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{Stored, WaiterId};
use crate::fingerprint;
use crate::generation::Generation;
use crate::profile::Profile;
use crate::record::Sid;
use crate::tokens::{TokenSet, Tokens};

use super::active::Active;
use super::next::{End, Next, signed_out};
use super::refresh::Refresh;
use super::storing::Newer;
use super::turn::Turn;

impl Turn<'_> {
    /// The application gives new tokens. `found_in`: the session in whose answer they were.
    pub(super) fn tokens_given(
        &mut self,
        active: &mut Active,
        waiter: WaiterId,
        (set, found_in, cookie_hash): (TokenSet, Option<Sid>, Option<String>),
        stored: Stored,
    ) -> Next {
        let is_found = found_in.is_some();
        if found_in.is_some_and(|sid| sid != active.record.sid) {
            self.settle(waiter, Outcome::Failed(signed_out()));
            return Next::Stay;
        }
        let newest = match stored {
            // Another tab has refreshed, or the user has signed in anew there: that counts, as for a refresh.
            Stored::Found(record) if active.is_outdated_by(&record) => {
                let is_same = record.sid == active.record.sid;
                let next = self.adopted(active, *record);
                let outcome = match is_same {
                    true => Outcome::Done,
                    false => Outcome::Failed(signed_out()),
                };
                self.settle(waiter, outcome);
                return next;
            }
            Stored::Empty | Stored::Damaged => {
                self.settle(waiter, Outcome::Failed(signed_out()));
                return Next::End(End::here(SignOutReason::Storage));
            }
            Stored::Found(record) => record.generation.max(active.record.generation),
            Stored::Unknown => active.record.generation,
        };
        match self.judge_given(active, set, cookie_hash.as_deref()) {
            Err(error) => {
                self.settle(waiter, Outcome::Failed(error));
                Next::Stay
            }
            // Answers overtake each other: one that was on its way longer has nothing new (SEC-38).
            Ok(newer) if is_found && !newer.tokens.may_follow(&active.record.tokens) => {
                self.settle(waiter, Outcome::Done);
                Next::Stay
            }
            Ok(given) => {
                let next = self.renewed_by_the_way(active, given, newest);
                self.settle(waiter, Outcome::Done);
                next
            }
        }
    }

    fn judge_given(
        &self,
        active: &Active,
        mut set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Result<Newer, Error> {
        let profile = set.profile.take().map(Profile::check).transpose()?;
        let grant = set.take_grant(self.context.config.limits.token_bytes);
        let config = self.context.config;
        let (skew, limit) = (self.tab.clock.skew(), config.limits.token_bytes);
        let tokens = Tokens::receive(set, self.context.now.wall, skew, limit)?;
        if tokens.contradicts(&active.record.tokens) {
            let message = "the tokens are another user's: give them to accept() without renew, which begins a session";
            return Err(Error::new(ErrorKind::InvalidResponse, message));
        }
        fingerprint::check(&tokens, config.fingerprint.as_ref(), cookie_hash)?;
        Ok(Newer {
            tokens,
            profile,
            grant,
        })
    }

    fn renewed_by_the_way(
        &mut self,
        active: &mut Active,
        newer: Newer,
        newest: Generation,
    ) -> Next {
        // Where the refresh token stays, the server may just have replaced it: what it answers must not be lost.
        let keeps_refresh_token =
            newer.tokens.refresh().is_none() && active.record.tokens.refresh().is_some();
        let is_spent = matches!(active.refresh, Refresh::InFlight(_)) && keeps_refresh_token;
        let refresh = if is_spent {
            mem::take(&mut active.refresh)
        } else {
            self.interrupt(&mut active.refresh);
            Refresh::Idle
        };
        let generation = match newer.tokens.refresh() {
            Some(_) => newest.refreshed(),
            None => newest.slid(),
        };
        let next = self.activate_renewed(active, newer, generation);
        let old = mem::replace(active, *next);
        active.refresh = refresh;
        self.renewed_without_asking(active, old.waiters, Refresher::ThisTab)
    }
}
