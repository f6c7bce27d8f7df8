//! The only place that reads the time of day.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Wall clock of the server. Tests may set it wrong, and then everything follows: tokens, expiry
/// of sessions, and the `Date` header by which a client measures the skew.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_seconds: AtomicI64,
}

impl Clock {
    /// Seconds since the epoch.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Milliseconds since the epoch.
    pub(crate) fn now_ms(&self) -> i64 {
        let offset = self.offset_seconds.load(Ordering::Relaxed);
        real_ms().saturating_add(offset.saturating_mul(1000))
    }

    /// For the `Date` header.
    pub(crate) fn http_date(&self) -> String {
        let since_epoch = u64::try_from(self.now()).unwrap_or(0).min(LAST_HTTP_DATE);
        let time = UNIX_EPOCH
            .checked_add(Duration::from_secs(since_epoch))
            .unwrap_or(UNIX_EPOCH);
        httpdate::fmt_http_date(time)
    }

    pub(crate) fn set_offset(&self, seconds: i64) {
        self.offset_seconds.store(seconds, Ordering::Relaxed);
    }
}

/// The end of year 9999: later dates have no HTTP form.
const LAST_HTTP_DATE: u64 = 253_402_300_799;

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn real_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}
