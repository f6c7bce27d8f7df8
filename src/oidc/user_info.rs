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
    let (Some(members), Some(raw)) = (Members::parse(answer), Json::raw_members(answer)) else {
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
    let profile = profile.and_then(Json::raw_members).unwrap_or_default();
    let kept = profile
        .into_iter()
        .filter(|(name, _)| members.get(name).is_none());
    let text = kept
        .chain(raw)
        .fold(Writer::default(), |text, (name, value)| {
            text.any(&name, value)
        });
    Ok(Secret::from(text.finish()))
}
