//! What can go wrong.

use std::fmt;
use std::pin::Pin;

/// Why something of the server's own failed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the traits of this crate give back.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An option that makes no sense (`invalid_option`): told when the verifier is made, and never later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidOption(pub(crate) &'static str);

impl fmt::Display for InvalidOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidOption {}

/// Why the check of a request ended, before it is known how that is told.
pub(crate) enum Stop {
    Refused(crate::code::UnauthorizedCode),
    /// The keys could not be had.
    Keys(BoxError),
    /// The memory of proofs failed.
    Store(BoxError),
}

impl From<crate::code::UnauthorizedCode> for Stop {
    fn from(code: crate::code::UnauthorizedCode) -> Self {
        Self::Refused(code)
    }
}
