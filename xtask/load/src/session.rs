//! What a client holds.

use serde_json::Value;

#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) access: String,
    pub(crate) refresh: String,
    /// The fingerprint's, which goes with each request.
    pub(crate) cookie: String,
}

impl Session {
    /// The tokens of an answer.
    pub(crate) fn of(body: &str, cookie: String) -> Option<Self> {
        Some(Self {
            access: member(body, "access_token")?,
            refresh: member(body, "refresh_token")?,
            cookie,
        })
    }
}

/// A member of an answer.
fn member(body: &str, name: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    body[name].as_str().map(str::to_owned)
}
