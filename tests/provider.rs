//! What a provider, a proxy or an attacker may send in its place, at random: nothing panics, and no answer is accepted
//! that one change has made another user's, another client's or another sign-in's.
//!
//! Each run is made from its number alone, which a failure names.

#[path = "support/dice.rs"]
#[allow(dead_code, reason = "each test file uses its part")]
mod dice;

use base64ct::{Base64UrlUnpadded, Encoding};
use dice::Dice;
use hallpass::answer::{Answer, Outlook};
use hallpass::config::{Config, Provider};
use hallpass::error::Error;
use hallpass::json::Members;
use hallpass::oidc::authorization::{self, Entropy, PendingCode};
use hallpass::oidc::grant::Grant;
use hallpass::oidc::metadata::{self, Metadata};
use hallpass::oidc::token::{self, Clock, HttpAnswer};
use hallpass::oidc::{callback, sign_out, user_info};
use hallpass::secret::Secret;
use hallpass::time::{Span, Timestamp};
use serde_json::{Value, json};

const RUNS: u64 = 1_000;
/// In seconds.
const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://id.test";

/// Stands in all that is secret or a stranger's, readable, and must be seen in no error.
const CANARY: &str = "CANARY";

const CLOCK: Clock = Clock {
    now: Timestamp::from_millis(NOW * 1_000),
    tolerance: Span::from_millis(5_000),
};

// ── What is good ──

fn provider(dice: &mut Dice) -> Provider {
    let settings = json!({"provider": {
        "issuer": ISSUER,
        "clientId": "spa",
        "scope": "openid profile",
        "redirectUri": "https://app.test/callback",
        "responseMode": dice.one_of(&["query", "fragment"]),
        "resources": dice.one_of(&[&[] as &[&str], &["https://api.test"]]),
        "maxAgeSeconds": dice.one_of(&[None, Some(60)]),
        "dpop": dice.one_in(2),
        "keepsIdToken": dice.one_in(2),
        "postLogoutRedirectUri": "https://app.test/",
        "pendingMaxAgeSeconds": 600,
    }});
    let config = Config::from(Members::parse(&settings.to_string()).unwrap());
    config.provider.unwrap()
}

fn document(provider: &Provider) -> Value {
    json!({
        "issuer": provider.issuer,
        "authorization_endpoint": "https://id.test/authorize",
        "token_endpoint": "https://id.test/token",
        "revocation_endpoint": "https://id.test/revoke",
        "end_session_endpoint": "https://id.test/end",
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn pending(provider: &Provider, metadata: &Metadata, dice: &mut Dice) -> PendingCode {
    let mut bytes = || {
        let halves = [dice.bytes(), dice.bytes()];
        <[u8; 32]>::try_from(halves.concat()).unwrap()
    };
    let entropy = Entropy {
        state: bytes(),
        nonce: bytes(),
        verifier: bytes(),
    };
    let now = CLOCK.now.plus(Span::from_millis(-1_000));
    let asked =
        authorization::request(provider, metadata, &entropy, now, "/".to_owned(), &[], None);
    asked.unwrap().pending
}

fn claims(pending: &PendingCode) -> Value {
    json!({
        "iss": ISSUER, "sub": "ann", "aud": "spa", "azp": "spa", "exp": NOW + 60, "iat": NOW - 1,
        "auth_time": NOW - 30, "nonce": pending.nonce.as_ref().unwrap().expose(),
        "name": CANARY,
    })
}

fn id_token(header: &Value, claims: &Value) -> String {
    let encode = |text: &Value| Base64UrlUnpadded::encode_string(text.to_string().as_bytes());
    [&encode(header), ".", &encode(claims), ".c2lnbmF0dXJl"].concat()
}

fn tokens(provider: &Provider, id_token: &str) -> Value {
    json!({
        "access_token": "CANARY-access", "refresh_token": "CANARY-refresh", "expires_in": 300,
        "token_type": if provider.dpop { "DPoP" } else { "Bearer" }, "id_token": id_token,
    })
}

fn grant() -> Grant {
    Grant {
        subject: Some("ann".to_owned()),
        auth_time: Some(NOW - 30),
        ..Grant::default()
    }
}

fn success(body: &str) -> HttpAnswer<'_> {
    HttpAnswer {
        status: 200,
        retry_after: None,
        body,
    }
}

// ── What is not ──

/// Anything that JSON can say, mostly near to what stands there.
fn other(value: &Value, dice: &mut Dice) -> Value {
    let choices = [
        json!(null),
        json!(true),
        json!(-1e300),
        json!(dice.below(1 << 40)),
        json!(""),
        json!(CANARY),
        json!([]),
        json!([value, value]),
        json!({ "x": value }),
    ];
    match value.as_str() {
        Some(text) if dice.one_in(2) => json!(mutated(text, dice)),
        _ => choices[dice.index(choices.len())].clone(),
    }
}

/// A text with something dropped, doubled, exchanged or put in.
fn mutated(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = dice.index(chars.len() + 1);
        let new = dice.one_of(&[
            '"', '{', '}', ',', ':', '\\', '.', 'A', '=', '\0', 'ä', '/', '1',
        ]);
        match dice.below(4) {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 if at < chars.len() => chars[at] = new,
            2 => chars.truncate(at),
            _ => chars.insert(at, new),
        }
    }
    chars.into_iter().collect()
}

fn changed(object: &Value, name: &str, dice: &mut Dice) -> Value {
    let mut changed = object.clone();
    loop {
        changed[name] = other(&object[name], dice);
        if changed[name] != object[name] {
            return changed;
        }
    }
}

#[track_caller]
fn keeps_quiet(error: &Error, seed: u64) {
    assert!(!format!("{error:?}").contains(CANARY), "{seed}: {error:?}");
}

// ── The rules ──

#[test]
fn oidc_1_metadata_with_one_wrong_member_lead_nowhere_else() {
    for seed in 0..RUNS {
        let mut dice = Dice::new(seed, [1, 0, 0]);
        let provider = provider(&mut dice);
        let good = document(&provider);
        assert!(metadata::interpret(&good.to_string(), &provider).is_ok());
        for name in ["issuer", "authorization_endpoint", "token_endpoint"] {
            let document = changed(&good, name, &mut dice);
            match metadata::interpret(&document.to_string(), &provider) {
                Ok(metadata) => {
                    assert_eq!(metadata.issuer, ISSUER, "{seed}");
                    assert!(metadata.authorization_endpoint.starts_with("https://"));
                    assert!(metadata.token_endpoint.starts_with("https://"));
                    let again = metadata::interpret(&metadata.to_json(), &provider);
                    assert_eq!(again, Ok(metadata), "{seed}");
                }
                Err(error) => keeps_quiet(&error, seed),
            }
        }
        let noise = mutated(&good.to_string(), &mut dice);
        if let Ok(metadata) = metadata::interpret(&noise, &provider) {
            assert_eq!(metadata.issuer, ISSUER, "{seed}");
        }
    }
}

#[test]
fn oidc_3_a_callback_with_one_wrong_parameter_gives_no_code() {
    for seed in 0..RUNS {
        let mut dice = Dice::new(seed, [2, 0, 0]);
        let provider = provider(&mut dice);
        let metadata = metadata::interpret(&document(&provider).to_string(), &provider).unwrap();
        let pending = pending(&provider, &metadata, &mut dice);
        let accept = |pending: Option<PendingCode>, params: &[(Secret, Secret)]| {
            callback::accept(pending, params, &provider, CLOCK.now)
        };
        let good = [
            ("code", "CANARY-code"),
            ("state", pending.state.expose()),
            ("iss", ISSUER),
        ];
        let good = good.map(|(name, value)| (Secret::from(name), Secret::from(value)));
        let (code, known) = accept(Some(pending.clone()), &good).unwrap();
        assert_eq!((code.expose(), &known), ("CANARY-code", &pending));

        let mut params = good.to_vec();
        let at = dice.index(params.len());
        let is_code = at == 0;
        match dice.below(5) {
            0 => drop(params.remove(at)),
            1 => params.push(params[at].clone()),
            2 => params.push((Secret::from("error"), Secret::from(CANARY))),
            3 => {
                let name = mutated(params[at].0.expose(), &mut dice);
                if name == params[at].0.expose() {
                    continue;
                }
                params[at].0 = Secret::from(name);
            }
            _ => {
                let value = mutated(params[at].1.expose(), &mut dice);
                // Which code is good is for the provider to say.
                if is_code || value == params[at].1.expose() {
                    continue;
                }
                params[at].1 = Secret::from(value);
            }
        }
        let error = accept(Some(pending.clone()), &params).unwrap_err();
        // The provider's own error code may be any word.
        assert!(!error.message().contains(CANARY), "{seed}");
        assert!(accept(None, &good).is_err());
        let text = mutated(pending.to_json().expose(), &mut dice);
        if let Some(read) = PendingCode::from_json(&text) {
            let is_same = read.state == pending.state && read.issuer == pending.issuer;
            let serves = accept(Some(read), &good).is_ok();
            assert!(is_same || !serves, "{seed}: {text}");
        }
    }
}

#[test]
fn oidc_5_an_id_token_with_one_wrong_claim_begins_no_session_and_renews_none() {
    let mut accepted = 0;
    for seed in 0..RUNS {
        let mut dice = Dice::new(seed, [3, 0, 0]);
        let provider = provider(&mut dice);
        let metadata = metadata::interpret(&document(&provider).to_string(), &provider).unwrap();
        let pending = pending(&provider, &metadata, &mut dice);
        let header = json!({"alg": "RS256"});
        let exchange = |header: &Value, claims: &Value| {
            let body = tokens(&provider, &id_token(header, claims)).to_string();
            token::exchanged(&success(&body), &provider, &pending, CLOCK)
        };
        let refresh = |claims: &Value| {
            let body = tokens(&provider, &id_token(&header, claims)).to_string();
            token::refreshed(&success(&body), &provider, Some(&grant()))
        };
        let good = claims(&pending);
        let set = exchange(&header, &good).unwrap();
        let profile = Members::parse(set.profile.unwrap().expose()).unwrap();
        assert!(profile.get("nonce").is_none() && profile.get("name").is_some());
        assert!(matches!(refresh(&good), Answer::Tokens(_)));

        for name in [
            "iss",
            "aud",
            "azp",
            "nonce",
            "sub",
            "exp",
            "iat",
            "auth_time",
        ] {
            let claims = changed(&good, name, &mut dice);
            let value = &claims[name];
            let is_date = value.is_number();
            // What is right all the same.
            let is_right = match name {
                "azp" => value.is_null(),
                "aud" => *value == json!(["spa", "spa"]),
                "sub" => value.as_str().is_some_and(|text| !text.is_empty()),
                "exp" => value.as_f64().is_some_and(|at| at > NOW as f64),
                "iat" => value.as_f64().is_some_and(|at| at < NOW as f64),
                "auth_time" if provider.max_age.is_none() => value.is_null() || is_date,
                "auth_time" => value
                    .as_i64()
                    .is_some_and(|at| (NOW - 65..=NOW + 5).contains(&at)),
                _ => false,
            };
            match exchange(&header, &claims) {
                Ok(_) => assert!(is_right, "{seed}: {name} {value}"),
                Err(error) => {
                    assert!(!is_right, "{seed}: {name} {value} {error:?}");
                    keeps_quiet(&error, seed);
                }
            }
            accepted += u32::from(is_right);
            match refresh(&claims) {
                Answer::Tokens(set) => {
                    let grant = set.grant.unwrap();
                    assert_eq!(grant.subject.as_deref(), Some("ann"), "{seed}");
                    assert_eq!(grant.auth_time, Some(NOW - 30), "{seed}: {value}");
                    let stays =
                        matches!(name, "nonce" | "azp" | "aud" | "exp" | "iat" | "auth_time");
                    assert!(stays, "{seed}: {name} {value}");
                }
                Answer::Unusable {
                    error,
                    outlook,
                    rotated,
                } => {
                    keeps_quiet(&error, seed);
                    let is_kept = rotated.is_some();
                    assert_eq!(is_kept, outlook == Outlook::Passing, "{seed}: {value}");
                    let is_text = value.is_string();
                    // Another user's is told from what cannot be read.
                    if name == "sub" && is_text && is_right {
                        assert_eq!(outlook, Outlook::Over, "{seed}: {value}");
                    }
                    if matches!(name, "exp" | "iat") {
                        assert_eq!(outlook, Outlook::Passing, "{seed}: {value}");
                    }
                }
                other => panic!("{seed}: {other:?}"),
            }
        }
        for alg in ["none", "NONE", ""] {
            assert!(exchange(&json!({"alg": alg}), &good).is_err());
        }
    }
    assert!(
        accepted > RUNS as u32 / 4,
        "all that is changed seems wrong: {accepted}"
    );
}

#[test]
fn oidc_4_whatever_comes_from_the_token_endpoint_is_judged_and_nothing_panics() {
    for seed in 0..RUNS {
        let mut dice = Dice::new(seed, [4, 0, 0]);
        let provider = provider(&mut dice);
        let metadata = metadata::interpret(&document(&provider).to_string(), &provider).unwrap();
        let pending = pending(&provider, &metadata, &mut dice);
        let header = json!({"alg": "RS256"});
        let mut good = tokens(&provider, &id_token(&header, &claims(&pending)));
        let kind = good["token_type"].clone();
        let name = dice.one_of(&["access_token", "token_type", "id_token", "refresh_token"]);
        good = changed(&good, name, &mut dice);
        if dice.one_in(3) {
            good["error"] = json!(dice.one_of(&["invalid_grant", "invalid_client", CANARY, ""]));
        }
        let body = match dice.below(3) {
            0 => mutated(&good.to_string(), &mut dice),
            _ => good.to_string(),
        };
        let answer = HttpAnswer {
            status: dice.one_of(&[0, 200, 200, 200, 204, 302, 400, 401, 403, 429, 500, 503]),
            retry_after: None,
            body: &body,
        };
        match token::exchanged(&answer, &provider, &pending, CLOCK) {
            Ok(set) => {
                let read: Value = serde_json::from_str(&body).unwrap();
                let given = read["token_type"].as_str().unwrap();
                let kind = kind.as_str().unwrap();
                assert!(
                    (200..=299).contains(&answer.status) && kind.eq_ignore_ascii_case(given),
                    "{seed}"
                );
                assert_eq!(set.grant.unwrap().subject.as_deref(), Some("ann"), "{seed}");
            }
            Err(error) => {
                assert_eq!(error.answer(), None);
                assert!(!error.message().contains(CANARY), "{seed}");
            }
        }
        let outcome = token::refreshed(&answer, &provider, Some(&grant()));
        let refused = matches!(outcome, Answer::Refused { .. });
        assert!(
            !refused || matches!(answer.status, 400 | 401 | 403),
            "{seed}"
        );
        if let Answer::Tokens(set) = outcome {
            let subject = set.grant.and_then(|grant| grant.subject);
            assert!(subject.is_none_or(|subject| subject == "ann"), "{seed}");
        }
    }
}

#[test]
fn oidc_6_userinfo_and_urls_take_whatever_comes() {
    for seed in 0..RUNS {
        let mut dice = Dice::new(seed, [5, 0, 0]);
        let provider = provider(&mut dice);
        let good = json!({"sub": "ann", "name": CANARY, "address": {"sub": "bob"}}).to_string();
        let noise = mutated(&good, &mut dice);
        match user_info::over(Some(r#"{"a":1}"#), "ann", &noise) {
            Ok(profile) => {
                let read: Value = serde_json::from_str(profile.expose()).unwrap();
                assert_eq!(
                    (&read["sub"], &read["a"]),
                    (&json!("ann"), &json!(1)),
                    "{seed}: {noise}"
                );
            }
            Err(error) => keeps_quiet(&error, seed),
        }
        let metadata = metadata::interpret(&document(&provider).to_string(), &provider).unwrap();
        let text = mutated("a&b=c#d?e", &mut dice);
        let url = sign_out::end_session_url(&provider, &metadata, None, &text).unwrap();
        let (_, query) = url.split_once('?').unwrap();
        assert_eq!(query.split('&').count(), 3, "{seed}: {url}");
        assert!(
            !query.contains(['#', '?', ' ']) && query.is_ascii(),
            "{seed}: {url}"
        );
        let text = Secret::from(text);
        let params = [(text.clone(), text)];
        let asked = authorization::request(
            &provider,
            &metadata,
            &Entropy {
                state: [0; 32],
                nonce: [1; 32],
                verifier: [2; 32],
            },
            CLOCK.now,
            "/".to_owned(),
            &params,
            None,
        );
        let url = asked.unwrap().url;
        assert!(!url.contains(['#', ' ']) && url.is_ascii(), "{seed}: {url}");
    }
}
