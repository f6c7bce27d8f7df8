//! Which sessions are over: what this tab, its siblings and the mark of this browser say of it. `latest` is the latest
//! moment at which a session of this browser can have begun ([`Clock::latest`](super::clock::Clock::latest)).

use crate::config::Limits;
use crate::effect::SignOutReason;
use crate::mark::{Last, MOST_SET_BACK, Mark, Marking};
use crate::record::{Record, Sid};
use crate::time::{Span, Timestamp};

#[derive(Clone, Debug, Default)]
pub(super) struct SignOuts {
    /// Every session that began by then is over, as was told or heard.
    all_by: Option<Timestamp>,
    /// The last session that ended here: it does not come back.
    ended_here: Option<Sid>,
    /// The last one that ended for every tab.
    ended_everywhere: Option<Sid>,
    /// What all tabs of this browser can read of the last sign-in and sign-out.
    mark: Mark,
}

impl SignOuts {
    /// Remembers the session that is over, so that no late offer brings it back, and the end of all that began by
    /// `before`. Returns whether that end is news: where it was known already, the session that is here began after it,
    /// whatever the clocks say.
    pub(super) fn note(
        &mut self,
        sid: Option<Sid>,
        before: Option<Timestamp>,
        latest: Timestamp,
    ) -> bool {
        self.ended_here = sid.or(self.ended_here.take());
        let before = before.map(|at| plausible(at, latest));
        let known = self.all_by;
        self.all_by = known.max(before);
        before.is_some() && before != known
    }

    /// This session ended here, and for every tab where `is_everywhere`.
    pub(super) fn ended(&mut self, sid: &Sid, is_everywhere: bool) {
        self.ended_here = Some(sid.clone());
        if is_everywhere {
            self.ended_everywhere = Some(sid.clone());
        }
    }

    /// The sign-outs that a tab which was away has to be told of.
    pub(super) fn to_retell(&self) -> Option<(Option<Sid>, Option<Timestamp>)> {
        let ends = (self.ended_everywhere.clone(), self.all_by);
        (ends.0.is_some() || ends.1.is_some()).then_some(ends)
    }

    /// Whether the session of this record has ended since it was written.
    pub(super) fn include(&self, record: &Record) -> bool {
        self.all_by >= Some(record.signed_in)
    }

    /// Whether a sibling may not bring this session back.
    pub(super) fn bar(&self, record: &Record) -> bool {
        self.ended_here.as_ref() == Some(&record.sid) || self.include(record)
    }

    /// When a new session begins: now, but after every sign-out that is known here, for the wall clock may have been
    /// set back.
    pub(super) fn begin_after(&self, now: Timestamp) -> Timestamp {
        let earliest = self.all_by.map(|at| at.plus(Span::from_millis(1)));
        earliest.map_or(now, |earliest| now.max(earliest))
    }

    /// The time of an end of all: by it every session that is known to this browser has begun.
    pub(super) fn end_of_all(&self, latest: Timestamp) -> Timestamp {
        let began = self.mark.began.map(|at| plausible(at, latest));
        began.map_or(latest, |began| began.max(latest))
    }

    /// The mark was read. Returns whether its end of all is another than the one that was read before.
    pub(super) fn read(&mut self, mark: Mark) -> bool {
        let is_news = mark.ended != self.mark.ended;
        self.mark = mark;
        is_news
    }

    /// The mark changes from here.
    pub(super) fn write(&mut self, marking: Marking) {
        self.mark = self.mark.with(marking);
    }

    /// What all tabs of this browser can read of the last sign-in and sign-out.
    pub(super) const fn mark(&self) -> Mark {
        self.mark
    }

    /// Whether the server has not heard of the last sign-out.
    pub(super) const fn is_owed(&self) -> bool {
        matches!(self.mark.last, Last::SignedOut { is_owed: true })
    }

    /// A limit that has passed while no page was open.
    pub(super) fn limit_passed(
        &self,
        limits: &Limits,
        last_active: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<SignOutReason> {
        let since = self.mark.signed_in_since()?;
        let has_passed = |limit: Option<Span>, from: Timestamp| {
            limit.is_some_and(|limit| now.since(from) >= limit)
        };
        if has_passed(limits.session, since) {
            Some(SignOutReason::SessionLimit)
        } else if has_passed(limits.idle, last_active?.max(since)) {
            Some(SignOutReason::Idle)
        } else {
            None
        }
    }
}

/// The time of an end lies in the past. What lies further ahead than any clock is set back is forged or broken, and
/// counts as now.
pub(super) fn plausible(at: Timestamp, latest: Timestamp) -> Timestamp {
    if at > latest.plus(MOST_SET_BACK) {
        latest
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn later(millis: i64) -> Timestamp {
        NOW.plus(Span::from_millis(millis))
    }

    #[test]
    fn sec_05_an_end_is_news_once_and_never_taken_back() {
        let mut ends = SignOuts::default();
        assert_eq!(ends.to_retell(), None);
        assert!(ends.note(None, Some(later(5)), NOW));
        assert!(!ends.note(None, Some(later(5)), NOW));
        assert!(ends.note(None, Some(later(3)), NOW));
        assert!(!ends.note(None, None, NOW));
        assert_eq!(ends.to_retell(), Some((None, Some(later(5)))));
        assert_eq!(ends.begin_after(NOW), later(6));
        assert_eq!(ends.begin_after(later(9)), later(9));
    }

    #[test]
    fn sec_03_an_end_ahead_of_every_clock_counts_as_now() {
        let mut ends = SignOuts::default();
        let far = NOW.plus(MOST_SET_BACK).plus(Span::from_millis(1));
        ends.note(None, Some(far), NOW);
        assert_eq!(ends.to_retell(), Some((None, Some(NOW))));
        ends.read(Mark::default().with(Marking::Began {
            at: far,
            since: None,
        }));
        assert_eq!(ends.end_of_all(NOW), NOW);
    }

    #[test]
    fn what_ended_for_this_tab_alone_is_not_retold() {
        let mut ends = SignOuts::default();
        let [one, other] = [1, 2].map(|number| Sid::new([7; 16], number));
        ends.ended(&one, false);
        assert_eq!(ends.to_retell(), None);
        ends.ended(&other, true);
        assert_eq!(ends.to_retell(), Some((Some(other), None)));
    }

    #[test]
    fn limits_pass_while_no_page_is_open() {
        let mut ends = SignOuts::default();
        let limits = Limits {
            idle: Some(Span::from_millis(10)),
            session: Some(Span::from_millis(100)),
            idle_warning: Span::ZERO,
            token_bytes: 0,
        };
        let passed = |ends: &SignOuts, active, now| ends.limit_passed(&limits, active, now);
        assert_eq!(passed(&ends, Some(NOW), later(500)), None);
        ends.read(Mark::default().with(Marking::Began {
            at: NOW,
            since: Some(NOW),
        }));
        assert_eq!(passed(&ends, None, later(50)), None);
        assert_eq!(passed(&ends, Some(later(45)), later(50)), None);
        let idle = Some(SignOutReason::Idle);
        assert_eq!(passed(&ends, Some(later(40)), later(50)), idle);
        let over = Some(SignOutReason::SessionLimit);
        assert_eq!(passed(&ends, Some(later(99)), later(100)), over);
    }
}
