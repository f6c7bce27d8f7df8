//! `/me`, `/sessions` and `/echo`.

use reqwest::Method;
use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn a_new_name_appears_with_the_next_refresh() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let answer = browser
        .patch("/me", json!({ "displayName": "  Zoë Ω  " }))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["displayName"], "Zoë Ω");
    assert_eq!(
        browser.claims()["name"],
        "Demo User",
        "the token does not change by itself"
    );
    assert_eq!(browser.me().await.json()["displayName"], "Zoë Ω");
    browser.refresh().await;
    assert_eq!(browser.claims()["name"], "Zoë Ω");
}

#[tokio::test]
async fn bad_names_are_refused() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    for body in [
        json!({}),
        json!({ "displayName": "" }),
        json!({ "displayName": "   " }),
        json!({ "displayName": "a\nb" }),
        json!({ "displayName": "x".repeat(65) }),
        json!({ "displayName": 7 }),
        json!({ "displayName": "x", "username": "root" }),
        json!([]),
    ] {
        browser
            .patch("/me", body)
            .await
            .refused(400, "invalid_request");
    }
    assert_eq!(browser.me().await.json()["displayName"], "Demo User");
}

#[tokio::test]
async fn devices_are_listed_and_can_be_signed_out() {
    let server = Server::start(&[]).await;
    let mut here = server.signed_in("").await;
    let mut there = server.signed_in("?permanent=true").await;
    let list = here.get("/sessions").await.json();
    let list = list.as_array().expect("a list");
    assert_eq!(list.len(), 2);
    let current: Vec<_> = list
        .iter()
        .filter(|device| device["current"] == true)
        .collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["id"], here.claims()["sid"]);
    let other = list
        .iter()
        .find(|device| device["current"] == false)
        .expect("the other");
    assert_eq!(other["permanent"], true);
    assert!(other["createdAt"].is_i64() && other["lastSeenAt"].is_i64());
    assert!(other["userAgent"].is_string());

    let path = format!("/sessions/{}", other["id"].as_str().expect("text"));
    let end = here
        .authorised(Method::DELETE, &path, |request| request)
        .await;
    assert_eq!(end.status, 204);
    there.me().await.refused(401, "invalid_token");
    there.refresh().await.refused(400, "invalid_grant");
    assert_eq!(
        here.get("/sessions").await.json().as_array().map(Vec::len),
        Some(1)
    );
    let again = here
        .authorised(Method::DELETE, &path, |request| request)
        .await;
    again.refused(404, "not_found");
}

#[tokio::test]
async fn other_peoples_devices_do_not_exist() {
    let server = Server::start(&[]).await;
    let mut demo = server.signed_in("").await;
    let new = json!({ "username": "mallory", "password": "mallory's own" });
    assert_eq!(
        server.knob(Method::POST, "/faults/users", new).await.status,
        201
    );
    let mut mallory = server.browser();
    mallory.sign_in_as("mallory", "mallory's own", "").await;
    assert_eq!(
        mallory
            .get("/sessions")
            .await
            .json()
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let demo_session = demo.claims()["sid"].as_str().expect("text").to_owned();
    for id in [demo_session.as_str(), "x", "%ff", "%00", &"x".repeat(2000)] {
        let path = format!("/sessions/{id}");
        let answer = mallory
            .authorised(Method::DELETE, &path, |request| request)
            .await;
        answer.refused(404, "not_found");
    }
    assert_eq!(demo.me().await.status, 200);
}

#[tokio::test]
async fn echo_says_what_arrived() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let send = |request: reqwest::RequestBuilder| {
            request
                .header("content-type", "text/plain;charset=UTF-8")
                .body("abc")
        };
        let answer = browser.authorised(method.clone(), "/echo", send).await;
        assert_eq!(
            answer.json(),
            json!({
                "method": method.as_str(),
                "bytes": 3,
                "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "contentType": "text/plain;charset=UTF-8",
            })
        );
    }
    let large = vec![7; 1024 * 1024];
    let answer = browser
        .authorised(Method::POST, "/echo", |request| request.body(large))
        .await;
    assert_eq!(answer.json()["bytes"], 1024 * 1024);
    let refused = browser
        .send(Method::POST, "/echo", |request| request.body("abc"))
        .await;
    refused.refused(401, "unauthorized");
}

/// RFC 6750, 3.1: no error code where no token came.
#[tokio::test]
async fn without_a_token_the_challenge_is_bare() {
    let server = Server::start(&[]).await;
    let answer = server
        .browser()
        .send(Method::GET, "/me", |request| request)
        .await;
    answer.refused(401, "unauthorized");
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"hallpass\""
    );
}

#[tokio::test]
async fn tokens_that_are_none_of_ours_get_401() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let good = browser.token.clone().expect("a token");
    let parts: Vec<_> = good.split('.').collect();
    // {"alg":"none"} and {"alg":"HS256"}
    let none = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    let hmac = format!("eyJhbGciOiJIUzI1NiJ9.{}.{}", parts[1], parts[2]);
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    let tampered = format!("{}.{}A.{}", parts[0], parts[1], parts[2]);
    let jwe = format!("{good}.x.y");
    let long = "x".repeat(20_000);
    for bad in [
        "x", ".", "..", "a.b.c", &none, &hmac, &unsigned, &tampered, &jwe, &long,
    ] {
        browser.token = Some(bad.to_owned());
        browser.me().await.refused(401, "invalid_token");
    }
    for header in ["Basic eDp5", "Bearer", "bearer ", "Bearer  ", "x"] {
        let send = |request: reqwest::RequestBuilder| request.header("authorization", header);
        let answer = browser.send(Method::GET, "/me", send).await;
        assert_eq!(answer.status, 401, "{header}");
    }
    let lower = |request: reqwest::RequestBuilder| {
        request.header("authorization", format!("bearer {good}"))
    };
    assert_eq!(browser.send(Method::GET, "/me", lower).await.status, 200);
}
