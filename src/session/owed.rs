//! What the server has not heard of yet: a sign-out that was made offline, or in another tab. It is told when the
//! network is back, once, and not forever.

use crate::effect::{Effect, Outcome};
use crate::error::Error;
use crate::event::WaiterId;
use crate::mark::{Last, Marking};
use crate::secret::Secret;

use super::Turn;
use super::live::Live;

/// How often the server is told of one sign-out until it answers.
const MOST_TRIES: u32 = 5;

/// A sign-out that the server has to hear of.
#[derive(Clone, Debug)]
pub(super) struct Owed {
    access: Option<Secret>,
    /// `None` where the server knows the session by a cookie.
    refresh: Option<Secret>,
    tries: u32,
    is_being_told: bool,
}

impl Turn<'_> {
    /// Tells the server that a session is over, where the settings say how.
    pub(super) fn tell_server(&mut self, live: &Live, waiter: Option<WaiterId>) {
        let tokens = &live.record.tokens;
        let access = Some(tokens.access().clone());
        self.owe(access, tokens.refresh().cloned(), waiter);
    }

    /// The same for a session that only the server's cookie knows.
    pub(super) fn tell_server_of_cookie(&mut self, waiter: Option<WaiterId>) {
        self.owe(None, None, waiter);
    }

    fn owe(&mut self, access: Option<Secret>, refresh: Option<Secret>, waiter: Option<WaiterId>) {
        if self.context.config.sign_out.is_none() {
            if let Some(waiter) = waiter {
                self.settle(waiter, Outcome::Done);
            }
            return;
        }
        self.memory.owed = Some(Owed {
            access,
            refresh,
            tries: 0,
            is_being_told: false,
        });
        self.tell_owed(waiter);
    }

    /// The server was told, or could not be.
    pub(super) fn sign_out_answered(
        &mut self,
        waiter: Option<WaiterId>,
        outcome: Result<(), Error>,
    ) {
        let is_final = outcome.as_ref().map_or_else(is_final, |()| true);
        let was_last = self.memory.owed.as_mut().is_none_or(|owed| {
            owed.is_being_told = false;
            owed.tries >= MOST_TRIES
        });
        if is_final {
            self.effects.push(Effect::Mark(Marking::Told));
        }
        if is_final || was_last {
            self.memory.owed = None;
        }
        if let Some(waiter) = waiter {
            self.settle(
                waiter,
                outcome.map_or_else(Outcome::Failed, |()| Outcome::Done),
            );
        }
    }

    /// The network may be back.
    pub(super) fn tell_what_is_owed(&mut self) {
        if self
            .memory
            .owed
            .as_ref()
            .is_some_and(|owed| !owed.is_being_told)
        {
            self.tell_owed(None);
        }
    }

    /// A page opens, and the page before it did not get through to the server.
    pub(super) fn tell_what_was_owed(&mut self) {
        let is_owed = matches!(self.memory.mark.last, Last::SignedOut { is_owed: true });
        if is_owed && self.context.config.refreshes_without_tokens() {
            self.tell_server_of_cookie(None);
        }
    }

    /// A new session has taken the cookie's place: to tell the server of the old one would end this one.
    pub(super) fn forgive_what_is_owed(&mut self) {
        if self.context.config.needs_cookies() || self.context.config.refreshes_without_tokens() {
            self.memory.owed = None;
        }
    }

    fn tell_owed(&mut self, waiter: Option<WaiterId>) {
        if let Some(owed) = &mut self.memory.owed {
            owed.tries = owed.tries.saturating_add(1);
            owed.is_being_told = true;
            self.effects.push(Effect::SignOutAtServer {
                waiter,
                access: owed.access.clone(),
                refresh: owed.refresh.clone(),
            });
        }
    }
}

/// Whether the server has said something that it would say again.
fn is_final(error: &Error) -> bool {
    error
        .status()
        .is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 425 | 429))
}
