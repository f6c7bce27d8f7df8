//! What [`step`](super::step) shows the application.

use crate::effect::SignOutReason;
use crate::generation::Generation;
use crate::time::Timestamp;

/// The session as the application sees it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum View {
    /// Not known yet.
    #[default]
    Loading,
    /// A user is signed in.
    SignedIn {
        /// Changes with every change of the tokens.
        generation: Generation,
        /// When the access token ends. With the default generation there is none: the server may know this browser, but
        /// cannot be reached.
        expires_at: Option<Timestamp>,
        /// When the next refresh is due.
        refresh_at: Option<Timestamp>,
        /// Whether it ended and could not be renewed yet.
        stale: bool,
    },
    /// No user is.
    SignedOut(SignOutReason),
}
