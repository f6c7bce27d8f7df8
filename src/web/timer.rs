//! The one timer of a tab.

use std::cell::RefCell;

use gloo_timers::callback::Timeout;

use crate::time::Span;

use super::deadline::after;

/// No hop is longer, so `setTimeout` never sees the 2^31 ms at which it fires at once, and a machine
/// that slept over the moment is at most this late: the core judges both clocks at every tick.
const LONGEST_HOP_MILLIS: i64 = 60_000;

#[derive(Default)]
pub(super) struct Timer(RefCell<Option<Timeout>>);

impl Timer {
    /// Calls `tick` after `delay` or earlier, instead of what was armed before.
    pub(super) fn arm(&self, delay: Option<Span>, tick: Box<dyn FnOnce()>) {
        let timeout = delay.map(|delay| {
            let millis = delay.as_millis().clamp(0, LONGEST_HOP_MILLIS);
            // Rounded up by one: a tick a millisecond early would only have to be repeated.
            let millis = u32::try_from(millis).unwrap_or(0).saturating_add(1);
            after(millis, tick)
        });
        self.0.replace(timeout);
    }
}
