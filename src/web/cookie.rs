//! `document.cookie`, for the fingerprint cookie of client mode.

use js_sys::Reflect;

use crate::text;

use super::global::{global, property};

/// The value of a readable cookie.
pub(super) fn read(name: &str) -> Option<String> {
    let all = property(&global("document")?, "cookie")?.as_string()?;
    text::split(&all, b';').find_map(|pair| {
        Some(
            pair.trim_ascii_start()
                .strip_prefix(name)?
                .strip_prefix("=")?
                .to_owned(),
        )
    })
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
