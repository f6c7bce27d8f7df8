//! Userinfo (OpenID Connect Core 1.0, section 5.3).

use crate::error::{Error, ErrorKind};
use crate::json::{Json, Members, Writer};
use crate::secret::Secret;

/// The profile with the userinfo answer over it. `subject` is the ID token's.
///
/// # Errors
/// `invalid_response` where the answer is no JSON object; `provider_mismatch` where its `sub` is missing or another one
/// (section 5.3.2).
pub fn over(profile: Option<&str>, subject: &str, answer: &str) -> Result<Secret, Error> {
    let Some(members) = Members::parse(answer) else {
        return Err(Error::new(
            ErrorKind::InvalidResponse,
            "the userinfo answer is no JSON object: let the provider not sign or encrypt it",
        ));
    };
    if members.get("sub").and_then(Json::as_text) != Some(subject) {
        return Err(Error::new(
            ErrorKind::ProviderMismatch,
            "the userinfo answer is about another user",
        ));
    }
    let is_kept = |name: &str| members.get(name).is_none();
    let text = Writer::default()
        .raw(profile.unwrap_or_default(), &is_kept)
        .raw(answer, &|_| true);
    Ok(Secret::from(text.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oidc_6_what_userinfo_says_lies_over_the_profile() {
        let profile = r#"{"sub":"ann","name":"A","aud":["spa"],"id":12345678901234567890}"#;
        let answer = r#"{"name":"Ann","sub":"ann","n\u00e4me":null,"big":98765432109876543210}"#;
        assert_eq!(
            over(Some(profile), "ann", answer).unwrap().expose(),
            r#"{"aud":["spa"],"id":12345678901234567890,"name":"Ann","sub":"ann","näme":null,"big":98765432109876543210}"#
        );
        for none in [None, Some("broken")] {
            let alone = over(none, "ann", r#"{"sub":"ann"}"#).unwrap();
            assert_eq!(alone.expose(), r#"{"sub":"ann"}"#);
        }
    }

    /// Section 5.3.2: "MUST NOT be used".
    #[test]
    fn oidc_6_userinfo_about_another_user_is_dropped() {
        for (answer, code) in [
            (r#"{"sub":"bob","name":"Bob"}"#, "provider_mismatch"),
            (r#"{"sub":"Ann"}"#, "provider_mismatch"),
            (r#"{"sub":"ann","sub":"bob"}"#, "provider_mismatch"),
            (r#"{"sub":["ann"]}"#, "provider_mismatch"),
            (r#"{"sub":null}"#, "provider_mismatch"),
            (r#"{"name":"Ann"}"#, "provider_mismatch"),
            ("", "invalid_response"),
            ("[]", "invalid_response"),
            ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "invalid_response"),
        ] {
            let error = over(Some("{}"), "ann", answer).unwrap_err();
            assert_eq!(error.code(), code, "{answer}");
            assert!(!format!("{error:?}").contains("bob"));
        }
    }
}
