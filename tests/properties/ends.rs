//! How a run ends.

use hallpass::event::{Event, Stored};
use hallpass::session::View;

use crate::run::Run;
use crate::support::grant_with;

impl Run {
    pub(crate) fn everything_ends(&mut self) {
        if !self.is_restored {
            self.is_restored = true;
            self.feed(Event::Restored {
                stored: Stored::Empty,
                cookie_hash: None,
            });
        }
        let waiter = self.caller();
        self.feed(Event::SignOutAsked { waiter });
        while let Some(waiter) = self.signing_out.pop() {
            self.feed(Event::SignOutAnswered {
                waiter: Some(waiter),
                outcome: Ok(()),
            });
        }
        assert!(self.open.is_empty(), "still waiting: {:?}", self.open);
        assert_eq!((self.locking, self.asking), (None, None), "still under way");
        assert!(!self.is_armed);
        assert_eq!(self.tab.store, None);
    }

    /// Ten minutes with a network and a server that is well.
    pub(crate) fn recover(&mut self) {
        self.feed(Event::CameBack);
        if !self.is_restored {
            return;
        }
        self.feed(Event::WentOnline);
        for _ in 0..1_200 {
            self.tab.after(0.5);
            if let Some(attempt) = self.locking {
                self.feed(Event::LockUnavailable { attempt });
            }
            if let Some(attempt) = self.asking {
                self.names += 1;
                let answer = grant_with(&format!("A{}", self.names), "").answer();
                self.feed(Event::Answered {
                    attempt,
                    answer,
                    cookie_hash: None,
                    stored: self.tab.stored(),
                });
            }
            if self.is_armed {
                self.feed(Event::Ticked);
            }
        }
        let view = self.tab.state.view(self.tab.now);
        let is_well = match view {
            View::SignedIn { stale, .. } => !stale,
            View::SignedOut(_) => true,
            View::Loading => false,
        };
        assert!(is_well, "{view:?}");
    }
}
