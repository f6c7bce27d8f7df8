//! What becomes of a client, and what all of them ask.

use std::sync::atomic::{AtomicU64, Ordering};

/// How it ended for a client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    Refreshed,
    SignedOut,
}

/// Requests of all clients.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) requests: AtomicU64,
    pub(crate) refused: AtomicU64,
}

impl Counts {
    pub(crate) fn note(&self, is_served: bool) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let refused = u64::from(!is_served);
        self.refused.fetch_add(refused, Ordering::Relaxed);
    }
}
