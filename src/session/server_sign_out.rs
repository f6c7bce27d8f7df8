//! Telling the server that a session is over.

use crate::effect::{Effect, Outcome};
use crate::error::Error;
use crate::event::WaiterId;
use crate::mark::Marking;

use super::Turn;
use super::live::Live;
use super::owed::Tokens;

impl Turn<'_> {
    /// Tells the server that a session is over, where the settings say how.
    pub(super) fn tell_server(&mut self, live: &Live, waiter: Option<WaiterId>) {
        let tokens = &live.record.tokens;
        let access = Some(tokens.access().clone());
        let refresh = tokens.refresh().cloned();
        self.owe(Tokens { access, refresh }, waiter);
    }

    /// The same for a session that only the server's cookie knows.
    pub(super) fn tell_server_of_cookie(&mut self, waiter: Option<WaiterId>) {
        let (access, refresh) = (None, None);
        self.owe(Tokens { access, refresh }, waiter);
    }

    fn owe(&mut self, tokens: Tokens, waiter: Option<WaiterId>) {
        if self.context.config.sign_out.is_some() {
            let due = self.tab.owed.owe(tokens);
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
            self.tell_server_of_cookie(None);
        }
    }

    /// A new session has taken the cookie's place: to tell the server of the old one would end this one.
    pub(super) fn forgive_what_is_owed(&mut self) {
        if self.context.config.needs_cookies() || self.context.config.refreshes_without_tokens() {
            self.tab.owed.forgive();
        }
    }

    fn sign_out_at_server(&mut self, due: Option<Tokens>, waiter: Option<WaiterId>) {
        let order = |Tokens { access, refresh }| Effect::SignOutAtServer {
            waiter,
            access,
            refresh,
        };
        self.effects.extend(due.map(order));
    }
}
