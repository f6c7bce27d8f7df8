//! Userinfo.

use reqwest::Method;
use serde_json::json;

use crate::oidc::flow::Flow;
use crate::server::Server;

#[tokio::test]
async fn the_scope_says_what_there_is_to_know() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    let known = json!({ "sub": "demo", "name": "Demo User", "preferred_username": "demo" });
    let answer = flow.get("/oidc/userinfo").await;
    assert_eq!((answer.status, answer.json()), (200, known.clone()));
    let post = flow
        .page
        .authorised(Method::POST, "/oidc/userinfo", |request| request)
        .await;
    assert_eq!(post.json(), known);

    let rename = json!({ "displayName": "Another" });
    assert_eq!(flow.page.patch("/me", rename).await.status, 200);
    assert_eq!(flow.get("/oidc/userinfo").await.json()["name"], "Another");

    let mut flow = Flow::new(&server).set("scope", "openid");
    flow.sign_in().await;
    let answer = flow.get("/oidc/userinfo").await;
    assert_eq!(answer.json(), json!({ "sub": "demo" }));
}

#[tokio::test]
async fn a_token_is_needed_and_an_id_token_is_none() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let tokens = flow.sign_in().await.json();
    flow.page
        .send(Method::GET, "/oidc/userinfo", |request| request)
        .await
        .refused(401, "unauthorized");
    flow.page.token = tokens["id_token"].as_str().map(str::to_owned);
    for path in ["/oidc/userinfo", "/me"] {
        flow.get(path).await.refused(401, "invalid_token");
    }
    let mut older = server.signed_in("").await;
    older
        .get("/oidc/userinfo")
        .await
        .refused(403, "insufficient_scope");
}
