//! Every way into a session that the user takes: a sign-in, tokens of the application's own, a redirect.

use crate::effect::{Change, Effect, Outcome};
use crate::error::{Error, ErrorKind};
use crate::event::WaiterId;
use crate::fingerprint;
use crate::group::Group;
use crate::record::{Message, Record, Sid};
use crate::time::Now;
use crate::tokens::{TokenSet, Tokens};

use super::live::Live;
use super::sign_out::signed_out;
use super::{Phase, Stage, Turn, View};

impl Turn<'_> {
    /// What these sign-ins bring counts no more.
    pub(super) fn give_up_sign_ins(&mut self, are_over: impl Fn(WaiterId) -> bool, error: &Error) {
        for waiter in self.tab.sign_ins.void(are_over) {
            self.effects.push(Effect::AbandonSignIn { waiter });
            self.settle(waiter, Outcome::Failed(error.clone()));
        }
    }

    /// The latest sign-in that worked stands, whenever those that began before it are answered.
    fn sign_in_worked(&mut self, waiter: WaiterId) {
        self.settle(waiter, Outcome::Done);
        let message = "a sign-in that began later took the place of this one";
        let error = Error::new(ErrorKind::SignedOut, message);
        self.give_up_sign_ins(|other| other < waiter, &error);
    }

    /// A session from tokens that came just now; the old one stands until this has worked.
    pub(super) fn session_from(
        &mut self,
        set: TokenSet,
        cookie_hash: Option<&str>,
    ) -> Result<Box<Live>, Error> {
        let config = self.context.config;
        let now = self.context.now;
        let tokens = Tokens::receive(
            set,
            now.wall,
            self.tab.clock.skew(),
            config.limits.token_bytes,
        )?;
        fingerprint::check(&tokens, config.fingerprint.as_ref(), cookie_hash)?;
        let signed_in = self.tab.sign_outs.begin_after(now.wall);
        let record = Record {
            sid: new_name(&mut self.tab.names, self.context.random),
            generation: 1,
            tokens,
            signed_in,
            ahead: signed_in.since(now.wall),
            group: self.context.secret.map(Group::new),
            set_back: self.tab.clock.set_back(),
        };
        Ok(self.live(record, Some(now)))
    }

    pub(super) fn signed_in(&mut self, live: Box<Live>, waiter: WaiterId) -> Phase {
        self.keep_new(&live);
        self.emit(Change::SignedIn);
        self.sign_in_worked(waiter);
        self.tick(live, Stage::Fresh)
    }

    /// Where nothing was shown yet, the first that is told is the sign-in: not that no user was here before
    /// it, which would send the user to the login page again, nor which session it takes the place of.
    pub(super) fn open_with_sign_in(&mut self) {
        let is_first = self.tab.shown == View::Loading;
        let is_sign_in = |effect: &Effect| matches!(effect, Effect::Emit(Some(Change::SignedIn)));
        if let Some(at) = self
            .effects
            .iter()
            .position(is_sign_in)
            .filter(|_| is_first)
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

    pub(super) fn replaced(
        &mut self,
        old: &Live,
        stage: Stage,
        next: Box<Live>,
        waiter: WaiterId,
    ) -> Phase {
        let waiters = self.interrupt(stage);
        // Tabs that share the old session shall not go on with it; the new one is offered on request.
        if self.context.config.is_shared() {
            self.tell(Message::SignedOut {
                sid: Some(old.record.sid.clone()),
                before: None,
            });
        }
        let is_everywhere = self.context.config.is_shared();
        self.tab.sign_outs.ended(&old.record.sid, is_everywhere);
        self.keep_new(&next);
        self.emit(Change::SignedIn);
        // They asked in the old session. That the user is the same one, no opaque token would tell.
        self.fail(waiters, &signed_out());
        self.sign_in_worked(waiter);
        self.tick(next, Stage::Fresh)
    }

    /// A session that the user has just begun.
    fn keep_new(&mut self, live: &Live) {
        self.forgive_what_is_owed();
        self.keep(live);
        self.mark_begin(live);
    }

    /// Stores new tokens, remembers what they say about the server's clock, and lets siblings know.
    pub(super) fn keep(&mut self, live: &Live) {
        let tokens = &live.record.tokens;
        self.tab.clock.measure_skew(tokens.skew());
        let lifetime = tokens.lifetime();
        self.persist(live);
        if fingerprint::is_made_here(self.context.config.fingerprint.as_ref()) {
            self.effects.push(Effect::RenewCookie { lifetime });
        }
        self.tell_renewed(live);
    }

    pub(super) fn persist(&mut self, live: &Live) {
        let record = Record {
            set_back: self.tab.clock.set_back(),
            ..live.record.clone()
        };
        self.effects.push(Effect::Persist(Box::new(record)));
    }

    /// `arrived`: when the tokens came into this tab; `None` where they were restored.
    pub(super) fn live(&mut self, record: Record, arrived: Option<Now>) -> Box<Live> {
        self.tab.clock.read_record(&record, self.context.now);
        Box::new(Live::new(
            record,
            arrived,
            self.context,
            self.tab.clock.skew(),
        ))
    }
}

/// A name that no other session or question has.
pub(super) fn new_name(names: &mut u32, random: [u8; 16]) -> Sid {
    *names = names.wrapping_add(1);
    Sid::new(random, *names)
}
