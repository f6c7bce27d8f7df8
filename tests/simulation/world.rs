//! One browser on one machine, a server, and the time.
//!
//! Everything that happens is a task of the agenda; one after the other they come to their time. After
//! each step of a tab's core the invariants are judged (`watch`). Nothing here knows real time, threads or
//! real randomness: the same plan makes the same run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use hallpass::config::Config;
use hallpass::event::Event;
use hallpass::oidc::metadata::Metadata;
use hallpass::time::{Now, Span, Timestamp};

use crate::agenda::{Agenda, Task};
use crate::authorization;
use crate::locks::Locks;
use crate::marks::Marks;
use crate::mutations::Safety;
use crate::network::Call;
use crate::plan::{CONDITIONS, Condition, Plan};
use crate::server::Server;
use crate::tab::{PageId, Tab};

/// The moment at which every run begins: 2023-11-14T22:13:20Z.
pub(crate) const START: i64 = 1_700_000_000_000;

/// How long a browser is left alone at the end, with everything in order.
const CALM: i64 = 300_000;

/// How long a caller that asks at the very end may wait.
const ANSWER: i64 = 60_000;

pub(crate) struct World<'a> {
    pub(crate) plan: &'a Plan,
    /// Mutation: the safety that is switched off.
    pub(crate) off: Option<Safety>,
    pub(crate) config: Config,
    /// The provider's, where there is one.
    pub(crate) metadata: Option<Metadata>,
    pub(crate) clock: Clock,
    pub(crate) agenda: Agenda,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) locks: Locks,
    pub(crate) tickets: u64,
    pub(crate) server: Server,
    pub(crate) calls: Vec<Call>,
    /// The refresh token's cookie, which all tabs share.
    pub(crate) jar: Option<String>,
    pub(crate) local: Local,
    pub(crate) marks: Marks,
    /// Until when each kind of trouble lasts.
    pub(crate) conditions: [i64; CONDITIONS],
    pub(crate) offline_until: i64,
    /// Locks that were granted, or refused instead.
    pub(crate) grants: u64,
    /// Tabs have not heard each other in time: those that share a session may have renewed it twice by now.
    pub(crate) was_out_of_touch: bool,
    /// Facts that come as soon as the present task is over: the platform's microtasks.
    pub(crate) micro: VecDeque<(PageId, Event)>,
    pub(crate) letters: u64,
    /// The true time of each sign-out of all sessions, by what the wall clock said.
    pub(crate) sign_outs: BTreeMap<i64, i64>,
    /// Users who went to the provider so far.
    pub(crate) visits: u64,
    pub(crate) sent_codes: BTreeSet<String>,
    /// Mutation: where every tab sees what is pending.
    pub(crate) common_pending: Option<String>,
    pub(crate) is_calm: bool,
    pub(crate) failure: Option<Failure>,
    pub(crate) counts: Counts,
    pub(crate) trace: Option<Vec<String>>,
}

/// A rule that did not hold.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) rule: &'static str,
    pub(crate) what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) steps: u64,
    pub(crate) refreshes: u64,
    pub(crate) faults: u64,
    /// Tokens spent twice where nothing could have prevented it.
    pub(crate) excused: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.refreshes += other.refreshes;
        self.faults += other.faults;
        self.excused += other.excused;
    }
}

/// The machine's clocks, in milliseconds.
#[derive(Default)]
pub(crate) struct Clock {
    /// Time that the machine was awake: by this, timers fire and answers come.
    pub(crate) awake: i64,
    pub(crate) slept: i64,
    /// By how much the wall clock was set.
    pub(crate) stepped: i64,
}

impl Clock {
    /// The true time.
    pub(crate) const fn real(&self) -> i64 {
        START + self.awake + self.slept
    }

    pub(crate) const fn wall(&self) -> i64 {
        self.real() + self.stepped
    }
}

/// `localStorage`: one for all tabs, but each sees the others' writes a little later.
#[derive(Default)]
pub(crate) struct Local {
    pub(crate) writes: Vec<Option<String>>,
    /// How many of them each tab has seen.
    pub(crate) seen: Vec<usize>,
}

/// What came of a run.
pub(crate) struct Run {
    pub(crate) failure: Option<Failure>,
    pub(crate) counts: Counts,
    pub(crate) trace: Vec<String>,
}

pub(crate) fn run(plan: &Plan, off: Option<Safety>, is_traced: bool) -> Run {
    let mut world = World::new(plan, off, is_traced);
    world.live();
    Run {
        failure: world.failure,
        counts: Counts {
            refreshes: world.server.refreshed,
            ..world.counts
        },
        trace: world.trace.unwrap_or_default(),
    }
}

impl<'a> World<'a> {
    pub(crate) fn new(plan: &'a Plan, off: Option<Safety>, is_traced: bool) -> Self {
        let tabs = plan.settings.tabs;
        let config = plan.settings.config();
        Self {
            plan,
            off,
            metadata: config.provider.as_ref().map(authorization::metadata),
            config,
            clock: Clock::default(),
            agenda: Agenda::default(),
            tabs: (0..tabs).map(|_| Tab::default()).collect(),
            locks: Locks::new(off == Some(Safety::Lock)),
            tickets: 0,
            server: Server::default(),
            calls: Vec::new(),
            jar: None,
            local: Local {
                writes: Vec::new(),
                seen: vec![0; tabs],
            },
            marks: Marks::default(),
            conditions: [0; CONDITIONS],
            offline_until: 0,
            grants: 0,
            was_out_of_touch: false,
            micro: VecDeque::new(),
            letters: 0,
            sign_outs: BTreeMap::new(),
            visits: 0,
            sent_codes: BTreeSet::new(),
            common_pending: None,
            is_calm: false,
            failure: None,
            counts: Counts::default(),
            trace: is_traced.then(Vec::new),
        }
    }

    pub(crate) fn live(&mut self) {
        for (index, (at, _)) in self.plan.ops.iter().enumerate() {
            self.agenda.at(*at, Task::Op(index));
        }
        let last = self.plan.ops.last().map_or(0, |(at, _)| *at);
        self.agenda.at(last + 1, Task::Calm);
        while self.failure.is_none()
            && let Some((at, task)) = self.agenda.next()
            && at <= self.end_after(last)
        {
            self.clock.awake = self.clock.awake.max(at);
            self.happen(task);
            while let Some((page, event)) = self.micro.pop_front() {
                if self.is_alive(page) {
                    self.dispatch(page.tab, event);
                }
            }
        }
        if self.failure.is_none() {
            self.judge_the_end();
        }
    }

    /// A caller that asks just before the end is answered yet.
    fn end_after(&self, last: i64) -> i64 {
        let mut pages = self.tabs.iter().filter_map(|tab| tab.page.as_ref());
        let is_waited_for = pages.any(|page| !page.waiters.is_empty());
        last + CALM + if is_waited_for { ANSWER } else { 0 }
    }

    fn happen(&mut self, task: Task) {
        if let Some(page) = task.page() {
            if !self.is_alive(page) {
                return;
            }
            if let Some(frozen) = self.tabs[page.tab].page.as_mut()
                && frozen.is_frozen
            {
                if frozen.is_away && matches!(task, Task::Message { .. }) {
                    self.tabs[page.tab].past.is_deaf = true;
                } else {
                    frozen.backlog.push_back(task);
                }
                return;
            }
        }
        match task {
            Task::Op(index) => self.do_op(self.plan.ops[index].1),
            Task::Calm => self.calm_down(),
            Task::Timer { page, number } => self.timer_fired(page.tab, number),
            Task::Granted { ticket } => self.granted(ticket),
            Task::LooksWhoHolds { ticket } => self.look_who_holds(ticket),
            Task::AsksAgain { ticket } => self.request_lock(ticket),
            Task::Deadline { call, .. } => self.deadline(call),
            Task::Heard { call, .. } => self.heard(call),
            Task::Message { page, letter } => self.message(page.tab, &letter),
            Task::Woke { page } => self.wake(page.tab),
            Task::Online { page } => {
                self.has_reason(page.tab);
                self.dispatch(page.tab, Event::WentOnline);
            }
            Task::Judge { page, at } if at == self.clock.wall() => self.judge_woken(page.tab),
            Task::Judge { .. } => {}
            Task::PopupReturns { page, number } => self.popup_returns(page.tab, number),
            Task::Returns { page } => self.returns(page),
            Task::Forgets { page } => {
                self.unload(page.tab);
                self.load(page.tab);
            }
            Task::Thaw { page } => self.thaw(page),
            Task::NetworkIsBack => self.network_is_back(),
            Task::Arrive { call } => self.arrive(call),
            Task::Reply { call } => self.reply(call),
            Task::Seen { tab, write } => {
                self.local.seen[tab] = self.local.seen[tab].max(write);
            }
        }
    }

    // ── Small things ──

    pub(crate) fn is_alive(&self, page: PageId) -> bool {
        let tab = &self.tabs[page.tab];
        tab.page.is_some() && tab.life == page.life
    }

    pub(crate) fn page_id(&self, tab: usize) -> PageId {
        let life = self.tabs[tab].life;
        PageId { tab, life }
    }

    pub(crate) fn is(&self, condition: Condition) -> bool {
        self.clock.awake < self.conditions[condition as usize]
    }

    pub(crate) fn is_offline(&self) -> bool {
        self.clock.awake < self.offline_until
    }

    pub(crate) fn soon(&mut self, millis: i64, task: Task) {
        self.agenda.at(self.clock.awake + millis, task);
    }

    /// The time as the page in this tab sees it.
    pub(crate) fn now(&self, tab: usize) -> Now {
        let born = self.tabs[tab].page.as_ref().map_or(0, |page| page.born);
        Now {
            wall: Timestamp::from_millis(self.clock.wall()),
            monotonic: Span::from_millis(self.monotonic() - born),
        }
    }

    pub(crate) fn monotonic(&self) -> i64 {
        if self.plan.settings.counts_sleep {
            self.clock.awake + self.clock.slept
        } else {
            self.clock.awake
        }
    }

    pub(crate) fn fail(&mut self, rule: &'static str, what: String) {
        self.note(|| format!("✗ {rule}: {what}"));
        self.failure.get_or_insert(Failure { rule, what });
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            let awake = self.clock.awake;
            let time = format!("{:>6}.{:03}", awake / 1_000, awake % 1_000);
            trace.push(format!("{time} {}", line()));
        }
    }
}
