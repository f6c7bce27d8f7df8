//! What comes in beside the event: time, randomness, settings.

use crate::config::Config;
use crate::time::Now;

/// What comes in beside the event.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time.
    pub now: Now,
    /// Fresh random bytes.
    pub random: [u8; 16],
    /// Others, for a secret; `None` where the browser gives none.
    pub secret: Option<[u8; 16]>,
    /// The settings.
    pub config: &'a Config,
}

impl Context<'_> {
    /// A number from 0.0 to 1.0.
    pub(super) fn dice(self) -> f64 {
        let [a, b, c, d, ..] = self.random;
        f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX)
    }
}
