//! Pushed authorization requests (RFC 9126).

use reqwest::Method;
use serde_json::json;

use crate::oidc::flow::{Fields, Flow, callback, pairs};
use crate::oidc::key::Key;
use crate::server::Server;

/// Pushes the request; what is left of it goes through the browser.
async fn push(flow: &mut Flow) -> Fields {
    let request = flow.request.clone();
    let answer = flow.post("/oidc/par", &pairs(&request)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let pushed = answer.json();
    assert_eq!(pushed["expires_in"], 600);
    let uri = pushed["request_uri"].as_str().expect("a reference");
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    flow.request = [("client_id", "spa"), ("request_uri", uri)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    request
}

#[tokio::test]
async fn where_they_are_required() {
    let server = Server::start(&["--require-par"]).await;
    let mut flow = Flow::new(&server);
    let path = "/oidc/.well-known/openid-configuration";
    let metadata = flow.page.send(Method::GET, path, |it| it).await.json();
    assert_eq!(metadata["require_pushed_authorization_requests"], true);
    let refused = callback(&flow.begin().await);
    assert_eq!(refused["error"], "invalid_request");

    let request = push(&mut flow).await;
    let page = flow.begin().await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("nonce-1") && page.text.contains("request_uri"));
    let fields = callback(&flow.type_password().await);
    assert_eq!(fields["state"], "state-1");
    flow.request = request;
    assert_eq!(flow.exchange(&fields["code"]).await.status, 200);
}

/// One code for a pushed request, and only in time.
#[tokio::test]
async fn a_reference_is_good_once_and_ten_minutes() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    push(&mut flow).await;
    flow.type_password().await;
    assert_eq!(flow.begin().await.status, 400, "used");

    let mut flow = Flow::new(&server);
    push(&mut flow).await;
    server.clock(590).await;
    assert_eq!(flow.begin().await.status, 200);
    server.clock(605).await;
    for answer in [flow.begin().await, flow.type_password().await] {
        assert_eq!(answer.status, 400);
        assert_eq!(answer.header("location"), "");
    }
}

/// Sent at once, one gets a code.
#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_comes_twice_at_once() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    push(&mut flow).await;
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let mut rival = Flow::new(&server);
            rival.request.clone_from(&flow.request);
            rival.browser.cookies.clone_from(&flow.browser.cookies);
            tokio::spawn(async move {
                let answer = rival.begin().await;
                answer.status == 303 && callback(&answer).contains_key("code")
            })
        })
        .collect();
    let mut codes = 0;
    for task in tasks {
        codes += u32::from(task.await.expect("a task"));
    }
    assert_eq!(codes, 1);
}

/// What the browser says besides does not count.
#[tokio::test]
async fn parameters_beside_the_reference_are_not_read() {
    let server = Server::start(&["--redirect-uri", "/", "--redirect-uri", "/other"]).await;
    let mut flow = Flow::new(&server);
    push(&mut flow).await;
    let other = format!("{}/other", server.origins.app);
    let mut flow = flow.set("redirect_uri", &other).set("state", "other");
    let fields = callback(&flow.type_password().await);
    assert_eq!(fields["state"], "state-1");
}

#[tokio::test]
async fn wrong_requests_are_refused_when_they_are_pushed() {
    let server = Server::start(&[]).await;
    for (name, value, error) in [
        ("client_id", "other", "invalid_client"),
        ("redirect_uri", "https://evil.test/", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("resource", "https://other.test", "invalid_target"),
        ("request_uri", "urn:x", "invalid_request"),
    ] {
        let mut flow = Flow::new(&server).set(name, value);
        let request = flow.request.clone();
        let answer = flow.post("/oidc/par", &pairs(&request)).await;
        answer.refused(400, error);
    }
    let mut flow = Flow::new(&server).set("request_uri", "urn:x");
    assert_eq!(flow.begin().await.status, 400, "unknown");
    push(&mut Flow::new(&server)).await;
    let mut flow = Flow::new(&server);
    push(&mut flow).await;
    let mut flow = flow.set("client_id", "other");
    assert_eq!(flow.begin().await.status, 400, "another client");
}

/// The proof of a push binds the code (RFC 9449, 10.1).
#[tokio::test]
async fn a_proof_with_the_push_binds_the_code() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.key = Some(Key::new());
    let request = push(&mut flow).await;
    let code = callback(&flow.type_password().await)["code"].clone();
    flow.request = request;
    let key = flow.key.replace(Key::new());
    flow.exchange(&code).await.refused(400, "invalid_grant");
    flow.key = key;
    assert_eq!(flow.exchange(&code).await.json()["token_type"], "DPoP");

    let mut flow = Flow::new(&server).set("dpop_jkt", &Key::new().thumbprint());
    flow.key = Some(Key::new());
    let request = flow.request.clone();
    let answer = flow.post("/oidc/par", &pairs(&request)).await;
    answer.refused(400, "invalid_dpop_proof");

    server.policy(json!({ "dpopNonce": true })).await;
    let mut flow = Flow::with_key(&server);
    let request = flow.request.clone();
    let answer = flow.post("/oidc/par", &pairs(&request)).await;
    answer.refused(400, "use_dpop_nonce");
    push(&mut flow).await;
}
