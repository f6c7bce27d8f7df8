//! What callers are told where a refresh, or the session, has failed.

use crate::error::{Error, ErrorKind};

/// No user is signed in.
pub(super) fn signed_out() -> Error {
    Error::from(ErrorKind::SignedOut)
}

/// There is nothing to refresh with.
pub(super) fn not_refreshable() -> Error {
    Error::new(
        ErrorKind::RefreshUnavailable,
        "there is no way to refresh: set options.refresh, and sign in so that a refresh token is given",
    )
}

/// The server, a proxy or the network failed for now.
pub(super) fn unavailable(status: Option<u16>) -> Error {
    Error::from(ErrorKind::RefreshUnavailable).with_status(status)
}

/// The server ended the session. `code`: its OAuth error.
pub(super) fn refresh_rejected(status: Option<u16>, code: Option<&str>) -> Error {
    Error::from(ErrorKind::RefreshRejected)
        .with_status(status)
        .with_oauth_error(code.unwrap_or_default())
}

/// The answer held no tokens.
pub(super) fn not_tokens(status: Option<u16>) -> Error {
    Error::from(ErrorKind::InvalidResponse).with_status(status)
}
