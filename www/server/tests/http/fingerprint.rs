//! The fingerprint cookie: a token without it is worth nothing.

use hallpass_server::{DEMO_PASSWORD, DEMO_USER};
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::browser::Browser;
use crate::server::{Server, plain_client};

/// [SEC-22] Out of reach for script, other hosts and plain http.
#[tokio::test]
async fn the_cookie_is_hardened() {
    let server = Server::start(&[]).await;
    let answer = server.browser().sign_in("").await;
    let cookie = answer.set_cookie("__Host-Fgp").expect("the cookie");
    cookie.is_hardened(true);
    assert!(cookie.pair().1.len() >= 32, "128 bits at least");
}

/// [SEC-22], [SEC-23] The claim is the SHA-256 of the cookie's text, and the cookie is nowhere
/// in the body.
#[tokio::test]
async fn the_claim_is_its_hash() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let answer = browser.sign_in("").await;
    let value = &browser.cookies["__Host-Fgp"];
    let hash: String = Sha256::digest(value)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(browser.claims()["userFingerprint"], hash);
    assert!(!answer.text.contains(value.as_str()));
}

/// [SEC-22] A stolen token, in a client that has no cookies.
#[tokio::test]
async fn a_stolen_token_alone_gets_401() {
    let server = Server::start(&["--sliding"]).await;
    let mut browser = server.signed_in("").await;
    let stolen = browser.token.clone().expect("a token");
    let url = |path: &str| format!("{}{path}", server.origins.api);

    for (method, path) in [
        (Method::GET, "/me"),
        (Method::PATCH, "/me"),
        (Method::PATCH, "/me/password"),
        (Method::GET, "/sessions"),
        (Method::DELETE, "/sessions/x"),
        (Method::POST, "/echo"),
        (Method::POST, "/token"),
    ] {
        let request = plain_client()
            .request(method, url(path))
            .bearer_auth(&stolen);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 401, "{path}");
        let challenge = response.headers()["www-authenticate"]
            .to_str()
            .expect("text")
            .to_owned();
        assert!(challenge.contains("invalid_token"), "{path}: {challenge}");
    }
    assert_eq!(browser.me().await.status, 200, "the owner is not harmed");
}

/// [SEC-22], [SEC-28]
#[tokio::test]
async fn a_wrong_cookie_gets_401() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let right = browser.cookies["__Host-Fgp"].clone();
    let flipped = if right.starts_with('0') { "1" } else { "0" };
    for wrong in [
        format!("{flipped}{}", &right[1..]),
        right[1..].to_owned(),
        right.to_uppercase() + "0",
        "0".repeat(64),
        String::new(),
        browser.claims()["userFingerprint"]
            .as_str()
            .expect("text")
            .to_owned(),
    ] {
        browser.cookies.insert("__Host-Fgp".to_owned(), wrong);
        browser.me().await.refused(401, "invalid_token");
    }
    browser.cookies.insert("__Host-Fgp".to_owned(), right);
    assert_eq!(browser.me().await.status, 200);
}

/// A planted second cookie of the same name is not a choice for the attacker to make.
#[tokio::test]
async fn two_cookies_of_that_name_are_none() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let right = browser.cookies["__Host-Fgp"].clone();
    browser.cookies.clear();
    let both = format!("__Host-Fgp={right}; __Host-Fgp={}", "0".repeat(64));
    browser
        .authorised(Method::GET, "/me", |request| request.header("cookie", both))
        .await
        .refused(401, "invalid_token");
}

/// [SEC-28] The token endpoint asks for it too, and a refusal does not cost the refresh token.
#[tokio::test]
async fn refresh_needs_the_cookie() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let cookies = std::mem::take(&mut browser.cookies);
    browser.refresh().await.refused(400, "invalid_grant");

    browser
        .cookies
        .insert("__Host-Fgp".to_owned(), "0".repeat(64));
    browser.refresh().await.refused(400, "invalid_grant");

    browser.cookies = cookies;
    assert_eq!(browser.refresh().await.status, 200);
}

/// Tabs share cookies: signing in again must not end what another tab has.
#[tokio::test]
async fn a_second_sign_in_keeps_the_first_alive() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let first = browser.token.clone();
    browser.sign_in("").await;
    let second = std::mem::replace(&mut browser.token, first);
    assert_ne!(browser.token, second);
    assert_eq!(browser.me().await.status, 200);
    browser.token = second;
    assert_eq!(browser.me().await.status, 200);
}

/// Fixation: a cookie that the attacker knows must not become the binding of a new session.
#[tokio::test]
async fn a_planted_cookie_is_replaced() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let planted = "ab".repeat(32);
    browser
        .cookies
        .insert("__Host-Fgp".to_owned(), planted.clone());
    browser.sign_in("").await;
    assert_ne!(browser.cookies["__Host-Fgp"], planted);
}

/// The attacker signs in with an account of its own, which makes a cookie that the server knows,
/// and plants that one.
#[tokio::test]
async fn sec_22_another_users_cookie_is_replaced() {
    let server = Server::start(&[]).await;
    let mut mallory = with_mallory(&server).await;
    let known = mallory.cookies["__Host-Fgp"].clone();

    for query in ["", "?permanent=true", "?permanent=true&carrier=cookie"] {
        let mut victim = server.browser();
        plant(&mut victim, &known);
        let answer = victim.sign_in(query).await;
        let fresh = answer.set_cookie("__Host-Fgp").expect("a cookie");
        assert_ne!(fresh.pair().1, known, "{query}");
        assert_eq!(victim.me().await.status, 200);

        plant(&mut victim, &known);
        victim.me().await.refused(401, "invalid_token");
    }
    assert_eq!(mallory.me().await.status, 200, "and nobody is signed out");
}

/// The login page opens sessions, too.
#[tokio::test]
async fn sec_22_another_users_cookie_is_replaced_by_the_login_page() {
    let server = Server::start(&[]).await;
    let mallory = with_mallory(&server).await;
    let known = mallory.cookies["__Host-Fgp"].clone();
    let mut victim = server.browser();
    plant(&mut victim, &known);
    victim.origin = Some(server.origins.api.clone());
    let form = [
        ("redirect_uri", server.origins.app.as_str()),
        ("mode", "params"),
        ("permanent", "false"),
        ("username", DEMO_USER),
        ("password", DEMO_PASSWORD),
    ];
    let answer = victim
        .send(Method::POST, "/login", |request| request.form(&form))
        .await;
    assert_eq!(answer.status, 303);
    let fresh = answer.set_cookie("__Host-Fgp").expect("a cookie");
    assert_ne!(fresh.pair().1, known);
}

/// What no session of this user is bound to any more is as good as planted.
#[tokio::test]
async fn the_cookie_of_an_ended_session_is_replaced() {
    let server = Server::start(&["--access-seconds", "60"]).await;
    let mut browser = server.signed_in("").await;
    let old = browser.cookies["__Host-Fgp"].clone();
    let named = json!({ "username": "demo" });
    server.knob(Method::POST, "/faults/revoke", named).await;
    browser.sign_in("").await;
    let second = browser.cookies["__Host-Fgp"].clone();
    assert_ne!(second, old, "the session was revoked");

    server.clock(120).await;
    browser.sign_in("").await;
    assert_ne!(browser.cookies["__Host-Fgp"], second, "it ran out");
}

/// Two accounts in one browser: the cookie is the later one's. A sign-out of the earlier one that
/// comes late would delete it, since browsers take cookies from whatever answer comes last.
#[tokio::test]
async fn sec_38_a_late_sign_out_leaves_the_next_users_cookies_alone() {
    let server = Server::start(&[]).await;
    let mut mallory = with_mallory(&server).await;
    let mut demo = server.browser();
    demo.cookies = mallory.cookies.clone();
    demo.sign_in("?permanent=true&carrier=cookie").await;

    // Sent before the sign-in's answer was there: with the cookies of before.
    let late = mallory
        .authorised(Method::POST, "/token/reject", |request| request)
        .await;
    assert_eq!(late.status, 204);
    let names: Vec<_> = late.set_cookies();
    assert!(names.is_empty(), "{}", names[0].0);
    mallory.me().await.refused(401, "invalid_token");
    assert_eq!(demo.me().await.status, 200);
    assert_eq!(demo.refresh_by_cookie().await.status, 200);

    // Once the next session has ended, too, nothing is left.
    let csrf = demo.cookies["__Host-Csrf"].clone();
    demo.authorised(Method::POST, "/token/reject", |request| {
        request.header("x-csrf-token", csrf)
    })
    .await;
    assert!(demo.cookies.is_empty(), "{:?}", demo.cookies.keys());
}

fn plant(browser: &mut Browser, value: &str) {
    browser
        .cookies
        .insert("__Host-Fgp".to_owned(), value.to_owned());
}

/// An account beside the demo user's, signed in in a browser of its own.
async fn with_mallory(server: &Server) -> Browser {
    let new = json!({ "username": "mallory", "password": "mallory's own" });
    server.knob(Method::POST, "/faults/users", new).await;
    let mut browser = server.browser();
    browser.sign_in_as("mallory", "mallory's own", "").await;
    browser
}

/// A token that was issued without the claim is refused, cookie or not.
#[tokio::test]
async fn a_token_without_the_claim_gets_401() {
    let server = Server::start(&[]).await;
    server.policy(json!({ "omitFingerprint": true })).await;
    let mut browser = server.signed_in("").await;
    assert!(browser.claims().get("userFingerprint").is_none());
    browser.me().await.refused(401, "invalid_token");
}

/// No token may outlive it. A refresh leaves it alone: its answer may come in after a sign-out and the
/// next sign-in, and would put the old value over the new one.
#[tokio::test]
async fn sec_38_only_a_sign_in_sets_the_cookie_and_for_longer_than_any_token() {
    let server = Server::start(&["--access-seconds", "60"]).await;
    let mut browser = server.browser();
    let answer = browser.sign_in("?permanent=true").await;
    let cookie = answer.set_cookie("__Host-Fgp").expect("the cookie");
    assert_eq!(cookie.attribute("max-age"), Some("34560000"));
    let renewed = browser.refresh().await;
    assert_eq!(renewed.status, 200);
    assert!(renewed.set_cookie("__Host-Fgp").is_none());
}
