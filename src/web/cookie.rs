//! `document.cookie`, for the fingerprint cookie of client mode and protection against forged requests.

use js_sys::Reflect;

use super::global::{global, property};

/// All cookies that a script may read.
pub(super) fn read() -> Option<String> {
    property(&global("document")?, "cookie")?.as_string()
}

/// Sets what [`crate::fingerprint::cookie`] wrote. A browser that refuses it says nothing.
pub(super) fn write(text: &str) {
    if let Some(document) = global("document") {
        let _ = Reflect::set(&document, &"cookie".into(), &text.into());
    }
}

/// Whether cookies here can be `Secure`.
pub(super) fn is_https() -> bool {
    global("location")
        .and_then(|location| property(&location, "protocol"))
        .is_some_and(|protocol| protocol == "https:")
}
