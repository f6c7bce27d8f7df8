//! Telling the server that a session is over.

use crate::effect::{Effect, Outcome};
use crate::error::Error;
use crate::event::WaiterId;
use crate::mark::Marking;
use crate::record::Record;

use super::owed;
use super::turn::Turn;

impl Turn<'_> {
    /// Tells the server that the session of this record is over, or without a record the one of its cookie, where the
    /// settings say how.
    pub(super) fn tell_server(&mut self, record: Option<&Record>, waiter: Option<WaiterId>) {
        if self.context.config.sign_out.is_some() {
            let tokens = record.map(|record| &record.tokens);
            let grant = record.and_then(|record| record.grant.as_ref());
            let due = self.tab.owed.owe(owed::Tokens {
                access: tokens.map(|tokens| tokens.access().clone()),
                refresh: tokens.and_then(|tokens| tokens.refresh().cloned()),
                id_token: grant.and_then(|grant| grant.id_token.clone()),
            });
            self.sign_out_at_server(due, waiter);
        } else if let Some(waiter) = waiter {
            self.settle(waiter, Outcome::Done);
        }
    }

    /// The server was told, or could not be.
    pub(super) fn sign_out_answered(
        &mut self,
        waiter: Option<WaiterId>,
        outcome: Result<(), Error>,
    ) {
        if self.tab.owed.answered(&outcome) {
            self.effects.push(Effect::Mark(Marking::Told));
        }
        if let Some(waiter) = waiter {
            let outcome = outcome.map_or_else(Outcome::Failed, |()| Outcome::Done);
            self.settle(waiter, outcome);
        }
    }

    /// The network may be back.
    pub(super) fn tell_what_is_owed(&mut self) {
        let due = self.tab.owed.retry();
        self.sign_out_at_server(due, None);
    }

    /// A page opens, and the page before it did not get through to the server.
    pub(super) fn tell_what_was_owed(&mut self) {
        if self.tab.sign_outs.is_owed() && self.context.config.refreshes_without_tokens() {
            self.tell_server(None, None);
        }
    }

    /// A new session has taken the cookie's place: to tell the server of the old one would end this one.
    pub(super) fn forgive_what_is_owed(&mut self) {
        if self.context.config.needs_cookies() || self.context.config.refreshes_without_tokens() {
            self.tab.owed.forgive();
        }
    }

    fn sign_out_at_server(&mut self, due: Option<owed::Tokens>, waiter: Option<WaiterId>) {
        let order = |tokens: owed::Tokens| Effect::SignOutAtServer {
            waiter,
            access: tokens.access,
            refresh: tokens.refresh,
            id_token: tokens.id_token,
        };
        self.effects.extend(due.map(order));
    }
}
