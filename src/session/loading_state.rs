//! What waits until it is known whether there is a session.

use crate::effect::SignOutReason;
use crate::event::Stored;

use super::deferred::Deferred;

#[derive(Clone, Debug, Default)]
pub(super) struct Loading {
    /// Events, for afterwards.
    pub(super) deferred: Deferred,
    /// What is known while a code is exchanged; `None`: the store was not read yet.
    pub(super) known: Option<Known>,
}

/// What there is if the exchange of a code brings nothing.
#[derive(Clone, Debug)]
pub(super) enum Known {
    /// What the store held.
    Stored {
        /// Its content.
        stored: Stored,
        /// Hash of this browser's cookie, in client mode.
        cookie_hash: Option<String>,
    },
    /// No session.
    SignedOut {
        /// Why not.
        reason: SignOutReason,
        /// Whether the application has heard of it.
        is_told: bool,
    },
}
