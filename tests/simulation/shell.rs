//! The shell of a page, as `src/web/driver.rs` and `src/web/effects.rs` are it: a queue of facts around
//! the core's `step`, and the effects carried out in order. It decides nothing.

use hallpass::effect::{Change, Effect, Outcome};
use hallpass::error::ErrorKind;
use hallpass::event::{AttemptId, Event, Stored, WaiterId};
use hallpass::oidc::token;
use hallpass::record::Sid;
use hallpass::secret::Secret;
use hallpass::session::{Context, step};

use crate::agenda::Task;
use crate::dice::Dice;
use crate::marks::WayIn;
use crate::mutations::Safety;
use crate::network::{Kind, no_answer};
use crate::provider::token_in;
use crate::tab::{Tab, Waiter};
use crate::trace;
use crate::world::World;

impl World<'_> {
    // ── In ──

    pub(crate) fn dispatch(&mut self, tab: usize, event: Event) {
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        if event.needs_mark() {
            page.queue.push_back(self.marks.read(page.state.group()));
        }
        page.queue.push_back(event);
        if std::mem::replace(&mut page.is_draining, true) {
            return;
        }
        let life = self.tabs[tab].life;
        while let Some(event) = self.next_event(tab, life) {
            for effect in self.step(tab, event) {
                if self.failure.is_some() || self.tabs[tab].life != life {
                    return;
                }
                self.carry_out(tab, effect);
            }
        }
        if let Some(page) = &mut self.tabs[tab].page {
            page.is_draining = false;
        }
    }

    fn next_event(&mut self, tab: usize, life: u32) -> Option<Event> {
        let tab = &mut self.tabs[tab];
        let page = tab.page.as_mut().filter(|_| tab.life == life)?;
        page.queue.pop_front()
    }

    /// Asks for something that a caller waits for.
    pub(crate) fn ask(
        &mut self,
        tab: usize,
        waiter: Waiter,
        event: impl FnOnce(WaiterId) -> Event,
    ) {
        if let Some(id) = self.open_waiter(tab, waiter) {
            self.dispatch(tab, event(id));
        }
    }

    pub(crate) fn open_waiter(&mut self, tab: usize, waiter: Waiter) -> Option<WaiterId> {
        let page = self.tabs[tab].page.as_mut()?;
        page.callers += 1;
        page.waiters.insert(page.callers, waiter);
        Some(WaiterId(page.callers))
    }

    fn step(&mut self, tab: usize, event: Event) -> Vec<Effect> {
        let Some(event) = self.without_safety(tab, event) else {
            return Vec::new();
        };
        let now = self.now(tab);
        let random = self.random(tab);
        let secret = self.secret(tab);
        let told = self.trace.as_ref().map(|_| trace::event(&event));
        let is_sign_in = matches!(event, Event::SignedIn { .. });
        let way_in = WayIn::of(&event);
        // What it shows, it shows in the step for which the mark was read.
        let is_prelude = matches!(event, Event::MarkRead { .. });
        let Some(page) = &mut self.tabs[tab].page else {
            return Vec::new();
        };
        let before = page.access().map(str::to_owned);
        let identity = page.identity();
        let context = Context {
            now,
            random,
            secret: Some(secret),
            config: &self.config,
        };
        let (state, effects) = step(std::mem::take(&mut page.state), event, context);
        page.state = state;
        self.counts.steps += 1;
        if let Some(told) = told
            && !trace::is_dull(&told, &effects)
        {
            self.note(|| format!("tab {tab} ◀ {told}"));
            for effect in &effects {
                self.note(|| format!("tab {tab}   ▶ {}", trace::effect(effect)));
            }
        }
        self.judge_step(tab, before.as_deref(), is_sign_in, &effects);
        self.judge_way_in(tab, before.as_deref(), way_in);
        self.judge_identity(tab, identity.as_ref());
        self.judge_loading(tab, &effects);
        let stepped = self.clock.stepped;
        if let Some(page) = self.tabs[tab].page.as_mut().filter(|_| !is_prelude) {
            page.stepped = stepped;
        }
        effects
    }

    fn random(&mut self, tab: usize) -> [u8; 16] {
        if let Some(page) = &mut self.tabs[tab].page {
            page.draws += 1;
        }
        let mut random = self.bytes(3, tab);
        if self.off == Some(Safety::Jitter) {
            random[..4].fill(0);
        }
        random
    }

    /// Of another stream than the other random bytes.
    fn secret(&self, tab: usize) -> [u8; 16] {
        self.bytes(7, tab)
    }

    fn bytes(&self, stream: u64, tab: usize) -> [u8; 16] {
        let Tab { life, page, .. } = &self.tabs[tab];
        let draws = page.as_ref().map_or(0, |page| page.draws);
        let name = u64::try_from(tab).unwrap() << 32 | u64::from(*life);
        Dice::new(self.plan.seed, [stream, name, draws]).bytes()
    }

    // ── Out ──

    fn carry_out(&mut self, tab: usize, effect: Effect) {
        match effect {
            Effect::AcquireLock { attempt } => self.acquire_lock(tab, attempt),
            Effect::Abandon { attempt } => self.abandon(tab, attempt),
            Effect::AbandonSignIn { waiter } => self.abandon_sign_in(tab, waiter),
            Effect::Arm(delay) => self.arm(tab, delay),
            Effect::Emit(change) => self.emit(tab, change),
            Effect::Forget => {
                *self.pending(tab) = None;
                self.write_store(tab, None);
            }
            Effect::ForgetHere(sid) => {
                *self.pending(tab) = None;
                let is_its = |stored| matches!(stored, Stored::Found(record) if record.sid == sid);
                if !self.config.has_common_store() || is_its(self.read_store(tab)) {
                    self.write_store(tab, None);
                }
            }
            Effect::Mark(marking) => self.change_mark(marking),
            Effect::NoteActivity(at) => self.marks.active = Some(at),
            Effect::Persist(record) => {
                let text = record.to_text(self.config.stores_refresh_token());
                let text = text.as_ref().map(|text| text.expose().to_owned());
                self.write_store(tab, text);
                self.note_generation(&record);
            }
            Effect::Refresh {
                attempt,
                access,
                refresh,
            } => self.refresh(tab, attempt, access, refresh),
            Effect::ReleaseLock => self.release_lock(tab),
            Effect::RenewCookie { .. } => {}
            Effect::Settle { waiter, outcome } => self.settle(tab, waiter, outcome),
            Effect::SignOutAtServer {
                waiter,
                access,
                refresh,
                ..
            } => {
                let expose = |secret: Secret| secret.expose().to_owned();
                let (access, refresh) = (access.map(expose), refresh.map(expose));
                self.send(
                    tab,
                    Kind::SignOut {
                        waiter,
                        access,
                        refresh,
                    },
                );
            }
            Effect::Tell(message) => self.tell(tab, &message),
        }
    }

    fn refresh(
        &mut self,
        tab: usize,
        attempt: AttemptId,
        access: Option<Secret>,
        refresh: Option<Secret>,
    ) {
        self.judge_refresh(tab, attempt, access.as_ref());
        let expose = |secret: Secret| secret.expose().to_owned();
        let refresh = match (&self.config.provider, refresh) {
            (Some(provider), Some(refresh)) => {
                token_in(&token::refresh_form(provider, &refresh), "refresh_token")
            }
            (_, refresh) => refresh.map(expose),
        };
        let page = self.tabs[tab].page.as_ref();
        let call = self.send(
            tab,
            Kind::Refresh {
                attempt,
                access: access.map(expose),
                refresh,
                known: page.and_then(|page| page.state.grant().cloned()),
            },
        );
        self.note(|| format!("tab {tab}     call {call} leaves"));
        if let Some(page) = &mut self.tabs[tab].page {
            page.under_way = Some((attempt, call));
        }
    }

    fn abandon(&mut self, tab: usize, attempt: AttemptId) {
        let id = self.page_id(tab);
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        if let Some((_, call)) = page
            .under_way
            .take_if(|(under_way, _)| *under_way == attempt)
        {
            self.abort(call);
            let stored = self.read_store(tab);
            let event = Event::Answered {
                attempt,
                answer: no_answer(),
                cookie_hash: None,
                stored,
            };
            self.micro.push_back((id, event));
        }
    }

    fn abandon_sign_in(&mut self, tab: usize, waiter: WaiterId) {
        let id = self.page_id(tab);
        let is_its = |kind: &Kind| matches!(kind, Kind::SignIn { waiter: its, .. } | Kind::Exchange { waiter: its, .. } if *its == waiter);
        let call = self
            .calls
            .iter()
            .rposition(|call| call.page == id && is_its(&call.kind));
        if let Some(call) = call {
            self.abort(call);
        }
    }

    /// The application hears of a change, and may ask for something at once.
    fn emit(&mut self, tab: usize, change: Option<Change>) {
        let awake = self.clock.awake;
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        let sid = page.state.sid().cloned();
        if let Some(Change::RefreshFailed { error, .. }) = &change {
            page.failed = Some(awake);
            if self.off == Some(Safety::LoopGuard) && error.kind() == ErrorKind::RefreshLoop {
                let id = self.page_id(tab);
                self.soon(0, Task::Forgets { page: id });
            }
        }
        if change.is_some() && self.plan.settings.is_talkative {
            self.ask(tab, Waiter::Token, |waiter| Event::TokenNeeded {
                waiter,
                min_validity: None,
                sid,
            });
        }
    }

    fn settle(&mut self, tab: usize, waiter: WaiterId, outcome: Outcome) {
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        let Some(caller) = page.waiters.remove(&waiter.0) else {
            let what = format!("tab {tab}: caller {} was settled twice", waiter.0);
            return self.fail("every caller is settled once", what);
        };
        if let Outcome::Token { token, sid, .. } = outcome {
            self.hand_out(tab, caller, token.expose(), sid);
        }
    }

    /// A caller has a token now; requests leave with it.
    pub(crate) fn hand_out(&mut self, tab: usize, caller: Waiter, token: &str, sid: Sid) {
        self.judge_token(tab, token);
        if let Waiter::Fetch { made_in } | Waiter::Replay { made_in } = caller {
            self.judge_request(tab, made_in, token);
            let kind = Kind::Api {
                access: token.to_owned(),
                sid,
                is_replay: matches!(caller, Waiter::Replay { .. }),
            };
            self.send(tab, kind);
        }
    }
}
