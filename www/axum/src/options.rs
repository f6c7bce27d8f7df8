//! What a verifier is made of.

use crate::access_token::TokenSettings;
use crate::algorithms::{Algorithm, SYMMETRIC};
use crate::dpop::DpopCheck;
use crate::error::InvalidOption;
use crate::fingerprint::FingerprintCheck;
use crate::keys::KeySource;

/// The options of a [`Verifier`](crate::Verifier). Those without a default are the arguments of
/// [`new`](VerifierOptions::new).
#[derive(Clone)]
pub struct VerifierOptions {
    /// The `iss` that tokens must have, exactly as the provider writes it.
    pub issuer: String,
    /// This API's name, or its names: a token must be for one of them (`aud`).
    pub audience: Vec<String>,
    /// Where the keys come from.
    pub keys: KeySource,
    /// Allowed algorithms. Default: all asymmetric ones that the keys can be for. HS256, HS384 and HS512 with a secret
    /// only, by name, and nothing else with one.
    pub algorithms: Option<Vec<Algorithm>>,
    /// Token sidejacking (OWASP): the token carries the SHA-256 of a cookie that the browser keeps, and is good with it
    /// only. Default `None`.
    pub fingerprint: Option<FingerprintCheck>,
    /// Sender-constrained tokens (RFC 9449): then no other tokens are taken, unless the check says so. Default `None`.
    pub dpop: Option<DpopCheck>,
    /// How the token travels. Default [`TokenHeader::default`]. With `dpop` it is fixed.
    pub header: Option<TokenHeader>,
    /// Claims that a token must have, beside `iss`, `aud` and `exp`. Default: none.
    pub required_claims: Vec<String>,
    /// How far the clocks of provider and API may be apart: 0 to 300. Default 5.
    pub clock_tolerance_seconds: u32,
    /// The longest token that is looked at. Default 16384.
    pub token_bytes: usize,
    /// Tokens without `exp` may pass. For servers that look up a session, which ends. Default `false`.
    pub allow_endless: bool,
}

/// How tokens travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHeader {
    /// Default `"Authorization"`.
    pub name: String,
    /// Default `"Bearer"`; `""`: the bare token.
    pub scheme: String,
}

impl Default for TokenHeader {
    fn default() -> Self {
        Self {
            name: "Authorization".to_owned(),
            scheme: "Bearer".to_owned(),
        }
    }
}

/// More than a few minutes is no difference of clocks (RFC 7519, section 4.1.4).
const LONGEST_TOLERANCE: u32 = 300;

impl VerifierOptions {
    /// For one provider and one API.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        keys: impl Into<KeySource>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            audience: vec![audience.into()],
            keys: keys.into(),
            algorithms: None,
            fingerprint: None,
            dpop: None,
            header: None,
            required_claims: Vec::new(),
            clock_tolerance_seconds: 5,
            token_bytes: 16_384,
            allow_endless: false,
        }
    }
}

/// The options, checked, with their defaults.
pub(crate) struct Settings {
    pub(crate) token: TokenSettings,
    pub(crate) header: TokenHeader,
    pub(crate) fingerprint: Option<FingerprintCheck>,
    pub(crate) dpop: Option<DpopCheck>,
}

impl Settings {
    pub(crate) fn read(options: VerifierOptions) -> Result<Self, InvalidOption> {
        let algorithms = algorithms(&options)?;
        if options.issuer.is_empty() || options.audience.iter().any(String::is_empty) {
            return Err(InvalidOption("issuer and audience must not be empty"));
        }
        if options.audience.is_empty() {
            return Err(InvalidOption(
                "audience must name this API at least once: without it, tokens for any other would do",
            ));
        }
        if options.clock_tolerance_seconds > LONGEST_TOLERANCE {
            return Err(InvalidOption("clock_tolerance_seconds must be at most 300"));
        }
        if options.dpop.is_some() && options.header.is_some() {
            return Err(InvalidOption(
                "header cannot be chosen where dpop is on: RFC 9449 fixes it",
            ));
        }
        let header = options.header.unwrap_or_default();
        let cookie = options.fingerprint.as_ref().map(|check| &check.cookie);
        let is_scheme = header.scheme.is_empty() || is_token(&header.scheme);
        if !is_token(&header.name) || !is_scheme || cookie.is_some_and(|name| !is_token(name)) {
            return Err(InvalidOption(
                "names of headers, schemes and cookies are made of letters, digits and some marks",
            ));
        }
        Ok(Self {
            token: TokenSettings {
                issuer: options.issuer,
                audience: options.audience,
                keys: options.keys,
                algorithms,
                required_claims: options.required_claims,
                tolerance: options.clock_tolerance_seconds,
                token_bytes: options.token_bytes,
                allow_endless: options.allow_endless,
            },
            header,
            fingerprint: options.fingerprint,
            dpop: options.dpop.map(DpopCheck::read).transpose()?,
        })
    }
}

/// The allow-list, out of those that the keys can be for. A public key is never taken for a secret: what is public
/// anybody could sign with.
fn algorithms(options: &VerifierOptions) -> Result<Vec<Algorithm>, InvalidOption> {
    let fitting = options.keys.fitting();
    let secret_bytes = match &options.keys {
        KeySource::Fixed(keys) => keys.secret_bytes(),
        KeySource::Asked(_) => None,
    };
    let is_secret = fitting.iter().all(|it| SYMMETRIC.contains(it));
    let chosen = match &options.algorithms {
        None if is_secret => None,
        None => Some(fitting.clone()),
        Some(named) => Some(named.clone()),
    };
    let chosen = chosen.ok_or(InvalidOption(
        "algorithms must allow HS256, HS384 or HS512 by name where keys is a shared secret",
    ))?;
    if chosen.is_empty() || !chosen.iter().all(|it| fitting.contains(it)) {
        return Err(InvalidOption(
            "algorithms must be some that keys can be for",
        ));
    }
    let least = chosen.iter().map(|it| it.least_secret_bytes()).max();
    if secret_bytes.is_some_and(|bytes| Some(bytes) < least) {
        return Err(InvalidOption(
            "keys must have as many bytes as the hash of the algorithm, which are as hard to guess as they are many",
        ));
    }
    Ok(chosen)
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_mark = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    let mut bytes = text.bytes();
    !text.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::keys::KeySet;

    fn options(keys: KeySet) -> VerifierOptions {
        VerifierOptions::new("https://id.test", "https://api.test", keys)
    }

    fn set() -> KeySet {
        KeySet::from_json(&json!({ "keys": [{ "kty": "RSA", "n": "AQAB", "e": "AQAB" }] })).unwrap()
    }

    #[test]
    fn the_allow_list_is_of_what_the_keys_can_be_for() {
        let with = |keys, algorithms: Option<&[Algorithm]>| {
            let algorithms = algorithms.map(<[_]>::to_vec);
            let options = VerifierOptions {
                algorithms,
                ..options(keys)
            };
            Settings::read(options).is_ok()
        };
        let secret = |bytes: usize| KeySet::secret(vec![7; bytes]);
        assert!(with(set(), None) && with(set(), Some(&[Algorithm::Rs256])));
        assert!(!with(set(), Some(&[])) && !with(set(), Some(&[Algorithm::Hs256])));
        assert!(with(secret(32), Some(&[Algorithm::Hs256])) && !with(secret(32), None));
        assert!(!with(secret(31), Some(&[Algorithm::Hs256])));
        assert!(!with(
            secret(63),
            Some(&[Algorithm::Hs256, Algorithm::Hs512])
        ));
        assert!(!with(secret(64), Some(&[Algorithm::Rs256])));
        let single = KeySet::single(&json!({ "kty": "EC", "crv": "P-256" })).unwrap();
        assert!(with(single.clone(), None) && !with(single, Some(&[Algorithm::Es384])));
    }

    #[test]
    fn what_makes_no_sense_is_told_at_once() {
        let change = |change: fn(&mut VerifierOptions)| {
            let mut options = options(set());
            change(&mut options);
            Settings::read(options).is_ok()
        };
        assert!(change(|_| {}) && change(|it| it.clock_tolerance_seconds = 300));
        let wrong: [fn(&mut VerifierOptions); 10] = [
            |it| it.issuer.clear(),
            |it| it.audience.clear(),
            |it| it.audience.push(String::new()),
            |it| it.clock_tolerance_seconds = 301,
            |it| it.dpop = Some(DpopCheck::new("api.test")),
            |it| it.dpop = Some(DpopCheck::new("https://api.test/path")),
            |it| {
                it.dpop = Some(DpopCheck {
                    algorithms: vec![Algorithm::Hs256],
                    ..DpopCheck::new("https://api.test")
                })
            },
            |it| {
                it.dpop = Some(DpopCheck::new("https://api.test/"));
                it.header = Some(TokenHeader::default());
            },
            |it| {
                it.header = Some(TokenHeader {
                    name: "X Token".to_owned(),
                    ..TokenHeader::default()
                })
            },
            |it| {
                it.fingerprint = Some(FingerprintCheck {
                    cookie: "a;b".to_owned(),
                    ..FingerprintCheck::default()
                })
            },
        ];
        for (at, wrong) in wrong.into_iter().enumerate() {
            assert!(!change(wrong), "{at}");
        }
    }

    #[test]
    fn a_set_is_public_and_not_empty() {
        for bad in [
            json!({}),
            json!({ "keys": [] }),
            json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }),
            json!({ "keys": [{ "kty": "EC", "d": "AAAA" }] }),
            json!({ "keys": [1] }),
            json!([]),
        ] {
            assert!(KeySet::from_json(&bad).is_err(), "{bad}");
        }
    }
}
