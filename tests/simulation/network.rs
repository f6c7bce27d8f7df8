//! Calls on their way to the server and back.

use hallpass::answer::{self, Answer};
use hallpass::event::{AttemptId, Event, WaiterId};
use hallpass::lock_wait::Line;
use hallpass::oidc::authorization::PendingCode;
use hallpass::oidc::grant::Grant as Known;
use hallpass::record::Sid;
use hallpass::secret::Secret;
use hallpass::time::{Span, Timestamp};
use hallpass::tokens::TokenSet;

use crate::agenda::Task;
use crate::dice::Dice;
use crate::mutations::Safety;
use crate::plan::Condition;
use crate::server::Grant;
use crate::settings::Renewal;
use crate::tab::{PageId, Waiter};
use crate::trace;
use crate::world::World;

pub(crate) type CallId = usize;

/// `timeoutSeconds` where the application says nothing.
const DEADLINE: i64 = 10_000;

pub(crate) struct Call {
    pub(crate) page: PageId,
    pub(crate) kind: Kind,
    pub(crate) fate: Fate,
    /// Awake time at which it left, and from which on its page did not wait for it any more.
    pub(crate) sent: i64,
    pub(crate) settled: i64,
    /// Whether the page held the lock when it asked.
    pub(crate) under_lock: bool,
    reply: Option<Reply>,
    /// The connection broke.
    is_cut: bool,
    /// The answer is in the browser.
    is_back: bool,
    /// The browser's cookie as it went along.
    pub(crate) cookie: Option<String>,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Refresh {
        attempt: AttemptId,
        access: Option<String>,
        refresh: Option<String>,
        /// What the session keeps of its provider.
        known: Option<Known>,
    },
    SignIn {
        waiter: WaiterId,
        user: u8,
        asked: i64,
    },
    Exchange {
        waiter: WaiterId,
        form: String,
        pending: Box<PendingCode>,
        asked: i64,
    },
    SignOut {
        waiter: Option<WaiterId>,
        access: Option<String>,
        refresh: Option<String>,
    },
    Api {
        access: String,
        sid: Sid,
        is_replay: bool,
    },
}

/// What became of a call, as its page knows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    Flying,
    /// The answer came, whatever it was.
    Heard,
    /// Nothing came.
    Lost,
    /// Its caller waits no longer.
    Abandoned,
    /// Its caller waits no longer, because the session ended.
    Ended,
    /// The page is gone.
    Gone,
}

#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Span>,
    /// What the server's clock showed, where the page may read that.
    pub(crate) date: Option<Timestamp>,
    pub(crate) body: String,
    pub(crate) grant: Option<Grant>,
}

impl World<'_> {
    // ── Out ──

    pub(crate) fn send(&mut self, tab: usize, kind: Kind) -> CallId {
        let call = self.calls.len();
        let page = self.tabs[tab].page.as_ref();
        let held = page.and_then(|page| page.held.as_ref());
        let under_lock = held.is_some_and(|held| held.line == Line::First);
        let page = self.page_id(tab);
        let has_deadline = matches!(
            kind,
            Kind::Refresh { .. } | Kind::SignIn { .. } | Kind::Exchange { .. }
        );
        self.calls.push(Call {
            page,
            kind,
            fate: Fate::Flying,
            sent: self.clock.awake,
            settled: i64::MAX,
            under_lock,
            reply: None,
            is_cut: false,
            is_back: false,
            cookie: self.jar.clone(),
        });
        let latency = self.dice_of(call).between(5, 150);
        if self.is_offline() {
            self.soon(latency / 10, Task::Reply { call });
        } else {
            self.soon(latency, Task::Arrive { call });
        }
        if has_deadline {
            self.soon(DEADLINE, Task::Deadline { page, call });
        }
        call
    }

    /// The page does not want the answer any more.
    pub(crate) fn abort(&mut self, call: CallId) {
        let Call { page, fate, .. } = self.calls[call];
        let page = self.tabs[page.tab].page.as_ref();
        let has_session = page.is_some_and(|page| page.access().is_some());
        if fate == Fate::Flying {
            let fate = if has_session {
                Fate::Abandoned
            } else {
                Fate::Ended
            };
            self.conclude(call, fate);
        }
    }

    pub(crate) fn conclude(&mut self, call: CallId, fate: Fate) {
        self.calls[call].fate = fate;
        self.calls[call].settled = self.clock.awake;
    }

    /// The connection breaks: the server may do what it was asked, but no answer comes.
    pub(crate) fn cut(&mut self, call: CallId) {
        let Call { fate, is_back, .. } = self.calls[call];
        if fate == Fate::Flying && !is_back {
            self.calls[call].is_cut = true;
            self.calls[call].reply = None;
            self.soon(10, Task::Reply { call });
        }
    }

    pub(crate) fn dice_of(&self, call: CallId) -> Dice {
        Dice::new(self.plan.seed, [2, call as u64, 0])
    }

    // ── At the server ──

    pub(crate) fn arrive(&mut self, call: CallId) {
        let mut dice = self.dice_of(call);
        let mut latency = dice.between(5, 150) + dice.between(0, 200);
        let reply = self.answer_of(call);
        let reply = if self.is(Condition::Resent) && dice.one_in(2) {
            self.answer_of(call)
        } else {
            reply
        };
        let mut reply = Some(reply);
        if self.is(Condition::Lost) && dice.one_in(2) {
            self.note(|| format!("      the answer to call {call} gets lost"));
            reply = None;
            latency += dice.one_of(&[0, 3_000, 15_000]);
        }
        if self.is(Condition::Late) {
            latency += dice.between(1_000, 14_000);
        }
        if self.is_held(call) {
            latency += dice.between(0, 5_000);
        }
        if self.calls[call].is_cut {
            return;
        }
        self.calls[call].reply = reply;
        self.soon(latency, Task::Reply { call });
    }

    // ── Back ──

    /// The answer has reached the browser: it takes the cookie, whether or not the page runs.
    pub(crate) fn reply(&mut self, call: CallId) {
        let is_open_ended = self.off == Some(Safety::CommitGuard);
        let page = self.calls[call].page;
        let is_wanted = self.calls[call].fate == Fate::Flying
            || is_open_ended && matches!(self.calls[call].fate, Fate::Abandoned | Fate::Ended);
        if !is_wanted || !self.is_alive(page) {
            return;
        }
        self.calls[call].is_back = true;
        let grant = self.calls[call]
            .reply
            .as_ref()
            .and_then(|reply| reply.grant.as_ref());
        if let Some(refresh) = grant.and_then(|grant| grant.refresh.clone())
            && self.plan.settings.renewal == Renewal::Cookie
        {
            self.jar = Some(refresh);
        }
        self.soon(0, Task::Heard { page, call });
    }

    pub(crate) fn deadline(&mut self, call: CallId) {
        if self.calls[call].fate == Fate::Flying {
            self.calls[call].reply = None;
            self.heard(call);
        }
    }

    /// The page hears of it.
    pub(crate) fn heard(&mut self, call: CallId) {
        let is_open_ended = self.off == Some(Safety::CommitGuard);
        let Call { page, fate, .. } = self.calls[call];
        if fate != Fate::Flying && !(is_open_ended && matches!(fate, Fate::Abandoned | Fate::Ended))
        {
            return;
        }
        let reply = self.calls[call].reply.clone();
        let fate = if reply.is_some() {
            Fate::Heard
        } else {
            Fate::Lost
        };
        self.conclude(call, fate);
        if let Some(Reply {
            grant: Some(grant), ..
        }) = &reply
        {
            let wall = self.clock.wall();
            if let Some(access) = self.server.accesses.get_mut(&grant.access) {
                access.received = Some(wall);
            }
        }
        self.note(|| trace::heard(call, reply.as_ref().map(|reply| reply.status)));
        let kind = self.calls[call].kind.clone();
        let answer = |reply: &Option<Reply>| match reply {
            Some(reply) => answer::interpret(reply.status, reply.retry_after, &reply.body),
            None => no_answer(),
        };
        if let (Kind::SignIn { waiter, .. }, Some(Safety::SignInOrder)) = (&kind, self.off) {
            let waiter = *waiter;
            self.dispatch(
                page.tab,
                Event::SignInBegan {
                    waiter,
                    exchanges: false,
                },
            );
        }
        match kind {
            Kind::Refresh { attempt, known, .. } => {
                let answer = match &reply {
                    Some(reply) if self.plan.settings.has_provider() => {
                        self.refreshed(reply, known.as_ref())
                    }
                    reply => answer(reply),
                };
                self.refresh_answered(page.tab, attempt, answer);
                let has_tokens = reply.is_some_and(|reply| reply.grant.is_some());
                let page = self.tabs[page.tab].page.as_ref();
                if has_tokens && page.is_some_and(|page| page.access().is_none()) {
                    self.conclude(call, Fate::Ended);
                }
            }
            Kind::SignIn { waiter, .. } => {
                match (answer::signed_in(answer(&reply), String::new()), reply) {
                    (
                        Ok(set),
                        Some(Reply {
                            grant: Some(grant), ..
                        }),
                    ) => {
                        self.signed_in(page.tab, waiter, &grant, set);
                    }
                    _ => {
                        let error = trace::not_signed_in();
                        self.dispatch(page.tab, Event::SignInFailed { waiter, error });
                    }
                }
            }
            Kind::Exchange {
                waiter, pending, ..
            } => {
                let set = self.exchanged(page.tab, reply.as_ref(), &pending);
                match (set, reply.and_then(|reply| reply.grant)) {
                    (Ok(set), Some(grant)) => {
                        self.signed_in(page.tab, waiter, &grant, set);
                    }
                    (set, _) => {
                        let error = set.err().unwrap_or_else(trace::not_signed_in);
                        self.dispatch(page.tab, Event::SignInFailed { waiter, error });
                    }
                }
            }
            Kind::SignOut { waiter, .. } => {
                let outcome = reply.map(|_| ()).ok_or_else(trace::not_told);
                self.dispatch(page.tab, Event::SignOutAnswered { waiter, outcome });
            }
            Kind::Api {
                access,
                sid,
                is_replay,
            } => {
                if let Answer::Tokens(set) = answer(&reply) {
                    let sid = Some(sid);
                    let stored = self.read_store(page.tab);
                    return self.ask(page.tab, Waiter::Given, |waiter| Event::TokensGiven {
                        waiter,
                        set,
                        sid,
                        cookie_hash: None,
                        stored,
                    });
                }
                if reply.is_some_and(|reply| reply.status == 401) && !is_replay {
                    let made_in = self.server.family_of(&access);
                    let waiter = Waiter::Replay { made_in };
                    self.ask(page.tab, waiter, |waiter| Event::Unauthorized {
                        waiter,
                        sent: Secret::from(access),
                        sid,
                    });
                }
            }
        }
    }

    fn refresh_answered(&mut self, tab: usize, attempt: AttemptId, answer: Answer) {
        // Another tab may have been quicker, or have signed out: then the store has word of it.
        let stored = self.read_store(tab);
        if let Some(page) = &mut self.tabs[tab].page
            && page.under_way.is_some_and(|(id, _)| id == attempt)
        {
            page.under_way = None;
        }
        let event = Event::Answered {
            attempt,
            answer,
            cookie_hash: None,
            stored,
        };
        if self.is(Condition::Twice) {
            self.dispatch(tab, event.clone());
        }
        self.dispatch(tab, event);
    }

    fn signed_in(&mut self, tab: usize, waiter: WaiterId, grant: &Grant, set: TokenSet) {
        if let (Some(page), Some(family)) = (
            &mut self.tabs[tab].page,
            self.server.family_of(&grant.access),
        ) {
            // Unless it was told already that its sign-in does not count.
            if let Some(open) = page.waiters.get_mut(&waiter.0) {
                let user = self.server.families[family].user;
                *open = Waiter::SignIn { user, family };
            }
        }
        let event = Event::SignedIn {
            waiter,
            set,
            cookie_hash: None,
        };
        if self.is(Condition::Twice) {
            self.dispatch(tab, event.clone());
        }
        self.dispatch(tab, event);
    }
}

/// Nothing came that could be judged.
pub(crate) const fn no_answer() -> Answer {
    Answer::Trouble {
        status: None,
        retry_after: None,
    }
}
