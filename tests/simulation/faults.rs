//! What people, the machine and the network do to the tabs.

use hallpass::event::{Event, Stored};
use hallpass::time::Span;

use crate::agenda::Task;
use crate::dice::Dice;
use crate::mutations::Safety;
use crate::network::{Fate, Kind};
use crate::plan::{CONDITIONS, Condition, Op};
use crate::settings::Storage;
use crate::tab::{Page, PageId, Past, Tab, Waiter};
use crate::world::World;

/// For how long requests are held while another user signs in.
const HELD: i64 = 2_000;

impl World<'_> {
    pub(crate) fn do_op(&mut self, op: Op) {
        self.note(|| format!("── {op}"));
        if op.is_fault() {
            self.counts.faults += 1;
        }
        match op {
            Op::SignIn { tab, user } => self.sign_in(tab, user),
            Op::SignOut { tab } => self.sign_out(tab),
            Op::Token { tab, min } => self.if_awake(tab, |world| {
                let page = world.tabs[tab].page.as_ref();
                let sid = page.and_then(|page| page.state.sid().cloned());
                world.ask(tab, Waiter::Token, |waiter| Event::TokenNeeded {
                    waiter,
                    min_validity: min.map(Span::from_millis),
                    sid,
                });
            }),
            Op::Fetch { tab, times } => self.if_awake(tab, |world| {
                for _ in 0..times {
                    world.fetch(tab);
                }
            }),
            Op::Refresh { tab } => self.if_awake(tab, |world| {
                world.ask(tab, Waiter::Refresh, |waiter| Event::RefreshAsked {
                    waiter,
                });
            }),
            Op::Active { tab } => self.if_awake(tab, |world| {
                if world.config.limits.idle.is_some() {
                    world.dispatch(tab, Event::Active);
                }
            }),
            Op::Focus { tab } => self.if_awake(tab, |world| world.wake(tab)),
            Op::Open { tab } => self.open(tab),
            Op::Reopen { tab } => {
                // The browser brings back what the closed tab had stored.
                self.tabs[tab].was_killed = true;
                self.open(tab);
            }
            Op::Close { tab } => self.close(tab, false),
            Op::Kill { tab } => self.close(tab, true),
            Op::Reload { tab } => self.reload(tab),
            Op::Duplicate { from, to } => self.duplicate(from, to),
            Op::Freeze { tab, millis } => self.freeze(tab, millis),
            Op::Leave { tab, millis } => self.leave(tab, millis),
            Op::Clear { tab } => self.tamper(tab, None),
            Op::Tamper { tab } => self.tamper(tab, Some("{\"v\":1}".to_owned())),
            Op::Fill { tab } => self.tabs[tab].is_full = true,
            Op::Sleep { millis } => self.sleep(millis),
            Op::Clock { millis } => self.clock.stepped += millis,
            Op::Offline { millis } => self.go_offline(millis),
            Op::Condition { condition, millis } => {
                self.conditions[condition as usize] = self.clock.awake + millis;
                self.was_out_of_touch |= matches!(condition, Condition::Deaf | Condition::Slow);
            }
            Op::Revoke { user } => self.server.end_all_of(user),
            Op::CallbackAgain { from, to } => {
                self.if_awake(to, |world| world.complete(to, from, None));
            }
            Op::Switch { tab, user } => {
                let until = self.clock.awake + HELD;
                self.conditions[Condition::Held as usize] = until;
                self.if_awake(tab, |world| {
                    world.fetch(tab);
                    world.fetch(tab);
                });
                // Two at once, and answered in any order: the last one is meant.
                self.sign_in(tab, (user + 1) % 3);
                self.sign_in(tab, user);
            }
        }
    }

    fn if_awake(&mut self, tab: usize, act: impl FnOnce(&mut Self)) {
        if self.is_awake(tab) {
            act(self);
        }
    }

    pub(crate) fn is_awake(&self, tab: usize) -> bool {
        let is_awake = |page: &Page| !page.is_frozen;
        self.tabs[tab].page.as_ref().is_some_and(is_awake)
    }

    // ── The application ──

    fn sign_in(&mut self, tab: usize, user: u8) {
        self.if_awake(tab, |world| {
            if world.plan.settings.has_provider() {
                return world.sign_in_at_provider(tab, user);
            }
            let Some(waiter) = world.open_waiter(tab, Waiter::Credentials) else {
                return;
            };
            if world.off != Some(Safety::SignInOrder) {
                world.dispatch(
                    tab,
                    Event::SignInBegan {
                        waiter,
                        exchanges: false,
                    },
                );
            }
            let asked = world.clock.real();
            world.send(
                tab,
                Kind::SignIn {
                    waiter,
                    user,
                    asked,
                },
            );
        });
    }

    fn sign_out(&mut self, tab: usize) {
        self.if_awake(tab, |world| {
            let now = Some(world.clock.real());
            let page = world.tabs[tab].page.as_ref();
            let has_session = page.is_some_and(|page| page.access().is_some());
            let past = &mut world.tabs[tab].past;
            past.void_before = now;
            if has_session {
                past.over_before = now;
            }
            world.ask(tab, Waiter::SignOut, |waiter| Event::SignOutAsked {
                waiter,
            });
        });
    }

    /// A request to the application's own server.
    fn fetch(&mut self, tab: usize) {
        let now = self.now(tab);
        let Some(page) = &self.tabs[tab].page else {
            return;
        };
        let made_in = page.access().and_then(|token| self.server.family_of(token));
        let caller = Waiter::Fetch { made_in };
        let sid = page.state.sid().cloned();
        let token = page.state.usable_token(now, None);
        match token.map(|(token, sid)| (token.expose().to_owned(), sid.clone())) {
            Some((token, sid)) => self.hand_out(tab, caller, &token, sid),
            None => self.ask(tab, caller, |waiter| Event::TokenNeeded {
                waiter,
                min_validity: None,
                sid,
            }),
        }
    }

    // ── The life of a tab ──

    fn open(&mut self, tab: usize) {
        if self.tabs[tab].page.is_some() || self.tabs[tab].away.is_some() {
            return;
        }
        if std::mem::take(&mut self.tabs[tab].was_killed) {
            self.tabs[tab].past.is_deaf = true;
        } else {
            let life = self.tabs[tab].life;
            self.tabs[tab] = Tab {
                life,
                ..Tab::default()
            };
        }
        self.load(tab);
    }

    pub(crate) fn load(&mut self, tab: usize) {
        self.begin_page(tab);
        self.restore(tab);
    }

    pub(crate) fn begin_page(&mut self, tab: usize) {
        let born = self.monotonic();
        self.tabs[tab].life += 1;
        self.tabs[tab].page = Some(Page::new(self.clock.real(), born));
        self.has_reason(tab);
        if self.is_offline() {
            self.dispatch(tab, Event::WentOffline);
        }
    }

    pub(crate) fn restore(&mut self, tab: usize) {
        let stored = self.read_store(tab);
        if let Stored::Found(record) = &stored {
            self.note_token(tab, record.tokens.access().expose());
        }
        self.dispatch(
            tab,
            Event::Restored {
                stored,
                cookie_hash: None,
            },
        );
    }

    fn close(&mut self, tab: usize, is_kill: bool) {
        if self.tabs[tab].page.is_none() && self.tabs[tab].away.is_none() {
            return;
        }
        self.tabs[tab].away = None;
        self.unload(tab);
        self.tabs[tab].was_killed = is_kill;
    }

    fn reload(&mut self, tab: usize) {
        self.if_awake(tab, |world| {
            world.unload(tab);
            world.load(tab);
        });
    }

    /// A page ends, with everything in it.
    pub(crate) fn unload(&mut self, tab: usize) {
        self.give_lock_back(tab);
        let page = self.page_id(tab);
        self.tabs[tab].page = None;
        self.tabs[tab].life += 1;
        let next = self.locks.drop_page(page);
        self.grant(next);
        for call in 0..self.calls.len() {
            if self.calls[call].page == page && self.calls[call].fate == Fate::Flying {
                self.conclude(call, Fate::Gone);
            }
        }
    }

    fn duplicate(&mut self, from: usize, to: usize) {
        let visit = self.tabs[from].away.clone();
        if from == to || self.tabs[from].page.is_none() && visit.is_none() {
            return;
        }
        if self.tabs[to].page.is_some() {
            self.unload(to);
        }
        self.tabs[from].past.is_copied = true;
        self.tabs[to] = Tab {
            life: self.tabs[to].life,
            store: self.tabs[from].store.clone(),
            pending: self.tabs[from].pending.clone(),
            verifiers: self.tabs[from].verifiers.clone(),
            past: Past {
                refreshes: Default::default(),
                ..self.tabs[from].past.clone()
            },
            ..Tab::default()
        };
        match visit {
            Some(visit) => {
                self.tabs[to].life += 1;
                self.visit(to, visit);
            }
            None => self.load(to),
        }
    }

    fn freeze(&mut self, tab: usize, millis: i64) {
        let id = self.page_id(tab);
        if let Some(page) = &mut self.tabs[tab].page
            && !page.is_frozen
        {
            page.is_frozen = true;
            self.soon(millis, Task::Thaw { page: id });
        }
    }

    /// Into the back/forward cache.
    fn leave(&mut self, tab: usize, millis: i64) {
        let page = self.page_id(tab);
        self.if_awake(tab, |world| {
            world.give_lock_back(tab);
            world.dispatch(tab, Event::Left);
            for call in 0..world.calls.len() {
                if world.calls[call].page == page {
                    world.cut(call);
                }
            }
            if let Some(page) = &mut world.tabs[tab].page {
                page.is_away = true;
            }
            world.freeze(tab, millis);
        });
    }

    /// The page goes on: with `resume`, and with all that it missed.
    pub(crate) fn thaw(&mut self, id: PageId) {
        if !self.is_alive(id) {
            return;
        }
        let Some(page) = &mut self.tabs[id.tab].page else {
            return;
        };
        if !std::mem::take(&mut page.is_frozen) {
            return;
        }
        let backlog = std::mem::take(&mut page.backlog);
        if std::mem::take(&mut page.is_away) {
            self.has_reason(id.tab);
            self.dispatch(id.tab, Event::CameBack);
            self.wake(id.tab);
            return backlog.into_iter().for_each(|task| self.soon(0, task));
        }
        let mut dice = Dice::new(self.plan.seed, [5, u64::from(id.life), id.tab as u64]);
        let is_first = dice.one_in(2);
        if is_first {
            self.soon(0, Task::Woke { page: id });
        }
        for task in backlog {
            self.soon(0, task);
        }
        if !is_first {
            self.soon(0, Task::Woke { page: id });
        }
    }

    // ── Its store ──

    fn tamper(&mut self, tab: usize, text: Option<String>) {
        for (index, other) in self.tabs.iter_mut().enumerate() {
            if index == tab || self.plan.settings.storage == Storage::Local {
                other.past.is_tampered = true;
            }
        }
        self.overwrite_store(tab, text);
    }

    // ── The machine ──

    fn sleep(&mut self, millis: i64) {
        self.clock.slept += millis;
        let mut dice = Dice::new(self.plan.seed, [6, self.clock.awake as u64, 0]);
        // Connections that were open do not survive for long.
        for call in 0..self.calls.len() {
            if dice.one_in(2) {
                self.cut(call);
            }
        }
        for tab in 0..self.tabs.len() {
            let page = self.page_id(tab);
            self.soon(dice.between(0, 20), Task::Woke { page });
        }
    }

    fn go_offline(&mut self, millis: i64) {
        self.offline_until = self.offline_until.max(self.clock.awake + millis);
        for tab in 0..self.tabs.len() {
            self.if_awake(tab, |world| world.dispatch(tab, Event::WentOffline));
        }
        for call in 0..self.calls.len() {
            self.cut(call);
        }
        self.soon(millis, Task::NetworkIsBack);
    }

    pub(crate) fn network_is_back(&mut self) {
        if self.is_offline() {
            return;
        }
        for tab in 0..self.tabs.len() {
            let page = self.page_id(tab);
            self.soon(0, Task::Online { page });
        }
    }

    /// The page is in front again, or may be: the shell reads the store and says so.
    pub(crate) fn wake(&mut self, tab: usize) {
        self.has_reason(tab);
        let page = self.page_id(tab);
        let stored = self.read_store(tab);
        self.dispatch(tab, Event::Woke { stored });
        let at = self.clock.wall() + 2_000;
        self.soon(2_000, Task::Judge { page, at });
    }

    /// All trouble is over, and people look at their tabs.
    pub(crate) fn calm_down(&mut self) {
        self.note(|| "── all trouble is over".to_owned());
        self.is_calm = true;
        self.conditions = [0; CONDITIONS];
        self.offline_until = 0;
        self.network_is_back();
        for tab in 0..self.tabs.len() {
            let page = self.page_id(tab);
            if self.tabs[tab]
                .page
                .as_ref()
                .is_some_and(|page| page.is_frozen)
            {
                self.thaw(page);
            } else {
                self.soon(5, Task::Woke { page });
            }
        }
    }
}
