//! Scopes: what a client may ask for, and what of it a token gets.

/// An ID token and userinfo (OpenID Connect Core 1.0, 3.1.2.1).
pub(crate) const OPENID: &str = "openid";
/// The user's names.
pub(crate) const PROFILE: &str = "profile";
/// Password and devices.
pub(crate) const ACCOUNT: &str = "account";
/// A refresh token (Core, 11).
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";

/// All that there are.
pub(crate) const ALL: [&str; 4] = [OPENID, PROFILE, ACCOUNT, OFFLINE_ACCESS];

/// What is granted of what was asked for: unknown values are left out (RFC 6749, 3.3). Without
/// any, the user's names.
pub(crate) fn granted(asked: Option<&str>) -> String {
    let asked = asked.unwrap_or(PROFILE);
    let known = ALL.into_iter().filter(|value| has(asked, value));
    known.collect::<Vec<_>>().join(" ")
}

/// What of it a token is good for. `reauth`: the account is off limits until the user signs in
/// again.
pub(crate) fn for_access(granted: &str, reauth: bool) -> String {
    let values = granted
        .split(' ')
        .filter(|value| !(reauth && *value == ACCOUNT));
    values.collect::<Vec<_>>().join(" ")
}

/// Is it one of these?
pub(crate) fn has(scope: &str, value: &str) -> bool {
    scope.split(' ').any(|held| held == value)
}

/// Does the first have nothing that the second lacks?
pub(crate) fn is_within(part: &str, whole: &str) -> bool {
    part.split(' ').all(|value| has(whole, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_values_are_left_out() {
        assert_eq!(granted(None), "profile");
        assert_eq!(
            granted(Some("offline_access email openid")),
            "openid offline_access"
        );
        assert_eq!(granted(Some("email")), "");
        assert_eq!(for_access("openid profile account", true), "openid profile");
        assert_eq!(for_access("openid account", false), "openid account");
        assert!(is_within("openid", "openid profile"));
        assert!(!is_within("openid account", "openid profile"));
        assert!(!has("openidx", "openid"));
    }
}
