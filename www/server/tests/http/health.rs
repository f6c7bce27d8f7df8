//! What watches the process is told.

use std::process::Command;

use reqwest::Method;

use crate::server::Server;

#[tokio::test]
async fn a_server_at_work_is_alive_and_ready() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    browser.origin = None;
    for path in ["/healthz", "/readyz"] {
        let answer = browser.send(Method::GET, path, |request| request).await;
        assert_eq!(answer.status, 204, "{path}: {}", answer.text);
    }
}

/// As a container does, where the server listens on all addresses.
#[tokio::test(flavor = "multi_thread")]
async fn a_probe_says_whether_it_is_alive() {
    let server = Server::start(&["--listen", "0.0.0.0"]).await;
    let port = server.origins.api.rsplit(':').next().expect("a port");
    let probe = |port: &str| {
        let mut probe = Command::new(env!("CARGO_BIN_EXE_hallpass-server"));
        probe.args(["--probe", "--api-port", port]);
        probe.status().expect("an end").success()
    };
    assert!(probe(port));
    assert!(!probe("1"));
}
