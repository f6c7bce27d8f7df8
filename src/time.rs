//! Moments and spans. All arithmetic saturates, so no date in a token can overflow anything.
//!
//! Two clocks come in with every event: the wall clock, which people and servers may set at any time,
//! and the monotonic clock, which never goes back but may stand still while a machine sleeps. A
//! [`Deadline`] has passed as soon as either of them says so.

/// A stretch of time in milliseconds; may be negative.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// `millis` milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// `seconds` seconds; fractions count, what does not fit saturates, NaN is zero.
    ///
    /// ```
    /// # use hallpass::time::Span;
    /// assert_eq!(Span::from_seconds(1.5).as_millis(), 1500);
    /// assert_eq!(Span::from_seconds(f64::INFINITY).as_millis(), i64::MAX);
    /// ```
    pub const fn from_seconds(seconds: f64) -> Self {
        Self(whole(seconds * 1000.0))
    }

    /// In milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The sum.
    pub const fn plus(self, other: Span) -> Self {
        Self(sum(self.0, other.0))
    }

    /// The difference.
    pub const fn minus(self, other: Span) -> Self {
        Self(difference(self.0, other.0))
    }

    /// An equal part, rounded down; of zero parts the whole.
    pub const fn part(self, of: u32) -> Self {
        match self.0.checked_div(of as i64) {
            Some(part) => Self(part),
            None => self,
        }
    }

    /// This much of it, from 0.0 to 1.0.
    pub fn fraction(self, fraction: f64) -> Self {
        Self(whole(self.0 as f64 * fraction))
    }
}

// Saturating takes WebAssembly forty bytes: once, and not once for each place where time is reckoned.

#[inline(never)]
const fn sum(one: i64, other: i64) -> i64 {
    one.saturating_add(other)
}

#[inline(never)]
const fn difference(one: i64, other: i64) -> i64 {
    one.saturating_sub(other)
}

/// What does not fit saturates, NaN is zero.
#[inline(never)]
const fn whole(number: f64) -> i64 {
    number as i64
}

/// A number of seconds as HTTP and OAuth write it: ASCII digits and nothing else. Not the library's
/// parser of floats, whose tables alone would cost users 11 kB.
///
/// ```
/// # use hallpass::time::whole_seconds;
/// assert_eq!(whole_seconds("3600"), Some(3600.0));
/// assert_eq!((whole_seconds(""), whole_seconds("-1")), (None, None));
/// ```
pub fn whole_seconds(digits: &str) -> Option<f64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| {
        digits.bytes().fold(0.0, |number, byte| {
            number * 10.0 + f64::from(byte.wrapping_sub(b'0'))
        })
    })
}

/// Seconds as a server may write them that puts numbers into quotes: `"3600"`, with spaces or a fraction,
/// which does not count. What is no number says nothing.
///
/// ```
/// # use hallpass::time::seconds_in_text;
/// assert_eq!((seconds_in_text(" 3600.0 "), seconds_in_text("soon")), (Some(3600.0), None));
/// ```
pub fn seconds_in_text(text: &str) -> Option<f64> {
    let text = text.trim_ascii();
    match text.split_once('.') {
        Some((seconds, fraction)) => whole_seconds(fraction).and(whole_seconds(seconds)),
        None => whole_seconds(text),
    }
}

/// A moment on the wall clock, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

impl Timestamp {
    /// `millis` milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// A `NumericDate` (RFC 7519, section 2): seconds since the epoch, fractions allowed.
    pub const fn from_numeric_date(seconds: f64) -> Self {
        Self(whole(seconds * 1000.0))
    }

    /// In milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Later by `span`.
    pub const fn plus(self, span: Span) -> Self {
        Self(sum(self.0, span.0))
    }

    /// From `earlier` until here.
    pub const fn since(self, earlier: Timestamp) -> Span {
        Span(difference(self.0, earlier.0))
    }
}

/// What both clocks say at one moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Now {
    /// The wall clock.
    pub wall: Timestamp,
    /// Time since some fixed moment in the life of this tab.
    pub monotonic: Span,
}

impl Now {
    /// What both said so long ago.
    pub const fn earlier(self, span: Span) -> Self {
        Self {
            wall: Timestamp(difference(self.wall.0, span.0)),
            monotonic: self.monotonic.minus(span),
        }
    }
}

/// A moment in the future that is judged by both clocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deadline {
    wall: Timestamp,
    monotonic: Span,
}

impl Deadline {
    /// `span` after `now`.
    pub const fn after(now: Now, span: Span) -> Self {
        Self {
            wall: now.wall.plus(span),
            monotonic: now.monotonic.plus(span),
        }
    }

    /// When, on the wall clock.
    pub const fn wall(self) -> Timestamp {
        self.wall
    }

    /// Whether either clock has reached it.
    pub fn has_passed(self, now: Now) -> bool {
        self.remaining(now) <= Span::ZERO
    }

    /// How long until the first of the clocks reaches it.
    pub fn remaining(self, now: Now) -> Span {
        let wall = self.wall.since(now.wall);
        wall.min(self.monotonic.minus(now.monotonic))
    }

    /// Earlier by `span`.
    pub const fn earlier(self, span: Span) -> Self {
        Self {
            wall: Timestamp(difference(self.wall.0, span.0)),
            monotonic: self.monotonic.minus(span),
        }
    }

    /// The one that passes last as seen from `now`.
    pub fn later(self, other: Deadline, now: Now) -> Self {
        if other.remaining(now) > self.remaining(now) {
            other
        } else {
            self
        }
    }

    /// The one that passes first as seen from `now`.
    pub fn sooner(self, other: Deadline, now: Now) -> Self {
        if other.remaining(now) < self.remaining(now) {
            other
        } else {
            self
        }
    }

    /// The first of these to pass as seen from `now`, where there is one.
    pub fn soonest<const N: usize>(deadlines: [Option<Deadline>; N], now: Now) -> Option<Self> {
        let deadlines = deadlines.into_iter().flatten();
        deadlines.reduce(|first, other| first.sooner(other, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Now {
        /// What the two clocks say, in milliseconds.
        pub(crate) const fn at(wall: i64, monotonic: i64) -> Self {
            Self {
                wall: Timestamp::from_millis(wall),
                monotonic: Span::from_millis(monotonic),
            }
        }
    }

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let end = Timestamp::from_numeric_date(1e300);
        assert_eq!(end.plus(Span::from_seconds(1e300)).as_millis(), i64::MAX);
        assert_eq!(Timestamp::from_numeric_date(f64::NAN).as_millis(), 0);
        assert_eq!(
            Span::from_millis(i64::MIN)
                .minus(Span::from_millis(1))
                .as_millis(),
            i64::MIN
        );
        assert_eq!(Span::from_millis(7).part(0).as_millis(), 7);
    }

    #[test]
    fn rel_07_a_clock_that_steps_back_extends_nothing() {
        let deadline = Deadline::after(Now::at(1_000_000, 0), Span::from_millis(5_000));
        assert!(!deadline.has_passed(Now::at(1_004_999, 4_999)));
        assert!(deadline.has_passed(Now::at(-86_400_000, 5_000)));
    }

    #[test]
    fn rel_06_a_monotonic_clock_that_slept_extends_nothing() {
        let deadline = Deadline::after(Now::at(1_000_000, 0), Span::from_millis(5_000));
        assert!(deadline.has_passed(Now::at(1_005_000, 12)));
    }
}
