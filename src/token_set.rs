//! Finds the tokens in an answer: servers give them many names, and keep them in many places.

use crate::json::{Json, Members, WrongType};
use crate::secret::Secret;
use crate::time;
use crate::tokens::TokenSet;

/// The names of an access token, by where it stands: what a user has may be a key, or a kind of access, of another sort.
const TOP: [&str; 6] = [
    "access_token",
    "accessToken",
    "token",
    "jwt",
    "access",
    "key",
];
const BELOW: [&str; 5] = ["access_token", "accessToken", "token", "jwt", "access"];
const OF_A_USER: [&str; 4] = ["access_token", "accessToken", "token", "jwt"];

/// Finds the tokens at the top level or one of the usual levels below it.
pub fn find(body: &str) -> Option<TokenSet> {
    let mut top = Members::parse(body)?;
    if let Some(name) = access_name(&top, &TOP) {
        return under(top, name);
    }
    let levels: [(&str, &[&'static str]); 5] = [
        ("token", &BELOW),
        ("tokens", &BELOW),
        ("data", &BELOW),
        ("authorisation", &BELOW),
        ("user", &OF_A_USER),
    ];
    for (level, names) in levels {
        let members = top.take(level).and_then(Members::of).unwrap_or_default();
        if let Some(name) = access_name(&members, names) {
            return under(members, name);
        }
    }
    None
}

fn access_name(members: &Members, names: &[&'static str]) -> Option<&'static str> {
    let is_text = |name: &&&str| members.get(name).and_then(Json::as_text).is_some();
    names.iter().find(is_text).copied()
}

/// The access token under this name, and what stands beside it. `None` where there is none, or what stands beside it is
/// of a wrong type, or the token no bearer token.
pub fn under(mut members: Members, name: &str) -> Option<TokenSet> {
    let access = members.text(name).ok()?.map(Secret::from)?;
    let is_bearer = |kind: String| kind.eq_ignore_ascii_case("bearer");
    let kind = either(&mut members, Members::text, ["token_type", "tokenType"])?;
    let refresh = either(
        &mut members,
        Members::text,
        ["refresh_token", "refreshToken"],
    )?;
    // Where the access token is `access` the other one is `refresh`: elsewhere that may be anything.
    let refresh = match refresh {
        None if name == "access" => members.text("refresh").ok()?,
        refresh => refresh,
    };
    let expires_in = seconds(&mut members, "expires_in").or(seconds(&mut members, "expiresIn"));
    kind.is_none_or(is_bearer).then(|| TokenSet {
        access,
        // Servers that keep it in a cookie leave its name, and nothing in it.
        refresh: refresh.filter(|token| !token.is_empty()).map(Secret::from),
        expires_in,
        date: None,
        profile: None,
        grant: None,
    })
}

/// A lifetime; what is no number says nothing, so that the token's own end counts.
fn seconds(members: &mut Members, name: &str) -> Option<f64> {
    match members.take(name)? {
        Json::Number(seconds) => Some(seconds),
        Json::Text(text) => time::seconds_in_text(&text),
        _ => None,
    }
}

/// A member under either of its names; `None` where one of them has a wrong type.
fn either<T>(
    members: &mut Members,
    take: fn(&mut Members, &str) -> Result<Option<T>, WrongType>,
    names: [&str; 2],
) -> Option<Option<T>> {
    let [snake, camel] = names;
    let (snake, camel) = (take(members, snake), take(members, camel));
    Some(snake.ok()?.or(camel.ok()?))
}
