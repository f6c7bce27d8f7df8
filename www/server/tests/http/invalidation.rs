//! `POST /me/invalidate-access-tokens`: what a page does to see its own token rejected.

use reqwest::Method;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::server::Server;

async fn invalidate(browser: &mut Browser) -> Answer {
    browser
        .authorised(Method::POST, "/me/invalidate-access-tokens", |request| {
            request
        })
        .await
}

/// Without `--faults`: pages call this.
#[tokio::test]
async fn a_page_can_have_its_token_rejected() {
    let server = Server::without_faults(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let answer = invalidate(&mut browser).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    assert_eq!(answer.text, "");
    assert_eq!(
        answer.header("access-control-allow-origin"),
        server.origins.app
    );
    browser.me().await.refused(401, "invalid_token");
    invalidate(&mut browser).await.refused(401, "invalid_token");

    assert_eq!(browser.refresh().await.status, 200);
    assert_eq!(browser.claims()["ver"], 2);
    assert_eq!(browser.me().await.status, 200);
    assert_eq!(
        browser.refresh().await.status,
        200,
        "the next refresh token is good too"
    );
}

/// By time of issue they could not be: `iat` counts whole seconds.
#[tokio::test]
async fn tokens_of_the_same_second_are_told_apart() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    for _ in 0..5 {
        let mut old = vec![browser.token.clone()];
        browser.refresh().await;
        old.push(browser.token.clone());
        assert_eq!(invalidate(&mut browser).await.status, 204);
        for token in old {
            browser.token = token;
            browser.me().await.refused(401, "invalid_token");
        }
        assert_eq!(browser.refresh().await.status, 200);
        assert_eq!(browser.me().await.status, 200);
    }
}

#[tokio::test]
async fn other_sessions_go_on() {
    let server = Server::start(&[]).await;
    let mut here = server.signed_in("?permanent=true").await;
    let mut there = server.signed_in("").await;
    assert_eq!(invalidate(&mut here).await.status, 204);
    here.me().await.refused(401, "invalid_token");
    assert_eq!(there.me().await.status, 200);
}

/// The version of a token is a sum: no order of raising its parts brings an old token back.
#[tokio::test]
async fn it_adds_up_with_the_version_of_the_account() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let mut old = Vec::new();
    for by_account in [true, false, false, true] {
        old.push(browser.token.clone());
        let answer = if by_account {
            let named = json!({ "username": "demo" });
            server.knob(Method::POST, "/faults/version", named).await
        } else {
            invalidate(&mut browser).await
        };
        assert_eq!(answer.status, 204, "{}", answer.text);
        assert_eq!(browser.refresh().await.status, 200);
    }
    assert_eq!(browser.claims()["ver"], 5);
    assert_eq!(browser.me().await.status, 200);
    for token in old {
        browser.token = token;
        browser.me().await.refused(401, "invalid_token");
    }
}

#[tokio::test]
async fn a_stale_token_is_no_good_for_renewal_but_for_signing_out() {
    let server = Server::start(&["--sliding"]).await;
    let mut browser = server.signed_in("").await;
    let slid = browser
        .authorised(Method::POST, "/token", |request| request)
        .await;
    assert_eq!(slid.status, 200);
    assert_eq!(invalidate(&mut browser).await.status, 204);
    browser
        .authorised(Method::POST, "/token", |request| request)
        .await
        .refused(401, "invalid_token");
    let rejected = browser
        .authorised(Method::POST, "/token/reject", |request| request)
        .await;
    assert_eq!(rejected.status, 204);
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
}

/// [SEC-22] The token alone, in a client without its cookie, or another page in the user's browser.
#[tokio::test]
async fn strangers_cannot_do_it() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let path = "/me/invalidate-access-tokens";
    browser
        .send(Method::POST, path, |request| request)
        .await
        .refused(401, "unauthorized");
    browser
        .authorised(Method::GET, path, |request| request)
        .await
        .refused(405, "invalid_request");

    let mut thief = server.browser();
    thief.token = browser.token.clone();
    invalidate(&mut thief).await.refused(401, "invalid_token");

    browser.origin = Some(server.origins.foreign.clone());
    invalidate(&mut browser).await.refused(403, "access_denied");
    browser.origin = Some(server.origins.app.clone());
    assert_eq!(browser.me().await.status, 200);
}
