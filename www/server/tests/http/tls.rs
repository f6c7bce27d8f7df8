//! `--tls`: https on all three origins.

use std::time::Duration;

use reqwest::{Client, Version};
use serde_json::json;

use crate::browser::Browser;
use crate::server::Server;

#[tokio::test]
async fn all_origins_speak_https() {
    let server = Server::start(&["--tls"]).await;
    let client = Client::builder()
        .no_proxy()
        .danger_accept_invalid_certs(true)
        .build()
        .expect("client");
    for origin in [
        &server.origins.app,
        &server.origins.api,
        &server.origins.foreign,
    ] {
        assert!(origin.starts_with("https://localhost:"), "{origin}");
        let response = client.get(origin).send().await.expect("an answer");
        assert_eq!(response.version(), Version::HTTP_2);
    }
    let mut browser = Browser::with_client(&server.origins, client);
    assert_eq!(browser.sign_in("?permanent=true").await.status, 200);
    assert_eq!(browser.me().await.status, 200);
    assert_eq!(browser.refresh().await.status, 200);
}

#[tokio::test]
async fn http_1_alone_where_asked() {
    let server = Server::start(&["--tls", "--http1"]).await;
    let client = Client::builder()
        .no_proxy()
        .danger_accept_invalid_certs(true)
        .build()
        .expect("client");
    let response = client.get(&server.origins.api).send().await;
    assert_eq!(response.expect("an answer").version(), Version::HTTP_11);
}

/// The certificate is nobody's: a client that checks must refuse it.
#[tokio::test]
async fn the_certificate_is_self_signed() {
    let server = Server::start(&["--tls"]).await;
    let client = Client::builder().no_proxy().build().expect("client");
    assert!(client.get(&server.origins.api).send().await.is_err());
}

/// Over HTTP/2 a broken answer leaves the connection as it was; a reset takes everything on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_reset_takes_the_whole_connection() {
    let server = Server::start(&["--tls"]).await;
    let client = Client::builder()
        .danger_accept_invalid_certs(true)
        .no_proxy()
        .build()
        .expect("client");
    let add = async |rule: serde_json::Value| {
        let url = format!("{}/faults", server.origins.api);
        let answer = client.put(url).json(&rule).send().await;
        assert_eq!(answer.expect("an answer").status(), 204);
    };
    let ask = |path: &str| {
        let request = client.get(format!("{}{path}", server.origins.api)).send();
        tokio::spawn(async move { request.await.map(|response| response.status().as_u16()) })
    };
    for (drop, survives) in [("before", true), ("reset", false)] {
        add(json!({ "route": "/me", "delayMs": 500 })).await;
        let beside = ask("/me");
        tokio::time::sleep(Duration::from_millis(100)).await;
        add(json!({ "route": "/token", "drop": drop, "times": 1 })).await;
        assert!(ask("/token").await.expect("a task").is_err(), "{drop}");
        assert_eq!(beside.await.expect("a task").is_ok(), survives, "{drop}");
        assert_eq!(ask("/me").await.expect("a task").ok(), Some(401), "{drop}");
    }
}
