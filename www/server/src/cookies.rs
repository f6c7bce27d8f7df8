//! Cookies in and out. All of ours are `__Host-`: bound to this host, Secure, whole path, so no
//! sibling domain and no plain http page can plant one.

use axum::http::{HeaderMap, header};

/// The fingerprint: only the browser and the server see it.
pub(crate) const FINGERPRINT: &str = "__Host-Fgp";
/// The refresh token, in cookie mode.
pub(crate) const REFRESH: &str = "__Host-Refresh";
/// The CSRF token, in cookie mode: the page must be able to read this one.
pub(crate) const CSRF: &str = "__Host-Csrf";

/// The user's login at the provider's pages. Lax, since it has to come along when an app of another
/// site sends the user here.
pub(crate) const LOGIN: &str = "__Host-Login";

/// The value of a cookie. Two different values under one name: one of them was planted, so none.
pub(crate) fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = pairs(headers)
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let first = values.next().filter(|value| !value.is_empty())?;
    values.all(|value| value == first).then_some(first)
}

/// The names of all cookies that came.
pub(crate) fn names(headers: &HeaderMap) -> Vec<String> {
    pairs(headers).map(|(name, _)| name.to_owned()).collect()
}

/// A cookie that no script can read.
pub(crate) fn hidden(name: &str, value: &str, seconds: i64) -> String {
    format!(
        "{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={}",
        seconds.max(0)
    )
}

/// A cookie for the page to read.
pub(crate) fn readable(name: &str, value: &str, seconds: i64) -> String {
    format!(
        "{name}={value}; Path=/; Secure; SameSite=Strict; Max-Age={}",
        seconds.max(0)
    )
}

/// A cookie that no script can read, and that comes along when another site leads here.
pub(crate) fn hidden_lax(name: &str, value: &str, seconds: i64) -> String {
    format!(
        "{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}",
        seconds.max(0)
    )
}

/// Deletes a cookie.
pub(crate) fn gone(name: &str) -> String {
    hidden(name, "", 0)
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}
