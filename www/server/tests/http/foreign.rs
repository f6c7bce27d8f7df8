//! The foreign origin.

use serde_json::json;

use crate::browser::Answer;
use crate::server::{Server, plain_client};

#[tokio::test]
async fn it_shows_what_it_received_to_anybody() {
    let server = Server::start(&[]).await;
    let request = plain_client()
        .put(format!("{}/some/path?a=b", server.origins.foreign))
        .header("origin", "https://anybody.test")
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
        "https://anybody.test"
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

#[tokio::test]
async fn preflights_allow_every_header() {
    let server = Server::start(&[]).await;
    let request = plain_client()
        .request(
            reqwest::Method::OPTIONS,
            format!("{}/x", server.origins.foreign),
        )
        .header("origin", &server.origins.app)
        .header("access-control-request-method", "DELETE")
        .header("access-control-request-headers", "authorization,x-odd");
    let answer = Answer::read(request.send().await.expect("an answer")).await;
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
