//! Web Locks: first come, first served; gone with the page that holds them.

use std::collections::{BTreeMap, VecDeque};

use hallpass::event::{AttemptId, Event};
use hallpass::lock_wait::{self, Fact, Line, LockWait, Order};

use crate::agenda::Task;
use crate::dice::Dice;
use crate::mutations::Safety;
use crate::tab::PageId;
use crate::world::World;

/// A page's wait for a lock.
pub(crate) struct Wanted {
    /// The request in the line in which it waits.
    ticket: Ticket,
    attempt: AttemptId,
    /// The lock of the first line.
    name: String,
    line: Line,
    wait: LockWait,
}

impl Wanted {
    fn lock(&self) -> String {
        self.line.name(&self.name)
    }
}

/// A lock that a page holds.
pub(crate) struct Held {
    pub(crate) name: String,
    pub(crate) line: Line,
    ticket: Ticket,
}

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

impl Ticket {
    /// Of a page that has not asked yet.
    const fn none(page: PageId) -> Self {
        Self { page, number: 0 }
    }
}

/// One lock of one name.
#[derive(Default)]
struct Lock {
    holders: Vec<Ticket>,
    waiting: VecDeque<Ticket>,
    /// Mutation: every tab that asks gets it.
    is_open_to_all: bool,
}

impl Lock {
    fn new(is_open_to_all: bool) -> Self {
        Self {
            is_open_to_all,
            ..Self::default()
        }
    }

    /// The tab to be told that it has the lock, if any.
    fn ask(&mut self, ticket: Ticket) -> Option<Ticket> {
        self.waiting.push_back(ticket);
        self.next()
    }

    /// The page holds it no longer, or waits for it no longer.
    fn release(&mut self, ticket: Ticket) -> Option<Ticket> {
        self.waiting.retain(|waiting| *waiting != ticket);
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

/// As `src/web/calls.rs` and `src/web/lock.rs` ask for them; how long, and where, the shipped [`LockWait`] says.
impl World<'_> {
    pub(crate) fn acquire_lock(&mut self, tab: usize, attempt: AttemptId) {
        self.leave_line(tab);
        let id = self.page_id(tab);
        let (wait, order) = LockWait::new(lock_wait::longest_hold(&self.config));
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        page.wanted = Some(Wanted {
            ticket: Ticket::none(id),
            attempt,
            name: lock_wait::name(&self.config, page.state.group()),
            line: Line::First,
            wait,
        });
        if self.plan.settings.has_locks {
            self.carry_out_lock_order(tab, order);
        } else {
            self.hear_of_lock(tab, Fact::Forbidden);
        }
    }

    fn hear_of_lock(&mut self, tab: usize, fact: Fact) {
        if let Some(wanted) = self.wanted_in(tab) {
            let order = wanted.wait.hear(fact);
            self.carry_out_lock_order(tab, order);
        }
    }

    fn carry_out_lock_order(&mut self, tab: usize, order: Order) {
        if let Order::Enter { line, .. } = order {
            self.enter_line(tab, line);
        }
        let Some(&mut Wanted {
            ticket, attempt, ..
        }) = self.wanted_in(tab)
        else {
            return;
        };
        match order {
            Order::Enter { look_after, .. } => {
                self.request_lock(ticket);
                self.soon(look_after.as_millis(), Task::LooksWhoHolds { ticket });
            }
            Order::RequestAgain(pause) => {
                self.soon(pause.as_millis(), Task::AsksAgain { ticket });
            }
            Order::LookAgain(pause) => {
                self.soon(pause.as_millis(), Task::LooksWhoHolds { ticket });
            }
            Order::GiveUp => {
                self.leave_line(tab);
                self.refuse_lock(tab, attempt);
            }
        }
    }

    fn enter_line(&mut self, tab: usize, line: Line) {
        self.give_ticket_back(tab);
        self.tickets += 1;
        let number = self.tickets;
        if let Some(wanted) = self.wanted_in(tab) {
            wanted.ticket.number = number;
            wanted.line = line;
        }
    }

    /// Nothing changes for the page where the lock has become its own meanwhile: it goes back unheard of.
    fn leave_line(&mut self, tab: usize) {
        self.give_ticket_back(tab);
        if let Some(page) = &mut self.tabs[tab].page {
            page.wanted = None;
        }
    }

    fn give_ticket_back(&mut self, tab: usize) {
        if let Some(wanted) = self.wanted_in(tab) {
            let (lock, ticket) = (wanted.lock(), wanted.ticket);
            let next = self.locks.named(&lock).release(ticket);
            self.grant(next);
        }
    }

    pub(crate) fn request_lock(&mut self, ticket: Ticket) {
        if let Some(lock) = self.wanted(ticket).map(|wanted| wanted.lock()) {
            let next = self.locks.named(&lock).ask(ticket);
            self.grant(next);
        }
    }

    pub(crate) fn grant(&mut self, ticket: impl IntoIterator<Item = Ticket>) {
        for ticket in ticket {
            self.soon(1, Task::Granted { ticket });
        }
    }

    pub(crate) fn granted(&mut self, ticket: Ticket) {
        if self.wanted(ticket).is_none() {
            return;
        }
        if self.is_refused() {
            return self.refused(ticket);
        }
        let tab = ticket.page.tab;
        self.release_lock(tab);
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        let Some(wanted) = page.wanted.take() else {
            return;
        };
        page.held = Some(Held {
            name: wanted.lock(),
            line: wanted.line,
            ticket,
        });
        let attempt = wanted.attempt;
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

    /// As Chromium does where the grant arrives while the page is inside `window.open`.
    fn refused(&mut self, ticket: Ticket) {
        let tab = ticket.page.tab;
        self.give_ticket_back(tab);
        // Mutation: as if a refusal meant that there are no locks.
        let is_forbidden = self.off == Some(Safety::AskAgain);
        let fact = Fact::refused(is_forbidden.then_some("SecurityError"));
        self.hear_of_lock(tab, fact);
    }

    pub(crate) fn look_who_holds(&mut self, ticket: Ticket) {
        if let Some(lock) = self.wanted(ticket).map(|wanted| wanted.lock()) {
            let holder = self.locks.named(&lock).holders.first();
            let client_id = holder.map(|Ticket { page, .. }| format!("{}/{}", page.tab, page.life));
            self.hear_of_lock(ticket.page.tab, Fact::Looked(client_id));
        }
    }

    /// What the page waits for by this request, unless it was given up.
    fn wanted(&mut self, ticket: Ticket) -> Option<&mut Wanted> {
        let wanted = self.wanted_in(ticket.page.tab)?;
        (wanted.ticket == ticket).then_some(wanted)
    }

    fn wanted_in(&mut self, tab: usize) -> Option<&mut Wanted> {
        self.tabs[tab].page.as_mut()?.wanted.as_mut()
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
        if let Some(held) = page.and_then(|page| page.held.take()) {
            let next = self.locks.named(&held.name).release(held.ticket);
            self.grant(next);
        }
    }

    /// At `pagehide`: a page that may be frozen any moment must not hold up the others.
    pub(crate) fn give_lock_back(&mut self, tab: usize) {
        self.release_lock(tab);
        let page = self.tabs[tab].page.as_ref();
        if let Some((_, call)) = page.and_then(|page| page.under_way) {
            self.calls[call].under_lock = false;
        }
    }
}
