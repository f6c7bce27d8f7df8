//! What the clocks tell beside the time: sleep, a wall clock that was set back, the server's clock.

use crate::record::Record;
use crate::time::{Now, Span, Timestamp};

/// The monotonic clock may stand still while a machine sleeps: one that lags so far behind shows a sleep.
const SLEPT: Span = Span::from_millis(5_000);
/// For how long after a wake the network may not be there yet.
const WAKING: Span = Span::from_millis(10_000);

/// What this tab knows of its own clocks, and of the server's.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    /// The last reading.
    seen: Option<Now>,
    /// How far the wall clock is behind what it would show if it had not been set back.
    set_back: Span,
    /// When the machine, or the page, last woke.
    woke: Option<Span>,
    /// How far the server's clock was last seen ahead of this one.
    skew: Option<Span>,
}

impl Clock {
    /// Takes a reading. Returns whether the machine or page has woken: the event says so, or a jump between the
    /// clocks does.
    pub(super) fn read(&mut self, now: Now, is_wake: bool) -> bool {
        let jump = self.seen.replace(now).map_or(Span::ZERO, |seen| {
            let wall = now.wall.since(seen.wall);
            wall.minus(now.monotonic.minus(seen.monotonic))
        });
        self.set_back = self.set_back.minus(jump).max(Span::ZERO);
        let has_woken = is_wake || jump > SLEPT;
        if has_woken {
            self.woke = Some(now.monotonic);
        }
        has_woken
    }

    /// A record from the future shows that the wall clock was set back since it was written.
    pub(super) fn read_record(&mut self, record: &Record, now: Now) {
        let latest = record.tokens.received().max(record.signed_in);
        let set_back = record.set_back.max(latest.since(now.wall));
        self.set_back = self.set_back.max(set_back);
    }

    /// How far the wall clock is behind what it would show if it had not been set back.
    pub(super) const fn set_back(&self) -> Span {
        self.set_back
    }

    /// The latest moment at which a session of this browser can have begun: now, by a wall clock that was never set
    /// back.
    pub(super) const fn latest(&self, now: Now) -> Timestamp {
        now.wall.plus(self.set_back)
    }

    /// Whether the machine has only just woken.
    pub(super) fn is_waking(&self, now: Now) -> bool {
        self.woke
            .is_some_and(|woke| now.monotonic.minus(woke) < WAKING)
    }

    /// How far the server's clock is ahead of this one, zero where that is not known.
    pub(super) fn skew(&self) -> Span {
        self.skew.unwrap_or_default()
    }

    /// How far the server's clock is ahead of this one, where anything has shown it.
    pub(super) const fn measured_skew(&self) -> Option<Span> {
        self.skew
    }

    /// New tokens show the server's clock, where they say when they were issued.
    pub(super) fn measure_skew(&mut self, skew: Option<Span>) {
        self.skew = skew.or(self.skew);
    }

    /// The server's clock is ahead by so much, or more.
    pub(super) fn raise_skew(&mut self, least: Option<Span>) {
        self.skew = least.map(|least| least.max(self.skew())).or(self.skew);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_between_the_clocks_is_a_wake() {
        let mut clock = Clock::default();
        assert!(!clock.read(Now::at(0, 0), false));
        assert!(!clock.read(Now::at(5_000, 0), false));
        assert!(!clock.is_waking(Now::at(5_000, 0)));
        assert!(clock.read(Now::at(10_001, 0), false));
        assert!(
            clock.is_waking(Now::at(10_001, 9_999)) && !clock.is_waking(Now::at(10_001, 10_000))
        );
        assert!(clock.read(Now::at(10_002, 1), true));
    }

    #[test]
    fn what_was_set_back_is_remembered_until_it_is_made_up_for() {
        let mut clock = Clock::default();
        clock.read(Now::at(90_000, 0), false);
        clock.read(Now::at(30_000, 0), false);
        assert_eq!(clock.latest(Now::at(30_000, 0)).as_millis(), 90_000);
        clock.read(Now::at(80_000, 10_000), false);
        assert_eq!(clock.set_back().as_millis(), 20_000);
        clock.read(Now::at(900_000, 10_000), false);
        assert_eq!(clock.set_back(), Span::ZERO);
    }

    #[test]
    fn the_servers_clock_is_measured_or_found_further_ahead() {
        let mut clock = Clock::default();
        clock.raise_skew(Some(Span::from_millis(7)));
        clock.raise_skew(Some(Span::from_millis(5)));
        clock.raise_skew(None);
        assert_eq!(clock.skew().as_millis(), 7);
        clock.measure_skew(None);
        assert_eq!(clock.skew().as_millis(), 7);
        clock.measure_skew(Some(Span::from_millis(-3)));
        assert_eq!(clock.skew().as_millis(), -3);
    }
}
