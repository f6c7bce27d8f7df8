//! What is going to happen, in order of time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;

use hallpass::group::Group;

use crate::locks::Ticket;
use crate::network::CallId;
use crate::tab::PageId;

/// Something that happens at its time.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    Op(usize),
    /// The application is over with its doings, and so are the faults.
    Calm,
    // In a page
    Timer {
        page: PageId,
        number: u64,
    },
    Granted {
        ticket: Ticket,
    },
    LooksWhoHolds {
        ticket: Ticket,
    },
    AsksAgain {
        ticket: Ticket,
    },
    Deadline {
        page: PageId,
        call: CallId,
    },
    Heard {
        page: PageId,
        call: CallId,
    },
    Message {
        page: PageId,
        letter: Rc<Letter>,
    },
    Woke {
        page: PageId,
    },
    Online {
        page: PageId,
    },
    /// Whether a page that was woken does what it must.
    Judge {
        page: PageId,
        /// By the wall clock; another time, if it was frozen, slept or was set meanwhile.
        at: i64,
    },
    /// The user is done in the window that the page has opened.
    PopupReturns {
        page: PageId,
        number: u64,
    },
    /// Mutation: the page is loaded again.
    Forgets {
        page: PageId,
    },
    // Outside
    /// The user is done at the provider.
    Returns {
        page: PageId,
    },
    Thaw {
        page: PageId,
    },
    NetworkIsBack,
    Arrive {
        call: CallId,
    },
    Reply {
        call: CallId,
    },
    /// A write to localStorage reaches another tab's view of it.
    Seen {
        tab: usize,
        write: usize,
    },
}

/// A message on the channel.
#[derive(Debug)]
pub(crate) struct Letter {
    /// The tab that hears it; `None`: all tabs.
    pub(crate) for_copies_of: Option<Group>,
    pub(crate) text: String,
    /// The true time of the sign-out of all sessions that it speaks of.
    pub(crate) sign_out: Option<i64>,
}

impl Task {
    /// The page in which it happens, and with which it ends.
    pub(crate) fn page(&self) -> Option<PageId> {
        match self {
            Self::Timer { page, .. }
            | Self::Deadline { page, .. }
            | Self::Heard { page, .. }
            | Self::Message { page, .. }
            | Self::Woke { page }
            | Self::Online { page }
            | Self::Judge { page, .. }
            | Self::PopupReturns { page, .. }
            | Self::Forgets { page } => Some(*page),
            Self::Granted { ticket }
            | Self::LooksWhoHolds { ticket }
            | Self::AsksAgain { ticket } => Some(ticket.page),
            _ => None,
        }
    }
}

#[derive(Default)]
pub(crate) struct Agenda {
    order: BinaryHeap<Reverse<(i64, u64)>>,
    tasks: BTreeMap<u64, Task>,
    count: u64,
}

impl Agenda {
    pub(crate) fn at(&mut self, time: i64, task: Task) {
        self.count += 1;
        self.order.push(Reverse((time, self.count)));
        self.tasks.insert(self.count, task);
    }

    pub(crate) fn next(&mut self) -> Option<(i64, Task)> {
        let Reverse((time, number)) = self.order.pop()?;
        Some((time, self.tasks.remove(&number)?))
    }
}
