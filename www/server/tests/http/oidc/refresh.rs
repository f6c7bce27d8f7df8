//! Refresh tokens of a client.

use crate::browser::claims;
use crate::oidc::flow::Flow;
use crate::server::Server;

#[tokio::test]
async fn each_refresh_rotates_and_says_who_the_user_is() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let first = claims(
        flow.sign_in().await.json()["id_token"]
            .as_str()
            .expect("an ID token"),
    );
    let mut seen = vec![];
    for _ in 0..3 {
        seen.push(flow.page.refresh_token.clone());
        let answer = flow.refresh().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!seen.contains(&flow.page.refresh_token));
        let tokens = answer.json();
        assert_eq!(tokens["token_type"], "Bearer");
        assert_eq!(tokens["scope"], "openid profile account offline_access");
        let id = claims(tokens["id_token"].as_str().expect("an ID token"));
        for name in ["iss", "sub", "aud", "auth_time", "sid"] {
            assert_eq!(id[name], first[name], "{name}");
        }
        assert!(id.get("nonce").is_none());
        assert_eq!(flow.get("/me").await.status, 200);
    }
}

#[tokio::test]
async fn reuse_ends_the_family() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    let first = flow.page.refresh_token.clone().expect("a refresh token");
    assert_eq!(flow.refresh().await.status, 200);
    let mut thief = Flow::new(&server);
    thief
        .refresh_with(&first)
        .await
        .refused(400, "invalid_grant");
    flow.get("/me").await.refused(401, "invalid_token");
    flow.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_refused_refresh_spends_nothing() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server).set("scope", "openid offline_access");
    flow.sign_in().await;
    let token = flow.page.refresh_token.clone().expect("a refresh token");
    let right = [
        ("grant_type", "refresh_token"),
        ("client_id", "spa"),
        ("refresh_token", token.as_str()),
    ];
    for (changed, error) in [
        (("client_id", "other"), "invalid_client"),
        (("client_id", ""), "invalid_request"),
        (("refresh_token", ""), "invalid_request"),
        (("refresh_token", "unknown"), "invalid_grant"),
        (("scope", "openid account"), "invalid_scope"),
        (("resource", "https://other.test"), "invalid_target"),
    ] {
        let mut fields: Vec<_> = right
            .into_iter()
            .filter(|(name, _)| *name != changed.0)
            .collect();
        fields.push(changed);
        let answer = flow.post("/oidc/token", &fields).await;
        answer.refused(400, error);
    }
    let mut narrower = right.to_vec();
    narrower.push(("scope", "openid"));
    let answer = flow.post("/oidc/token", &narrower).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_refresh_token_expires_where_it_is_not_used() {
    let server = Server::start(&["--refresh-seconds", "600"]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    server.clock(590).await;
    assert_eq!(flow.refresh().await.status, 200);
    server.clock(1195).await;
    flow.refresh().await.refused(400, "invalid_grant");
}

/// The two token endpoints do not take each other's: the older one asks for no client and no key.
#[tokio::test]
async fn neither_token_endpoint_takes_the_others_tokens() {
    let server = Server::start(&["--sliding"]).await;
    let mut flow = Flow::new(&server).set("fingerprint", "true");
    let code = flow.code().await;
    flow.page.cookies.clone_from(&flow.browser.cookies);
    flow.exchange(&code).await;
    flow.page.refresh().await.refused(400, "invalid_grant");
    assert_eq!(flow.refresh().await.status, 200, "it was not spent there");

    let mut older = server.signed_in("?permanent=true").await;
    let token = older.refresh_token.clone().expect("a refresh token");
    flow.refresh_with(&token)
        .await
        .refused(400, "invalid_grant");
    assert_eq!(older.refresh().await.status, 200);
}

/// A token that slides on stays what it was.
#[tokio::test]
async fn a_sliding_token_stays_the_clients() {
    let server = Server::start(&["--sliding"]).await;
    let mut flow = Flow::new(&server).set("scope", "openid");
    flow.sign_in().await;
    let before = flow.page.claims();
    let answer = flow
        .page
        .authorised(reqwest::Method::POST, "/token", |request| request)
        .await;
    flow.page.adopt(&answer);
    for name in ["client_id", "scope", "sid", "aud"] {
        assert_eq!(flow.page.claims()[name], before[name], "{name}");
    }
}
