//! When the user was last active in any tab, as the store that outlives pages has it.

use crate::time::{Span, Timestamp};

/// How far the last activity in the store may lag behind: a twentieth of the idle limit, and no more than this.
const LONGEST_LAG: Span = Span::from_millis(30_000);
const LAG_PART: u32 = 20;

/// What was read there, and what was written from here.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity {
    read: Option<Timestamp>,
    noted: Option<Timestamp>,
}

impl Activity {
    /// It was read; what lies ahead of the clock counts as now.
    pub(super) fn read(&mut self, at: Option<Timestamp>, now: Timestamp) {
        self.read = at.map(|at| at.min(now));
    }

    /// When the user was last active in any tab.
    pub(super) const fn last(&self) -> Option<Timestamp> {
        self.read
    }

    /// It is written to the store.
    pub(super) const fn note(&mut self, at: Timestamp) {
        self.noted = Some(at);
    }

    /// Whether what was written lags so far behind that it is time to write.
    pub(super) fn is_due(&self, at: Timestamp, idle: Span) -> bool {
        let lag = idle.part(LAG_PART).min(LONGEST_LAG);
        self.noted.is_none_or(|noted| at.since(noted) >= lag)
    }

    /// Whether anything later than `at` was written.
    pub(super) fn is_news(&self, at: Timestamp) -> bool {
        self.noted < Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activity_is_written_in_time_and_not_each_time() {
        let at = Timestamp::from_millis;
        let mut activity = Activity::default();
        let [minute, hour] = [60_000, 3_600_000].map(Span::from_millis);
        assert!(activity.is_due(at(0), minute) && activity.is_news(at(0)));
        activity.note(at(0));
        assert!(!activity.is_due(at(2_999), minute) && activity.is_due(at(3_000), minute));
        assert!(!activity.is_due(at(29_999), hour) && activity.is_due(at(30_000), hour));
        assert!(!activity.is_news(at(0)) && activity.is_news(at(1)));
    }

    #[test]
    fn sec_03_no_activity_lies_ahead() {
        let at = Timestamp::from_millis;
        let mut activity = Activity::default();
        activity.read(Some(at(9)), at(5));
        assert_eq!(activity.last(), Some(at(5)));
    }
}
