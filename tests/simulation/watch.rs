//! The invariants. Each names its rule in words, and is judged after every step that it concerns.

use hallpass::effect::{Change, Effect, Outcome, SignOutReason};
use hallpass::session::View;

use crate::settings::{Renewal, Storage};
use crate::tab::{Page, Tab, Waiter};
use crate::trace::name;
use crate::world::World;

const MINUTE: i64 = 60_000;

/// Ticks that a tab may take in a second.
const MOST_TICKS: usize = 30;

impl World<'_> {
    /// After each step: what the tab holds now.
    pub(crate) fn judge_step(
        &mut self,
        tab: usize,
        before: Option<&str>,
        is_sign_in: bool,
        effects: &[Effect],
    ) {
        self.note_sign_in(tab, effects);
        self.judge_snapshots(tab, effects);
        let Some(page) = &self.tabs[tab].page else {
            return;
        };
        let arms = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Arm(_)));
        if arms.count() > 1 {
            return self.fail("at most one timer a tab", format!("tab {tab}"));
        }
        let after = page.access().map(str::to_owned);
        match after {
            Some(access) if before != Some(access.as_str()) => {
                // A tab without a session that joins the siblings' takes what they have.
                let is_free = before.is_none() && self.plan.settings.is_shared;
                self.judge_new_token(tab, &access, (is_sign_in, is_free));
            }
            Some(_) => {}
            None => {
                // Until the server has said whether it knows this browser, there is something to do.
                let view = page.state.view(self.now(tab));
                let is_settled =
                    matches!(view, View::SignedOut(reason) if reason != SignOutReason::Unreachable);
                let is_armed =
                    is_settled && !page.timers.is_empty() && !effects.contains(&Effect::Arm(None));
                if is_armed {
                    self.fail("no timer without a session", format!("tab {tab}"));
                }
                if before.is_some()
                    && !effects
                        .iter()
                        .any(|effect| matches!(effect, Effect::Forget | Effect::ForgetHere(_)))
                {
                    self.fail("an end forgets the session", format!("tab {tab}"));
                }
                // The server may know the next page by a cookie that another tab got.
                if self.plan.settings.renewal == Renewal::Cookie {
                    self.tabs[tab].past.user = None;
                }
            }
        }
    }

    /// One refresh is one snapshot, and a second where the token ended meanwhile.
    fn judge_snapshots(&mut self, tab: usize, effects: &[Effect]) {
        let stepped = self.clock.stepped;
        let now = self.now(tab);
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        // A clock that is set ends the token, or gives it back: from there it is counted anew.
        let was_set = page.stepped != stepped;
        let mut most = 0;
        for effect in effects {
            match effect {
                Effect::AcquireLock { .. } => {
                    page.shown.get_or_insert(0);
                }
                Effect::Emit(Some(Change::IdleWarning { .. } | Change::StorageDegraded { .. })) => {
                }
                Effect::Emit(change) => {
                    if let Some(shown) = &mut page.shown {
                        *shown = if was_set { 0 } else { *shown + 1 };
                        most = most.max(*shown);
                    }
                    // Where a code is exchanged meanwhile, the session's end is no news yet.
                    let is_over = change.is_some() || page.state.view(now) == View::Loading;
                    page.shown.take_if(|_| is_over);
                }
                _ => {}
            }
        }
        if most > 2 {
            let what = format!("tab {tab} shows {most} snapshots");
            self.fail("one refresh is two snapshots at most", what);
        }
    }

    fn note_sign_in(&mut self, tab: usize, effects: &[Effect]) {
        let real = self.clock.real();
        for effect in effects {
            let Effect::Settle {
                waiter,
                outcome: Outcome::Done,
            } = effect
            else {
                continue;
            };
            let page = self.tabs[tab].page.as_ref();
            let number = waiter.0;
            let waiter = page.and_then(|page| page.waiters.get(&number));
            if let Some(Waiter::SignIn { user, family }) = waiter.copied() {
                self.server.families[family].began.get_or_insert(real);
                let past = &mut self.tabs[tab].past;
                (past.user, past.family) = (Some(user), Some(family));
                let Some(page) = &mut self.tabs[tab].page else {
                    continue;
                };
                if number < page.signed_in {
                    let what = format!("tab {tab}: w{number} after w{}", page.signed_in);
                    return self.fail("no sign-in takes the place of a later one", what);
                }
                page.signed_in = number;
            }
        }
    }

    fn judge_new_token(&mut self, tab: usize, access: &str, (is_sign_in, is_free): (bool, bool)) {
        self.note_token(tab, access);
        let settings = &self.plan.settings;
        let is_reached = settings.has_channel && !self.tabs.iter().any(|tab| tab.past.is_deaf);
        let real = self.clock.real();
        let known = &self.server.accesses[access];
        let (family, serial) = (known.family, known.serial);
        let from = &self.server.families[family];
        let (user, asked, began) = (from.user, from.asked, from.began.unwrap_or(from.asked));
        let is_alone = !settings.joins_tabs();
        let is_copied = settings.has_channel && self.tabs[tab].past.is_copied;
        let is_cookie = settings.renewal == Renewal::Cookie;
        let past = &mut self.tabs[tab].past;
        let newest = past.newest.entry(family).or_insert(serial);
        // Without locks, or word of each other, two tabs may get tokens at once, and each counts them by
        // itself. With a cookie, sessions share a family.
        let is_in_touch = !settings.is_shared && !is_copied || !self.was_out_of_touch;
        let is_ordered = is_alone && !is_copied || settings.has_locks && !is_cookie && is_in_touch;
        // Answers of the API and of a refresh overtake each other, and tokens of one moment are equally new.
        let is_ordered = is_ordered && !settings.slides;
        let is_older =
            is_ordered && !is_free && *newest > serial && !is_sign_in && !past.is_tampered;
        // A page that begins without a session remembers none.
        let is_newest = is_free || serial > *newest;
        let newest = std::mem::replace(newest, if is_newest { serial } else { *newest });
        let limit = match (is_sign_in, past.void_before, past.over_before) {
            (true, void, _) => void.filter(|void| asked < *void),
            (false, _, over) => over.filter(|over| began < *over),
        };
        let is_stranger = is_alone && past.user.is_some_and(|last| last != user);
        let is_other_family =
            is_alone && !is_cookie && past.family.is_some_and(|last| last != family);
        if past.user.is_none() || is_sign_in {
            past.began = real;
        }
        past.user = Some(user);
        past.family = Some(family);
        let what = || format!("tab {tab} holds {}", name(access));
        if is_older {
            let what = format!("{} after A{newest}", what());
            self.fail("an older token never replaces a newer one", what);
        }
        if is_stranger {
            let what = format!("{} of user {user}", what());
            self.fail("no session of another user than signed in last", what);
        }
        if is_other_family {
            self.fail("no tokens of another sign-in", what());
        }
        let is_late = settings.local_lag > 0;
        // An offer may come from a tab that has not heard yet; it is taken back, and judged at the end.
        let is_offered = settings.is_shared;
        let may_come_back = is_cookie || is_offered || !is_alone && (!is_reached || is_late);
        if limit.is_some() && !may_come_back {
            self.fail("no session comes back after its sign-out", what());
        }
    }

    /// A token of the session came into this tab: when, and how long it lives from here.
    pub(crate) fn note_token(&mut self, tab: usize, access: &str) {
        let (now, wall) = (self.now(tab).monotonic.as_millis(), self.clock.wall());
        let Some(known) = self.server.accesses.get(access) else {
            return;
        };
        let age = wall - known.received.unwrap_or(wall);
        let left = known.lifetime - age.max(0);
        if let Some(page) = &mut self.tabs[tab].page {
            page.renewed = now;
            page.known.insert(access.to_owned(), (now, left));
        }
    }

    /// A sign-out of all sessions, made at `at`, has been delivered.
    pub(crate) fn judge_sign_out(&mut self, tab: usize, at: i64) {
        let past = &mut self.tabs[tab].past;
        past.over_before = past.over_before.max(Some(at));
        let access = self.tabs[tab].page.as_ref().and_then(Page::access);
        let Some(family) = access.and_then(|access| self.server.family_of(access)) else {
            return;
        };
        let settings = &self.plan.settings;
        let family = &self.server.families[family];
        let began = match (settings.renewal, settings.joins_tabs()) {
            (Renewal::Cookie, true) => return,
            // The server knows the browser by its cookie: the session may be younger than its family.
            (Renewal::Cookie, false) => self.tabs[tab].past.began,
            _ => family.began.unwrap_or(family.asked),
        };
        let page = self.tabs[tab].page.as_ref();
        let is_younger = page.is_some_and(|page| page.opened >= at);
        // Wall clocks were all it had to go by; it is told once more, by name, when it asks.
        if is_younger && self.clock.stepped != 0 {
            return;
        }
        if began < at {
            let what = format!("tab {tab}");
            self.fail("after a sign-out no tab holds a token", what);
        }
    }

    /// Something gives a tab a reason to try at once.
    pub(crate) fn has_reason(&mut self, tab: usize) {
        let awake = self.clock.awake;
        self.tabs[tab].past.reasons.push_back(awake);
    }

    pub(crate) fn judge_tick(&mut self, tab: usize) {
        let awake = self.clock.awake;
        let ticks = &mut self.tabs[tab].past.ticks;
        ticks.push_back(awake);
        while ticks.front().is_some_and(|at| awake - at > 1_000) {
            ticks.pop_front();
        }
        if ticks.len() > MOST_TICKS {
            self.fail("timers do not storm", format!("tab {tab}"));
        }
    }

    /// Two seconds after a page was woken, an expired session is being renewed, where nothing forbids it.
    pub(crate) fn judge_woken(&mut self, tab: usize) {
        let is_quiet = self
            .conditions
            .iter()
            .all(|until| *until < self.clock.awake - 10_000);
        let page = self.tabs[tab].page.as_ref();
        // A short wait within a refresh: for siblings, or for a network that wakes.
        let is_waiting = page.is_some_and(|page| page.due <= self.clock.awake + 1_000);
        let is_stuck = !is_waiting && self.is_stuck(tab, 2 * MINUTE + 10_000);
        if is_quiet && !self.is_offline() && is_stuck {
            let what = format!("tab {tab} has an expired token and does nothing about it");
            self.fail("a wake renews what has expired", what);
        }
    }

    pub(crate) fn is_stale(&self, tab: usize) -> bool {
        let page = self.tabs[tab].page.as_ref();
        let view = page.map(|page| page.state.view(self.now(tab)));
        matches!(view, Some(View::SignedIn { stale: true, .. }))
    }

    /// Whether a session is stale and no attempt renews it; a failure in the last `pause` explains it.
    fn is_stuck(&self, tab: usize, pause: i64) -> bool {
        let Some(page) = &self.tabs[tab].page else {
            return false;
        };
        let awake = self.clock.awake;
        let has_failed = page.failed.is_some_and(|at| awake - at < pause);
        self.is_stale(tab) && self.config.schedule.proactive && !page.is_refreshing() && !has_failed
    }

    /// Whether it holds a session that was over when it last heard of a sign-out.
    fn is_back(&self, tab: usize) -> bool {
        let settings = &self.plan.settings;
        let Tab { page, past, .. } = &self.tabs[tab];
        let access = page.as_ref().and_then(Page::access);
        let family = access.and_then(|access| self.server.family_of(access));
        let began = family.and_then(|family| self.server.families[family].began);
        let is_sure = settings.renewal != Renewal::Cookie
            && settings.has_channel
            && self.clock.stepped == 0
            && !self.tabs.iter().any(|tab| tab.past.is_deaf);
        is_sure && began.is_some_and(|began| past.over_before.is_some_and(|over| began < over))
    }

    /// After five minutes without trouble.
    pub(crate) fn judge_the_end(&mut self) {
        for tab in 0..self.tabs.len() {
            let Some(page) = &self.tabs[tab].page else {
                continue;
            };
            if let Some((caller, waiter)) = page.waiters.first_key_value() {
                let what = format!("tab {tab}: w{caller} ({waiter:?})");
                return self.fail("every caller is settled", what);
            }
            if page.state.view(self.now(tab)) == View::Loading {
                return self.fail("no page loads for ever", format!("tab {tab}"));
            }
            let is_out = page.state.tokens().is_none();
            let is_kept = self.plan.settings.storage == Storage::Session
                && is_out
                && !self.tabs[tab].past.is_tampered
                && self.tabs[tab].store.is_some();
            if is_kept {
                return self.fail("after a sign-out nothing is stored", format!("tab {tab}"));
            }
            if self.is_back(tab) {
                let what = format!("tab {tab}");
                return self.fail("no session comes back after its sign-out", what);
            }
            if self.is_stuck(tab, 0) {
                return self.fail("no session gets stuck", format!("tab {tab}"));
            }
        }
    }
}
