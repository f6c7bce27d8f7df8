//! The ID token (OpenID Connect Core 1.0, sections 2, 3.1.3.7 and 12.2).
//!
//! It comes straight from the token endpoint over TLS, so that its signature need not be checked (section 3.1.3.7, 6).
//! That makes it the client's to read, and no proof to anyone else.

use crate::claims::{Jwt, NumericDate};
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
    },
    /// That of a refresh, of a session that knows this.
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
/// unsigned, has ended, is from the future, or shows no authentication that is young enough.
pub fn check(
    token: &str,
    provider: &Provider,
    asked: Asked<'_>,
    clock: Clock,
) -> Result<IdToken, Error> {
    let jwt = Jwt::read(token).map_err(|error| broken("the ID token is no JWT").because(error))?;
    let algorithm = Members::parse(jwt.header()).and_then(|mut header| header.text("alg").ok()?);
    let is_signed =
        algorithm.is_some_and(|name| !name.is_empty() && !name.eq_ignore_ascii_case("none"));
    if !is_signed || token.ends_with('.') {
        return Err(broken("the ID token is not signed"));
    }
    let mut claims = Members::parse(jwt.claims()).unwrap_or_default();
    let mut text = |name: &str| claims.text(name).map_err(|_| wrong_type());
    let issuer = text("iss")?.ok_or_else(missing)?;
    let subject = text("sub")?.ok_or_else(missing)?;
    let nonce = text("nonce")?;
    let party = text("azp")?;
    if issuer != provider.issuer {
        return Err(foreign("the ID token is from another issuer"));
    }
    check_audience(claims.take("aud"), party.as_deref(), provider)?;
    if !(1..=LONGEST_SUBJECT).contains(&subject.len()) {
        return Err(broken(
            "the ID token's sub is empty, or longer than 255 bytes",
        ));
    }
    let auth_time = check_times(&jwt, clock)?;
    match asked {
        Asked::SignIn { nonce: expected } => {
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
            if known_subject.is_some_and(|known| *known != subject)
                || times.is_some_and(|(before, now)| before != now)
            {
                return Err(foreign(
                    "the ID token is another user's, or another sign-in's",
                ));
            }
        }
    }
    Ok(IdToken {
        subject,
        auth_time: seconds(auth_time),
        profile: profile(&jwt),
    })
}

/// Whether it was made for this client (section 3.1.3.7, 3 to 5).
fn check_audience(
    audience: Option<Json>,
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

/// Whether it is in force; gives `auth_time`.
fn check_times(jwt: &Jwt, clock: Clock) -> Result<Option<Timestamp>, Error> {
    let date = |claim: &str| match jwt.date(claim) {
        NumericDate::Malformed => Err(wrong_type()),
        date => Ok(date.timestamp()),
    };
    let ends = date("exp")?.ok_or_else(missing)?;
    let issued = date("iat")?.ok_or_else(missing)?;
    let latest = clock.now.plus(clock.tolerance);
    if clock.now >= ends.plus(clock.tolerance) {
        return Err(broken("the ID token has ended: compare the clocks"));
    }
    if issued > latest {
        return Err(broken(
            "the ID token is from the future: compare the clocks",
        ));
    }
    date("auth_time")
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
    let claims = Json::raw_members(jwt.claims()).unwrap_or_default();
    let of_the_user = claims
        .into_iter()
        .filter(|(name, _)| !NOT_OF_THE_USER.contains(&name.as_str()));
    let text = of_the_user.fold(Writer::default(), |text, (name, value)| {
        text.any(&name, value)
    });
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
