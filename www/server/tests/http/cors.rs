//! CORS: open for the app, closed for everybody else.

use reqwest::Method;
use serde_json::json;

use crate::browser::Answer;
use crate::server::{Server, plain_client};

async fn preflight(server: &Server, origin: &str, path: &str, method: &str) -> Answer {
    let request = plain_client()
        .request(Method::OPTIONS, format!("{}{path}", server.origins.api))
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header(
            "access-control-request-headers",
            "authorization,content-type,x-csrf-token,dpop",
        );
    Answer::read(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn the_app_may_call() {
    let server = Server::start(&[]).await;
    let app = &server.origins.app;
    for (path, method) in [
        ("/auth", "POST"),
        ("/me", "PATCH"),
        ("/sessions/x", "DELETE"),
    ] {
        let answer = preflight(&server, app, path, method).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), app);
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert!(
            answer
                .header("access-control-allow-methods")
                .contains(method)
        );
        let headers = answer.header("access-control-allow-headers");
        for name in ["authorization", "content-type", "x-csrf-token", "dpop"] {
            assert!(headers.contains(name), "{headers}");
        }
    }
    let mut browser = server.signed_in("").await;
    let answer = browser.me().await;
    assert_eq!(answer.header("access-control-allow-origin"), app);
    assert!(answer.header("vary").contains("origin"));
    let exposed = answer.header("access-control-expose-headers");
    for name in ["date", "retry-after", "www-authenticate", "dpop-nonce"] {
        assert!(exposed.contains(name), "{exposed}");
    }
}

#[tokio::test]
async fn refusals_can_be_read_too() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let cases = [
        (Method::GET, "/me", 401),
        (Method::GET, "/none", 404),
        (Method::DELETE, "/me", 405),
    ];
    for (method, path, status) in cases {
        let answer = browser.send(method, path, |request| request).await;
        assert_eq!(answer.status, status);
        assert!(answer.json()["error"].is_string());
        assert_eq!(
            answer.header("access-control-allow-origin"),
            server.origins.app
        );
    }
}

#[tokio::test]
async fn other_origins_may_not() {
    let server = Server::start(&[]).await;
    let mut browser = server.signed_in("").await;
    let app = server.origins.app.clone();
    let others = [
        server.origins.foreign.clone(),
        "https://evil.test".to_owned(),
        "null".to_owned(),
        app.replace("localhost", "127.0.0.1"),
        format!("{app}.evil.test"),
        app.replace("http:", "https:"),
        app.to_uppercase(),
    ];
    for other in others {
        let answer = preflight(&server, &other, "/me", "PATCH").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{other}");

        browser.origin = Some(other.clone());
        let read = browser.me().await;
        assert_eq!(read.header("access-control-allow-origin"), "", "{other}");
        // What needs no preflight is refused by the server itself.
        let write = browser
            .patch("/me", json!({ "displayName": "owned" }))
            .await;
        write.refused(403, "access_denied");
        browser.sign_in("").await.refused(403, "access_denied");
    }
    browser.origin = Some(app);
    assert_eq!(browser.me().await.json()["displayName"], "Demo User");
}
