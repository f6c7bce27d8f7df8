//! The knobs of `--faults`.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::server::{Server, plain_client};

#[tokio::test]
async fn closed_unless_asked_for() {
    let server = Server::without_faults(&[]).await;
    for (method, path) in [
        (Method::PUT, "/faults"),
        (Method::DELETE, "/faults"),
        (Method::POST, "/faults/release"),
        (Method::PUT, "/faults/clock"),
        (Method::PUT, "/faults/policy"),
        (Method::POST, "/faults/revoke"),
        (Method::POST, "/faults/users"),
        (Method::GET, "/faults/log"),
    ] {
        server
            .knob(method, path, json!({}))
            .await
            .refused(404, "not_found");
    }
}

#[tokio::test]
async fn pages_may_not_turn_them() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let rule = json!({ "route": "/me", "status": 500 });
    for origin in [
        server.origins.app.clone(),
        server.origins.foreign.clone(),
        "null".to_owned(),
    ] {
        browser.origin = Some(origin);
        let send = |request: reqwest::RequestBuilder| request.json(&rule);
        let answer = browser.send(Method::PUT, "/faults", send).await;
        answer.refused(403, "access_denied");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn wrong_rules_get_a_reason() {
    let server = Server::start(&[]).await;
    for rule in [
        json!({}),
        json!({ "route": "me" }),
        json!({ "route": "/me", "status": 99 }),
        json!({ "route": "/me", "status": 1000 }),
        json!({ "route": "/me", "status": "500" }),
        json!({ "route": "/me", "delayMs": -1 }),
        json!({ "route": "/me", "drop": "sometimes" }),
        json!({ "route": "/me", "hold": "sometimes" }),
        json!({ "route": "/me", "headers": { "bad name": "x" } }),
        json!({ "route": "/me", "headers": { "x": "a\r\nb" } }),
        json!({ "route": "/me", "retryAfter": "a\nb" }),
        json!({ "route": "/me", "body": "xxxx", "repeat": 1_000_000_000 }),
        json!({ "route": "/me", "typo": 1 }),
        json!([]),
    ] {
        let answer = server.knob(Method::PUT, "/faults", rule).await;
        answer.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn delays_before_and_after() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    for knob in ["delayMs", "delayAfterMs"] {
        server
            .fault(json!({ "route": "/me", knob: 300, "times": 1 }))
            .await;
        let start = Instant::now();
        assert_eq!(browser.me().await.status, 200, "the real answer");
        assert!(start.elapsed() >= Duration::from_millis(300), "{knob}");
    }
    browser.me().await;
    let log = server.log().await;
    assert_eq!(log.last().unwrap()["fault"], Value::Null, "only once");
}

/// A held request hangs, processed or not, until it is released; so do the next ones.
#[tokio::test(flavor = "multi_thread")]
async fn a_held_request_waits_to_be_released() {
    let server = Server::start(&[]).await;
    for hold in ["before", "after"] {
        server.fault(json!({ "route": "/me", "hold": hold })).await;
        for release in [
            (Method::POST, "/faults/release"),
            (Method::DELETE, "/faults"),
        ] {
            let mut browser = server.signed_in("").await;
            server
                .knob(Method::DELETE, "/faults/log", Value::Null)
                .await;
            let held = tokio::spawn(async move { browser.me().await.status });
            while server.log().await.is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(!held.is_finished(), "{hold}");
            assert_eq!(server.log().await[0]["status"], Value::Null);
            server.knob(release.0, release.1, Value::Null).await;
            assert_eq!(held.await.unwrap(), 200, "{hold}");
        }
    }
}

/// [REL-10] Status and Retry-After, readable by the page.
#[tokio::test]
async fn status_and_retry_after() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let dated = "Wed, 21 Oct 2026 07:28:00 GMT";
    for (status, retry_after) in [
        (503, "2"),
        (429, dated),
        (408, "99999999999"),
        (500, "soon"),
    ] {
        let rule =
            json!({ "route": "/token", "status": status, "retryAfter": retry_after, "times": 1 });
        server.fault(rule).await;
        let answer = browser.refresh().await;
        answer.refused(status, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), retry_after);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            server.origins.app
        );
    }
    assert_eq!(
        browser.refresh().await.status,
        200,
        "none of it cost the refresh token"
    );
}

#[tokio::test]
async fn without_cors_as_from_a_proxy() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    server
        .fault(json!({ "route": "/me", "status": 502, "cors": false }))
        .await;
    let answer = browser.me().await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn dropped_before_it_was_processed() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    server
        .fault(json!({ "route": "/token", "drop": "before", "times": 1 }))
        .await;
    let body = json!({ "refresh_token": browser.refresh_token });
    let lost = browser
        .try_send(Method::POST, "/token", |request| request.json(&body))
        .await;
    assert!(lost.is_err());
    assert_eq!(browser.refresh().await.status, 200, "nothing was spent");
}

#[tokio::test]
async fn dropped_after_it_was_processed() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    server
        .fault(json!({ "route": "/me", "method": "PATCH", "drop": "after" }))
        .await;
    let name = json!({ "displayName": "Changed" });
    let lost = browser.authorised_try(Method::PATCH, "/me", &name).await;
    assert!(lost.is_err());
    assert_eq!(browser.me().await.json()["displayName"], "Changed");
}

#[tokio::test]
async fn dropped_in_the_middle_of_the_body() {
    let server = Server::start(&[]).await;
    let browser = server.signed_in("").await;
    server
        .fault(json!({ "route": "/me", "drop": "body" }))
        .await;
    let token = browser.token.clone().expect("a token");
    let cookie = format!("__Host-Fgp={}", browser.cookies["__Host-Fgp"]);
    let request = plain_client().get(format!("{}/me", server.origins.api));
    let request = request.bearer_auth(token).header("cookie", cookie);
    let response = request.send().await.expect("headers arrive");
    assert_eq!(response.status(), 200);
    assert!(response.text().await.is_err(), "the body does not");
}

/// [REL-05] The server rotated, a proxy says 502.
#[tokio::test]
async fn processed_but_answered_otherwise() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let rule = json!({ "route": "/token", "status": 502, "process": true, "times": 1 });
    server.fault(rule).await;
    assert_eq!(browser.refresh().await.status, 502);
    browser.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn any_body_instead_of_the_real_one() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let html = json!({ "route": "/me", "body": "<h1>hi", "contentType": "text/html", "times": 1 });
    server.fault(html).await;
    let answer = browser.me().await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "<h1>hi"));
    assert_eq!(answer.header("content-type"), "text/html");

    server
        .fault(json!({ "route": "/me", "body": "0123456789", "repeat": 100_000, "times": 1 }))
        .await;
    assert_eq!(browser.me().await.text.len(), 1_000_000);

    server
        .fault(json!({ "route": "/me", "body": "", "times": 1 }))
        .await;
    assert_eq!(browser.me().await.text, "");
}

/// [SEC-26] A redirect from the token endpoint.
#[tokio::test]
async fn redirects_by_header() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let evil = format!("{}/steal", server.origins.foreign);
    let rule = json!({ "route": "/token", "status": 307, "headers": { "Location": evil } });
    server.fault(rule).await;
    let answer = browser.refresh().await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.header("location"), evil);
}

#[tokio::test]
async fn headers_alone_leave_the_answer_as_it_is() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    server
        .fault(json!({ "route": "/me", "headers": { "x-extra": "1" } }))
        .await;
    let answer = browser.me().await;
    assert_eq!(answer.json()["username"], "demo");
    assert_eq!(answer.header("x-extra"), "1");
}

#[tokio::test]
async fn skip_times_method_and_prefix() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    server
        .fault(json!({ "route": "/me*", "method": "get", "skip": 1, "times": 2, "status": 500 }))
        .await;
    let mut statuses = vec![];
    for _ in 0..4 {
        statuses.push(browser.me().await.status);
    }
    assert_eq!(statuses, [200, 500, 500, 200]);
    assert_eq!(
        browser
            .patch("/me", json!({ "displayName": "x" }))
            .await
            .status,
        200
    );
    assert_eq!(browser.get("/sessions").await.status, 200);

    server.fault(json!({ "route": "/me", "status": 500 })).await;
    assert_eq!(browser.me().await.status, 500);
    server.knob(Method::DELETE, "/faults", Value::Null).await;
    assert_eq!(browser.me().await.status, 200);
}

/// The whole server lives at the shifted time, its `Date` header too.
#[tokio::test]
async fn the_clock_can_be_wrong() {
    let server = Server::start(&[]).await;
    server.clock(-86_400).await;
    let mut browser = server.browser();
    let answer = browser.sign_in("").await;
    assert_eq!(browser.me().await.status, 200);
    let now = std::time::UNIX_EPOCH.elapsed().expect("time").as_secs() as i64;
    let iat = browser.claims()["iat"].as_i64().expect("seconds");
    assert!((now - 86_400 - iat).abs() < 30, "{iat}");
    let date = httpdate::parse_http_date(answer.header("date")).expect("a date");
    let date = date
        .duration_since(std::time::UNIX_EPOCH)
        .expect("time")
        .as_secs() as i64;
    assert!((date - iat).abs() < 5, "{date}");
}

#[tokio::test]
async fn revoke_ends_every_session_at_once() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    let named = json!({ "username": "demo" });
    assert_eq!(
        server
            .knob(Method::POST, "/faults/revoke", named)
            .await
            .status,
        204
    );
    browser.me().await.refused(401, "invalid_token");
    browser.refresh().await.refused(400, "invalid_grant");
    let nobody = json!({ "username": "nobody" });
    server
        .knob(Method::POST, "/faults/revoke", nobody)
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn the_log_tells_what_came_and_keeps_no_secret() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true").await;
    browser.me().await;
    server
        .fault(json!({ "route": "/token", "drop": "before", "times": 1 }))
        .await;
    let body = json!({ "refresh_token": browser.refresh_token });
    let _ = browser
        .try_send(Method::POST, "/token", |request| request.json(&body))
        .await;

    let log = server.log().await;
    let brief: Vec<_> = log
        .iter()
        .map(|entry| {
            (
                entry["method"].as_str().unwrap(),
                entry["path"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        brief,
        [("POST", "/auth"), ("GET", "/me"), ("POST", "/token")]
    );
    assert_eq!(log[0]["hasAuthorization"], false);
    assert_eq!(log[0]["authorization"], Value::Null);
    assert_eq!(log[0]["origin"], server.origins.app);
    let header = format!("Bearer {}", browser.token.clone().expect("a token"));
    let hash: String = Sha256::digest(&header)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(log[1]["authorization"], hash);
    assert_eq!(log[1]["cookies"], json!(["__Host-Fgp"]));
    assert_eq!(log[1]["status"], 200);
    assert_eq!(log[2]["status"], Value::Null);
    assert_eq!(log[2]["fault"], "drop-before");

    let text = json!(log).to_string();
    assert!(!text.contains(&browser.cookies["__Host-Fgp"]));
    assert!(!text.contains(browser.refresh_token.as_deref().expect("a refresh token")));
    assert!(!text.contains(browser.token.as_deref().expect("a token")));

    server
        .knob(Method::DELETE, "/faults/log", Value::Null)
        .await;
    assert!(server.log().await.is_empty());
}

/// A request that hangs is in the log while it hangs.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_shows_what_is_under_way() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    server
        .fault(json!({ "route": "/me", "delayMs": 60_000 }))
        .await;
    let hanging = tokio::spawn(async move { browser.me().await.status });
    let mut log = vec![];
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        log = server.log().await;
        if log.len() == 2 {
            break;
        }
    }
    hanging.abort();
    assert_eq!(log.len(), 2);
    assert_eq!(log[1]["path"], "/me");
    assert_eq!(log[1]["status"], Value::Null);
}

/// [REL-10] What happens to a token endpoint, while a page opens with a session by cookie. None of
/// it costs the refresh token.
#[tokio::test(flavor = "multi_thread")]
async fn every_trouble_of_the_token_endpoint() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("?permanent=true&carrier=cookie").await;
    let of_token = |mut rule: Value| {
        rule["route"] = json!("/token");
        rule["method"] = json!("POST");
        rule["times"] = json!(1);
        rule
    };

    server.fault(of_token(json!({ "status": 503 }))).await;
    let answer = browser.refresh_by_cookie().await;
    answer.refused(503, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "");

    let rule = json!({ "status": 429, "retryAfter": "1" });
    server.fault(of_token(rule)).await;
    let answer = browser.refresh_by_cookie().await;
    answer.refused(429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(
        answer.header("access-control-expose-headers"),
        "date,retry-after,www-authenticate,dpop-nonce"
    );

    let csrf = browser.cookies["__Host-Csrf"].clone();
    for (rule, is_reset) in [
        (json!({ "drop": "reset" }), true),
        (json!({ "drop": "before" }), false),
        (json!({ "delayMs": 600_000 }), false),
    ] {
        let hangs = rule["delayMs"].is_u64();
        server.fault(of_token(rule)).await;
        let patience = Duration::from_millis(if hangs { 500 } else { 10_000 });
        let lost = browser
            .try_send(Method::POST, "/token", |request| {
                request
                    .header("x-csrf-token", csrf.clone())
                    .timeout(patience)
            })
            .await;
        let error = lost.err().expect("no answer");
        assert_eq!(error.is_timeout(), hangs);
        assert_eq!(format!("{error:?}").contains("ConnectionReset"), is_reset);
    }
    let log = server.log().await;
    let faults: Vec<_> = log.iter().map(|entry| entry["fault"].clone()).collect();
    let expected = [
        Value::Null,
        json!("replaced"),
        json!("replaced"),
        json!("drop-reset"),
        json!("drop-before"),
        Value::Null,
    ];
    assert_eq!(faults, expected);

    assert_eq!(browser.refresh_by_cookie().await.status, 200);
}
