//! DPoP at the API (RFC 9449, 7 and 9).

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Answer;
use crate::oidc::flow::Flow;
use crate::oidc::key::Key;
use crate::server::Server;

#[track_caller]
fn challenged(answer: &Answer, error: &str) {
    answer.refused(401, error);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("DPoP "), "{challenge}");
    assert!(
        challenge.contains(&format!("error=\"{error}\"")),
        "{challenge}"
    );
    assert!(challenge.contains("algs=\"ES256\""), "{challenge}");
}

/// A stolen token is good for nothing: not as a bearer token, not with another key, not for another
/// request.
#[tokio::test]
async fn each_request_needs_a_proof_of_its_own() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    flow.sign_in().await;
    let token = flow.page.token.clone().expect("a token");
    let key = flow.key.take().expect("the key");
    let right = key.proof("GET", &flow.url("/me")).of_token(&token);

    let answer = flow.get_with("/me", "Bearer", None).await;
    challenged(&answer, "invalid_token");
    let with_proof = right.sign();
    let answer = flow.get_with("/me", "Bearer", Some(&with_proof)).await;
    challenged(&answer, "invalid_token");
    let answer = flow.get_with("/me", "DPoP", None).await;
    challenged(&answer, "invalid_dpop_proof");
    let other = Key::new();
    let others = other.proof("GET", &flow.url("/me")).of_token(&token);
    let answer = flow.get_with("/me", "DPoP", Some(&others.sign())).await;
    challenged(&answer, "invalid_token");

    for (what, proof) in [
        ("no ath", right.clone().claim("ath", Value::Null)),
        ("wrong ath", right.clone().of_token("another")),
        ("htm", right.clone().claim("htm", json!("POST"))),
        (
            "htu",
            right.clone().claim("htu", json!(flow.url("/sessions"))),
        ),
        ("old", right.clone().later(-65)),
        ("future", right.clone().later(65)),
    ] {
        let answer = flow.get_with("/me", "DPoP", Some(&proof.sign())).await;
        assert_eq!(answer.json()["error"], "invalid_dpop_proof", "{what}");
        challenged(&answer, "invalid_dpop_proof");
    }

    let answer = flow.get_with("/me", "DPoP", Some(&right.sign())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = flow.get_with("/me", "dpop", Some(&right.sign())).await;
    challenged(&answer, "invalid_dpop_proof");
    assert!(answer.text.contains("used before"));
}

/// The address of the request has a query, the proof has none.
#[tokio::test]
async fn a_proof_is_for_the_address_without_its_query() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    flow.sign_in().await;
    let token = flow.page.token.clone().expect("a token");
    let proof = flow
        .key
        .as_ref()
        .expect("the key")
        .proof("GET", &flow.url("/me"));
    let proof = proof.of_token(&token).sign();
    let answer = flow.get_with("/me?a=b", "DPoP", Some(&proof)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn other_tokens_do_not_come_by_this_scheme() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    let key = Key::new();
    let token = flow.page.token.clone().expect("a token");
    let proof = key.proof("GET", &flow.url("/me")).of_token(&token).sign();
    let answer = flow.get_with("/me", "DPoP", Some(&proof)).await;
    challenged(&answer, "invalid_token");
    let answer = flow.get_with("/me", "Basic", None).await;
    answer.refused(401, "unauthorized");
    assert_eq!(flow.get("/me").await.status, 200);
}

#[tokio::test]
async fn a_nonce_where_it_is_asked_for() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    flow.sign_in().await;
    assert_eq!(flow.get("/me").await.header("dpop-nonce"), "");
    server.policy(json!({ "dpopNonce": true })).await;
    let answer = flow.get("/me").await;
    challenged(&answer, "use_dpop_nonce");
    let exposed = answer.header("access-control-expose-headers");
    for name in ["dpop-nonce", "www-authenticate"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    let answer = flow.get("/me").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("dpop-nonce").len(), 43, "for the next one");
    flow.nonce = Some("made up".to_owned());
    challenged(&flow.get("/me").await, "use_dpop_nonce");
}

/// What the API issues for such a session is bound, too.
#[tokio::test]
async fn a_password_change_gives_a_token_that_is_bound_as_well() {
    let server = Server::start(&["--sliding"]).await;
    let mut flow = Flow::with_key(&server);
    flow.sign_in().await;
    let key = flow.key.take().expect("the key");
    let bound = flow.page.claims()["cnf"].clone();
    assert_eq!(bound["jkt"], key.thumbprint());
    let change = json!({
        "currentPassword": hallpass_server::DEMO_PASSWORD,
        "newPassword": "a brand new one",
    });
    for (method, path, body) in [
        (Method::POST, "/token", Value::Null),
        (Method::PATCH, "/me/password", change),
    ] {
        let token = flow.page.token.clone().expect("a token");
        let proof = key.proof(method.as_str(), &flow.url(path)).of_token(&token);
        let send = |request: reqwest::RequestBuilder| {
            let request = request
                .header("authorization", format!("DPoP {token}"))
                .header("dpop", proof.sign());
            match &body {
                Value::Null => request,
                body => request.json(body),
            }
        };
        let answer = flow.page.send(method, path, send).await;
        assert_eq!(answer.json()["token_type"], "DPoP", "{}", answer.text);
        flow.page.adopt(&answer);
        assert_eq!(flow.page.claims()["cnf"], bound, "{path}");
    }
}

/// Signing out by a token alone would let a thief do it: that needs the key or the provider.
#[tokio::test]
async fn a_stolen_token_does_not_sign_out() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::with_key(&server);
    flow.sign_in().await;
    let token = flow.page.token.clone().expect("a token");
    for scheme in ["Bearer", "DPoP"] {
        let send = |request: reqwest::RequestBuilder| {
            request.header("authorization", format!("{scheme} {token}"))
        };
        flow.page.send(Method::POST, "/token/reject", send).await;
        assert_eq!(flow.get("/me").await.status, 200, "{scheme}");
    }
}
