//! The token alone: form, algorithm, key, signature, claims. In the order of `hallpass/server`, which is jose's.

use std::borrow::Cow;

use axum::http::HeaderMap;
use serde_json::Value;

use crate::algorithms::Algorithm;
use crate::code::UnauthorizedCode as Code;
use crate::compact::{Claims, Compact, object};
use crate::error::Stop;
use crate::head::header;
use crate::keys::{Candidate, KeySource};
use crate::signature;
use crate::times;

/// What is asked of every token.
pub(crate) struct TokenSettings {
    pub(crate) issuer: String,
    pub(crate) audience: Vec<String>,
    pub(crate) keys: KeySource,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) required_claims: Vec<String>,
    pub(crate) tolerance: u32,
    pub(crate) token_bytes: usize,
    pub(crate) allow_endless: bool,
}

/// The token of a request, or `None`: no such header, or another scheme, whose names know no case (RFC 9110,
/// section 11.1). The scheme `""` is the bare token.
pub fn presented<'a>(headers: &'a HeaderMap, name: &str, scheme: &str) -> Option<Cow<'a, str>> {
    let value = header(headers, name)?;
    let token = match scheme {
        "" => value.trim(),
        _ => {
            let (named, token) = value.trim().split_once(' ')?;
            if !named.eq_ignore_ascii_case(scheme) {
                return None;
            }
            token.trim()
        }
    };
    (!token.is_empty()).then(|| Cow::Owned(token.to_owned()))
}

/// The claims of a token that is what it says, at a time.
pub(crate) async fn verify_token(
    token: &str,
    now: i64,
    settings: &TokenSettings,
) -> Result<Claims, Stop> {
    if token.len() > settings.token_bytes {
        return Err(Code::TokenTooLarge.into());
    }
    let token = Compact::parse(token).ok_or(Code::MalformedToken)?;
    let header = object(&token.header).ok_or(Code::MalformedToken)?;
    let is_encoded = critical(&header)?;
    let algorithm = algorithm(&header, &settings.algorithms)?;
    let kid = header.get("kid");
    let keys = settings.keys.key_set(kid.and_then(Value::as_str)).await;
    let keys = keys.map_err(Stop::Keys)?;
    let candidates = keys
        .candidates(algorithm, kid)
        .ok_or_else(|| Stop::Keys("the only key that fits cannot be read".into()))?;
    if candidates.is_empty() {
        return Err(Code::UnknownKey.into());
    }
    let is_by = |key: &Candidate<'_>| match key {
        Candidate::Public(key) => {
            signature::is_of_key(algorithm, key, token.signed, &token.signature)
        }
        Candidate::Secret(secret) => {
            signature::is_of_secret(algorithm, secret, token.signed, &token.signature)
        }
    };
    if !candidates.iter().any(is_by) {
        return Err(Code::SignatureInvalid.into());
    }
    let claims = object(&token.payload).filter(|_| is_encoded);
    let claims = claims.ok_or(Code::MalformedToken)?;
    check_claims(&claims, now, settings)?;
    if !is_access_token_type(header.get("typ")) {
        return Err(Code::TokenTypeMismatch.into());
    }
    let has = |name: &String| claims.contains_key(name);
    match settings.required_claims.iter().all(has) {
        true => Ok(claims),
        false => Err(Code::ClaimMissing.into()),
    }
}

/// What must be understood (RFC 7515, section 4.1.11): nothing is, but that the payload is encoded (RFC 7797), and
/// then only if it is.
fn critical(header: &Claims) -> Result<bool, Code> {
    let Some(names) = header.get("crit") else {
        return Ok(true);
    };
    let names = names.as_array().filter(|names| !names.is_empty());
    let names = names.ok_or(Code::MalformedToken)?;
    let is_name = |name: &Value| name.as_str().is_some_and(|name| !name.is_empty());
    if !names.iter().all(is_name) {
        return Err(Code::MalformedToken);
    }
    if names.iter().any(|name| name != "b64") {
        return Err(Code::AlgorithmRefused);
    }
    let b64 = header.get("b64").and_then(Value::as_bool);
    b64.ok_or(Code::MalformedToken)
}

/// The algorithm is on the list, or the token is not looked at further.
pub(crate) fn algorithm(header: &Claims, allowed: &[Algorithm]) -> Result<Algorithm, Code> {
    let name = header.get("alg").ok_or(Code::MalformedToken)?;
    if name.as_str().is_none_or(str::is_empty) {
        return Err(Code::MalformedToken);
    }
    Algorithm::named(name, allowed).ok_or(Code::AlgorithmRefused)
}

fn check_claims(claims: &Claims, now: i64, settings: &TokenSettings) -> Result<(), Code> {
    let [issuer, audience] = ["iss", "aud"].map(|name| claims.get(name));
    let (Some(issuer), Some(audience)) = (issuer, audience) else {
        return Err(Code::ClaimMissing);
    };
    // A token without an end would be good for ever.
    if !settings.allow_endless && !claims.contains_key("exp") {
        return Err(Code::ClaimMissing);
    }
    if *issuer != settings.issuer {
        return Err(Code::IssuerMismatch);
    }
    let is_ours = |name: &Value| settings.audience.iter().any(|own| name == own);
    let is_for_us = match audience {
        Value::Array(names) => names.iter().any(is_ours),
        name => is_ours(name),
    };
    if !is_for_us {
        return Err(Code::AudienceMismatch);
    }
    times::check(claims, now, settings.tolerance)
}

/// An access token says so (RFC 9068, section 2.1), or only that it is a JWT, or nothing. Others are refused (RFC 8725,
/// section 3.11): a logout token or a proof must not pass for one.
fn is_access_token_type(typ: Option<&Value>) -> bool {
    let Some(typ) = typ else { return true };
    let typ = typ.as_str().unwrap_or_default().to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    ["jwt", "at+jwt"].contains(&typ)
}
