//! Web Locks: first come, first served; gone with the page that holds them.

use std::collections::{BTreeMap, VecDeque};

use hallpass::event::{AttemptId, Event};
use hallpass::group::Group;

use crate::agenda::Task;
use crate::dice::Dice;
use crate::tab::PageId;
use crate::teeth::Safety;
use crate::world::World;

/// The deadline of a refresh, and `MARGIN_MILLIS` of `src/web/calls.rs`.
const LONG_HOLD: i64 = 12_000;

/// `FIRST_LOOK_MILLIS` of `src/web/lock.rs`.
const FIRST_LOOK: i64 = 100;

/// Between a refusal and the next request; the first pauses of `locks.ts`.
const ASKS_AGAIN: i64 = 20;

/// A request that waits.
pub(crate) struct Wanted {
    pub(crate) ticket: Ticket,
    pub(crate) attempt: AttemptId,
    /// The name of the lock.
    name: String,
    /// Who held it at the last look, if there was one.
    seen: Option<Option<PageId>>,
    /// Patience ended while the grant was on its way.
    is_late: bool,
}

/// Where those line up who wait for a page that is stuck.
pub(crate) const NEXT: &str = ".next";

/// All locks of one browser.
pub(crate) struct Locks {
    by_name: BTreeMap<String, Lock>,
    is_open_to_all: bool,
}

impl Locks {
    pub(crate) const fn new(is_open_to_all: bool) -> Self {
        Self {
            by_name: BTreeMap::new(),
            is_open_to_all,
        }
    }

    fn named(&mut self, name: &str) -> &mut Lock {
        let is_open_to_all = self.is_open_to_all;
        self.by_name
            .entry(name.to_owned())
            .or_insert_with(|| Lock::new(is_open_to_all))
    }

    /// The page is gone; whom to tell that a lock is theirs now.
    pub(crate) fn drop_page(&mut self, page: PageId) -> Vec<Ticket> {
        let locks = self.by_name.values_mut();
        locks.filter_map(|lock| lock.drop_page(page)).collect()
    }
}

/// One request for a lock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Ticket {
    pub(crate) page: PageId,
    pub(crate) number: u64,
}

/// One lock of one name.
#[derive(Default)]
struct Lock {
    holders: Vec<Ticket>,
    waiting: VecDeque<Ticket>,
    /// Teeth: whoever asks gets it.
    is_open_to_all: bool,
}

impl Lock {
    fn new(is_open_to_all: bool) -> Self {
        Self {
            is_open_to_all,
            ..Self::default()
        }
    }

    /// Whom to tell that the lock is theirs, if anybody.
    fn ask(&mut self, ticket: Ticket) -> Option<Ticket> {
        self.waiting.push_back(ticket);
        self.next()
    }

    fn give_up(&mut self, ticket: Ticket) {
        self.waiting.retain(|waiting| *waiting != ticket);
    }

    fn release(&mut self, ticket: Ticket) -> Option<Ticket> {
        self.holders.retain(|holder| *holder != ticket);
        self.next()
    }

    fn drop_page(&mut self, page: PageId) -> Option<Ticket> {
        self.waiting.retain(|ticket| ticket.page != page);
        self.holders.retain(|ticket| ticket.page != page);
        self.next()
    }

    fn next(&mut self) -> Option<Ticket> {
        if !self.holders.is_empty() && !self.is_open_to_all {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.holders.push(next);
        Some(next)
    }
}

/// As `src/web/calls.rs` asks for them.
impl World<'_> {
    pub(crate) fn acquire_lock(&mut self, tab: usize, attempt: AttemptId) {
        if let Some(page) = &mut self.tabs[tab].page {
            page.awaits_lock = Some(attempt);
        }
        if self.plan.settings.has_locks {
            let name = self.lock_name(tab);
            self.want(tab, name, attempt);
        } else {
            self.refuse_lock(tab, attempt);
        }
    }

    fn lock_name(&self, tab: usize) -> String {
        let is_common = self.config.is_shared() || !self.config.spends_refresh_token();
        let page = self.tabs[tab].page.as_ref().filter(|_| !is_common);
        let group = page.and_then(|page| page.state.group());
        group.map_or_else(|| "refresh".to_owned(), Group::lock)
    }

    fn want(&mut self, tab: usize, name: String, attempt: AttemptId) {
        self.tickets += 1;
        let number = self.tickets;
        let page = self.page_id(tab);
        let ticket = Ticket { page, number };
        let next = self.locks.named(&name).ask(ticket);
        if let Some(page) = &mut self.tabs[tab].page {
            page.wanted.push(Wanted {
                ticket,
                attempt,
                name,
                seen: None,
                is_late: false,
            });
        }
        self.grant(next);
        self.soon(FIRST_LOOK, Task::LooksWhoHolds { ticket });
    }

    pub(crate) fn grant(&mut self, ticket: impl IntoIterator<Item = Ticket>) {
        for ticket in ticket {
            self.soon(1, Task::Granted { ticket });
        }
    }

    pub(crate) fn granted(&mut self, ticket: Ticket) {
        let tab = ticket.page.tab;
        if self.is_refused() {
            return self.refused(ticket);
        }
        let Some(Wanted { attempt, name, .. }) = self.take_wanted(ticket) else {
            return;
        };
        // As the shell does: what came for an earlier attempt goes back.
        if self.tabs[tab]
            .page
            .as_ref()
            .is_none_or(|page| page.awaits_lock != Some(attempt))
        {
            let next = self.locks.named(&name).release(ticket);
            return self.grant(next);
        }
        self.release_lock(tab);
        if let Some(page) = &mut self.tabs[tab].page {
            page.held = Some((name, ticket));
        }
        let stored = self.read_store(tab);
        self.dispatch(tab, Event::LockGranted { attempt, stored });
    }

    fn is_refused(&mut self) -> bool {
        if !self.plan.settings.refuses_locks {
            return false;
        }
        self.grants += 1;
        Dice::new(self.plan.seed, [4, self.grants, 0]).one_in(3)
    }

    /// As Chromium does where the grant arrives while the page is inside `window.open`; `locks.ts` asks again.
    fn refused(&mut self, ticket: Ticket) {
        let Some(name) = self.wanted(ticket).map(|wanted| wanted.name.clone()) else {
            return;
        };
        let next = self.locks.named(&name).release(ticket);
        self.grant(next);
        if self.off == Some(Safety::AskAgain) {
            return self.without_locks(ticket);
        }
        match self.wanted(ticket) {
            Some(wanted) if wanted.is_late => self.out_of_patience(ticket),
            _ => self.soon(ASKS_AGAIN, Task::AsksAgain { ticket }),
        }
    }

    pub(crate) fn ask_again(&mut self, ticket: Ticket) {
        if let Some(name) = self.wanted(ticket).map(|wanted| wanted.name.clone()) {
            let next = self.locks.named(&name).ask(ticket);
            self.grant(next);
        }
    }

    /// Teeth: as if a refusal meant that there are no locks.
    fn without_locks(&mut self, ticket: Ticket) {
        let tab = ticket.page.tab;
        if let Some(wanted) = self.take_wanted(ticket) {
            self.refuse_lock(tab, wanted.attempt);
        }
    }

    fn wanted(&mut self, ticket: Ticket) -> Option<&mut Wanted> {
        let page = self.tabs[ticket.page.tab].page.as_mut()?;
        page.wanted.iter_mut().find(|it| it.ticket == ticket)
    }

    /// Waits on while the line moves.
    pub(crate) fn look_who_holds(&mut self, ticket: Ticket) {
        let tab = ticket.page.tab;
        let page = self.tabs[tab].page.as_mut();
        let wanted = page.and_then(|page| page.wanted.iter_mut().find(|it| it.ticket == ticket));
        let Some(wanted) = wanted else {
            return;
        };
        let lock = self.locks.named(&wanted.name);
        let holder = lock.holders.first().map(|holder| holder.page);
        if wanted.seen.replace(holder) != Some(holder) {
            return self.soon(LONG_HOLD, Task::LooksWhoHolds { ticket });
        }
        // Changes nothing where the lock has become ours meanwhile.
        if lock.holders.contains(&ticket) {
            wanted.is_late = true;
        } else {
            lock.give_up(ticket);
            self.out_of_patience(ticket);
        }
    }

    fn out_of_patience(&mut self, ticket: Ticket) {
        let tab = ticket.page.tab;
        let Some(Wanted { attempt, name, .. }) = self.take_wanted(ticket) else {
            return;
        };
        if name.ends_with(NEXT) {
            self.refuse_lock(tab, attempt);
        } else {
            self.want(tab, name + NEXT, attempt);
        }
    }

    fn take_wanted(&mut self, ticket: Ticket) -> Option<Wanted> {
        let page = self.tabs[ticket.page.tab].page.as_mut()?;
        let position = page.wanted.iter().position(|it| it.ticket == ticket)?;
        Some(page.wanted.remove(position))
    }

    fn refuse_lock(&mut self, tab: usize, attempt: AttemptId) {
        let id = self.page_id(tab);
        if let Some(page) = &mut self.tabs[tab].page {
            page.unlocked.push(attempt);
        }
        self.micro
            .push_back((id, Event::LockUnavailable { attempt }));
    }

    pub(crate) fn release_lock(&mut self, tab: usize) {
        let page = self.tabs[tab].page.as_mut();
        if let Some((name, ticket)) = page.and_then(|page| page.held.take()) {
            let next = self.locks.named(&name).release(ticket);
            self.grant(next);
        }
    }

    /// At `pagehide`: a page that may be frozen any moment holds up nobody.
    pub(crate) fn give_lock_back(&mut self, tab: usize) {
        self.release_lock(tab);
        let page = self.tabs[tab].page.as_ref();
        if let Some((_, call)) = page.and_then(|page| page.under_way) {
            self.calls[call].under_lock = false;
        }
    }
}
