//! The flow over https and HTTP/2, as it is used.

use reqwest::Client;
use reqwest::redirect::Policy;

use crate::oidc::flow::Flow;
use crate::oidc::key::Key;
use crate::server::Server;

#[tokio::test]
async fn the_whole_flow_over_https() {
    let server = Server::start(&["--tls", "--dpop-nonce"]).await;
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .danger_accept_invalid_certs(true)
        .build()
        .expect("client");
    let mut flow = Flow::with_client(&server.origins, client);
    assert!(flow.issuer().starts_with("https://localhost:"));
    flow.key = Some(Key::new());
    let code = flow.code().await;
    flow.exchange(&code).await.refused(400, "use_dpop_nonce");
    assert_eq!(flow.exchange(&code).await.json()["token_type"], "DPoP");
    assert_eq!(flow.get("/me").await.status, 200);
    assert_eq!(flow.refresh().await.status, 200);
    assert_eq!(flow.get("/oidc/userinfo").await.status, 200);
    let token = flow.page.refresh_token.clone().expect("a refresh token");
    assert_eq!(flow.revoke(&token).await.status, 200);
    flow.get("/me").await.refused(401, "invalid_token");
}
