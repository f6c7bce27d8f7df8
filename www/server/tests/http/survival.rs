//! Bad input of every kind: an answer where HTTP allows one, and the server goes on.

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::Server;

#[tokio::test]
async fn raw_garbage_does_not_stop_it() {
    let server = Server::without_faults(&[]).await;
    let port: u16 = server
        .origins
        .api
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .expect("port");
    let long = [b"GET /".as_slice(), &[b'a'; 200_000], b" HTTP/1.1\r\n\r\n"].concat();
    let many = [
        "GET /me HTTP/1.1\r\nhost: x\r\n",
        &"a: b\r\n".repeat(5000),
        "\r\n",
    ]
    .concat();
    let cases: [&[u8]; 9] = [
        b"\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnot frames at all",
        b"POST /auth HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n{}",
        b"POST /auth HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n{}",
        b"POST /auth HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        &long,
        many.as_bytes(),
    ];
    for case in cases {
        let mut socket = TcpStream::connect(("localhost", port))
            .await
            .expect("connect");
        let _ = socket.write_all(case).await;
        let _ = socket.shutdown().await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
    }
    let mut browser = server.signed_in("").await;
    assert_eq!(browser.me().await.status, 200);
}

#[tokio::test]
async fn odd_paths_and_methods_get_an_answer() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    for path in [
        "/",
        "//",
        "/%",
        "/%00",
        "/%ff",
        "/me/",
        "/sessions/",
        "/AUTH",
        "/*",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json()["error"], "not_found");
    }
    let odd = Method::from_bytes(b"BREW").expect("a method");
    let answer = browser.authorised(odd, "/me", |request| request).await;
    answer.refused(405, "invalid_request");
    let answer = browser.send(Method::GET, "/auth", |request| request).await;
    answer.refused(405, "invalid_request");
}

#[tokio::test]
async fn odd_headers_get_an_answer() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let odd: [&[u8]; 6] = [
        b"\xff\xfe",
        b";;;;",
        b"=",
        b"__Host-Fgp",
        b"__Host-Fgp=",
        b"a=b=c",
    ];
    let cookies = std::mem::take(&mut browser.cookies);
    for cookie in odd {
        let send = |request: reqwest::RequestBuilder| request.header("cookie", cookie);
        let answer = browser.authorised(Method::GET, "/me", send).await;
        answer.refused(401, "invalid_token");
    }
    browser.cookies = cookies;
    for name in [
        "origin",
        "user-agent",
        "content-type",
        "authorization",
        "x-csrf-token",
    ] {
        let send = |request: reqwest::RequestBuilder| request.header(name, &b"\xff\x80"[..]);
        let answer = browser.send(Method::POST, "/token", send).await;
        assert!(
            (400..500).contains(&answer.status),
            "{name}: {}",
            answer.status
        );
    }
    assert_eq!(browser.me().await.status, 200);
}

/// A client that hangs up in the middle of its body.
#[tokio::test]
async fn half_a_body_does_no_harm() {
    let server = Server::start(&[]).await;
    let port: u16 = server
        .origins
        .api
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .expect("port");
    for path in ["/auth", "/token", "/token/reject", "/login", "/echo"] {
        let mut socket = TcpStream::connect(("localhost", port))
            .await
            .expect("connect");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             content-length: 100\r\n\r\n{{\"user"
        );
        socket.write_all(head.as_bytes()).await.expect("write");
        drop(socket);
    }
    let mut browser = server.signed_in("").await;
    assert_eq!(
        browser
            .patch("/me", json!({ "displayName": "Still here" }))
            .await
            .status,
        200
    );
}
