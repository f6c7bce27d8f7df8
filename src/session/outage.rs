//! The server does not answer: tabs that share their session fail together.
//!
//! Each tab in line for the lock would otherwise ask the same server in vain, after a wait of its own. So the tab
//! that failed says so, and what was about to ask pauses as if it had. The word of a sibling is not proof: after
//! five of them in a row a tab asks for itself, so a forger delays a refresh and cannot prevent it (SEC-37).

use crate::effect::Effect;
use crate::record::Message;
use crate::schedule;
use crate::time::Span;

use super::attempt::{Attempt, Cause};
use super::live::Live;
use super::refresh_result::unavailable;
use super::silent_renewal::Opening;
use super::waiting::Then;
use super::{Phase, Stage, Turn};

/// The pauses after five failures are half a minute together, at most.
const MOST_HEEDED: u32 = 5;

impl Turn<'_> {
    /// This tab asked, and the server did not renew the session, or did not say whether it knows the browser.
    pub(super) fn failed_here(
        &mut self,
        attempt: &mut Attempt,
        live: Option<&Live>,
        retry_after: Option<Span>,
    ) {
        // Before the next tab in line gets the lock.
        if live.map_or(self.context.config.is_shared(), |live| self.is_shared(live)) {
            self.tell(Message::Failed {
                sid: live.map(|live| live.record.sid.clone()),
                generation: live.map_or(0, |live| live.record.generation),
                retry_after,
            });
        }
        self.effects.push(Effect::ReleaseLock);
        attempt.heeded = 0;
    }

    /// Whether this tab is about to ask the server, and may leave it at a sibling's word.
    pub(super) fn heeds_failure(stage: &Stage) -> bool {
        let attempt = match stage {
            Stage::Locking(attempt) => attempt,
            Stage::Waiting(wait) if matches!(wait.then, Then::Refresh) => &wait.attempt,
            _ => return false,
        };
        attempt.heeded < MOST_HEEDED
    }

    /// A sibling failed to renew this session: so would this tab.
    pub(super) fn failed_elsewhere(
        &mut self,
        live: Box<Live>,
        stage: Stage,
        retry_after: Option<Span>,
    ) -> Phase {
        let attempt = self.leave_line(stage);
        self.back_off(live, attempt, unavailable(None), None, heard(retry_after))
    }

    /// A sibling could not learn whether the server knows this browser.
    pub(super) fn opening_failed_elsewhere(
        &mut self,
        mut opening: Opening,
        retry_after: Option<Span>,
    ) -> Phase {
        let stage = std::mem::replace(&mut opening.stage, Stage::Fresh);
        let attempt = self.leave_line(stage);
        self.pause(opening, attempt, unavailable(None), heard(retry_after))
    }

    /// Ends the attempt before the server was asked, as if it had been.
    fn leave_line(&mut self, mut stage: Stage) -> Attempt {
        let mut failed = Attempt::new(Cause::Schedule);
        if let Some(attempt) = stage.attempt_mut() {
            failed.failures = attempt.failures;
            failed.heeded = attempt.heeded.saturating_add(1);
        }
        failed.waiters = self.interrupt(stage);
        *failed
    }
}

/// A sibling cannot make this tab wait longer than its own pauses are.
fn heard(retry_after: Option<Span>) -> Option<Span> {
    retry_after.map(|wait| wait.min(schedule::LONGEST_BACKOFF))
}
