//! `POST /auth`.

use hallpass_server::{DEMO_PASSWORD, DEMO_USER};
use reqwest::Method;
use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn right_password_gives_a_bound_token() {
    let server = Server::start(&["--access-seconds", "60"]).await;
    let mut browser = server.browser();
    let answer = browser.sign_in("").await;

    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 60);
    assert!(
        body.get("refresh_token").is_none(),
        "only with permanent=true"
    );
    assert_eq!(answer.header("cache-control"), "no-store");

    let claims = browser.claims();
    assert_eq!(claims["sub"], "demo");
    assert_eq!(claims["name"], "Demo User");
    assert_eq!(claims["ver"], 1);
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        60
    );
    for claim in ["jti", "sid", "userFingerprint"] {
        assert!(
            claims[claim].as_str().is_some_and(|text| text.len() >= 32),
            "{claim}"
        );
    }
    assert!(claims.get("softexp").is_none() && claims.get("reauth").is_none());
    assert_eq!(browser.me().await.json()["displayName"], "Demo User");
}

#[tokio::test]
async fn permanent_adds_a_refresh_token() {
    let server = Server::start(&[]).await;
    let browser = server.signed_in("?permanent=true").await;
    assert!(browser.refresh_token.is_some());
    assert!(
        !browser.cookies.contains_key("__Host-Refresh"),
        "by body means by body"
    );
}

/// "Keep me signed in" is ticked per sign-in, while the URL is set up once: the body can say it
/// too, and where both speak, the body counts.
#[tokio::test]
async fn the_body_can_ask_for_a_refresh_token() {
    let server = Server::start(&[]).await;
    let (by_body, by_cookie) = ((true, false), (false, true));
    for (query, asked, expected) in [
        ("", json!({ "permanent": true }), by_body),
        ("", json!({ "permanent": true, "carrier": "body" }), by_body),
        (
            "",
            json!({ "permanent": true, "carrier": "cookie" }),
            by_cookie,
        ),
        ("?permanent=true", json!({ "carrier": "cookie" }), by_cookie),
        ("?carrier=cookie", json!({ "permanent": true }), by_cookie),
        (
            "?permanent=true&carrier=cookie",
            json!({ "carrier": "body" }),
            by_body,
        ),
        (
            "?permanent=true",
            json!({ "permanent": null, "carrier": null }),
            by_body,
        ),
        (
            "?permanent=true",
            json!({ "permanent": false }),
            (false, false),
        ),
        ("", json!({ "carrier": "cookie" }), (false, false)),
        ("", json!({ "permanent": false }), (false, false)),
    ] {
        let mut browser = server.browser();
        let mut body = json!({ "username": DEMO_USER, "password": DEMO_PASSWORD });
        for (name, value) in asked.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let answer = browser
            .send(Method::POST, &format!("/auth{query}"), |request| {
                request.json(&body)
            })
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let came = (
            answer.json().get("refresh_token").is_some(),
            answer.set_cookie("__Host-Refresh").is_some(),
        );
        assert_eq!(came, expected, "{query} {asked}");
        assert_eq!(
            answer.set_cookie("__Host-Csrf").is_some(),
            came.1,
            "{query} {asked}"
        );
    }
}

#[tokio::test]
async fn names_are_equal_without_regard_to_case() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let answer = browser.sign_in_as("DEMO", DEMO_PASSWORD, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(browser.claims()["sub"], "demo");
}

#[tokio::test]
async fn wrong_password_and_unknown_user_look_the_same() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let wrong = browser.sign_in_as("demo", "wrong", "").await;
    let unknown = browser.sign_in_as("nobody", "wrong", "").await;
    wrong.refused(400, "invalid_grant");
    assert_eq!(wrong.text, unknown.text);
    assert!(browser.cookies.is_empty(), "no cookie for a stranger");
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    for _ in 0..10 {
        browser
            .sign_in_as("demo", "guess", "")
            .await
            .refused(400, "invalid_grant");
    }
    let answer = browser.sign_in("").await;
    answer.refused(429, "slow_down");
    let pause: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&pause), "{pause}");
    browser
        .sign_in_as("other", "guess", "")
        .await
        .refused(400, "invalid_grant");

    server.knob(Method::DELETE, "/faults", json!(null)).await;
    assert_eq!(browser.sign_in("").await.status, 200);
}

/// A hash takes 19 MiB and a core. So many may wait for one, and whoever comes then is asked to
/// come back; nobody is left hanging, and the server goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_sign_ins_is_asked_to_come_back() {
    let server = Server::start(&[]).await;
    let flood: Vec<_> = (0..200)
        .map(|n| {
            let mut browser = server.browser();
            tokio::spawn(async move { browser.sign_in_as(&format!("nobody-{n}"), "x", "").await })
        })
        .collect();
    let mut busy = 0;
    for one in flood {
        let answer = one.await.expect("an answer");
        if answer.status == 503 {
            busy += 1;
            answer.refused(503, "temporarily_unavailable");
            let pause: u64 = answer.header("retry-after").parse().expect("seconds");
            assert!((1..=10).contains(&pause), "{pause}");
            assert_eq!(
                answer.header("access-control-allow-origin"),
                server.origins.app
            );
        } else {
            answer.refused(400, "invalid_grant");
        }
    }
    assert!((1..200).contains(&busy), "{busy} of 200");
    assert_eq!(server.browser().sign_in("").await.status, 200);
}

#[tokio::test]
async fn bad_bodies_get_a_reason() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    for body in [
        "",
        "{",
        "null",
        "[]",
        "[\"demo\",\"correct horse battery staple\"]",
        "\"text\"",
        "{}",
        r#"{"username":"demo"}"#,
        r#"{"username":1,"password":2}"#,
        r#"{"username":"demo","password":null}"#,
        r#"{"username":"demo","password":["a"]}"#,
        r#"{"username":"demo","password":"a","password":"b"}"#,
        r#"{"username":"demo","password":"a","permanent":"true"}"#,
        r#"{"username":"demo","password":"a","permanent":1}"#,
        r#"{"username":"demo","password":"a","permanent":true,"permanent":true}"#,
        r#"{"username":"demo","password":"a","carrier":"pigeon"}"#,
        r#"{"username":"demo","password":"a","carrier":true}"#,
        "{\"username\":\"\u{feff}",
        "username=demo&password=x",
    ] {
        let send = |request: reqwest::RequestBuilder| {
            request
                .header("content-type", "application/json")
                .body(body)
        };
        browser
            .send(Method::POST, "/auth", send)
            .await
            .refused(400, "invalid_request");
    }
    let deep = "[".repeat(50_000);
    let send = |request: reqwest::RequestBuilder| {
        request
            .header("content-type", "application/json")
            .body(deep)
    };
    browser
        .send(Method::POST, "/auth", send)
        .await
        .refused(400, "invalid_request");
    let broken = |request: reqwest::RequestBuilder| {
        request
            .header("content-type", "application/json")
            .body(vec![b'{', 0xff, 0xfe, 0x00])
    };
    browser
        .send(Method::POST, "/auth", broken)
        .await
        .refused(400, "invalid_request");
}

#[tokio::test]
async fn other_content_types_are_refused() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let body = r#"{"username":"demo","password":"correct horse battery staple"}"#;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "\"",
        "json",
    ] {
        let send = |request: reqwest::RequestBuilder| {
            request.header("content-type", content_type).body(body)
        };
        browser
            .send(Method::POST, "/auth", send)
            .await
            .refused(400, "invalid_request");
    }
    let charset = |request: reqwest::RequestBuilder| {
        request
            .header("content-type", "Application/JSON; charset=utf-8")
            .body(body)
    };
    assert_eq!(
        browser.send(Method::POST, "/auth", charset).await.status,
        200
    );
}

#[tokio::test]
async fn huge_bodies_are_refused() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let body = json!({ "username": "demo", "password": "x".repeat(65 * 1024) });
    let answer = browser
        .send(Method::POST, "/auth", |request| request.json(&body))
        .await;
    answer.refused(413, "invalid_request");
    assert_eq!(
        browser.sign_in("").await.status,
        200,
        "and the server goes on"
    );
}

/// [SEC-40] What a client sent never comes back in an error.
#[tokio::test]
async fn errors_do_not_repeat_the_password() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    for body in [
        r#"{"username":"demo","password":"canary-1"}"#,
        r#"{"username":{"canary-1":1},"password":"canary-1"}"#,
        r#"{"username":"demo","password":"canary-1"#,
        r#"["canary-1"]"#,
        r#"{"username":"demo","password":"x","carrier":"canary-1"}"#,
        r#"{"username":"demo","password":"x","permanent":"canary-1"}"#,
    ] {
        let send = |request: reqwest::RequestBuilder| {
            request
                .header("content-type", "application/json")
                .body(body)
        };
        let answer = browser.send(Method::POST, "/auth", send).await;
        assert_eq!(answer.status, 400);
        assert!(!answer.text.contains("canary"), "{}", answer.text);
    }
}

#[tokio::test]
async fn wrong_queries_get_a_reason() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    for query in [
        "?permanent=maybe",
        "?carrier=pigeon",
        "?permanent=true&permanent=true",
    ] {
        browser.sign_in(query).await.refused(400, "invalid_request");
    }
}
