//! Lifetimes and the policies that people ask for.

use reqwest::Method;
use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn expired_tokens_get_401() {
    let server = Server::start(&["--access-seconds", "60"]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    server.clock(58).await;
    assert_eq!(browser.me().await.status, 200);
    server.clock(62).await;
    browser.me().await.refused(401, "invalid_token");
    assert_eq!(browser.refresh().await.status, 200);
    assert_eq!(browser.me().await.status, 200);
}

#[tokio::test]
async fn soft_expiry_is_a_claim() {
    let server = Server::start(&["--soft-expiry-seconds", "20"]).await;
    let browser = server.signed_in("").await;
    let claims = browser.claims();
    assert_eq!(
        claims["softexp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        20
    );
}

#[tokio::test]
async fn sliding_renews_a_valid_token() {
    let server = Server::start(&["--sliding", "--access-seconds", "60"]).await;
    let mut browser = server.signed_in("").await;
    for round in 1..=3 {
        server.clock(round * 50).await;
        let before = browser.claims();
        let answer = browser
            .authorised(Method::POST, "/token", |request| request)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        browser.adopt(&answer);
        assert_eq!(browser.claims()["sid"], before["sid"]);
        assert_ne!(browser.claims()["jti"], before["jti"]);
        assert_eq!(browser.me().await.status, 200);
    }
    server.clock(250).await;
    let late = browser
        .authorised(Method::POST, "/token", |request| request)
        .await;
    late.refused(401, "invalid_token");
}

#[tokio::test]
async fn without_sliding_a_bearer_token_renews_nothing() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let answer = browser
        .authorised(Method::POST, "/token", |request| request)
        .await;
    answer.refused(400, "unsupported_grant_type");
}

/// However active the session is.
#[tokio::test]
async fn re_login_is_forced_after_some_hours() {
    let flags = [
        "--reauth-hours",
        "0.1",
        "--access-seconds",
        "300",
        "--sliding",
    ];
    let server = Server::start(&flags).await;
    let mut browser = server.signed_in("?permanent=true").await;
    server.clock(200).await;
    let answer = browser.refresh().await;
    assert_eq!(answer.status, 200);
    let left = answer.json()["expires_in"].as_i64().expect("seconds");
    assert!(
        (155..=160).contains(&left),
        "the token ends with the session: {left}"
    );
    server.clock(370).await;
    browser.me().await.refused(401, "invalid_token");
    browser.refresh().await.refused(400, "invalid_grant");
    browser.sign_in("?permanent=true").await;
    assert_eq!(browser.me().await.status, 200);
}

/// Old access tokens end at once, sessions do not.
#[tokio::test]
async fn a_new_token_version_makes_clients_refresh() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let named = json!({ "username": "demo" });
    assert_eq!(
        server
            .knob(Method::POST, "/faults/version", named)
            .await
            .status,
        204
    );
    browser.me().await.refused(401, "invalid_token");
    assert_eq!(browser.refresh().await.status, 200);
    assert_eq!(browser.claims()["ver"], 2);
    assert_eq!(browser.me().await.status, 200);
}

#[tokio::test]
async fn after_a_password_change_the_others_must_sign_in_again() {
    let server = Server::start(&[]).await;
    let mut here = server.signed_in("?permanent=true").await;
    let mut there = server.signed_in("?permanent=true").await;
    let old_password = hallpass_server::DEMO_PASSWORD;
    let change = json!({ "currentPassword": old_password, "newPassword": "a brand new one" });
    let answer = here.patch("/me/password", change.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    here.me().await.refused(401, "invalid_token");
    here.adopt(&answer);
    assert_eq!(here.me().await.json()["reauth"], false, "it goes on here");
    assert_eq!(here.refresh().await.status, 200);
    assert!(here.claims().get("reauth").is_none());

    there.me().await.refused(401, "invalid_token");
    assert_eq!(there.refresh().await.status, 200);
    assert_eq!(there.claims()["reauth"], true);
    assert_eq!(there.me().await.json()["reauth"], true);
    let refused = there.patch("/me/password", change).await;
    refused.refused(403, "insufficient_scope");
    let challenge = refused.header("www-authenticate");
    assert!(
        challenge.contains("error=\"insufficient_scope\", scope=\"account\""),
        "{challenge}"
    );
    let end = format!("/sessions/{}", here.claims()["sid"].as_str().expect("text"));
    let end = there
        .authorised(Method::DELETE, &end, |request| request)
        .await;
    end.refused(403, "insufficient_scope");

    there.sign_in("").await.refused(400, "invalid_grant");
    assert_eq!(
        there.sign_in_as("demo", "a brand new one", "").await.status,
        200
    );
    assert!(there.claims().get("reauth").is_none());
}

#[tokio::test]
async fn a_password_change_can_sign_the_others_out() {
    let server = Server::start(&[]).await;
    let mut here = server.signed_in("").await;
    let mut there = server.signed_in("?permanent=true").await;
    let answer = here
        .patch(
            "/me/password",
            json!({
                "currentPassword": hallpass_server::DEMO_PASSWORD,
                "newPassword": "a brand new one",
                "signOutOthers": true,
            }),
        )
        .await;
    here.adopt(&answer);
    assert_eq!(here.me().await.status, 200);
    there.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_password_change_needs_the_old_one() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let wrong = json!({ "currentPassword": "wrong", "newPassword": "a brand new one" });
    browser
        .patch("/me/password", wrong)
        .await
        .refused(400, "invalid_grant");
    let old_password = hallpass_server::DEMO_PASSWORD;
    let short = json!({ "currentPassword": old_password, "newPassword": "short" });
    browser
        .patch("/me/password", short)
        .await
        .refused(400, "invalid_request");
    assert_eq!(browser.me().await.status, 200);
}

/// Lifetimes that only a test wants: [REL-09], [REL-15].
#[tokio::test]
async fn odd_lifetimes_can_be_asked_for() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();

    server
        .policy(json!({ "accessSeconds": 40 * 24 * 3600 }))
        .await;
    assert_eq!(browser.sign_in("").await.json()["expires_in"], 3_456_000);
    assert_eq!(browser.me().await.status, 200);

    server.policy(json!({ "omitExpiry": true })).await;
    let answer = browser.sign_in("").await;
    assert!(answer.json().get("expires_in").is_none());
    assert!(browser.claims().get("exp").is_none());
    assert_eq!(browser.me().await.status, 200);

    server
        .policy(json!({ "omitExpiry": false, "accessSeconds": -5 }))
        .await;
    assert_eq!(browser.sign_in("").await.json()["expires_in"], -5);
    browser.me().await.refused(401, "invalid_token");

    server
        .policy(json!({ "omitExpiresIn": true, "accessSeconds": 6 }))
        .await;
    let answer = browser.sign_in("").await;
    assert!(answer.json().get("expires_in").is_none());
    assert!(browser.claims()["exp"].is_i64());

    server.knob(Method::DELETE, "/faults", json!(null)).await;
    assert_eq!(
        browser.sign_in("").await.json()["expires_in"],
        300,
        "back to the flags"
    );
}
