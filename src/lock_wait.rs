//! The wait for the lock under which a refresh runs: how long, in which line, and what a refusal means. Facts in, orders
//! out; `src/web/lock.rs` carries them out with Web Locks, and the simulation with locks of its own.
//!
//! Nothing is ever stolen: a stolen lock's holder keeps running, so stealing only adds a second one. Nor is it asked
//! `ifAvailable`: a page in the back/forward cache may still hold its locks, and only a queued request makes the
//! browser give that page up.

use crate::config::Config;
use crate::group::Group;
use crate::time::Span;

/// A page that has not got the lock by then looks for the first time which one has it.
const FIRST_LOOK: Span = Span::from_millis(100);

/// Longest that the browser may take to say which page holds a lock.
pub const LONGEST_LOOK: Span = Span::from_millis(100);

/// Pauses before a request that was refused is made again. Chromium refuses where the grant arrives while the page is
/// inside `window.open` ("callback is no longer runnable"): that is mostly over when the page hears of it, on a busy
/// machine within a second. All of them together are two seconds, for a browser that refuses for ever.
const PAUSES: [Span; 6] = [
    Span::ZERO,
    Span::from_millis(20),
    Span::from_millis(80),
    Span::from_millis(200),
    Span::from_millis(500),
    Span::from_millis(1_200),
];

/// From an answer to what comes of it: looking again, writing.
const MARGIN: Span = Span::from_millis(2_000);

/// Longest that the application's refresh function may take, with the reading of its answer.
const REFRESH_FUNCTION: Span = Span::from_millis(30_000);

/// Where a page waits. The second line is for those that wait behind a page that is stuck: they go on one by one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Line {
    /// Behind the lock itself.
    First,
    /// Behind the one that stands in for it.
    Second,
}

impl Line {
    /// The lock of this line, from that of the first.
    pub fn name(self, first: &str) -> String {
        match self {
            Self::First => first.to_owned(),
            Self::Second => [first, ".next"].concat(),
        }
    }
}

/// What happened in the line in which the page waits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fact {
    /// This page may have no locks, or there are none.
    Forbidden,
    /// The request was refused.
    Refused,
    /// The page looked which one holds the lock; `None` where the browser does not say.
    Looked(Option<String>),
}

impl Fact {
    /// What a refusal with an error of this name says. Locks belong to an origin: a page that has none, a sandboxed
    /// frame for one, or that may store nothing, has no locks. Any other refusal does not mean that there are none, and
    /// to go on without one would spend a refresh token twice.
    pub fn refused(error_name: Option<&str>) -> Self {
        match error_name {
            Some("SecurityError") => Self::Forbidden,
            _ => Self::Refused,
        }
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Leave the line, where the page is in one, and request the lock of this one. Look which page holds it after so
    /// long.
    Enter {
        /// Which line.
        line: Line,
        /// When to look.
        look_after: Span,
    },
    /// Make the request again after so long.
    RequestAgain(Span),
    /// Look again after so long.
    LookAgain(Span),
    /// Leave the line: there is no lock to be had.
    GiveUp,
}

/// One wait, from the first request until the grant, or until it is given up. It goes on for as long as the line moves:
/// until one page has held the lock for too long.
#[derive(Clone, Debug)]
pub struct LockWait {
    longest_hold: Span,
    line: Line,
    refusals: usize,
    /// The page that held the lock at the last look in this line.
    seen: Option<Option<String>>,
}

impl LockWait {
    /// Begins: a page that lives gives the lock back within `longest_hold`.
    pub const fn new(longest_hold: Span) -> (Self, Order) {
        let wait = Self {
            longest_hold,
            line: Line::First,
            refusals: 0,
            seen: None,
        };
        (wait, enter(Line::First))
    }

    /// What to do now.
    pub fn hear(&mut self, fact: Fact) -> Order {
        match fact {
            Fact::Forbidden => Order::GiveUp,
            Fact::Refused => self.refused(),
            Fact::Looked(holder) if self.seen.as_ref() == Some(&holder) => self.next_line(),
            Fact::Looked(holder) => {
                self.seen = Some(holder);
                Order::LookAgain(self.longest_hold)
            }
        }
    }

    fn refused(&mut self) -> Order {
        let pause = PAUSES.get(self.refusals);
        self.refusals = self.refusals.saturating_add(1);
        pause.map_or_else(|| self.next_line(), |pause| Order::RequestAgain(*pause))
    }

    fn next_line(&mut self) -> Order {
        if self.line == Line::Second {
            return Order::GiveUp;
        }
        self.line = Line::Second;
        self.refusals = 0;
        self.seen = None;
        enter(Line::Second)
    }
}

const fn enter(line: Line) -> Order {
    Order::Enter {
        line,
        look_after: FIRST_LOOK,
    }
}

/// The name of the lock, shared with all tabs that would spend what this one spends: a cookie is the whole browser's.
pub fn name(config: &Config, group: Option<&Group>) -> String {
    let name = [config.keys.session.as_str(), ".refresh"].concat();
    let is_common = config.is_shared() || !config.spends_refresh_token();
    match group.filter(|_| !is_common) {
        Some(group) => [name.as_str(), ".", group.lock().as_str()].concat(),
        None => name,
    }
}

/// Longest that a page that lives holds the lock.
pub fn longest_hold(config: &Config) -> Span {
    refresh_patience(config).plus(MARGIN)
}

/// Longest that a refresh may take, by endpoint or by function: until its answer is judged.
pub fn refresh_patience(config: &Config) -> Span {
    config
        .refresh_endpoint()
        .map_or(REFRESH_FUNCTION, |endpoint| endpoint.timeout)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Span = Span::from_millis(12_000);
    const LOOK: Order = Order::LookAgain(LONG);
    const SECOND: Order = enter(Line::Second);

    const fn again(millis: i64) -> Order {
        Order::RequestAgain(Span::from_millis(millis))
    }

    fn held_by(page: &str) -> Fact {
        Fact::Looked(Some(page.to_owned()))
    }

    /// What is ordered for each of these facts in turn.
    #[track_caller]
    fn check(facts: &[(Fact, Order)]) -> LockWait {
        let (mut wait, first) = LockWait::new(LONG);
        assert_eq!(first, enter(Line::First));
        for (at, (fact, order)) in facts.iter().enumerate() {
            assert_eq!(wait.hear(fact.clone()), *order, "fact {at}: {fact:?}");
        }
        wait
    }

    #[test]
    fn it_waits_for_as_long_as_the_line_moves() {
        check(&[
            (held_by("a"), LOOK),
            (held_by("b"), LOOK),
            (held_by("a"), LOOK),
            (Fact::Looked(None), LOOK),
            (held_by("a"), LOOK),
        ]);
    }

    #[test]
    fn behind_a_page_that_is_stuck_it_enters_the_second_line_and_then_gives_up() {
        check(&[
            (held_by("a"), LOOK),
            (held_by("b"), LOOK),
            (held_by("b"), SECOND),
            // The same page may hold both: it is seen there for the first time.
            (held_by("b"), LOOK),
            (held_by("c"), LOOK),
            (held_by("c"), Order::GiveUp),
        ]);
    }

    #[test]
    fn without_knowing_which_page_holds_it_it_waits_no_longer_than_for_one_that_is_stuck() {
        check(&[
            (Fact::Looked(None), LOOK),
            (Fact::Looked(None), SECOND),
            (Fact::Looked(None), LOOK),
            (Fact::Looked(None), Order::GiveUp),
        ]);
    }

    #[test]
    fn rel_26_a_request_that_was_refused_is_made_again_for_two_seconds_in_each_line() {
        let pauses = [0, 20, 80, 200, 500, 1_200].map(|millis| (Fact::Refused, again(millis)));
        let lines = [SECOND, Order::GiveUp]
            .map(|last| [pauses.as_slice(), &[(Fact::Refused, last)]].concat());
        check(&lines.concat());
        assert_eq!(
            PAUSES
                .iter()
                .fold(Span::ZERO, |sum, pause| sum.plus(*pause)),
            Span::from_millis(2_000)
        );
    }

    #[test]
    fn refusals_and_looks_are_counted_apart() {
        check(&[
            (held_by("a"), LOOK),
            (Fact::Refused, again(0)),
            (Fact::Refused, again(20)),
            (held_by("a"), SECOND),
            (Fact::Refused, again(0)),
            (held_by("a"), LOOK),
        ]);
    }

    #[test]
    fn a_page_that_may_have_no_locks_does_not_wait_in_any_line() {
        check(&[(Fact::Forbidden, Order::GiveUp)]);
        check(&[(Fact::Refused, again(0)), (Fact::Forbidden, Order::GiveUp)]);
        check(&[
            (held_by("a"), LOOK),
            (held_by("a"), SECOND),
            (Fact::Forbidden, Order::GiveUp),
        ]);
    }

    #[test]
    fn only_a_security_error_means_that_there_are_no_locks() {
        assert_eq!(Fact::refused(Some("SecurityError")), Fact::Forbidden);
        for name in ["AbortError", "InvalidStateError", "TypeError", "Error", ""] {
            assert_eq!(Fact::refused(Some(name)), Fact::Refused, "{name}");
        }
        assert_eq!(Fact::refused(None), Fact::Refused);
    }
}
