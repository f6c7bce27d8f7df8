//! What a code is bound to, and what comes of a copy.

use serde_json::json;

use crate::oidc::flow::{Flow, pairs};
use crate::server::Server;

/// Each thing that the code is bound to, changed; the code is as good as before.
#[tokio::test]
async fn a_refused_exchange_leaves_the_code_as_it_was() {
    let server = Server::start(&["--redirect-uri", "/", "--redirect-uri", "/cb"]).await;
    let mut flow = Flow::new(&server);
    let code = flow.code().await;
    let right = flow.exchange_fields(&code);
    let other_page = format!("{}/cb", server.origins.app);
    let long = "a".repeat(43);
    for (name, value, error) in [
        ("code_verifier", Some(long.as_str()), "invalid_grant"),
        ("code_verifier", Some("short"), "invalid_grant"),
        ("code_verifier", None, "invalid_request"),
        ("redirect_uri", Some(other_page.as_str()), "invalid_grant"),
        ("redirect_uri", None, "invalid_request"),
        ("client_id", Some("other"), "invalid_client"),
        ("client_id", None, "invalid_request"),
        ("code", Some("unknown"), "invalid_grant"),
        ("code", None, "invalid_request"),
        ("grant_type", Some("password"), "unsupported_grant_type"),
        ("grant_type", None, "invalid_request"),
    ] {
        let mut fields = right.clone();
        match value {
            Some(value) => fields.insert(name.to_owned(), value.to_owned()),
            None => fields.remove(name),
        };
        let answer = flow.post("/oidc/token", &pairs(&fields)).await;
        answer.refused(400, error);
        assert!(!answer.text.contains(&flow.verifier) && !answer.text.contains(&code));
    }
    let mut twice = pairs(&right);
    twice.push(("code_verifier", &long));
    let answer = flow.post("/oidc/token", &twice).await;
    answer.refused(400, "invalid_request");
    let answer = flow.exchange(&code).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn the_form_alone_is_read() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let code = flow.code().await;
    let body = json!(flow.exchange_fields(&code));
    let answer = flow
        .page
        .send(reqwest::Method::POST, "/oidc/token", |it| it.json(&body))
        .await;
    answer.refused(400, "invalid_request");
    assert_eq!(flow.exchange(&code).await.status, 200);
}

#[tokio::test]
async fn a_code_lasts_a_minute() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    for (seconds, status) in [(58, 200), (62, 400)] {
        server.clock(0).await;
        let code = flow.code().await;
        server.clock(seconds).await;
        assert_eq!(flow.exchange(&code).await.status, status, "{seconds}");
    }
}

/// One of the two has stolen it.
#[tokio::test]
async fn a_code_that_comes_twice_ends_what_it_gave() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let mut other = Flow::new(&server);
    other.sign_in().await;
    let code = flow.code().await;
    assert_eq!(flow.exchange(&code).await.status, 200);
    assert_eq!(flow.get("/me").await.status, 200);

    // Neither the verifier nor time make a difference.
    server.clock(200).await;
    let mut thief = Flow::new(&server);
    let answer = thief.exchange(&code).await;
    answer.refused(400, "invalid_grant");
    flow.get("/me").await.refused(401, "invalid_token");
    flow.refresh().await.refused(400, "invalid_grant");
    assert_eq!(other.get("/me").await.status, 200, "another session");
}

/// Sent at once, one gets tokens, and they are good for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_twice_at_once() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let code = flow.code().await;
    let fields = flow.exchange_fields(&code);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let mut rival = Flow::new(&server);
            let fields = fields.clone();
            tokio::spawn(async move {
                let answer = rival.post("/oidc/token", &pairs(&fields)).await;
                rival.page.adopt(&answer);
                (answer.status, rival)
            })
        })
        .collect();
    let mut given = vec![];
    for task in tasks {
        let (status, rival) = task.await.expect("a task");
        if status == 200 {
            given.push(rival);
        }
    }
    assert_eq!(given.len(), 1);
    given[0].get("/me").await.refused(401, "invalid_token");
}

/// What the old password has opened halfway.
#[tokio::test]
async fn a_new_password_ends_codes_and_logins() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let code = flow.code().await;
    assert_eq!(flow.begin().await.status, 303);
    let mut elsewhere = server.signed_in("").await;
    let change = json!({
        "currentPassword": hallpass_server::DEMO_PASSWORD,
        "newPassword": "a brand new one",
    });
    assert_eq!(elsewhere.patch("/me/password", change).await.status, 200);
    flow.exchange(&code).await.refused(400, "invalid_grant");
    assert_eq!(flow.begin().await.status, 200, "the login page");
}

/// An administrator ends all: sessions, logins, codes.
#[tokio::test]
async fn ended_sessions_come_back_by_no_code_and_no_login() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    let code = flow.code().await;
    let named = json!({ "username": "demo" });
    server
        .knob(reqwest::Method::POST, "/faults/revoke", named)
        .await;
    flow.get("/me").await.refused(401, "invalid_token");
    flow.exchange(&code).await.refused(400, "invalid_grant");
    assert_eq!(flow.begin().await.status, 200, "the login page");
}
