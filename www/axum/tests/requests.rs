//! Good and hostile requests, and what becomes of them. `hallpass/server` is judged by the same table
//! (`pkg/test/server-requests.test.ts`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::to_bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::IntoResponse;
use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_axum::{
    ASYMMETRIC, Algorithm, DpopCheck, FingerprintCheck, InvalidOption, KeySet, Nonces, RequestHead,
    TokenHeader, Unauthorized, Verified, Verifier, VerifierOptions, VerifyError,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Table {
    now: i64,
    issuer: String,
    audience: String,
    verifiers: BTreeMap<String, Options>,
    requests: Vec<Row>,
    /// By file and test.
    wycheproof: BTreeMap<String, BTreeMap<String, Option<String>>>,
}

/// As `hallpass/server` has them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    keys: Option<Value>,
    single: Option<Value>,
    secret: Option<String>,
    algorithms: Option<Vec<String>>,
    audience: Option<Vec<String>>,
    required_claims: Option<Vec<String>>,
    clock_tolerance_seconds: Option<u32>,
    token_bytes: Option<usize>,
    header: Option<Named>,
    fingerprint: Option<Fingerprint>,
    dpop: Option<Dpop>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
    scheme: Option<String>,
}

#[derive(Deserialize)]
struct Fingerprint {
    claim: Option<String>,
    cookie: Option<String>,
}

#[derive(Deserialize)]
struct Dpop {
    origin: String,
    nonce: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    what: String,
    verifier: String,
    /// `None`: it passes.
    code: Option<String>,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
}

/// One that stays.
struct Fixed(String);

impl Nonces for Fixed {
    fn current(&self, _now: i64) -> Option<String> {
        Some(self.0.clone())
    }

    fn is_good(&self, nonce: &str, _now: i64) -> bool {
        nonce == self.0
    }
}

fn table() -> Table {
    serde_json::from_str(include_str!("../../../tests/vectors/server-requests.json")).unwrap()
}

fn algorithm(name: &str) -> Algorithm {
    match name {
        "HS256" => Algorithm::Hs256,
        _ => *ASYMMETRIC.iter().find(|it| it.name() == name).unwrap(),
    }
}

fn keys(options: &Options) -> KeySet {
    match (&options.keys, &options.single, &options.secret) {
        (Some(set), _, _) => KeySet::from_json(set).unwrap(),
        (_, Some(key), _) => KeySet::single(key).unwrap(),
        (_, _, secret) => {
            KeySet::secret(Base64UrlUnpadded::decode_vec(secret.as_ref().unwrap()).unwrap())
        }
    }
}

fn verifier(table: &Table, from: &Options) -> Verifier {
    let mut options = VerifierOptions::new(&table.issuer, &table.audience, keys(from));
    let names = from.algorithms.as_ref();
    options.algorithms = names.map(|names| names.iter().map(|it| algorithm(it)).collect());
    options.audience = from.audience.clone().unwrap_or(options.audience);
    options.required_claims = from.required_claims.clone().unwrap_or_default();
    options.clock_tolerance_seconds = from
        .clock_tolerance_seconds
        .unwrap_or(options.clock_tolerance_seconds);
    options.token_bytes = from.token_bytes.unwrap_or(options.token_bytes);
    options.header = from.header.as_ref().map(|it| {
        let default = TokenHeader::default();
        TokenHeader {
            name: it.name.clone().unwrap_or(default.name),
            scheme: it.scheme.clone().unwrap_or(default.scheme),
        }
    });
    options.fingerprint = from.fingerprint.as_ref().map(|it| {
        let default = FingerprintCheck::default();
        FingerprintCheck {
            claim: it.claim.clone().unwrap_or(default.claim),
            cookie: it.cookie.clone().unwrap_or(default.cookie),
            required: true,
        }
    });
    options.dpop = from.dpop.as_ref().map(|it| {
        let nonce = it.nonce.clone();
        DpopCheck {
            nonce: nonce.map(|nonce| Arc::new(Fixed(nonce)) as Arc<dyn Nonces>),
            ..DpopCheck::new(&it.origin)
        }
    });
    Verifier::new(options).unwrap()
}

fn headers(lines: &[(String, String)]) -> HeaderMap {
    let line = |(name, value): &(String, String)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.iter().map(line) {
        headers.append(name, value);
    }
    headers
}

async fn verdict(verifier: &Verifier, row: &Row, now: i64) -> Result<Verified, Unauthorized> {
    let method: Method = row.method.parse().unwrap();
    let headers = headers(&row.headers);
    let request = RequestHead {
        method: &method,
        path: row.path.split('?').next().unwrap_or_default(),
        headers: &headers,
    };
    match verifier.verify_at(request, now).await {
        Ok(verified) => Ok(verified),
        Err(VerifyError::Unauthorized(refusal)) => Err(refusal),
        Err(VerifyError::Store(cause)) => panic!("{cause}"),
    }
}

/// What the page's half reads of the refusal.
fn challenge(refusal: &Unauthorized, options: &Options) -> String {
    let error = refusal.code.error().map(|error| {
        let description = refusal.code.description();
        format!(", error=\"{error}\", error_description=\"{description}\"")
    });
    let (scheme, algs) = match (&options.dpop, &options.header) {
        (Some(_), _) => (
            "DPoP",
            ", algs=\"RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519\"",
        ),
        (
            None,
            Some(Named {
                scheme: Some(scheme),
                ..
            }),
        ) if !scheme.is_empty() => (&**scheme, ""),
        _ => ("Bearer", ""),
    };
    let error = error.unwrap_or_default();
    format!("{scheme} realm=\"hallpass\"{error}{algs}")
}

#[tokio::test]
async fn sec_39_sec_40_good_and_hostile_requests_get_the_verdicts_of_the_table() {
    let table = table();
    let verifiers: BTreeMap<_, _> = table
        .verifiers
        .iter()
        .map(|(name, options)| (name, verifier(&table, options)))
        .collect();
    let mut codes = BTreeSet::new();
    for row in &table.requests {
        let place = format!("{}: {}", row.verifier, row.what);
        let verdict = verdict(&verifiers[&row.verifier], row, table.now).await;
        let code = verdict.as_ref().err().map(|refusal| refusal.code.as_str());
        assert_eq!(code, row.code.as_deref(), "{place}");
        let Err(refusal) = verdict else { continue };
        codes.insert(refusal.code.as_str());
        let is_told = told(refusal, &table.verifiers[&row.verifier]).await;
        for (_, value) in row.headers.iter().filter(|(_, value)| value.len() > 40) {
            assert!(
                !is_told.contains(value.as_str()),
                "{place}: a secret is told"
            );
        }
    }
    assert_eq!(codes.len(), 23, "each code has a request");
}

/// Everything that goes out, once it is what the page's half understands.
async fn told(refusal: Unauthorized, options: &Options) -> String {
    let code = refusal.code;
    let shown = format!("{refusal} {refusal:?}");
    let is_ours = code.as_str() == "keys_unavailable";
    let challenge = (!is_ours).then(|| challenge(&refusal, options));
    let response = refusal.into_response();
    let (parts, body) = response.into_parts();
    let text = |name: &str| parts.headers.get(name).map(|it| it.to_str().unwrap());
    assert_eq!(text("www-authenticate"), challenge.as_deref());
    let nonce = options.dpop.as_ref().and_then(|it| it.nonce.as_deref());
    assert_eq!(text("dpop-nonce"), nonce);
    assert_eq!(text("cache-control"), Some("no-store"));
    assert_eq!(text("retry-after"), is_ours.then_some("5"));
    let (status, error) = match is_ours {
        true => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        false => (
            StatusCode::UNAUTHORIZED,
            code.error().unwrap_or("unauthorized"),
        ),
    };
    assert_eq!(parts.status, status);
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let right = json!({ "error": error, "error_description": code.description() });
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), right);
    format!(
        "{shown} {:?} {}",
        parts.headers,
        String::from_utf8_lossy(&body)
    )
}

/// The sentences are those of `hallpass/server`.
#[test]
fn codes_and_sentences_are_those_of_the_package() {
    let words = include_str!("../../../pkg/src/server/words.ts");
    let table = table();
    let codes: BTreeSet<_> = table
        .requests
        .iter()
        .filter_map(|row| row.code.as_ref())
        .collect();
    assert_eq!(codes.len(), 23);
    for (_, line) in CODES.iter().map(|code| (code, code.description())) {
        assert!(words.contains(&format!("\"{line}\"")), "{line}");
    }
    for code in CODES {
        assert!(codes.contains(&code.as_str().to_owned()), "{code:?}");
    }
}

/// A good token, changed at any place, is no good.
#[tokio::test]
async fn a_changed_token_is_refused() {
    let table = table();
    let row = |row: &&Row| row.what == "Ed25519" || row.what == "a proof by ES256";
    for row in table.requests.iter().filter(row) {
        for (at, (name, value)) in row.headers.iter().enumerate() {
            for place in value.find(' ').map_or(0, |at| at + 1)..value.len() {
                let verifier = verifier(&table, &table.verifiers[&row.verifier]);
                let mut headers = row.headers.clone();
                let other = if value.as_bytes()[place] == b'A' {
                    "Q"
                } else {
                    "A"
                };
                headers[at].1.replace_range(place..=place, other);
                let changed = Row {
                    headers,
                    what: String::new(),
                    verifier: String::new(),
                    code: None,
                    method: row.method.clone(),
                    path: row.path.clone(),
                };
                let verdict = verdict(&verifier, &changed, table.now).await;
                assert!(verdict.is_err(), "{}: {name} at {place}", row.what);
            }
        }
    }
}

/// Wycheproof's signatures. No payload of theirs is a JSON object, so none is a token: a signature that is right ends as
/// `malformed_token`, for the payload; a wrong one never gets there.
#[tokio::test]
async fn wycheproofs_vectors_get_the_verdicts_of_the_package_and_none_is_accepted() {
    let table = table();
    let files = [
        (
            "wycheproof-json_web_signature_test.json",
            include_str!("../../../tests/vectors/wycheproof-json_web_signature_test.json"),
        ),
        (
            "wycheproof-json_web_crypto_test.json",
            include_str!("../../../tests/vectors/wycheproof-json_web_crypto_test.json"),
        ),
    ];
    let mut judged = 0;
    for (name, text) in files {
        let file: Value = serde_json::from_str(text).unwrap();
        for group in file["testGroups"].as_array().unwrap() {
            let key = group.get("public").unwrap_or(&group["private"]);
            for test in group["tests"].as_array().unwrap() {
                let Some(jws) = test.get("jws").and_then(Value::as_str) else {
                    continue;
                };
                let id = test["tcId"].to_string();
                let code = wycheproof(&table, key, jws).await;
                assert_eq!(
                    Some(code),
                    table.wycheproof[name][&id],
                    "{name} {id}: {}",
                    test["comment"]
                );
                judged += 1;
            }
        }
    }
    assert!(judged > 100, "{judged}");
}

async fn wycheproof(table: &Table, key: &Value, jws: &str) -> String {
    let is_secret = key["kty"] == "oct";
    let verifier = || -> Result<Verifier, InvalidOption> {
        let keys = match (is_secret, key.get("keys")) {
            (true, _) => {
                KeySet::secret(Base64UrlUnpadded::decode_vec(key["k"].as_str().unwrap()).unwrap())
            }
            (false, Some(_)) => KeySet::from_json(key)?,
            (false, None) => KeySet::from_json(&json!({ "keys": [key] }))?,
        };
        let algorithms = match is_secret {
            true => vec![Algorithm::Hs256],
            false => ASYMMETRIC[..9].to_vec(),
        };
        let mut options = VerifierOptions::new(&table.issuer, &table.audience, keys);
        options.algorithms = Some(algorithms);
        Verifier::new(options)
    };
    let Ok(verifier) = verifier() else {
        return "invalid_option".to_owned();
    };
    let headers = vec![("authorization".to_owned(), format!("Bearer {jws}"))];
    let row = Row {
        headers,
        what: String::new(),
        verifier: String::new(),
        code: None,
        method: "GET".to_owned(),
        path: "/".to_owned(),
    };
    let verdict = verdict(&verifier, &row, table.now).await;
    verdict
        .expect_err("none is accepted")
        .code
        .as_str()
        .to_owned()
}

use hallpass_axum::UnauthorizedCode as Code;

const CODES: [Code; 23] = [
    Code::TokenMissing,
    Code::TokenTooLarge,
    Code::MalformedToken,
    Code::AlgorithmRefused,
    Code::UnknownKey,
    Code::SignatureInvalid,
    Code::TokenTypeMismatch,
    Code::TokenExpired,
    Code::TokenNotActive,
    Code::IssuerMismatch,
    Code::AudienceMismatch,
    Code::ClaimMissing,
    Code::FingerprintMissing,
    Code::FingerprintMismatch,
    Code::BindingUnchecked,
    Code::KeyBindingMissing,
    Code::KeyBindingMismatch,
    Code::ProofMissing,
    Code::ProofInvalid,
    Code::ProofOutdated,
    Code::ProofReplayed,
    Code::NonceNeeded,
    Code::KeysUnavailable,
];
