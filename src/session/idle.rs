//! The idle limit of a session: since when no tab has seen the user.

use crate::time::{Deadline, Now, Span, Timestamp};

use super::deferred::Deferred;

#[derive(Clone, Debug)]
pub(super) enum Idle {
    /// There is none.
    Off,
    /// The limit has not passed.
    Counting(Count),
    /// The limit has passed while this tab slept, and the other tabs are asked whether they have seen the user.
    Confirming {
        count: Count,
        /// When their answers are in.
        until: Deadline,
        /// What waits for that.
        deferred: Deferred,
    },
}

/// Since when the user has been away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    limit: Span,
    last_active: Now,
    is_warned: bool,
}

impl Idle {
    /// The user is here.
    pub(super) fn new(limit: Option<Span>, now: Now) -> Self {
        limit.map_or(Self::Off, |limit| {
            Self::Counting(Count {
                limit,
                last_active: now,
                is_warned: false,
            })
        })
    }

    const fn count(&self) -> Option<Count> {
        match self {
            Self::Off => None,
            Self::Counting(count) | Self::Confirming { count, .. } => Some(*count),
        }
    }

    const fn count_mut(&mut self) -> Option<&mut Count> {
        match self {
            Self::Off => None,
            Self::Counting(count) | Self::Confirming { count, .. } => Some(count),
        }
    }

    /// Counts on from there: new tokens are no activity.
    pub(super) const fn inherit(&mut self, older: &Self) {
        if let (Some(count), Some(older)) = (self.count_mut(), older.count()) {
            *count = older;
        }
    }

    /// The user was active at this moment.
    pub(super) const fn active(&mut self, now: Now) {
        if let Some(count) = self.count_mut() {
            count.last_active = now;
            count.is_warned = false;
        }
    }

    /// The user was active so long ago, in another tab: the message may have waited while this one slept.
    pub(super) fn active_since(&mut self, age: Span, now: Now) {
        let Some(count) = self.count() else {
            return;
        };
        let then = now.earlier(age.max(Span::ZERO));
        // Each clock by itself: one of them may have slept, or have been set.
        let latest = Now {
            wall: then.wall.max(count.last_active.wall),
            monotonic: then.monotonic.max(count.last_active.monotonic),
        };
        if latest != count.last_active {
            self.active(latest);
        }
    }

    /// The user was last active so long before this page opened.
    pub(super) fn was_active(&mut self, age: Span, now: Now) {
        if let Some(count) = self.count_mut() {
            count.last_active = now.earlier(age.max(Span::ZERO));
        }
    }

    /// When the user was last active as far as is known here, where there is a limit.
    pub(super) fn last_seen(&self) -> Option<Timestamp> {
        self.count().map(|count| count.last_active.wall)
    }

    /// When the session ends for lack of activity.
    pub(super) fn ends(&self) -> Option<Deadline> {
        self.count()
            .map(|count| Deadline::after(count.last_active, count.limit))
    }

    /// Whether the user has been away for too long.
    pub(super) fn is_over(&self, now: Now) -> bool {
        self.ends().is_some_and(|end| end.has_passed(now))
    }

    /// When the user is to be warned, `before` the end; `None` where that was done.
    pub(super) fn warns(&self, before: Span) -> Option<Deadline> {
        let end = self.ends()?;
        let is_warned = self.count().is_some_and(|count| count.is_warned);
        (!is_warned).then(|| end.earlier(before))
    }

    /// When the session will end for lack of activity, where it is time to say so for the first time.
    pub(super) fn warn(&mut self, before: Span, now: Now) -> Option<Timestamp> {
        self.warns(before).filter(|due| due.has_passed(now))?;
        if let Some(count) = self.count_mut() {
            count.is_warned = true;
        }
        self.ends().map(Deadline::wall)
    }

    /// The other tabs are asked, and have until then to answer.
    pub(super) fn confirm(&mut self, until: Deadline) {
        if let Some(count) = self.count() {
            *self = Self::Confirming {
                count,
                until,
                deferred: Deferred::default(),
            };
        }
    }

    /// Until when the other tabs may say that they have seen the user, while they are asked.
    pub(super) const fn confirming(&self) -> Option<Deadline> {
        match self {
            Self::Confirming { until, .. } => Some(*until),
            Self::Off | Self::Counting(_) => None,
        }
    }

    /// What waits for the other tabs' answers.
    pub(super) const fn deferred(&mut self) -> Option<&mut Deferred> {
        match self {
            Self::Confirming { deferred, .. } => Some(deferred),
            Self::Off | Self::Counting(_) => None,
        }
    }

    /// Their answers are in, or do not matter any more. Returns what has waited for them.
    pub(super) fn confirmed(&mut self) -> Deferred {
        let deferred = self.deferred().map(std::mem::take).unwrap_or_default();
        if let Self::Confirming { count, .. } = self {
            *self = Self::Counting(*count);
        }
        deferred
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    fn at(seconds: i64) -> Now {
        Now::at(seconds * 1_000, seconds * 1_000)
    }

    fn minute() -> Idle {
        Idle::new(Some(Span::from_millis(60_000)), at(0))
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let mut idle = Idle::new(None, at(0));
        idle.active(at(1));
        idle.confirm(Deadline::after(at(1), Span::ZERO));
        assert!(idle.last_seen().is_none() && idle.ends().is_none() && idle.confirming().is_none());
    }

    #[test]
    fn the_user_is_warned_once_until_active_again() {
        let mut idle = minute();
        let before = Span::from_millis(10_000);
        assert_eq!(idle.warn(before, at(49)), None);
        let end = Some(Timestamp::from_millis(60_000));
        assert_eq!(idle.warn(before, at(50)), end);
        assert_eq!(
            (idle.warn(before, at(55)), idle.warns(before)),
            (None, None)
        );
        assert!(!idle.is_over(at(59)) && idle.is_over(at(60)));
        idle.active(at(59));
        assert!(idle.warns(before).is_some() && !idle.is_over(at(118)));
    }

    #[test]
    fn activity_elsewhere_counts_by_its_age_and_never_backwards() {
        let mut idle = minute();
        idle.active_since(Span::from_millis(5_000), at(30));
        assert_eq!(idle.last_seen(), Some(at(25).wall));
        idle.active_since(Span::from_millis(20_000), at(30));
        assert_eq!(idle.last_seen(), Some(at(25).wall));
        idle.active_since(Span::from_millis(-5_000), at(30));
        assert_eq!(idle.last_seen(), Some(at(30).wall));
    }

    #[test]
    fn what_waited_for_the_other_tabs_comes_back() {
        let mut idle = minute();
        idle.confirm(Deadline::after(at(70), Span::from_millis(500)));
        assert!(idle.confirming().is_some());
        idle.deferred().unwrap().keep(Event::WentOnline);
        assert_eq!(idle.confirmed().0.len(), 1);
        assert!(idle.confirming().is_none() && idle.confirmed().0.is_empty());
        assert!(idle.is_over(at(70)));
    }
}
