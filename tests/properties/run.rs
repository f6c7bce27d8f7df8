//! One run.

use std::collections::BTreeSet;

use hallpass::event::{AttemptId, WaiterId};
use hallpass::generation::Generation;
use hallpass::record::Sid;
use hallpass::secret::Secret;
use hallpass::session::View;

use crate::support::dice::Dice;
use crate::support::*;

/// One run: the tab, and what the world around it knows.
pub(crate) struct Run {
    pub(crate) dice: Dice,
    pub(crate) seed: u64,
    pub(crate) tab: Tab,
    /// For the report of a failure.
    pub(crate) trace: Vec<String>,
    /// Callers without an answer yet.
    pub(crate) open: BTreeSet<u32>,
    /// Callers of sign-ins that wait until it is known whether the user was idle.
    pub(crate) deferred: BTreeSet<u32>,
    /// Those among them whom the server's word on a sign-out will answer.
    pub(crate) signing_out: Vec<WaiterId>,
    /// Those whose sign-in is under way, for all they know.
    pub(crate) signing_in: Vec<WaiterId>,
    pub(crate) locking: Option<AttemptId>,
    /// Waiting for the siblings, under the lock.
    pub(crate) waiting: Option<AttemptId>,
    pub(crate) asking: Option<AttemptId>,
    /// The last one that was answered: a tab that doubts whether its session lives has not looked at it yet.
    pub(crate) answered: Option<AttemptId>,
    /// How many there were.
    pub(crate) attempts: u32,
    pub(crate) is_armed: bool,
    pub(crate) is_offline: bool,
    pub(crate) is_restored: bool,
    /// Whether this step began before anything was known.
    pub(crate) was_loading: bool,
    /// What the application was shown last.
    pub(crate) shown: View,
    /// What the last record that was written, or found, says of itself.
    pub(crate) session: Option<(Sid, Generation)>,
    /// Its refresh token.
    pub(crate) last: Option<Secret>,
    /// Refresh tokens that were replaced.
    pub(crate) retired: Vec<Secret>,
    pub(crate) names: u32,
}

impl Run {
    pub(crate) fn new(seed: u64, settings: &[&str]) -> Self {
        let mut dice = Dice::new(seed, [0; 3]);
        Self {
            tab: Tab::loading(dice.one_of(settings)),
            dice,
            seed,
            trace: Vec::new(),
            open: BTreeSet::new(),
            deferred: BTreeSet::new(),
            signing_out: Vec::new(),
            signing_in: Vec::new(),
            locking: None,
            waiting: None,
            asking: None,
            answered: None,
            attempts: 0,
            is_armed: false,
            is_offline: false,
            is_restored: false,
            was_loading: true,
            shown: View::Loading,
            session: None,
            last: None,
            retired: Vec::new(),
            names: 0,
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("run {}:\n{}", self.seed, self.trace.join("\n"));
        }
    }
}
