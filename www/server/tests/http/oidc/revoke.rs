//! Revocation (RFC 7009).

use crate::oidc::flow::Flow;
use crate::server::Server;

#[tokio::test]
async fn a_token_of_either_kind_ends_the_session() {
    let server = Server::start(&[]).await;
    for kind in ["refresh_token", "access_token"] {
        let mut flow = Flow::new(&server);
        let mut other = Flow::new(&server);
        other.sign_in().await;
        let tokens = flow.sign_in().await.json();
        let token = tokens[kind].as_str().expect("a token");
        let answer = flow.revoke(token).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{kind}");
        flow.get("/me").await.refused(401, "invalid_token");
        flow.refresh().await.refused(400, "invalid_grant");
        assert_eq!(flow.revoke(token).await.status, 200, "again");
        assert_eq!(other.get("/me").await.status, 200, "another session");
    }
}

/// Signing out must work with what is left, however old.
#[tokio::test]
async fn spent_and_expired_tokens_end_it_too() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    let spent = flow.page.refresh_token.clone().expect("a refresh token");
    flow.refresh().await;
    assert_eq!(flow.revoke(&spent).await.status, 200);
    flow.refresh().await.refused(400, "invalid_grant");

    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    let expired = flow.page.token.clone().expect("a token");
    server.clock(1000).await;
    assert_eq!(flow.revoke(&expired).await.status, 200);
    flow.refresh().await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn unknown_tokens_are_fine_and_others_are_not_the_clients() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    for token in ["unknown", "a.b.c"] {
        assert_eq!(flow.revoke(token).await.status, 200);
    }
    let mut older = server.signed_in("?permanent=true").await;
    for token in [older.token.clone(), older.refresh_token.clone()] {
        let answer = flow.revoke(&token.expect("a token")).await;
        answer.refused(400, "invalid_grant");
    }
    assert_eq!(older.me().await.status, 200);
    let wrong = [("client_id", "other"), ("token", "x")];
    flow.post("/oidc/revoke", &wrong)
        .await
        .refused(400, "invalid_client");
    flow.post("/oidc/revoke", &wrong[1..])
        .await
        .refused(400, "invalid_request");
    flow.post("/oidc/revoke", &[("client_id", "spa")])
        .await
        .refused(400, "invalid_request");
}
