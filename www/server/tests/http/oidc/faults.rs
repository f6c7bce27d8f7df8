//! What a client must find out: answers that are changed field by field.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::claims;
use crate::oidc::flow::{Flow, callback, pairs};
use crate::server::Server;

async fn metadata(flow: &mut Flow) -> Value {
    let path = "/oidc/.well-known/openid-configuration";
    flow.page.send(Method::GET, path, |it| it).await.json()
}

async fn clear(server: &Server) {
    server.knob(Method::DELETE, "/faults", Value::Null).await;
}

#[tokio::test]
async fn metadata_of_another_issuer() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let right = metadata(&mut flow).await;
    server
        .fault(json!({
            "route": "/oidc/.well-known/openid-configuration",
            "answer": {
                "issuer": "https://evil.test",
                "authorization_response_iss_parameter_supported": null,
            },
        }))
        .await;
    let wrong = metadata(&mut flow).await;
    assert_eq!(wrong["issuer"], "https://evil.test");
    assert!(
        wrong
            .get("authorization_response_iss_parameter_supported")
            .is_none()
    );
    assert_eq!(wrong["token_endpoint"], right["token_endpoint"]);
    clear(&server).await;
    assert_eq!(metadata(&mut flow).await, right);
}

#[tokio::test]
async fn callbacks_with_another_issuer_or_none() {
    let server = Server::start(&[]).await;
    for mode in ["query", "fragment"] {
        let mut flow = Flow::new(&server).set("response_mode", mode);
        for (change, iss, state) in [
            (
                json!({ "iss": "https://evil.test" }),
                Some("https://evil.test"),
                "state-1",
            ),
            (json!({ "iss": null }), None, "state-1"),
            (json!({ "iss": null, "state": "other" }), None, "other"),
        ] {
            server
                .fault(json!({ "route": "/oidc/authorize", "times": 1, "callback": change }))
                .await;
            let fields = callback(&flow.type_password().await);
            assert_eq!(fields.get("iss").map(String::as_str), iss);
            assert_eq!(fields["state"], state);
            assert_eq!(flow.exchange(&fields["code"]).await.status, 200);
        }
        assert_eq!(callback(&flow.begin().await)["iss"], flow.issuer());
    }
}

#[tokio::test]
async fn id_tokens_changed_before_they_are_signed() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    for change in [
        json!({ "iss": "https://evil.test" }),
        json!({ "nonce": "other" }),
        json!({ "nonce": null }),
        json!({ "aud": "other" }),
        json!({ "aud": ["spa", "other"] }),
        json!({ "azp": "other" }),
        json!({ "exp": 1 }),
        json!({ "iat": 4_000_000_000_i64, "exp": 4_000_000_300_i64 }),
        json!({ "sub": "somebody else" }),
        json!({ "auth_time": null }),
    ] {
        server
            .fault(json!({ "route": "/oidc/token", "times": 1, "idToken": change }))
            .await;
        let tokens = flow.sign_in().await.json();
        let id = claims(tokens["id_token"].as_str().expect("an ID token"));
        for (name, value) in change.as_object().expect("an object") {
            assert_eq!(id.get(name), Some(value).filter(|it| !it.is_null()));
        }
        assert_eq!(id["sid"], flow.page.claims()["sid"], "the rest is as ever");
    }

    // At a refresh: the first request to pass is the exchange.
    let other = json!({ "route": "/oidc/token", "skip": 1, "times": 1, "idToken": { "sub": "x" } });
    server.fault(other).await;
    let first = flow.sign_in().await.json();
    assert_eq!(
        claims(first["id_token"].as_str().expect("one"))["sub"],
        "demo"
    );
    let second = flow.refresh().await.json();
    assert_eq!(
        claims(second["id_token"].as_str().expect("one"))["sub"],
        "x"
    );
}

#[tokio::test]
async fn id_tokens_without_a_signature() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let none = json!({ "alg": "none" });
    server
        .fault(json!({ "route": "/oidc/token", "times": 1, "idTokenHeader": none }))
        .await;
    let tokens = flow.sign_in().await.json();
    let token = tokens["id_token"].as_str().expect("an ID token");
    assert!(token.ends_with('.') && token.split('.').count() == 3);
    let header = format!("{}.{}.", "x", token.split('.').next().expect("a header"));
    assert_eq!(claims(&header)["alg"], "none");
}

#[tokio::test]
async fn token_answers_that_are_not_what_was_asked_for() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    let change = json!({ "token_type": "Bearer", "id_token": null, "expires_in": "300" });
    server
        .fault(json!({ "route": "/oidc/token", "times": 1, "answer": change }))
        .await;
    let tokens = flow.sign_in().await.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], "300");
    assert!(tokens.get("id_token").is_none());
    assert!(tokens["access_token"].is_string());
    assert_eq!(flow.refresh().await.json()["token_type"], "DPoP");
}

/// The work is done, and the connection breaks: the code is used, and so is the refresh token.
#[tokio::test]
async fn token_answers_that_are_lost() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let code = flow.code().await;
    let lost = json!({ "route": "/oidc/token", "times": 1, "drop": "after" });
    server.fault(lost).await;
    let fields = flow.exchange_fields(&code);
    let body = serde_urlencoded::to_string(pairs(&fields)).expect("form");
    let answer = flow
        .page
        .try_send(Method::POST, "/oidc/token", |request| {
            crate::oidc::flow::form(request, body)
        })
        .await;
    assert!(answer.is_err());
    let again = flow.exchange(&code).await;
    again.refused(400, "invalid_grant");
    assert!(again.text.contains("used before"));
}

#[tokio::test]
async fn userinfo_of_another_user() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    let rule = json!({ "route": "/oidc/userinfo", "times": 1, "answer": { "sub": "x" } });
    server.fault(rule).await;
    assert_eq!(flow.get("/oidc/userinfo").await.json()["sub"], "x");
    assert_eq!(flow.get("/oidc/userinfo").await.json()["sub"], "demo");
}

#[tokio::test]
async fn changes_that_cannot_be_meant_get_a_reason() {
    let server = Server::start(&[]).await;
    for (name, value) in [
        ("answer", json!("text")),
        ("callback", json!([])),
        ("idToken", json!(1)),
        ("idTokenHeader", json!("none")),
    ] {
        let rule = json!({ "route": "/oidc/token", name: value });
        let answer = server.knob(Method::PUT, "/faults", rule).await;
        answer.refused(400, "invalid_request");
    }
}

/// No code, verifier, proof or token.
#[tokio::test]
async fn the_log_keeps_no_secret() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    let code = flow.code().await;
    flow.exchange(&code).await;
    flow.get("/me").await;
    flow.get("/me").await;
    let entries = server.log().await;
    let proofs: Vec<_> = entries
        .iter()
        .filter_map(|entry| entry["proof"].as_str())
        .collect();
    assert_eq!(proofs.len(), 3, "hashes of the proofs");
    assert!(proofs.iter().all(|proof| proof.len() == 64));
    assert_ne!(proofs[1], proofs[2]);
    let log = json!(entries).to_string();
    assert!(log.contains("/oidc/token"));
    let secrets = [
        code.as_str(),
        &flow.verifier,
        flow.page.token.as_deref().expect("a token"),
        flow.page.refresh_token.as_deref().expect("a token"),
        &flow.browser.cookies["__Host-Login"],
    ];
    for secret in secrets {
        assert!(!log.contains(secret));
    }
}
