//! A tab and the page in it: what the shell keeps in JavaScript, and nothing that decides.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use hallpass::event::{AttemptId, Event};
use hallpass::session::State;

use crate::agenda::Task;
use crate::locks::{Held, Wanted};
use crate::network::CallId;
use crate::provider::{Parameters, Popup, Visit};
use crate::server::FamilyId;

/// A page: a tab, and how many pages it has had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PageId {
    pub(crate) tab: usize,
    pub(crate) life: u32,
}

/// What outlives a reload.
#[derive(Default)]
pub(crate) struct Tab {
    pub(crate) life: u32,
    pub(crate) page: Option<Page>,
    /// `sessionStorage`, as far as it is ours.
    pub(crate) store: Option<String>,
    /// The rest of it: a sign-in that it has left for.
    pub(crate) pending: Option<String>,
    /// It shows the provider's page, and none of ours.
    pub(crate) away: Option<Visit>,
    /// What it last came back with from there.
    pub(crate) callback: Option<Parameters>,
    /// The verifiers that it has made.
    pub(crate) verifiers: BTreeSet<String>,
    /// The next write fails.
    pub(crate) is_full: bool,
    /// Killed: its store is there when it comes back.
    pub(crate) was_killed: bool,
    /// What the invariants remember.
    pub(crate) past: Past,
}

/// What a tab has been through, for the invariants.
#[derive(Clone, Default)]
pub(crate) struct Past {
    /// The user that signed in last.
    pub(crate) user: Option<u8>,
    pub(crate) family: Option<FamilyId>,
    /// When its session began, by the true clock.
    pub(crate) began: i64,
    /// Sign-ins that were asked for before this are void, by the true clock.
    pub(crate) void_before: Option<i64>,
    /// Sessions that began before this are over.
    pub(crate) over_before: Option<i64>,
    /// The newest token of each family.
    pub(crate) newest: BTreeMap<FamilyId, u64>,
    /// The store was changed from outside, or failed: an older record may come back.
    pub(crate) is_tampered: bool,
    /// It was duplicated, or is a duplicate.
    pub(crate) is_copied: bool,
    /// A message did not reach it, or it was not there to hear.
    pub(crate) is_deaf: bool,
    /// When it refreshed by itself.
    pub(crate) refreshes: VecDeque<i64>,
    /// When something gave it a reason to try at once: a wake, a network, a new page.
    pub(crate) reasons: VecDeque<i64>,
    pub(crate) ticks: VecDeque<i64>,
}

/// What ends with a page.
pub(crate) struct Page {
    pub(crate) state: State,
    /// When it was opened, by the true clock.
    pub(crate) opened: i64,
    /// Where its monotonic clock began.
    pub(crate) born: i64,
    pub(crate) queue: VecDeque<Event>,
    pub(crate) is_draining: bool,
    pub(crate) is_frozen: bool,
    /// Frozen in the back/forward cache: no message waits for it.
    pub(crate) is_away: bool,
    /// What came while it was frozen.
    pub(crate) backlog: VecDeque<Task>,
    /// The store failed: memory, that is nothing.
    pub(crate) is_degraded: bool,
    /// Timers that have not fired.
    pub(crate) timers: Vec<u64>,
    /// When the last of them fires, in awake time.
    pub(crate) due: i64,
    /// Its wait for a lock.
    pub(crate) wanted: Option<Wanted>,
    pub(crate) held: Option<Held>,
    /// Attempts that were told that there is no lock for them.
    pub(crate) unlocked: Vec<AttemptId>,
    pub(crate) under_way: Option<(AttemptId, CallId)>,
    pub(crate) popup: Option<Popup>,
    pub(crate) waiters: BTreeMap<u32, Waiter>,
    pub(crate) callers: u32,
    /// The sign-in that began last of those that worked.
    pub(crate) signed_in: u32,
    pub(crate) draws: u64,
    /// Tokens that it knows: when they came, by its monotonic clock, and what was left of their lives then.
    pub(crate) known: BTreeMap<String, (i64, i64)>,
    /// When its token last changed, by its monotonic clock.
    pub(crate) renewed: i64,
    /// When the last refresh failed.
    pub(crate) failed: Option<i64>,
    /// How many snapshots the refresh under way has shown so far.
    pub(crate) shown: Option<usize>,
    /// How far off the wall clock was when the page last looked.
    pub(crate) stepped: i64,
}

/// The callers, and what they wait for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Waiter {
    Token,
    /// A request that needs a token to leave.
    Fetch {
        /// The sign-in in which the application made it; `None` where no user was known.
        made_in: Option<FamilyId>,
    },
    /// A request that was answered with a 401.
    Replay {
        made_in: Option<FamilyId>,
    },
    Refresh,
    /// A sign-in that waits for the server.
    Credentials,
    /// A code that is exchanged.
    Exchange,
    /// A sign-in that the server has granted.
    SignIn {
        user: u8,
        family: FamilyId,
    },
    SignOut,
    /// Tokens that stood in an answer of the API.
    Given,
}

impl Page {
    pub(crate) fn new(opened: i64, born: i64) -> Self {
        Self {
            opened,
            state: State::default(),
            born,
            queue: VecDeque::new(),
            is_draining: false,
            is_frozen: false,
            is_away: false,
            backlog: VecDeque::new(),
            is_degraded: false,
            timers: Vec::new(),
            due: i64::MAX,
            wanted: None,
            held: None,
            unlocked: Vec::new(),
            under_way: None,
            popup: None,
            waiters: BTreeMap::new(),
            callers: 0,
            signed_in: 0,
            draws: 0,
            known: BTreeMap::new(),
            renewed: 0,
            failed: None,
            shown: None,
            stepped: 0,
        }
    }

    /// Whether it waits for a lock or for an answer.
    pub(crate) fn is_refreshing(&self) -> bool {
        self.wanted.is_some() || self.held.is_some() || self.under_way.is_some()
    }

    pub(crate) fn access(&self) -> Option<&str> {
        Some(self.state.tokens()?.access().expose())
    }
}
