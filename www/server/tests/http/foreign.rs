//! The foreign origin.

use reqwest::Method;
use serde_json::json;

use crate::browser::Answer;
use crate::server::{Server, plain_client};

#[tokio::test]
async fn it_shows_the_app_what_it_received() {
    let server = Server::start(&[]).await;
    let request = plain_client()
        .put(format!("{}/some/path?a=b", server.origins.foreign))
        .header("origin", &server.origins.app)
        .bearer_auth("leaked")
        .body("abc");
    let answer = Answer::read(request.send().await.expect("an answer")).await;
    let body = answer.json();
    assert_eq!(body["method"], "PUT");
    assert_eq!(body["path"], "/some/path");
    assert_eq!(body["query"], "a=b");
    assert_eq!(body["bytes"], 3);
    assert_eq!(body["hasAuthorization"], true);
    assert_eq!(body["headers"]["authorization"], "Bearer leaked");
    assert_eq!(
        answer.header("access-control-allow-origin"),
        server.origins.app
    );
    assert_eq!(answer.header("access-control-allow-credentials"), "true");

    let log = server.log().await;
    assert_eq!(log[0]["listener"], "foreign");
    assert_eq!(log[0]["hasAuthorization"], true);
    assert!(
        !log[0].to_string().contains("leaked"),
        "only the hash is kept"
    );
}

/// Cookies know no ports: the browser sends the API's to this origin, too, those that no script
/// may read among them.
#[tokio::test]
async fn sec_22_it_never_repeats_a_cookie() {
    let server = Server::start(&[]).await;
    let browser = server.signed_in("?permanent=true&carrier=cookie").await;
    let pairs = browser.cookies.iter().map(|(k, v)| format!("{k}={v}"));
    let pairs: Vec<_> = pairs.collect();
    assert_eq!(pairs.len(), 3);
    for origin in [
        Some(&server.origins.app),
        Some(&server.origins.foreign),
        None,
    ] {
        for path in ["/hello", "/", "/cookie", "/redirect"] {
            // One line as in HTTP/1, several as HTTP/2 may bring them.
            for lines in [vec![pairs.join("; ")], pairs.clone()] {
                let mut request = plain_client().get(format!("{}{path}", server.origins.foreign));
                for line in lines {
                    request = request.header("Cookie", line);
                }
                if let Some(origin) = origin {
                    request = request.header("origin", origin);
                }
                let answer = Answer::read(request.send().await.expect("an answer")).await;
                let shown = format!("{} {:?}", answer.text, answer.headers);
                for value in browser.cookies.values() {
                    assert!(!shown.contains(value.as_str()), "{path}");
                }
            }
        }
    }
}

/// A page of any other origin reads nothing here.
#[tokio::test]
async fn only_the_app_may_read_it() {
    let server = Server::without_faults(&[]).await;
    let app = &server.origins.app;
    for origin in [
        "https://anybody.test",
        "null",
        &server.origins.api,
        &server.origins.foreign,
        &format!("{app}.evil.test"),
        &app.replace("localhost", "127.0.0.1"),
        &app.to_uppercase(),
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let request = plain_client()
                .request(method, format!("{}/x", server.origins.foreign))
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization");
            let answer = Answer::read(request.send().await.expect("an answer")).await;
            assert_ne!(answer.header("access-control-allow-origin"), origin);
            assert_ne!(answer.header("access-control-allow-origin"), "*");
        }
    }
}

/// What a redirect from the API has led here comes from `null`: tests must see it arrive.
#[tokio::test]
async fn with_faults_a_redirected_request_may_come() {
    let server = Server::start(&[]).await;
    let send = async |origin: &str| {
        let request = plain_client()
            .get(format!("{}/x", server.origins.foreign))
            .header("origin", origin);
        Answer::read(request.send().await.expect("an answer")).await
    };
    let redirected = send("null").await;
    assert_eq!(redirected.header("access-control-allow-origin"), "null");
    let other = send("https://anybody.test").await;
    assert_eq!(other.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn preflights_of_the_app_allow_every_header() {
    let server = Server::start(&[]).await;
    let request = plain_client()
        .request(Method::OPTIONS, format!("{}/x", server.origins.foreign))
        .header("origin", &server.origins.app)
        .header("access-control-request-method", "DELETE")
        .header("access-control-request-headers", "authorization,x-odd");
    let answer = Answer::read(request.send().await.expect("an answer")).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        server.origins.app
    );
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "authorization,x-odd"
    );
    assert_eq!(answer.header("access-control-allow-methods"), "DELETE");
}

#[tokio::test]
async fn it_redirects_anywhere() {
    let server = Server::start(&[]).await;
    let target = format!("{}/me", server.origins.api);
    for status in [301, 302, 303, 307, 308] {
        let url = format!(
            "{}/redirect?to={target}&status={status}",
            server.origins.foreign
        );
        let response = plain_client().post(url).send().await.expect("an answer");
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["location"], target.as_str());
    }
    for query in [
        "",
        "?to=",
        "?to=%0d%0ax&status=302",
        "?to=x&status=200",
        "?to=x&status=99999",
    ] {
        let url = format!("{}/redirect{query}", server.origins.foreign);
        let answer = Answer::read(plain_client().get(url).send().await.expect("an answer")).await;
        if query == "?to=" {
            assert_eq!(answer.status, 302);
        } else {
            assert_eq!(answer.status, 400, "{query}: {:?}", json!(answer.text));
        }
    }
}
