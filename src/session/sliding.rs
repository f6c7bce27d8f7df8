//! Renewal without a refresh: the application was given newer tokens in an ordinary answer of its API, or over a
//! channel of its own. The session goes on, with its limits.

use std::mem;

use crate::effect::{Outcome, Refresher, SignOutReason};
use crate::error::{Error, ErrorKind};
use crate::event::{Stored, WaiterId};
use crate::fingerprint;
use crate::generation::Generation;
use crate::record::Sid;
use crate::tokens::{TokenSet, Tokens};

use super::active::Active;
use super::errors::signed_out;
use super::next::{End, Next};
use super::refresh::Refresh;
use super::storing::Received;
use super::turn::Turn;

impl Turn<'_> {
    /// The application gives new tokens.
    pub(super) fn tokens_given(
        &mut self,
        active: &mut Active,
        waiter: WaiterId,
        given: (TokenSet, Option<Sid>, Option<String>),
        stored: Stored,
    ) -> Next {
        let (outcome, next) = self.take_given(active, given, stored);
        self.settle(waiter, outcome);
        next
    }

    /// `found_in`: the session in whose answer the tokens were.
    fn take_given(
        &mut self,
        active: &mut Active,
        (set, found_in, cookie_hash): (TokenSet, Option<Sid>, Option<String>),
        stored: Stored,
    ) -> (Outcome, Next) {
        let ended = || Outcome::Failed(signed_out());
        let is_found = found_in.is_some();
        if found_in.is_some_and(|sid| sid != active.record.sid) {
            return (ended(), Next::Stay);
        }
        let newest = match stored {
            // Another tab has refreshed, or the user has signed in anew there: as in a refresh, that takes precedence.
            Stored::Found(record) if active.is_outdated_by(&record) => {
                let is_same = record.sid == active.record.sid;
                let next = self.adopted(active, *record);
                return (if is_same { Outcome::Done } else { ended() }, next);
            }
            Stored::Empty | Stored::Damaged => {
                return (ended(), Next::End(End::here(SignOutReason::Storage)));
            }
            Stored::Found(record) => record.generation.max(active.record.generation),
            Stored::Unknown => active.record.generation,
        };
        match self.judge_given(active, set, cookie_hash.as_deref()) {
            Err(error) => (Outcome::Failed(error), Next::Stay),
            // An older answer may arrive after a newer one (SEC-38).
            Ok(newer) if is_found && !newer.tokens.may_follow(&active.record.tokens) => {
                (Outcome::Done, Next::Stay)
            }
            Ok(newer) => {
                let next = self.renewed_by_application(active, newer, newest);
                (Outcome::Done, next)
            }
        }
    }

    fn judge_given(
        &self,
        active: &Active,
        set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Result<Received, Error> {
        let received = self.check_received(set, Tokens::receive)?;
        if received.tokens.contradicts(&active.record.tokens) {
            let message = "the tokens are another user's: give them to accept() without renew, which begins a session";
            return Err(Error::new(ErrorKind::InvalidResponse, message));
        }
        let options = self.context.config.fingerprint.as_ref();
        fingerprint::check(&received.tokens, options, cookie_hash)?;
        Ok(received)
    }

    fn renewed_by_application(
        &mut self,
        active: &mut Active,
        newer: Received,
        newest: Generation,
    ) -> Next {
        // Where the refresh token stays, the request under way may have spent it: its answer must not be lost.
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
