//! `--tls`: https on all three origins.

use reqwest::{Client, Version};

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
