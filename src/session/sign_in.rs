//! Every way into a session that the user takes: a sign-in, tokens of the application's own, a redirect.

use crate::effect::{Change, Effect, Outcome};
use crate::error::{Error, ErrorKind};
use crate::event::WaiterId;
use crate::fingerprint;
use crate::generation::Generation;
use crate::group::Group;
use crate::record::{Message, Record};
use crate::tokens::{TokenSet, Tokens};

use super::Context;
use super::active::Active;
use super::errors::signed_out;
use super::messages::new_name;
use super::next::Next;
use super::turn::Turn;
use super::view::View;

impl Turn<'_> {
    /// A session from tokens that came just now; the old one stands until this has worked.
    pub(super) fn session_from(
        &mut self,
        set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Result<Box<Active>, Error> {
        let Context { now, config, .. } = self.context;
        let received = self.check_received(set, Tokens::receive)?;
        fingerprint::check(&received.tokens, config.fingerprint.as_ref(), cookie_hash)?;
        let signed_in = self.tab.sign_outs.begin_after(now.wall);
        let record = Record {
            sid: new_name(&mut self.tab.names, self.context.random),
            generation: Generation::FIRST,
            tokens: received.tokens,
            signed_in,
            ahead: signed_in.since(now.wall),
            group: self.context.secret.map(Group::new),
            set_back: self.tab.clock.set_back(),
            profile: received.profile,
            grant: received.grant,
        };
        Ok(self.activate(record, Some(now)))
    }

    /// A sign-in brought these tokens: the session that comes of it, unless it counts no more or they are not good.
    pub(super) fn session_of_sign_in(
        &mut self,
        waiter: WaiterId,
        set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Option<Box<Active>> {
        if !self.tab.sign_ins.finish(waiter) {
            return None;
        }
        self.session_from(set, cookie_hash)
            .map_err(|error| self.settle(waiter, Outcome::Failed(error)))
            .ok()
    }

    /// The user has signed in where no session was.
    pub(super) fn signed_in(&mut self, active: &Active, waiter: WaiterId) {
        self.keep_new(active);
        self.emit(Change::SignedIn);
        self.sign_in_worked(waiter);
    }

    /// The user has signed in, in the place of the session that was here.
    pub(super) fn replaced(
        &mut self,
        active: &mut Active,
        next: Box<Active>,
        waiter: WaiterId,
    ) -> Next {
        self.interrupt(&mut active.refresh);
        let sid = &active.record.sid;
        // Tabs that share the old session shall not go on with it; the new one is offered on request.
        let is_shared = self.context.config.is_shared();
        if is_shared {
            self.tell(Message::SignedOut {
                sid: Some(sid.clone()),
                before: None,
            });
        }
        self.tab.sign_outs.ended(sid, is_shared);
        self.keep_new(&next);
        self.emit(Change::SignedIn);
        // They asked in the old session, and an opaque token does not tell whether this is the same user.
        self.fail(std::mem::take(&mut active.waiters), &signed_out());
        self.sign_in_worked(waiter);
        *active = *next;
        Next::Tick
    }

    /// A session that the user has just begun.
    fn keep_new(&mut self, active: &Active) {
        self.forgive_what_is_owed();
        self.keep(active);
        self.mark_begin(active);
    }

    /// The latest sign-in that worked stands, whenever those that began before it are answered.
    fn sign_in_worked(&mut self, waiter: WaiterId) {
        self.settle(waiter, Outcome::Done);
        let message = "a sign-in that began later took the place of this one";
        let error = Error::new(ErrorKind::SignedOut, message);
        self.void_sign_ins(|other| other < waiter, &error);
    }

    /// Where nothing was shown yet, the application is told of the sign-in alone. That no user was here before would
    /// send the user to the login page again; and of the session that it replaces nothing was known.
    pub(super) fn open_with_sign_in(&mut self) {
        let is_sign_in = |effect: &Effect| matches!(effect, Effect::Emit(Some(Change::SignedIn)));
        if self.tab.shown == View::Loading
            && let Some(at) = self.effects.iter().position(is_sign_in)
        {
            let told = self.effects.split_off(at);
            self.effects.retain(|effect| {
                !matches!(
                    effect,
                    Effect::Emit(Some(Change::Restored | Change::SignedOut { .. }))
                )
            });
            self.effects.extend(told);
        }
    }
}
