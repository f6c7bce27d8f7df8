//! `POST /token/reject`.

use reqwest::Method;
use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn by_refresh_token() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let body = json!({ "refresh_token": browser.refresh_token });
    let answer = browser
        .send(Method::POST, "/token/reject", |request| request.json(&body))
        .await;
    assert_eq!(answer.status, 204);
    assert!(
        browser.cookies.is_empty(),
        "nothing is left: {:?}",
        browser.cookies
    );
    browser.me().await.refused(401, "invalid_token");
    browser.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn by_bearer_token_even_when_it_expired() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    server.clock(400).await;
    let cookies = browser.cookies.clone();
    let answer = browser
        .authorised(Method::POST, "/token/reject", |request| request)
        .await;
    assert_eq!(answer.status, 204);
    browser.cookies = cookies;
    browser.refresh().await.refused(400, "invalid_grant");
}

/// A stolen token cannot even sign its owner out.
#[tokio::test]
async fn a_token_without_its_cookie_ends_nothing() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let mut thief = server.browser();
    thief.token = browser.token.clone();
    let answer = thief
        .authorised(Method::POST, "/token/reject", |request| request)
        .await;
    assert_eq!(answer.status, 204, "and learns nothing");
    assert_eq!(browser.me().await.status, 200);
}

#[tokio::test]
async fn unknown_tokens_are_fine() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    for body in [json!({}), json!({ "refresh_token": "never issued" })] {
        let send = |request: reqwest::RequestBuilder| request.json(&body);
        assert_eq!(
            browser
                .send(Method::POST, "/token/reject", send)
                .await
                .status,
            204
        );
    }
    let nothing = browser
        .send(Method::POST, "/token/reject", |request| request)
        .await;
    assert_eq!(nothing.status, 204);
    let wrong = json!({ "refresh_token": 1 });
    let send = |request: reqwest::RequestBuilder| request.json(&wrong);
    let answer = browser.send(Method::POST, "/token/reject", send).await;
    answer.refused(400, "invalid_request");
}

/// The fingerprint cookie stays as long as another session of this browser needs it.
#[tokio::test]
async fn another_session_of_the_browser_goes_on() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let first = browser.token.clone();
    browser.sign_in("").await;
    browser
        .authorised(Method::POST, "/token/reject", |request| request)
        .await;
    browser.me().await.refused(401, "invalid_token");
    browser.token = first;
    assert_eq!(browser.me().await.status, 200);
}
