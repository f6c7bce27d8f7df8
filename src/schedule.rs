//! When to refresh, when to try again, when to stop. Pure functions; the dice come in as a number from
//! 0.0 to 1.0.

use crate::config::Schedule;
use crate::time::{Now, Span};

const FIRST_BACKOFF: Span = Span::from_millis(1_000);
/// The longest pause after a failure.
pub const LONGEST_BACKOFF: Span = Span::from_millis(60_000);
const LONGEST_PAUSE: Span = Span::from_millis(3_600_000);
const SHORTEST_BACKOFF: Span = Span::from_millis(200);

/// By how much a token's life is shortened when it is judged: the leeway, but no more than a tenth.
pub fn leeway(lifetime: Span, schedule: &Schedule) -> Span {
    schedule.leeway.min(lifetime.part(10))
}

/// How long after receipt the next refresh is due: before expiry by the lead (no more than a fifth of the
/// life) and by a random share of the jitter (no more than a tenth), or earlier where the soft expiry or
/// the fixed interval says so.
pub fn refresh_after(
    lifetime: Option<Span>,
    soft: Option<Span>,
    dice: f64,
    schedule: &Schedule,
) -> Option<Span> {
    let before_expiry = lifetime.map(|lifetime| {
        let lead = schedule.lead.min(lifetime.part(5));
        let jitter = schedule.jitter.min(lifetime.part(10)).fraction(dice);
        lifetime.minus(lead).minus(jitter)
    });
    let due = [before_expiry, soft, schedule.every]
        .into_iter()
        .flatten()
        .min()?;
    Some(due.max(Span::ZERO))
}

/// How long to wait after the `failures`-th failure in a row: full jitter under a cap that doubles from
/// one second to one minute, and never less than the server asked for.
pub fn backoff(failures: u32, dice: f64, retry_after: Option<Span>) -> Span {
    let doublings = failures.saturating_sub(1).min(6);
    let cap = Span::from_millis(FIRST_BACKOFF.as_millis() << doublings).min(LONGEST_BACKOFF);
    let wait = cap.fraction(dice).max(SHORTEST_BACKOFF);
    wait.max(retry_after.unwrap_or(Span::ZERO))
}

/// How long to wait where the server itself has to change: a minute, then twice as long each time, up to an hour.
pub fn long_pause(failures: u32) -> Span {
    let doublings = failures.saturating_sub(1).min(6);
    Span::from_millis(LONGEST_BACKOFF.as_millis() << doublings).min(LONGEST_PAUSE)
}

/// Stops a client and a server that cannot agree from refreshing for ever.
///
/// What counts is a refresh of tokens that have only just come: tokens that lived out their schedule are
/// no loop, however short their life. More than five of those in a minute, and automatic refreshes pause
/// for a minute.
#[derive(Clone, Debug, Default)]
pub struct LoopGuard {
    premature: Vec<Span>,
    paused_until: Option<Span>,
}

impl LoopGuard {
    const LIMIT: usize = 5;
    const WINDOW: Span = Span::from_millis(60_000);
    const PREMATURE: Span = Span::from_millis(3_000);

    /// Asks for an automatic refresh of tokens that are `age` old. `Err` says how long to pause.
    pub fn admit(&mut self, age: Span, now: Now) -> Result<(), Span> {
        if let Some(until) = self.paused_until {
            let left = until.minus(now.monotonic);
            if left > Span::ZERO {
                return Err(left);
            }
            *self = Self::default();
        }
        if age >= Self::PREMATURE {
            return Ok(());
        }
        self.premature
            .retain(|at| now.monotonic.minus(*at) < Self::WINDOW);
        if self.premature.len() >= Self::LIMIT {
            self.paused_until = Some(now.monotonic.plus(Self::WINDOW));
            return Err(Self::WINDOW);
        }
        self.premature.push(now.monotonic);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> Schedule {
        Schedule {
            lead: Span::from_millis(60_000),
            jitter: Span::from_millis(30_000),
            leeway: Span::from_millis(5_000),
            every: None,
            on_start: false,
            soft_expiry_claim: None,
            proactive: true,
        }
    }

    fn at(millis: i64) -> Now {
        Now::at(0, millis)
    }

    #[test]
    fn refresh_by_lifetime() {
        for (lifetime, earliest, latest) in [
            (3_600_000, 3_510_000, 3_540_000),
            (300_000, 210_000, 240_000),
            (60_000, 42_000, 48_000),
            (6_000, 4_200, 4_800),
            (1_000, 700, 800),
            (0, 0, 0),
        ] {
            let due =
                |dice| refresh_after(Some(Span::from_millis(lifetime)), None, dice, &schedule());
            assert_eq!(due(1.0), Some(Span::from_millis(earliest)), "{lifetime}");
            assert_eq!(due(0.0), Some(Span::from_millis(latest)), "{lifetime}");
        }
        assert_eq!(refresh_after(None, None, 0.5, &schedule()), None);
    }

    #[test]
    fn the_earliest_reason_wins() {
        let span = Span::from_millis;
        let soft = refresh_after(Some(span(3_600_000)), Some(span(100)), 0.0, &schedule());
        assert_eq!(soft, Some(span(100)));
        let past = refresh_after(None, Some(span(-100)), 0.0, &schedule());
        assert_eq!(past, Some(Span::ZERO));
        let every = Schedule {
            every: Some(span(900_000)),
            ..schedule()
        };
        assert_eq!(refresh_after(None, None, 0.0, &every), Some(span(900_000)));
    }

    #[test]
    fn leeway_is_capped_at_a_tenth() {
        assert_eq!(
            leeway(Span::from_millis(600_000), &schedule()),
            Span::from_millis(5_000)
        );
        assert_eq!(
            leeway(Span::from_millis(6_000), &schedule()),
            Span::from_millis(600)
        );
    }

    #[test]
    fn rel_10_backoff_step_by_step() {
        let caps: Vec<i64> = (1..=9)
            .map(|failures| backoff(failures, 1.0, None).as_millis())
            .collect();
        assert_eq!(
            caps,
            [
                1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000
            ]
        );
        assert_eq!(backoff(1, 0.0, None), Span::from_millis(200));
        assert_eq!(backoff(u32::MAX, 0.5, None), Span::from_millis(30_000));
        assert_eq!(
            backoff(1, 1.0, Some(Span::from_millis(90_000))),
            Span::from_millis(90_000)
        );
    }

    #[test]
    fn rel_09_the_sixth_premature_refresh_in_a_minute_pauses() {
        let mut guard = LoopGuard::default();
        for n in 0..5 {
            assert_eq!(guard.admit(Span::ZERO, at(n)), Ok(()));
        }
        assert_eq!(
            guard.admit(Span::ZERO, at(1_000)),
            Err(Span::from_millis(60_000))
        );
        assert_eq!(
            guard.admit(Span::from_millis(9_000), at(31_000)),
            Err(Span::from_millis(30_000))
        );
        assert_eq!(guard.admit(Span::ZERO, at(61_000)), Ok(()));
    }

    #[test]
    fn tokens_that_lived_out_their_schedule_are_no_loop() {
        let mut guard = LoopGuard::default();
        for n in 0..100 {
            assert_eq!(guard.admit(Span::from_millis(4_200), at(n * 4_200)), Ok(()));
        }
    }
}
