//! Mutations: each safety, switched off, makes the simulation fail.
//!
//! Nothing in the shipped code can be switched off. A safety of the shell is left out of the shell of the
//! simulation; one of the core is made blind by what goes into it.

use std::fmt::Write as _;

use hallpass::event::{AttemptId, Event, Stored};
use hallpass::record::Message;
use hallpass::session::View;

use crate::seeds;
use crate::world::World;

/// More seeds than any safety needs to be missed.
const MOST_SEEDS: u64 = 3_000;

const ALL: &[(Safety, &str)] = &[
    (Safety::Lock, "lock"),
    (Safety::AskAgain, "ask again"),
    (Safety::LookAgain, "look again"),
    (Safety::CommitGuard, "commit guard"),
    (Safety::GenerationCheck, "generation check"),
    (Safety::Note, "note of generation"),
    (Safety::WakeCheck, "wake check"),
    (Safety::TimerClamp, "timer clamp"),
    (Safety::LoopGuard, "loop guard"),
    (Safety::Jitter, "jitter"),
    (Safety::Mark, "mark"),
    (Safety::Identity, "identity"),
    (Safety::SignInOrder, "order of sign-ins"),
    (Safety::ExchangeWait, "wait for a code"),
    (Safety::OneUse, "one use of a state"),
    (Safety::OwnPending, "own pending"),
    (Safety::State, "state"),
    (Safety::Nonce, "nonce"),
    (Safety::Subject, "subject"),
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Safety {
    /// The lock service grants to all.
    Lock,
    /// A lock that was refused counts as if there were none.
    AskAgain,
    /// Under the lock the store cannot tell, and the siblings' offers are not heard.
    LookAgain,
    /// Answers to attempts that were given up arrive all the same, as if they were for the present one.
    CommitGuard,
    /// No tab learns that a copy of it has spent the refresh token.
    Note,
    /// Copies of a tab hear nothing from each other.
    CopiesChannel,
    /// Records of older generations claim to be newer.
    GenerationCheck,
    /// A page is not told that it woke.
    WakeCheck,
    /// Timers are set for as long as the core says.
    TimerClamp,
    /// The tab is reloaded, and forgets its record, as soon as the guard pauses it.
    LoopGuard,
    /// The dice always fall on nought.
    Jitter,
    /// No mark is read.
    Mark,
    /// What comes back is taken for the present session's.
    Identity,
    /// Sign-ins begin for the core when they are answered.
    SignInOrder,
    /// An exchange of a code begins like any other sign-in.
    ExchangeWait,
    /// What is pending is read, and stays.
    OneUse,
    /// What is pending stands in a store of all tabs.
    OwnPending,
    /// Each callback has the state that is pending.
    State,
    /// Each ID token of a sign-in has the nonce that was sent.
    Nonce,
    /// At a refresh nothing is known of the session's user.
    Subject,
}

impl World<'_> {
    /// What a core hears from which a safety was taken.
    pub(crate) fn without_safety(&self, tab: usize, event: Event) -> Option<Event> {
        let Some(off) = self.off else {
            return Some(event);
        };
        match (off, event) {
            (Safety::LookAgain, Event::LockGranted { attempt, .. }) => Some(Event::LockGranted {
                attempt,
                stored: Stored::Unknown,
            }),
            (
                Safety::CommitGuard,
                Event::Answered {
                    attempt,
                    answer,
                    cookie_hash,
                    stored,
                },
            ) => Some(Event::Answered {
                attempt: self.present_attempt(tab).unwrap_or(attempt),
                answer,
                cookie_hash,
                stored,
            }),
            (Safety::GenerationCheck, Event::LockGranted { attempt, stored }) => {
                let stored = self.rejuvenated(tab, stored);
                Some(Event::LockGranted { attempt, stored })
            }
            (Safety::GenerationCheck, Event::Woke { stored }) => Some(Event::Woke {
                stored: self.rejuvenated(tab, stored),
            }),
            (Safety::LookAgain, Event::PeerSaid(Message::Offered { .. }))
                if self.holds_lock(tab) =>
            {
                None
            }
            (Safety::GenerationCheck, Event::PeerSaid(Message::Offered { ask, record })) => {
                match self.rejuvenated(tab, Stored::Found(record)) {
                    Stored::Found(record) => {
                        Some(Event::PeerSaid(Message::Offered { ask, record }))
                    }
                    _ => None,
                }
            }
            (
                Safety::Note,
                Event::MarkRead {
                    mark, last_active, ..
                },
            ) => Some(Event::MarkRead {
                mark,
                last_active,
                newest: 0,
            }),
            (Safety::Mark, event) => Some(self.without_mark(event)),
            (Safety::WakeCheck, Event::Woke { .. }) => None,
            (Safety::ExchangeWait, Event::SignInBegan { waiter, .. }) => Some(Event::SignInBegan {
                waiter,
                exchanges: false,
            }),
            (Safety::Identity, Event::Unauthorized { waiter, sent, sid }) => {
                let page = self.tabs[tab].page.as_ref();
                let present = page.and_then(|page| page.state.sid().cloned());
                Some(Event::Unauthorized {
                    waiter,
                    sent,
                    sid: present.unwrap_or(sid),
                })
            }
            (_, event) => Some(event),
        }
    }

    fn present_attempt(&self, tab: usize) -> Option<AttemptId> {
        let (attempt, _) = self.tabs[tab].page.as_ref()?.under_way?;
        Some(attempt)
    }

    fn holds_lock(&self, tab: usize) -> bool {
        let page = self.tabs[tab].page.as_ref();
        page.is_some_and(|page| page.held.is_some())
    }

    fn rejuvenated(&self, tab: usize, stored: Stored) -> Stored {
        let Some(page) = &self.tabs[tab].page else {
            return stored;
        };
        match (stored, page.state.view(self.now(tab))) {
            (Stored::Found(mut record), View::SignedIn { generation, .. })
                if page.access() != Some(record.tokens.access().expose()) =>
            {
                record.generation = record.generation.max(generation.refreshed());
                Stored::Found(record)
            }
            (stored, _) => stored,
        }
    }
}

/// Every safety, and the seeds in which it bites.
#[test]
fn every_safety_is_missed() {
    let mut table = String::new();
    let mut idle = Vec::new();
    for &(safety, name) in ALL {
        let bite = (0..MOST_SEEDS).find_map(|seed| {
            let failure = seeds::try_seed(seed, 5, Some(safety)).err()?;
            Some((seed, failure))
        });
        match bite {
            Some((seed, failure)) => {
                let _ = writeln!(table, "{name:<18} seed {seed:>4}  {failure}");
            }
            None => idle.push(name),
        }
    }
    seeds::say(&table);
    assert!(idle.is_empty(), "{MOST_SEEDS} seeds do not miss {idle:?}");
}
