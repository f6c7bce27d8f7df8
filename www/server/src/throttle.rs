//! Slows down guessing: so many wrong passwords for one name, then a pause.
//!
//! Per name and not per address, since guessing is cheap to spread over addresses. The price is
//! that a stranger can lock a name out for a minute; a public service would add more.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const FAILURES: usize = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Names remembered at once. Hashing is slower than this fills, so it only bounds the memory.
const NAMES: usize = 10_000;

/// Times of the latest wrong passwords by name.
#[derive(Default)]
pub(crate) struct Throttle {
    failures: Mutex<HashMap<String, VecDeque<Instant>>>,
}

impl Throttle {
    /// May this name try? If not, says after how many seconds.
    pub(crate) fn admit(&self, name: &str, now: Instant) -> Result<(), u64> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(times) = failures.get_mut(&key(name)) else {
            return Ok(());
        };
        forget_old(times, now);
        match times.front() {
            Some(first) if times.len() >= FAILURES => {
                let pause = WINDOW.saturating_sub(now.saturating_duration_since(*first));
                Err(pause.as_secs().saturating_add(1))
            }
            _ => Ok(()),
        }
    }

    /// A wrong password.
    pub(crate) fn failed(&self, name: &str, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= NAMES {
            failures.retain(|_, times| {
                forget_old(times, now);
                !times.is_empty()
            });
        }
        if failures.len() >= NAMES {
            failures.clear();
        }
        let times = failures.entry(key(name)).or_default();
        times.push_back(now);
        if times.len() > FAILURES {
            times.pop_front();
        }
    }

    /// A right password clears the name.
    pub(crate) fn succeeded(&self, name: &str) {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&key(name));
    }

    /// Forgets everything.
    pub(crate) fn reset(&self) {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Names are equal without regard to case, and a hostile one can be as long as a body.
fn key(name: &str) -> String {
    name.chars().take(64).flat_map(char::to_lowercase).collect()
}

fn forget_old(times: &mut VecDeque<Instant>, now: Instant) {
    while times
        .front()
        .is_some_and(|time| now.saturating_duration_since(*time) >= WINDOW)
    {
        times.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_then_a_pause() {
        let throttle = Throttle::default();
        let start = Instant::now();
        for _ in 0..10 {
            assert_eq!(throttle.admit("demo", start), Ok(()));
            throttle.failed("demo", start);
        }
        assert_eq!(
            throttle.admit("DEMO", start + Duration::from_secs(10)),
            Err(51)
        );
        assert_eq!(throttle.admit("other", start), Ok(()));
        assert_eq!(
            throttle.admit("demo", start + Duration::from_secs(60)),
            Ok(())
        );
    }

    #[test]
    fn success_clears() {
        let throttle = Throttle::default();
        let start = Instant::now();
        for _ in 0..10 {
            throttle.failed("demo", start);
        }
        throttle.succeeded("Demo");
        assert_eq!(throttle.admit("demo", start), Ok(()));
    }
}
