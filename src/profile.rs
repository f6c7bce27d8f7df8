//! What the application wants to know of the user, kept with the session: the core only carries it.

use crate::error::{Error, ErrorKind};
use crate::json::Members;
use crate::secret::Secret;

/// Longest profile, in bytes of JSON: it is stored, read and told to other tabs with each change of the tokens.
pub const PROFILE_BYTES: usize = 8_192;

/// A JSON object. What it says of a person is treated like a secret: hidden in `Debug`, overwritten when dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile(Secret);

impl Profile {
    /// Checks a text that came as `TokenSet.profile`.
    ///
    /// # Errors
    /// `invalid_response` where it is no JSON object, or longer than [`PROFILE_BYTES`].
    ///
    /// ```
    /// # use hallpass::profile::Profile;
    /// assert!(Profile::check(r#"{"name":"Ada"}"#.into()).is_ok());
    /// assert!(Profile::check("[]".into()).is_err());
    /// ```
    pub fn check(json: Secret) -> Result<Self, Error> {
        let text = json.expose();
        if text.len() <= PROFILE_BYTES && Members::parse(text).is_some() {
            return Ok(Self(json));
        }
        Err(Error::new(
            ErrorKind::InvalidResponse,
            "profile is no object of at most 8192 bytes of JSON: leave out what the application does not need",
        ))
    }

    /// Its JSON.
    pub fn as_json(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_8_kib_and_nothing_else() {
        let of_length =
            |length: usize| Secret::from(format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8)));
        assert_eq!(of_length(PROFILE_BYTES).expose().len(), PROFILE_BYTES);
        assert!(Profile::check(of_length(PROFILE_BYTES)).is_ok());
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
        for wrong in ["", "null", "1", "[1]", "\"a\"", "{", "{}{}", &deep] {
            let error = Profile::check(Secret::from(wrong)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{wrong}");
        }
        assert!(Profile::check(of_length(PROFILE_BYTES + 1)).is_err());
    }

    #[test]
    fn sec_40_it_is_in_no_debug_output() {
        let profile = Profile::check(Secret::from(r#"{"email":"ada@example.com"}"#)).unwrap();
        assert!(!format!("{profile:?}").contains("ada"));
    }
}
