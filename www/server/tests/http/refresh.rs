//! `POST /token` with the refresh token in the body.

use reqwest::Method;
use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn each_refresh_rotates() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let (sid, mut seen) = (browser.claims()["sid"].clone(), vec![]);
    for _ in 0..3 {
        seen.push(browser.refresh_token.clone());
        let answer = browser.refresh().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["token_type"], "Bearer");
        assert!(
            !seen.contains(&browser.refresh_token),
            "a new one each time"
        );
        assert_eq!(browser.claims()["sid"], sid, "one session");
        assert_eq!(browser.me().await.status, 200);
    }
}

#[tokio::test]
async fn forms_are_as_good_as_json() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let token = browser.refresh_token.clone().expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
    ];
    let body = serde_urlencoded::to_string(form).expect("form");
    let send = |request: reqwest::RequestBuilder| {
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    };
    assert_eq!(browser.send(Method::POST, "/token", send).await.status, 200);
}

/// A token that comes twice was copied: whoever holds the rest of the family loses it.
#[tokio::test]
async fn reuse_ends_the_family() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let spent = browser.refresh_token.clone().expect("a refresh token");
    assert_eq!(browser.refresh().await.status, 200);
    assert_eq!(browser.me().await.status, 200);

    browser
        .refresh_with(&spent)
        .await
        .refused(400, "invalid_grant");
    browser.refresh().await.refused(400, "invalid_grant");
    browser.me().await.refused(401, "invalid_token");
}

/// The thief needs no fingerprint to betray himself.
#[tokio::test]
async fn reuse_is_noticed_without_the_cookie_too() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let spent = browser.refresh_token.clone().expect("a refresh token");
    assert_eq!(browser.refresh().await.status, 200);
    let mut thief = server.browser();
    thief
        .refresh_with(&spent)
        .await
        .refused(400, "invalid_grant");
    browser.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn other_families_stay() {
    let server = Server::start(&[]).await;
    let mut here = server.signed_in("?permanent=true").await;
    let mut there = server.signed_in("?permanent=true").await;
    let spent = here.refresh_token.clone().expect("a refresh token");
    here.refresh().await;
    here.refresh_with(&spent)
        .await
        .refused(400, "invalid_grant");
    assert_eq!(there.refresh().await.status, 200);
}

/// [REL-01] Twenty at once with one token: exactly one wins, and the family does not survive the
/// others. This is what clients must avoid.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_give_one_rotation() {
    let server = Server::start(&[]).await;
    let browser = server.signed_in("?permanent=true").await;
    let token = browser.refresh_token.clone().expect("a refresh token");
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (mut tab, token) = (server.browser(), token.clone());
        tab.cookies = browser.cookies.clone();
        tries.spawn(async move { tab.refresh_with(&token).await.status });
    }
    let statuses = tries.join_all().await;
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 400).count(),
        19,
        "{statuses:?}"
    );
}

/// [REL-05] The answer is lost after the server rotated: the retry counts as reuse.
#[tokio::test]
async fn a_lost_answer_costs_the_session() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    server
        .fault(json!({ "route": "/token", "drop": "after", "times": 1 }))
        .await;
    let body = json!({ "refresh_token": browser.refresh_token });
    let lost = browser
        .try_send(Method::POST, "/token", |request| request.json(&body))
        .await;
    assert!(lost.is_err(), "no answer");
    browser.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn refresh_tokens_expire_when_unused() {
    let server = Server::start(&["--refresh-seconds", "100"]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    server.clock(90).await;
    assert_eq!(
        browser.refresh().await.status,
        200,
        "and rotation starts the time anew"
    );
    server.clock(180).await;
    assert_eq!(browser.refresh().await.status, 200);
    server.clock(281).await;
    browser.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let access = browser.token.clone().expect("a token");
    for wrong in [
        "",
        "x",
        "\u{0}",
        "' OR 1=1 --",
        &access,
        &"x".repeat(10_000),
    ] {
        browser
            .refresh_with(wrong)
            .await
            .refused(400, "invalid_grant");
    }
    let cases = [
        (json!({}), "invalid_request"),
        (json!({ "refresh_token": 1 }), "invalid_request"),
        (json!({ "refresh_token": ["x"] }), "invalid_request"),
        (
            json!({ "grant_type": "password", "refresh_token": "x" }),
            "unsupported_grant_type",
        ),
    ];
    for (body, error) in cases {
        let answer = browser
            .send(Method::POST, "/token", |request| request.json(&body))
            .await;
        answer.refused(400, error);
    }
    browser
        .send(Method::POST, "/token", |request| request)
        .await
        .refused(400, "invalid_request");
    let text = |request: reqwest::RequestBuilder| request.body("refresh_token=x");
    browser
        .send(Method::POST, "/token", text)
        .await
        .refused(400, "invalid_request");
    assert_eq!(
        browser.refresh().await.status,
        200,
        "and the session still stands"
    );
}

/// Only the hash is kept: the database file gives no session away.
#[tokio::test]
async fn refresh_tokens_are_hashed_at_rest() {
    let path = std::env::temp_dir().join(format!("hallpass-at-rest-{}.db", std::process::id()));
    let file = path.to_str().expect("text");
    let (refresh, cookie);
    {
        let server = Server::start(&["--db", file]).await;
        let browser = server.signed_in("?permanent=true").await;
        refresh = browser.refresh_token.clone().expect("a refresh token");
        cookie = browser.cookies["__Host-Fgp"].clone();
    }
    let mut kept = 0;
    for name in [
        path.clone(),
        path.with_extension("db-wal"),
        path.with_extension("db-shm"),
    ] {
        let bytes = std::fs::read(&name).unwrap_or_default();
        kept += bytes.len();
        for secret in [&refresh, &cookie, hallpass_server::DEMO_PASSWORD] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "a secret stands in {}", name.display());
        }
    }
    for name in [
        path.clone(),
        path.with_extension("db-wal"),
        path.with_extension("db-shm"),
    ] {
        let _ = std::fs::remove_file(name);
    }
    assert!(kept > 0, "something was written");
}

/// A file keeps keys and sessions over a restart.
#[tokio::test]
async fn sessions_survive_a_restart() {
    let path = std::env::temp_dir().join(format!("hallpass-restart-{}.db", std::process::id()));
    let file = path.to_str().expect("text");
    let mut before = {
        let server = Server::start(&["--db", file]).await;
        server.signed_in("?permanent=true").await
    };
    let server = Server::start(&["--db", file]).await;
    let mut after = server.browser();
    after.cookies = std::mem::take(&mut before.cookies);
    after.token = before.token.take();
    after.refresh_token = before.refresh_token.take();
    // The server has another port than before, and a token is for one address.
    after.me().await.refused(401, "invalid_token");
    assert_eq!(after.refresh().await.status, 200);
    assert_eq!(after.me().await.status, 200);
    drop(server);
    for name in [
        path.clone(),
        path.with_extension("db-wal"),
        path.with_extension("db-shm"),
    ] {
        let _ = std::fs::remove_file(name);
    }
}
