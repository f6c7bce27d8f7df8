//! One step under way: what goes in, what it changes, what comes out.

use std::collections::VecDeque;

use crate::effect::{Change, Effect, Outcome, SignOutReason};
use crate::error::Error;
use crate::event::{Event, WaiterId};
use crate::record::Message;
use crate::schedule::LoopGuard;
use crate::time::{Deadline, Timestamp};

use super::Context;
use super::active::Active;
use super::activity::Activity;
use super::clock::Clock;
use super::deferred::Deferred;
use super::errors::signed_out;
use super::owed::Owed;
use super::peers::Peers;
use super::refresh::{Waiter, split_manual};
use super::sign_ins::SignIns;
use super::sign_outs::SignOuts;
use super::view::View;

/// What outlives a session.
#[derive(Clone, Debug, Default)]
pub(super) struct TabState {
    pub(super) clock: Clock,
    pub(super) peers: Peers,
    pub(super) sign_ins: SignIns,
    pub(super) sign_outs: SignOuts,
    pub(super) activity: Activity,
    pub(super) owed: Owed,
    pub(super) guard: LoopGuard,
    pub(super) attempts: u32,
    /// Names that were drawn in this tab.
    pub(super) names: u32,
    pub(super) is_offline: bool,
    /// This core takes the place of one that broke, and that had shown the application a session.
    pub(super) is_restarted: bool,
    /// The store failed; the session lives in memory.
    pub(super) is_degraded: bool,
    /// For when the timer is set.
    pub(super) armed: Option<Deadline>,
    /// What the application was shown last.
    pub(super) shown: View,
}

/// Handlers return the phase that they make; all else that they do stands here.
pub(super) struct Turn<'a> {
    pub(super) context: Context<'a>,
    pub(super) tab: TabState,
    pub(super) effects: Vec<Effect>,
    /// What is handled before the step ends, in order.
    pub(super) queue: VecDeque<Event>,
    /// Whether the timer is set again even for the moment for which it is set already.
    pub(super) sets_timer: bool,
}

impl TabState {
    /// Why there is no session, where none was found.
    pub(super) const fn none_found(&self) -> SignOutReason {
        if self.is_restarted {
            SignOutReason::Storage
        } else {
            SignOutReason::NeverSignedIn
        }
    }
}

impl Turn<'_> {
    /// The application hears of a change.
    pub(super) fn emit(&mut self, change: Change) {
        self.effects.push(Effect::Emit(Some(change)));
    }

    /// A caller's promise ends.
    pub(super) fn settle(&mut self, waiter: WaiterId, outcome: Outcome) {
        self.effects.push(Effect::Settle { waiter, outcome });
    }

    /// The other tabs hear of something.
    pub(super) fn tell(&mut self, message: Message) {
        self.effects.push(Effect::Tell(message));
    }

    /// These events are handled next, before those in the queue.
    pub(super) fn replay(&mut self, Deferred(events): Deferred) {
        for event in events.into_iter().rev() {
            self.queue.push_front(event);
        }
    }

    /// The latest moment at which a session of this browser can have begun.
    pub(super) const fn latest_begin(&self) -> Timestamp {
        self.tab.clock.latest(self.context.now)
    }

    // ── Callers ──

    /// New tokens are here.
    pub(super) fn serve(&mut self, waiters: Vec<Waiter>, active: &Active) {
        for waiter in waiters {
            self.settle(waiter.id, waiter.served(active.token()));
        }
    }

    /// There are no new tokens.
    pub(super) fn fail(&mut self, waiters: Vec<Waiter>, error: &Error) {
        for waiter in waiters {
            self.settle(waiter.id, waiter.failed(error));
        }
    }

    /// The session is over: callers of `refresh()` hear why, the others that no user is signed in.
    pub(super) fn reject_waiters(&mut self, waiters: Vec<Waiter>, error: &Error) {
        let (asked, others) = split_manual(waiters);
        self.fail(others, &signed_out().because(error.clone()));
        self.fail(asked, error);
    }
}
