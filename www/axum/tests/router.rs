//! Extractor and layer, in routers of axum. Time is what it is, so tokens are signed here.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::FromRef;
use axum::http::{Request, Response, StatusCode};
use axum::routing::get;
use axum::{Extension, Router};
use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_axum::{
    BoxError, BoxFuture, DpopCheck, KeySet, Proof, Replays, Verified, Verifier, VerifierOptions,
    VerifyLayer,
};
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use tower::ServiceExt;

const ISSUER: &str = "https://id.test";
const API: &str = "https://api.test";

#[expect(
    clippy::disallowed_methods,
    reason = "extractor and layer go by the clock"
)]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}

fn base64(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed")
}

fn jwk() -> Value {
    let x = base64(key().public_key().as_ref());
    json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
}

fn sign(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| base64(part.to_string().as_bytes()));
    let signed = format!("{header}.{claims}");
    let signature = base64(key().sign(signed.as_bytes()).as_ref());
    format!("{signed}.{signature}")
}

fn token(more: Value) -> String {
    let mut claims = json!({ "iss": ISSUER, "aud": API, "sub": "ada", "exp": now() + 60 });
    let members = claims.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    sign(&json!({ "alg": "EdDSA" }), &claims)
}

/// A token that is bound to the key, and a proof for GET of a path.
fn bound(path: &str) -> (String, String) {
    let key = jwk();
    let text = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":{}}}"#, key["x"]);
    let jkt = base64(digest(&SHA256, text.as_bytes()).as_ref());
    let token = token(json!({ "cnf": { "jkt": jkt } }));
    let header = json!({ "alg": "EdDSA", "typ": "dpop+jwt", "jwk": key });
    let ath = base64(digest(&SHA256, token.as_bytes()).as_ref());
    let htu = format!("{API}{path}");
    let claims = json!({ "jti": "once", "htm": "GET", "htu": htu, "iat": now(), "ath": ath });
    (token, sign(&header, &claims))
}

fn verifier(dpop: Option<DpopCheck>) -> Verifier {
    let keys = KeySet::single(&jwk()).expect("a public key");
    let options = VerifierOptions {
        dpop,
        ..VerifierOptions::new(ISSUER, API, keys)
    };
    Verifier::new(options).expect("good options")
}

async fn name(user: Verified) -> String {
    user.subject().unwrap_or("nobody").to_owned()
}

async fn ask(router: &Router, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    router.clone().oneshot(request).await.expect("an answer")
}

#[derive(Clone)]
struct App(Verifier);

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.0.clone()
    }
}

#[tokio::test]
async fn a_handler_that_takes_a_verified_is_called_with_a_good_token_only() {
    let router = Router::new()
        .route("/me", get(name))
        .with_state(App(verifier(None)));
    let good = format!("Bearer {}", token(json!({})));
    let answer = ask(&router, "/me", &[("authorization", &good)]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let body = axum::body::to_bytes(answer.into_body(), 100).await;
    assert_eq!(body.expect("a body"), "ada");

    let old = format!("Bearer {}", token(json!({ "exp": 1 })));
    let refused = ask(&router, "/me", &[("authorization", &old)]).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let challenge = &refused.headers()["www-authenticate"];
    let right = "Bearer realm=\"hallpass\", error=\"invalid_token\", error_description=\"The token expired.\"";
    assert_eq!(challenge, right);
    let refused = ask(&router, "/me", &[]).await;
    assert_eq!(
        refused.headers()["www-authenticate"],
        "Bearer realm=\"hallpass\""
    );
}

#[tokio::test]
async fn a_layer_stands_before_every_route() {
    let handler = |Extension(user): Extension<Verified>| async move { name(user).await };
    let router = Router::new()
        .route("/me", get(handler))
        .layer(VerifyLayer::new(verifier(None)));
    let good = format!("Bearer {}", token(json!({})));
    for (headers, path, status) in [
        (vec![("authorization", &*good)], "/me", StatusCode::OK),
        (
            vec![("authorization", "Bearer a.b.c")],
            "/me",
            StatusCode::UNAUTHORIZED,
        ),
        (vec![], "/me", StatusCode::UNAUTHORIZED),
        (vec![], "/nowhere", StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(
            ask(&router, path, &headers).await.status(),
            status,
            "{path}"
        );
    }
}

/// A nested router sees a shorter path. And layer, extractor and a second extractor use a proof up once.
#[tokio::test]
async fn a_proof_is_for_the_address_that_the_client_called_and_used_up_once() {
    let both = |one: Verified, other: Verified| async move { name(one).await + &name(other).await };
    let routes = |verifier: &Verifier| {
        Router::new()
            .route("/me", get(both))
            .with_state(verifier.clone())
    };
    let extracted = verifier(Some(DpopCheck::new(API)));
    let layered = verifier(Some(DpopCheck::new(API)));
    for router in [
        Router::new().nest("/api", routes(&extracted)),
        Router::new().nest("/api", routes(&layered).layer(VerifyLayer::new(layered))),
    ] {
        let (token, proof) = bound("/api/me");
        let headers = [
            ("authorization", &*format!("DPoP {token}")),
            ("dpop", &*proof),
        ];
        assert_eq!(
            ask(&router, "/api/me", &headers).await.status(),
            StatusCode::OK
        );
        let again = ask(&router, "/api/me", &headers).await;
        let challenge = again.headers()["www-authenticate"].to_str().expect("text");
        assert!(challenge.contains("used before"), "{challenge}");
        let (_, elsewhere) = bound("/me");
        let headers = [headers[0], ("dpop", &*elsewhere)];
        let answer = ask(&router, "/api/me", &headers).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
}

/// What passes before a whole router need not pass at a stricter route of it.
#[tokio::test]
async fn another_verifier_looks_for_itself() {
    let keys = KeySet::single(&jwk()).expect("a public key");
    let strict = VerifierOptions {
        required_claims: vec!["admin".to_owned()],
        ..VerifierOptions::new(ISSUER, API, keys)
    };
    let strict = Verifier::new(strict).expect("good options");
    let router = Router::new()
        .route("/me", get(name))
        .with_state(strict)
        .layer(VerifyLayer::new(verifier(None)));
    for (claims, status) in [
        (json!({ "admin": true }), StatusCode::OK),
        (json!({}), StatusCode::UNAUTHORIZED),
    ] {
        let good = format!("Bearer {}", token(claims));
        let answer = ask(&router, "/me", &[("authorization", &good)]).await;
        assert_eq!(answer.status(), status);
    }
}

/// A memory of proofs that is out of reach.
struct Gone;

impl Replays for Gone {
    fn seen<'a>(&'a self, _: &'a Proof, _: i64) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async { Err("the database is gone, and this is a secret".into()) })
    }
}

/// As busy servers do: the client's token is not to blame.
#[tokio::test]
async fn where_the_memory_of_proofs_fails_the_client_is_told_to_come_back() {
    let dpop = DpopCheck {
        seen: Arc::new(Gone),
        ..DpopCheck::new(API)
    };
    let router = Router::new()
        .route("/me", get(name))
        .with_state(verifier(Some(dpop)));
    let (token, proof) = bound("/me");
    let authorization = format!("DPoP {token}");
    let headers = [("authorization", &*authorization), ("dpop", &*proof)];
    let answer = ask(&router, "/me", &headers).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "5");
    let body = axum::body::to_bytes(answer.into_body(), 1000).await;
    let body: Value = serde_json::from_slice(&body.expect("a body")).expect("JSON");
    assert_eq!(body["error"], "temporarily_unavailable");
    assert_eq!(body["error_description"], "The server has a problem.");
}

/// Servers that look further themselves.
#[tokio::test]
async fn what_is_not_required_may_be_missing_and_is_checked_where_it_is_there() {
    let dpop = DpopCheck {
        required: false,
        ..DpopCheck::new(API)
    };
    let router = Router::new()
        .route("/me", get(name))
        .with_state(verifier(Some(dpop)));
    let (bound, proof) = bound("/me");
    let plain = token(json!({}));
    for (authorization, proof, status, scheme) in [
        (format!("Bearer {plain}"), None, StatusCode::OK, ""),
        (format!("DPoP {bound}"), Some(&proof), StatusCode::OK, ""),
        (
            format!("Bearer {bound}"),
            Some(&proof),
            StatusCode::UNAUTHORIZED,
            "DPoP",
        ),
        (
            format!("DPoP {plain}"),
            Some(&proof),
            StatusCode::UNAUTHORIZED,
            "DPoP",
        ),
        (
            format!("DPoP {bound}"),
            None,
            StatusCode::UNAUTHORIZED,
            "DPoP",
        ),
        (
            "Bearer a.b.c".to_owned(),
            None,
            StatusCode::UNAUTHORIZED,
            "Bearer",
        ),
    ] {
        let mut headers = vec![("authorization", &*authorization)];
        headers.extend(proof.map(|proof| ("dpop", &**proof)));
        let answer = ask(&router, "/me", &headers).await;
        assert_eq!(answer.status(), status, "{authorization}");
        let challenge = answer.headers().get("www-authenticate");
        let challenge = challenge.map_or("", |it| it.to_str().expect("text"));
        assert!(challenge.starts_with(scheme), "{challenge}");
        assert_eq!(challenge.is_empty(), scheme.is_empty());
    }
}
