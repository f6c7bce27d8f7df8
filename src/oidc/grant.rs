//! What a session keeps of its provider beside the tokens.

use crate::json::{Members, Writer};
use crate::secret::Secret;

/// Longest `sub` (OpenID Connect Core 1.0, section 2: 255 ASCII characters), and longest name of a key.
const LONGEST_NAME: usize = 255;

/// Whose session it is at the provider, and with which key its tokens are used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grant {
    /// `sub` of the ID token.
    pub subject: Option<String>,
    /// `auth_time` of the ID token, in seconds since the epoch.
    pub auth_time: Option<i64>,
    /// The ID token itself, for `id_token_hint`; only where sign-out ends the session at the provider.
    pub id_token: Option<Secret>,
    /// The name of the DPoP key (RFC 9449) to which the tokens are bound.
    pub key: Option<String>,
}

impl Grant {
    /// The JSON to store.
    pub fn to_json(&self) -> Secret {
        let text = Writer::default()
            .text("sub", self.subject.as_deref())
            .integer("authTime", self.auth_time)
            .text("idToken", self.id_token.as_ref().map(Secret::expose))
            .text("key", self.key.as_deref());
        Secret::from(text.finish())
    }

    /// Reads what was stored; `limit` is the longest token accepted, in bytes. Anything unknown is nothing.
    pub fn read(mut members: Members, limit: usize) -> Option<Self> {
        let grant = Self {
            subject: members.text("sub").ok()?,
            auth_time: members.integer("authTime").ok()?,
            id_token: members.text("idToken").ok()?.map(Secret::from),
            key: members.text("key").ok()?,
        };
        let is_short =
            |name: &Option<String>| name.as_ref().is_none_or(|name| name.len() <= LONGEST_NAME);
        let fits = is_short(&grant.subject)
            && is_short(&grant.key)
            && grant
                .id_token
                .as_ref()
                .is_none_or(|token| token.expose().len() <= limit);
        (fits && members.unknown().is_none()).then_some(grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Grant> {
        Grant::read(Members::parse(text)?, 100)
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let whole = Grant {
            subject: Some("24400320".to_owned()),
            auth_time: Some(1_311_280_969),
            id_token: Some(Secret::from("e.y.J")),
            key: Some("a1".to_owned()),
        };
        for grant in [whole, Grant::default()] {
            assert_eq!(read(grant.to_json().expose()), Some(grant));
        }
    }

    #[test]
    fn anything_else_is_nothing() {
        let long = "x".repeat(300);
        for wrong in [
            r#"{"sub":1}"#.to_owned(),
            r#"{"authTime":"1"}"#.to_owned(),
            r#"{"other":"1"}"#.to_owned(),
            format!(r#"{{"sub":"{long}"}}"#),
            format!(r#"{{"key":"{long}"}}"#),
            format!(r#"{{"idToken":"{long}"}}"#),
        ] {
            assert_eq!(read(&wrong), None, "{wrong}");
        }
    }
}
