//! Every way into a session that the user takes: a sign-in, tokens of the application's own, a redirect.

use crate::effect::{Change, Effect, Outcome};
use crate::error::{Error, ErrorKind};
use crate::event::WaiterId;
use crate::fingerprint;
use crate::group::Group;
use crate::record::{Message, Record, Sid};
use crate::time::{Now, Span, Timestamp};
use crate::tokens::{TokenSet, Tokens};

use super::live::Live;
use super::sign_out::signed_out;
use super::{Phase, Stage, Turn, View};

impl Turn<'_> {
    /// Whether this sign-in still counts; it is over now.
    pub(super) fn take_sign_in(&mut self, waiter: WaiterId) -> bool {
        let open = &mut self.memory.sign_ins;
        let position = open.iter().position(|other| *other == waiter);
        position.map(|position| open.remove(position)).is_some()
    }

    /// What these sign-ins bring counts no more.
    pub(super) fn give_up_sign_ins(&mut self, are_over: impl Fn(WaiterId) -> bool, error: &Error) {
        let all = std::mem::take(&mut self.memory.sign_ins);
        let (over, open) = all.into_iter().partition(|waiter| are_over(*waiter));
        self.memory.sign_ins = open;
        let over: Vec<WaiterId> = over;
        for waiter in over {
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
        let tokens = Tokens::receive(set, now.wall, self.memory.skew, config.limits.token_bytes)?;
        fingerprint::check(&tokens, config.fingerprint.as_ref(), cookie_hash)?;
        let signed_in = self.begins();
        let record = Record {
            sid: self.new_name(),
            generation: 1,
            tokens,
            signed_in,
            ahead: signed_in.since(now.wall),
            group: self.context.secret.map(Group::new),
            set_back: self.memory.set_back,
        };
        Ok(self.live(record, Some(now)))
    }

    /// Now, and after every sign-out that is known here, whatever the wall clock was set back to.
    fn begins(&self) -> Timestamp {
        let now = self.context.now.wall;
        self.memory
            .last_sign_out
            .map_or(now, |before| now.max(before.plus(Span::from_millis(1))))
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
        let is_first = self.memory.shown == View::Loading;
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
            self.memory.over = Some(old.record.sid.clone());
        }
        self.memory.ended = Some(old.record.sid.clone());
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
        self.memory.skew = tokens.skew().unwrap_or(self.memory.skew);
        let lifetime = tokens.lifetime();
        self.persist(live);
        if fingerprint::is_made_here(self.context.config.fingerprint.as_ref()) {
            self.effects.push(Effect::RenewCookie { lifetime });
        }
        self.tell_renewed(live);
    }

    pub(super) fn persist(&mut self, live: &Live) {
        let record = Record {
            set_back: self.memory.set_back,
            ..live.record.clone()
        };
        self.effects.push(Effect::Persist(Box::new(record)));
    }

    pub(super) fn new_name(&mut self) -> Sid {
        self.memory.names = self.memory.names.wrapping_add(1);
        Sid::new(self.context.random, self.memory.names)
    }

    /// `arrived`: when the tokens came into this tab; `None` where they were restored.
    pub(super) fn live(&mut self, record: Record, arrived: Option<Now>) -> Box<Live> {
        // A record of the future: the wall clock was set back since it was written.
        let latest = record.tokens.received().max(record.signed_in);
        let ahead = latest.since(self.context.now.wall);
        let set_back = record.set_back.max(ahead);
        self.memory.set_back = self.memory.set_back.max(set_back);
        Box::new(Live::new(record, arrived, self.context, self.memory.skew))
    }
}
