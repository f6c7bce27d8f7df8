//! The ID token (OpenID Connect Core 1.0, sections 2, 3.1.3.7 and 12.2).
//!
//! It comes straight from the token endpoint over TLS, so that its signature need not be checked (section 3.1.3.7, 6).
//! That makes it the client's to read, and no proof to anyone else.

use crate::claims::Jwt;
use crate::config::Provider;
use crate::error::{Error, ErrorKind};
use crate::json::{Json, Members, Writer};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};

use super::grant::Grant;

/// Longest `sub` (section 2).
const LONGEST_SUBJECT: usize = 255;

/// Claims that are about the token, and not about the user.
const NOT_OF_THE_USER: [&str; 4] = ["nonce", "at_hash", "c_hash", "s_hash"];

/// The time by which an ID token is judged.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The server's time, as far as it is known.
    pub now: Timestamp,
    /// How far it may be wrong, either way.
    pub tolerance: Span,
}

/// Which answer it came with.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// That of a sign-in, which sent this nonce.
    SignIn {
        /// `nonce`.
        nonce: Option<&'a Secret>,
        /// What its times are judged by.
        clock: Clock,
    },
    /// That of a refresh, of a session that knows this. Times say nothing here: the answer has just come, and a refusal
    /// would lose the refresh token in it because a clock was set.
    Refresh {
        /// What the ID token before said.
        known: Option<&'a Grant>,
    },
}

/// An ID token that was checked.
#[derive(Debug)]
pub struct IdToken {
    /// `sub`.
    pub subject: String,
    /// `auth_time`.
    pub auth_time: Option<i64>,
    /// The claims about the user: a JSON object.
    pub profile: Secret,
}

/// Checks all but the signature.
///
/// # Errors
/// `provider_mismatch` for another issuer, client, nonce or user; `invalid_response` for one that cannot be read, is
/// unsigned, and at sign-in has ended, is from the future, or shows no authentication that is young enough.
pub fn check(token: &str, provider: &Provider, asked: Asked<'_>) -> Result<IdToken, Error> {
    let jwt = Jwt::read(token).map_err(|error| broken("the ID token is no JWT").because(error))?;
    let (subject, auth_time) = judge(&jwt, token, provider, asked)?;
    Ok(IdToken {
        subject: subject.to_owned(),
        auth_time: seconds(auth_time),
        profile: profile(&jwt),
    })
}

/// Gives `sub` and `auth_time`. All is borrowed, so that none of the many early ways out has anything to drop.
fn judge<'a>(
    jwt: &'a Jwt,
    token: &str,
    provider: &Provider,
    asked: Asked<'_>,
) -> Result<(&'a str, Option<Timestamp>), Error> {
    if !is_signed(jwt) || token.ends_with('.') {
        return Err(broken("the ID token is not signed"));
    }
    let issuer = text(jwt, "iss")?.ok_or_else(missing)?;
    let subject = text(jwt, "sub")?.ok_or_else(missing)?;
    let nonce = text(jwt, "nonce")?;
    let party = text(jwt, "azp")?;
    if issuer != provider.issuer {
        return Err(foreign("the ID token is from another issuer"));
    }
    check_audience(jwt.claim("aud"), party, provider)?;
    if !(1..=LONGEST_SUBJECT).contains(&subject.len()) {
        return Err(broken(
            "the ID token's sub is empty, or longer than 255 bytes",
        ));
    }
    let ends = date(jwt, "exp")?.ok_or_else(missing)?;
    let issued = date(jwt, "iat")?.ok_or_else(missing)?;
    let auth_time = date(jwt, "auth_time")?;
    match asked {
        Asked::SignIn {
            nonce: expected,
            clock,
        } => {
            check_times(ends, issued, clock)?;
            let nonce = nonce.map(Secret::from);
            if nonce.is_none() || nonce.as_ref() != expected {
                return Err(foreign("the ID token has another nonce than the one sent"));
            }
            check_age(provider, auth_time, clock)?;
        }
        Asked::Refresh { known } => {
            let known_subject = known.and_then(|grant| grant.subject.as_ref());
            let times = known
                .and_then(|grant| grant.auth_time)
                .zip(seconds(auth_time));
            if known_subject.is_some_and(|known| known != subject)
                || times.is_some_and(|(before, now)| before != now)
            {
                return Err(foreign(
                    "the ID token is another user's, or another sign-in's",
                ));
            }
        }
    }
    Ok((subject, auth_time))
}

fn is_signed(jwt: &Jwt) -> bool {
    let header = Members::parse(jwt.header()).unwrap_or_default();
    let algorithm = header.get("alg").and_then(Json::as_text);
    algorithm.is_some_and(|name| !name.is_empty() && !name.eq_ignore_ascii_case("none"))
}

#[inline(never)]
fn text<'a>(jwt: &'a Jwt, name: &str) -> Result<Option<&'a str>, Error> {
    match jwt.claim(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(_) => Err(wrong_type()),
    }
}

#[inline(never)]
fn date(jwt: &Jwt, name: &str) -> Result<Option<Timestamp>, Error> {
    match jwt.claim(name) {
        None => Ok(None),
        Some(Json::Number(seconds)) => Ok(Some(Timestamp::from_numeric_date(*seconds))),
        Some(_) => Err(wrong_type()),
    }
}

/// Whether it was made for this client (section 3.1.3.7, 3 to 5).
fn check_audience(
    audience: Option<&Json>,
    party: Option<&str>,
    provider: &Provider,
) -> Result<(), Error> {
    let client = provider.client_id.as_str();
    let (is_ours, is_one) = match audience.ok_or_else(missing)? {
        Json::Text(audience) => (audience == client, true),
        Json::List(items) if items.iter().all(|item| item.as_text().is_some()) => {
            let is_ours = items.iter().any(|item| item.as_text() == Some(client));
            (is_ours, items.len() == 1)
        }
        _ => return Err(wrong_type()),
    };
    let is_party = party.map_or(is_one, |party| party == client);
    if is_ours && is_party {
        return Ok(());
    }
    Err(foreign("the ID token is for another client: see clientId"))
}

/// Whether it is in force.
fn check_times(ends: Timestamp, issued: Timestamp, clock: Clock) -> Result<(), Error> {
    let latest = clock.now.plus(clock.tolerance);
    if clock.now >= ends.plus(clock.tolerance) {
        return Err(broken("the ID token has ended: compare the clocks"));
    }
    if issued > latest {
        return Err(broken(
            "the ID token is from the future: compare the clocks",
        ));
    }
    Ok(())
}

/// Whether the user has authenticated lately enough (section 3.1.3.7, 13).
fn check_age(provider: &Provider, auth_time: Option<Timestamp>, clock: Clock) -> Result<(), Error> {
    let Some(max_age) = provider.max_age else {
        return Ok(());
    };
    let age = auth_time.map(|at| clock.now.since(at));
    let oldest = max_age.plus(clock.tolerance);
    let youngest = Span::ZERO.minus(clock.tolerance);
    if age.is_some_and(|age| age <= oldest && age >= youngest) {
        return Ok(());
    }
    Err(broken(
        "the ID token's auth_time is missing, or older than maxAgeSeconds",
    ))
}

/// Whole seconds.
fn seconds(at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.as_millis().div_euclid(1_000))
}

fn profile(jwt: &Jwt) -> Secret {
    let is_of_the_user = |name: &str| !NOT_OF_THE_USER.contains(&name);
    let text = Writer::default().raw(jwt.claims(), &is_of_the_user);
    Secret::from(text.finish())
}

fn missing() -> Error {
    broken("the ID token lacks one of iss, sub, aud, exp and iat")
}

fn wrong_type() -> Error {
    broken("a claim of the ID token has the wrong type")
}

fn broken(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidResponse, message)
}

fn foreign(message: &'static str) -> Error {
    Error::new(ErrorKind::ProviderMismatch, message)
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::oidc::base64url::encode;

    /// In seconds.
    pub(crate) const NOW: i64 = 1_700_000_000;
    pub(crate) const NONCE: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

    pub(crate) const CLOCK: Clock = Clock {
        now: Timestamp::from_millis(NOW * 1_000),
        tolerance: Span::from_millis(5_000),
    };

    pub(crate) fn claims() -> Value {
        json!({
            "iss": "https://id.test", "sub": "24400320", "aud": "spa", "nonce": NONCE,
            "exp": NOW + 600, "iat": NOW - 1, "auth_time": NOW - 30, "name": "Jane Doe",
        })
    }

    /// With these claims in the place of the usual ones; null: without.
    pub(crate) fn with(changes: &Value) -> String {
        let mut claims = claims();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        signed(r#"{"alg":"RS256","kid":"1"}"#, &claims.to_string())
    }

    pub(crate) fn signed(header: &str, claims: &str) -> String {
        [
            encode(header.as_bytes()),
            encode(claims.as_bytes()),
            encode(b"signature"),
        ]
        .join(".")
    }

    fn sign_in(token: &str, provider: &Provider) -> Result<IdToken, Error> {
        let nonce = Secret::from(NONCE);
        let asked = Asked::SignIn {
            nonce: Some(&nonce),
            clock: CLOCK,
        };
        check(token, provider, asked)
    }

    fn code<T>(outcome: Result<T, Error>) -> &'static str {
        outcome.map_or_else(|error| error.code(), |_| "ok")
    }

    #[track_caller]
    fn judged(changes: &Value, expected: &str) {
        let found = code(sign_in(&with(changes), &Provider::example()));
        assert_eq!(found, expected, "{changes}");
    }

    #[test]
    fn oidc_6_the_profile_is_what_the_claims_say_of_the_user() {
        let text = r#"{"iss":"https://id.test","sub":"24400320","aud":["spa"],"nonce":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI","exp":1700000600,"iat":1700000000.5,"at_hash":"a","c_hash":"b","s_hash":"c","n\u0061me":"J\u00e4ne","id":12345678901234567890,"address":{"nonce":"stays"}}"#;
        let token = sign_in(&signed(r#"{"alg":"ES256"}"#, text), &Provider::example()).unwrap();
        assert_eq!(
            token.profile.expose(),
            r#"{"iss":"https://id.test","sub":"24400320","aud":["spa"],"exp":1700000600,"iat":1700000000.5,"name":"J\u00e4ne","id":12345678901234567890,"address":{"nonce":"stays"}}"#
        );
        assert_eq!(
            (token.subject.as_str(), token.auth_time),
            ("24400320", None)
        );
        let token = sign_in(
            &with(&json!({"auth_time": NOW as f64 - 0.5})),
            &Provider::example(),
        );
        assert_eq!(token.unwrap().auth_time, Some(NOW - 1));
    }

    /// OpenID Connect Core 1.0, section 3.1.3.7.
    #[test]
    fn oidc_5_an_id_token_for_another_request_is_a_mismatch() {
        judged(&json!({}), "ok");
        for issuer in ["https://id.test/", "https://ID.test", "http://id.test", ""] {
            judged(&json!({"iss": issuer}), "provider_mismatch");
        }
        for (audience, party, expected) in [
            (json!("spa"), json!(null), "ok"),
            (json!("spa"), json!("spa"), "ok"),
            (json!(["spa"]), json!(null), "ok"),
            (json!(["other", "spa"]), json!("spa"), "ok"),
            (json!("spa"), json!("other"), "provider_mismatch"),
            (json!("spa"), json!(""), "provider_mismatch"),
            (json!(["spa"]), json!("other"), "provider_mismatch"),
            (json!(["other", "spa"]), json!(null), "provider_mismatch"),
            (json!(["spa", "spa"]), json!(null), "provider_mismatch"),
            (json!(["other", "spa"]), json!("other"), "provider_mismatch"),
            (json!("other"), json!("spa"), "provider_mismatch"),
            (json!("spa "), json!(null), "provider_mismatch"),
            (json!("other spa"), json!(null), "provider_mismatch"),
            (json!([]), json!("spa"), "provider_mismatch"),
            (json!(["other"]), json!(null), "provider_mismatch"),
            (json!(["spa", 1]), json!("spa"), "invalid_response"),
            (json!([["spa"]]), json!("spa"), "invalid_response"),
            (json!({"spa": 1}), json!(null), "invalid_response"),
            (json!(1), json!(null), "invalid_response"),
            (json!(null), json!("spa"), "invalid_response"),
            (json!("spa"), json!(["spa"]), "invalid_response"),
        ] {
            judged(&json!({"aud": audience, "azp": party}), expected);
        }
        for nonce in [json!(null), json!(""), json!("other"), json!(&NONCE[1..])] {
            judged(&json!({"nonce": nonce}), "provider_mismatch");
        }
        judged(&json!({"nonce": 1}), "invalid_response");
        // A sign-in that sent no nonce takes no ID token.
        for token in [with(&json!({})), with(&json!({"nonce": null}))] {
            let asked = Asked::SignIn {
                nonce: None,
                clock: CLOCK,
            };
            let outcome = check(&token, &Provider::example(), asked);
            assert_eq!(code(outcome), "provider_mismatch");
        }
    }

    #[test]
    fn oidc_5_an_id_token_is_in_force_by_a_clock_that_may_be_a_little_wrong() {
        for (exp, iat, expected) in [
            (json!(NOW - 4), json!(NOW), "ok"),
            (json!(NOW - 5), json!(NOW), "invalid_response"),
            (json!(NOW - 4_000), json!(NOW), "invalid_response"),
            (json!(-1e300), json!(NOW), "invalid_response"),
            (json!(1e300), json!(NOW + 5), "ok"),
            (json!(NOW + 60), json!(NOW as f64 + 5.5), "invalid_response"),
            (json!(NOW + 60), json!(NOW + 4_000), "invalid_response"),
            (json!(NOW + 60), json!(1e300), "invalid_response"),
            (json!(NOW + 60), json!(0), "ok"),
            (json!(null), json!(NOW), "invalid_response"),
            (json!(NOW + 60), json!(null), "invalid_response"),
            (json!("1700000600"), json!(NOW), "invalid_response"),
            (json!(NOW + 60), json!("1700000000"), "invalid_response"),
        ] {
            judged(&json!({"exp": exp, "iat": iat}), expected);
        }
        let wide = Clock {
            tolerance: Span::from_seconds(300.0),
            ..CLOCK
        };
        let nonce = Secret::from(NONCE);
        for (changes, expected) in [
            (json!({"exp": NOW - 299}), "ok"),
            (json!({"exp": NOW - 300}), "invalid_response"),
            (json!({"iat": NOW + 300}), "ok"),
            (json!({"iat": NOW + 301}), "invalid_response"),
        ] {
            let asked = Asked::SignIn {
                nonce: Some(&nonce),
                clock: wide,
            };
            let outcome = check(&with(&changes), &Provider::example(), asked);
            assert_eq!(code(outcome), expected, "{changes}");
        }
    }

    #[test]
    fn oidc_5_the_users_authentication_is_young_enough_where_that_was_asked() {
        let mut provider = Provider::example();
        for (auth_time, without, with_max_age) in [
            (json!(NOW - 30), "ok", "ok"),
            (json!(NOW - 65), "ok", "ok"),
            (json!(NOW - 66), "ok", "invalid_response"),
            (json!(0), "ok", "invalid_response"),
            (json!(NOW + 5), "ok", "ok"),
            (json!(NOW + 6), "ok", "invalid_response"),
            (json!(null), "ok", "invalid_response"),
            (json!("1700000000"), "invalid_response", "invalid_response"),
        ] {
            let token = with(&json!({ "auth_time": auth_time }));
            for (max_age, expected) in [(None, without), (Some(60.0), with_max_age)] {
                provider.max_age = max_age.map(Span::from_seconds);
                assert_eq!(code(sign_in(&token, &provider)), expected, "{auth_time}");
            }
        }
    }

    #[test]
    fn oidc_5_an_id_token_that_is_not_signed_or_cannot_be_read_is_none() {
        let claims = claims().to_string();
        let provider = Provider::example();
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"None"}"#,
            r#"{"alg":"NONE"}"#,
            r#"{"alg":""}"#,
            r#"{"alg":null}"#,
            r#"{"alg":["RS256"]}"#,
            r#"{"alg":"RS256","alg":"none"}"#,
            "{}",
            "[]",
            "",
        ] {
            let token = signed(header, &claims);
            assert_eq!(
                code(sign_in(&token, &provider)),
                "invalid_response",
                "{header}"
            );
        }
        let good = with(&json!({}));
        let (unsigned, _) = good.rsplit_once('.').unwrap();
        for broken in [
            String::new(),
            "opaque".to_owned(),
            unsigned.to_owned(),
            format!("{unsigned}."),
            format!("{good}."),
            format!("{good}="),
            format!(" {good}"),
            good.replacen('.', "..", 1),
            signed(r#"{"alg":"RS256"}"#, "[]"),
            signed(r#"{"alg":"RS256"}"#, "{"),
        ] {
            let error = sign_in(&broken, &provider).unwrap_err();
            assert_eq!(error.code(), "invalid_response", "{broken}");
        }
        for name in ["iss", "sub", "aud", "exp", "iat"] {
            judged(&json!({ name: null }), "invalid_response");
            judged(&json!({ name: true }), "invalid_response");
            judged(&json!({ name: {} }), "invalid_response");
        }
        judged(&json!({"sub": ""}), "invalid_response");
        judged(&json!({"sub": "s".repeat(255)}), "ok");
        judged(&json!({"sub": "s".repeat(256)}), "invalid_response");
    }

    /// Section 12.2.
    #[test]
    fn oidc_5_at_a_refresh_the_user_and_the_authentication_stay_the_same() {
        let grant = |subject: Option<&str>, auth_time| Grant {
            subject: subject.map(str::to_owned),
            auth_time,
            ..Grant::default()
        };
        let same = grant(Some("24400320"), Some(NOW - 30));
        let without = Grant::default();
        let mut provider = Provider::example();
        // That was asked of the sign-in, and grows older with the session.
        provider.max_age = Some(Span::from_seconds(1.0));
        for (changes, known, expected) in [
            (json!({}), Some(&same), "ok"),
            (json!({"nonce": null}), Some(&same), "ok"),
            (json!({"nonce": "other"}), Some(&same), "ok"),
            (json!({"auth_time": null}), Some(&same), "ok"),
            (
                json!({"auth_time": NOW - 29}),
                Some(&same),
                "provider_mismatch",
            ),
            (json!({"sub": "24400321"}), Some(&same), "provider_mismatch"),
            (
                json!({"sub": "24400321", "auth_time": 1}),
                Some(&without),
                "ok",
            ),
            (json!({}), None, "ok"),
            (
                json!({"auth_time": 1}),
                Some(&grant(Some("24400320"), None)),
                "ok",
            ),
            (
                json!({"iss": "https://other.test"}),
                Some(&same),
                "provider_mismatch",
            ),
            (json!({"aud": "other"}), Some(&same), "provider_mismatch"),
            (
                json!({"aud": ["spa", "other"]}),
                Some(&same),
                "provider_mismatch",
            ),
            // Clocks are set, and the answer is new all the same.
            (json!({"exp": NOW - 60}), Some(&same), "ok"),
            (json!({"iat": NOW + 60}), None, "ok"),
            (json!({"exp": null}), Some(&same), "invalid_response"),
            (json!({"sub": 24_400_320}), Some(&same), "invalid_response"),
        ] {
            let outcome = check(&with(&changes), &provider, Asked::Refresh { known });
            assert_eq!(code(outcome), expected, "{changes} {known:?}");
        }
    }

    #[test]
    fn oidc_5_no_error_tells_what_stands_in_an_id_token() {
        for changes in [
            json!({"iss": "https://canary.test"}),
            json!({"sub": 1, "name": "canary"}),
            json!({"nonce": "canary"}),
            json!({"aud": "canary"}),
        ] {
            let error = sign_in(&with(&changes), &Provider::example()).unwrap_err();
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        let token = sign_in(&with(&json!({"email": "canary"})), &Provider::example()).unwrap();
        assert!(!format!("{token:?}").contains("canary"));
    }
}
