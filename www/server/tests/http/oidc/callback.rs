//! How the answer comes back.

use crate::oidc::flow::{Flow, callback, location};
use crate::server::Server;

#[tokio::test]
async fn in_the_query_or_in_the_fragment_as_asked_for() {
    let server =
        Server::start(&["--redirect-uri", "/cb", "--redirect-uri", "/cb?keep=a%20b"]).await;
    for (path, mode, begins) in [
        ("/cb", None, "/cb?code="),
        ("/cb", Some("query"), "/cb?code="),
        ("/cb", Some("fragment"), "/cb#code="),
        ("/cb?keep=a%20b", None, "/cb?keep=a%20b&code="),
        ("/cb?keep=a%20b", Some("fragment"), "/cb?keep=a%20b#code="),
    ] {
        let uri = format!("{}{path}", server.origins.app);
        let mut flow = Flow::new(&server).set("redirect_uri", &uri);
        if let Some(mode) = mode {
            flow = flow.set("response_mode", mode);
        }
        let answer = flow.type_password().await;
        let url = location(&answer);
        let begins = format!("{}{begins}", server.origins.app);
        assert!(url.as_str().starts_with(&begins), "{url}");
        assert_eq!(callback(&answer)["iss"], flow.issuer());
        assert_eq!(answer.header("cache-control"), "no-store");

        let errors = flow.set("prompt", "none login").begin().await;
        let url = location(&errors);
        let begins = begins.replace("code=", "error=invalid_request&");
        assert!(url.as_str().starts_with(&begins), "{url}");
    }
}

#[tokio::test]
async fn the_state_comes_back_as_it_was() {
    let server = Server::start(&[]).await;
    let state = "a b&c=d#é\"<%";
    let mut flow = Flow::new(&server).set("state", state);
    assert_eq!(callback(&flow.type_password().await)["state"], state);
    let mut flow = flow.without("state");
    assert!(!callback(&flow.begin().await).contains_key("state"));
}

/// Pages of other origins may be registered; their origins may call the endpoints.
#[tokio::test]
async fn a_registered_page_of_another_origin() {
    let uri = "https://app.test/cb";
    let server = Server::start(&["--redirect-uri", uri]).await;
    let mut flow = Flow::new(&server).set("redirect_uri", uri);
    let policy = flow.begin().await;
    let policy = policy.header("content-security-policy");
    assert!(policy.contains(" https://app.test; base-uri"), "{policy}");
    let answer = flow.type_password().await;
    assert!(
        location(&answer)
            .as_str()
            .starts_with("https://app.test/cb?code=")
    );
    flow.page.origin = Some("https://app.test".to_owned());
    let answer = flow.exchange(&callback(&answer)["code"]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.test"
    );
}
