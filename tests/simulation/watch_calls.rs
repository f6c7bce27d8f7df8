//! The invariants of what leaves a tab: refreshes, and requests with its token.

use hallpass::event::AttemptId;
use hallpass::lock_wait::Line;
use hallpass::secret::Secret;

use crate::network::{CallId, Fate, Kind};
use crate::plan::Condition;
use crate::server::FamilyId;
use crate::settings::Renewal;
use crate::tab::Waiter;
use crate::trace::name;
use crate::world::World;

const MINUTE: i64 = 60_000;

/// Refreshes by itself that a tab may make in a minute: five of tokens that have only just come, one of
/// others each three seconds, and what the backoff allows.
const MOST_REFRESHES: usize = 40;

impl World<'_> {
    /// A refresh leaves.
    pub(crate) fn judge_refresh(
        &mut self,
        tab: usize,
        attempt: AttemptId,
        access: Option<&Secret>,
    ) {
        if self.plan.settings.renewal == Renewal::Bearer
            && let Some(access) = access
        {
            self.judge_token(tab, access.expose());
        }
        let Some(page) = &self.tabs[tab].page else {
            return;
        };
        let is_flying = |call: CallId| self.calls[call].fate == Fate::Flying;
        if page.under_way.is_some_and(|(_, call)| is_flying(call)) {
            return self.fail("one refresh at a time", format!("tab {tab} asks twice"));
        }
        let has_lock = page.held.is_some();
        let may_go = page.unlocked.contains(&attempt);
        if self.plan.settings.has_locks && !has_lock && !may_go {
            let what = format!("tab {tab} did not wait for the lock");
            return self.fail("one refresh at a time", what);
        }
        let by_hand = page
            .waiters
            .values()
            .any(|waiter| matches!(waiter, Waiter::Refresh));
        let held = page.held.as_ref();
        let held = held.filter(|held| held.line == Line::First);
        let held = held.map(|held| &held.name);
        let other = self.tabs.iter().position(|tab| {
            let Some(other) = &tab.page else {
                return false;
            };
            let is_same = held.is_some() && other.held.as_ref().map(|held| &held.name) == held;
            let flies = |(_, call)| is_flying(call) && self.calls[call].under_lock;
            is_same && other.under_way.is_some_and(flies)
        });
        if let Some(other) = other {
            let what = format!("tabs {other} and {tab} hold the lock");
            return self.fail("one refresh at a time", what);
        }
        if !by_hand {
            self.judge_rate(tab);
        }
    }

    fn judge_rate(&mut self, tab: usize) {
        let awake = self.clock.awake;
        let past = &mut self.tabs[tab].past;
        past.refreshes.push_back(awake);
        for moments in [&mut past.refreshes, &mut past.reasons] {
            while moments.front().is_some_and(|at| awake - at > MINUTE) {
                moments.pop_front();
            }
        }
        let (made, reasons) = (past.refreshes.len(), past.reasons.len());
        if made > MOST_REFRESHES + 2 * reasons {
            let what = format!("tab {tab} made {made} in a minute");
            self.fail("the rate of refreshes is bounded", what);
        }
    }

    /// A token is given to a caller that will use it.
    pub(crate) fn judge_token(&mut self, tab: usize, token: &str) {
        let now = self.now(tab).monotonic.as_millis();
        let wall = self.clock.wall();
        let Some(page) = &self.tabs[tab].page else {
            return;
        };
        // Asked for and signed out while the page began: both are answered in one step, in their order.
        if page.state.tokens().is_none() {
            return;
        }
        let Some((came, left)) = page.known.get(token).copied() else {
            let what = format!("tab {tab}: {}", name(token));
            return self.fail("only tokens of the session are used", what);
        };
        let access = &self.server.accesses[token];
        let is_over_by_wall = access
            .received
            .is_some_and(|at| wall - at >= access.lifetime);
        // A wall clock that was set back makes a sibling's old token look young to the tab that takes it.
        if page.renewed == now && self.clock.stepped != 0 {
            return;
        }
        if is_over_by_wall || now - came >= left {
            let what = format!("tab {tab}: {}", name(token));
            self.fail("no request leaves with an expired token", what);
        }
    }

    /// A request of the application leaves: its body was written in one sign-in, and goes with no other's token.
    pub(crate) fn judge_request(&mut self, tab: usize, made_in: Option<FamilyId>, token: &str) {
        let (Some(made_in), Some(family)) = (made_in, self.server.family_of(token)) else {
            return;
        };
        let user = |family: FamilyId| self.server.families[family].user;
        // A cookie is the whole browser's: the session goes on with what the same user got by another sign-in.
        let is_cookie = self.plan.settings.renewal == Renewal::Cookie;
        let is_its = made_in == family || is_cookie && user(made_in) == user(family);
        if !is_its {
            let what = format!(
                "tab {tab}: made by user {}, sent as user {} with {}",
                user(made_in),
                user(family),
                name(token)
            );
            self.fail("no request leaves with another session's token", what);
        }
    }

    /// Whether messages between tabs were late or lost a moment ago.
    fn is_hard_of_hearing(&self) -> bool {
        let has_been = |condition| self.clock.awake < self.conditions[condition as usize] + 10_000;
        self.plan.settings.is_shared && (has_been(Condition::Slow) || has_been(Condition::Deaf))
    }

    /// Whether a page that runs has tokens that are newer than those spent by this call.
    fn is_held_after(&self, call: CallId) -> bool {
        let Kind::Refresh {
            access: Some(spent),
            ..
        } = &self.calls[call].kind
        else {
            return true;
        };
        let spent = &self.server.accesses[spent];
        let pages = self.tabs.iter().filter_map(|tab| tab.page.as_ref());
        pages.filter(|page| !page.is_frozen).any(|page| {
            let known = page.access().map(|access| &self.server.accesses[access]);
            known.is_some_and(|it| it.family == spent.family && it.serial > spent.serial)
        })
    }

    /// A token that was spent by `earlier` was spent again.
    pub(crate) fn judge_reuse(&mut self, earlier: CallId, call: CallId) {
        let settings = &self.plan.settings;
        let (first, second) = (&self.calls[earlier], &self.calls[call]);
        let tabs = [first.page.tab, second.page.tab];
        let is_tampered = tabs.iter().any(|tab| self.tabs[*tab].past.is_tampered);
        let is_copy = tabs.iter().any(|tab| self.tabs[*tab].past.is_copied);
        let is_away = settings.is_shared && tabs.iter().any(|tab| self.tabs[*tab].past.is_deaf);
        let meets_others = settings.joins_tabs() || settings.renewal == Renewal::Cookie;
        let overlap = first.sent <= second.settled && second.sent <= first.settled;
        let is_beside = overlap && !(first.under_lock && second.under_lock);
        let fates = [first.fate, second.fate];
        let excuse = match () {
            _ if earlier == call => Some("the network sent it twice"),
            _ if fates.contains(&Fate::Lost) => Some("an answer was lost"),
            _ if fates.contains(&Fate::Gone) => Some("a page was gone"),
            _ if fates.contains(&Fate::Ended) => Some("a session ended while it was renewed"),
            _ if settings.renewal == Renewal::Cookie && fates.contains(&Fate::Abandoned) => Some(
                "a sign-in took the place of a call, and of the cookie that it would have brought",
            ),
            _ if is_beside => {
                Some("a page was frozen, or an answer late: the other did not wait longer")
            }
            _ if !settings.has_locks && meets_others => Some("there are no locks"),
            _ if is_copy && fates.contains(&Fate::Abandoned) => {
                Some("a sign-in took the place of a call for whose answer copies wait")
            }
            _ if is_copy && !settings.has_locks => Some("copies have no locks"),
            _ if settings.is_shared && !self.is_held_after(earlier) => {
                Some("the tab with the newer tokens is gone")
            }
            _ if settings.is_shared && !settings.has_channel => Some("tabs do not hear each other"),
            _ if is_away => Some("a tab was away when its session ended"),
            _ if self.is_hard_of_hearing() => Some("tabs did not hear each other in time"),
            _ if is_tampered => Some("the store failed"),
            _ => None,
        };
        match excuse {
            Some(excuse) => {
                self.counts.excused += 1;
                self.note(|| format!("      spent twice by calls {earlier} and {call}: {excuse}"));
            }
            None => {
                let what = format!(
                    "call {earlier} of tab {} ({:?}) and call {call} of tab {}",
                    tabs[0], first.fate, tabs[1]
                );
                self.fail("no rotated token is spent twice", what);
            }
        }
    }
}
