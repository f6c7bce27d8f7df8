//! The refresh token in a HttpOnly cookie, guarded by a double-submitted CSRF token.

use reqwest::Method;

use crate::server::Server;

const BY_COOKIE: &str = "?permanent=true&carrier=cookie";

#[tokio::test]
async fn the_refresh_token_stays_out_of_reach_of_script() {
    let server = Server::start(&[]).await;
    let answer = server.browser().sign_in(BY_COOKIE).await;
    assert!(answer.json().get("refresh_token").is_none());
    answer
        .set_cookie("__Host-Refresh")
        .expect("the refresh cookie")
        .is_hardened(true);
    answer
        .set_cookie("__Host-Csrf")
        .expect("the CSRF cookie")
        .is_hardened(false);
}

#[tokio::test]
async fn it_rotates_from_cookie_to_cookie() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in(BY_COOKIE).await;
    let first = browser.cookies["__Host-Refresh"].clone();
    let answer = browser.refresh_by_cookie().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(
        answer.json().get("refresh_token").is_none(),
        "never downgraded to the body"
    );
    assert_ne!(browser.cookies["__Host-Refresh"], first);
    assert_eq!(browser.me().await.status, 200);
    assert_eq!(browser.refresh_by_cookie().await.status, 200);
}

#[tokio::test]
async fn a_missing_or_wrong_csrf_token_is_refused() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in(BY_COOKIE).await;
    let csrf = browser.cookies["__Host-Csrf"].clone();

    browser
        .send(Method::POST, "/token", |request| request)
        .await
        .refused(403, "access_denied");
    for wrong in ["", "x", &csrf[1..], &format!("{csrf}x")] {
        let answer = browser
            .send(Method::POST, "/token", |request| {
                request.header("x-csrf-token", wrong)
            })
            .await;
        answer.refused(403, "access_denied");
    }
    // The right header is not enough either: the cookie must be equal.
    browser
        .cookies
        .insert("__Host-Csrf".to_owned(), "x".to_owned());
    let send = |request: reqwest::RequestBuilder| request.header("x-csrf-token", &csrf);
    browser
        .send(Method::POST, "/token", send)
        .await
        .refused(403, "access_denied");
    browser.cookies.remove("__Host-Csrf");
    let send = |request: reqwest::RequestBuilder| request.header("x-csrf-token", &csrf);
    browser
        .send(Method::POST, "/token", send)
        .await
        .refused(403, "access_denied");

    browser.cookies.insert("__Host-Csrf".to_owned(), csrf);
    assert_eq!(
        browser.refresh_by_cookie().await.status,
        200,
        "nothing was spent"
    );
}

/// An equal pair is not enough: it has to be this session's.
#[tokio::test]
async fn a_planted_pair_is_refused() {
    let server = Server::start(&[]).await;
    let mut victim = server.signed_in(BY_COOKIE).await;
    let attacker = server.signed_in(BY_COOKIE).await;
    let own = victim.cookies["__Host-Csrf"].clone();
    for planted in ["x".to_owned(), attacker.cookies["__Host-Csrf"].clone()] {
        victim.cookies.insert("__Host-Csrf".to_owned(), planted);
        victim
            .refresh_by_cookie()
            .await
            .refused(403, "access_denied");
    }
    victim.cookies.insert("__Host-Csrf".to_owned(), own);
    assert_eq!(victim.refresh_by_cookie().await.status, 200);
}

#[tokio::test]
async fn reuse_ends_the_family_and_clears_the_cookies() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in(BY_COOKIE).await;
    let spent = browser.cookies["__Host-Refresh"].clone();
    assert_eq!(browser.refresh_by_cookie().await.status, 200);
    browser.cookies.insert("__Host-Refresh".to_owned(), spent);
    browser
        .refresh_by_cookie()
        .await
        .refused(400, "invalid_grant");
    assert!(!browser.cookies.contains_key("__Host-Refresh"));
    assert!(!browser.cookies.contains_key("__Host-Csrf"));
    browser.me().await.refused(401, "invalid_token");
}

/// The cookie goes with every request; beside a bearer token it is not meant unless the CSRF
/// header says so.
#[tokio::test]
async fn beside_a_bearer_token_the_cookie_waits_for_the_header() {
    let server = Server::start(&["--sliding"]).await;
    let mut browser = server.signed_in(BY_COOKIE).await;
    let cookie = browser.cookies["__Host-Refresh"].clone();
    let slid = browser
        .authorised(Method::POST, "/token", |request| request)
        .await;
    assert_eq!(slid.status, 200);
    assert_eq!(browser.cookies["__Host-Refresh"], cookie, "not rotated");

    let csrf = browser.cookies["__Host-Csrf"].clone();
    let send = |request: reqwest::RequestBuilder| request.header("x-csrf-token", csrf);
    assert_eq!(
        browser
            .authorised(Method::POST, "/token", send)
            .await
            .status,
        200
    );
    assert_ne!(browser.cookies["__Host-Refresh"], cookie, "rotated");
}

#[tokio::test]
async fn sign_out_by_cookie_needs_the_csrf_token() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in(BY_COOKIE).await;
    let answer = browser
        .send(Method::POST, "/token/reject", |request| request)
        .await;
    answer.refused(403, "access_denied");
    assert_eq!(browser.me().await.status, 200);

    let csrf = browser.cookies["__Host-Csrf"].clone();
    let send = |request: reqwest::RequestBuilder| request.header("x-csrf-token", csrf);
    assert_eq!(
        browser
            .send(Method::POST, "/token/reject", send)
            .await
            .status,
        204
    );
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    browser.me().await.refused(401, "invalid_token");
}
