//! RP-initiated logout.

use reqwest::Method;
use serde_json::json;

use crate::browser::Answer;
use crate::oidc::flow::{Flow, callback, form, location};
use crate::server::Server;

async fn end(flow: &mut Flow, fields: &[(&str, &str)]) -> Answer {
    let query = serde_urlencoded::to_string(fields).expect("query");
    flow.navigate(&format!("/oidc/end-session?{query}")).await
}

async fn signed_in(server: &Server) -> (Flow, String) {
    let mut flow = Flow::new(server);
    let tokens = flow.sign_in().await.json();
    let id_token = tokens["id_token"].as_str().expect("an ID token").to_owned();
    (flow, id_token)
}

#[tokio::test]
async fn login_and_sessions_end_and_the_user_comes_back() {
    let server = Server::start(&[]).await;
    let (mut flow, id_token) = signed_in(&server).await;
    let mut other = Flow::new(&server);
    other.browser.cookies.clone_from(&flow.browser.cookies);
    other.sign_in().await;
    let (mut elsewhere, _) = signed_in(&server).await;

    let uri = format!("{}/", server.origins.app);
    // However old the ID token is.
    server.clock(250).await;
    let unused = flow.code().await;
    let answer = end(
        &mut flow,
        &[
            ("id_token_hint", &id_token),
            ("client_id", "spa"),
            ("post_logout_redirect_uri", &uri),
            ("state", "a b&c"),
        ],
    )
    .await;
    assert_eq!(location(&answer).as_str(), format!("{uri}?state=a+b%26c"));
    assert!(!flow.browser.cookies.contains_key("__Host-Login"));
    assert_eq!(flow.begin().await.status, 200, "the login page");
    for flow in [&mut flow, &mut other] {
        flow.get("/me").await.refused(401, "invalid_token");
        flow.refresh().await.refused(400, "invalid_grant");
    }
    flow.exchange(&unused).await.refused(400, "invalid_grant");
    assert_eq!(elsewhere.get("/me").await.status, 200, "another browser");
    assert_eq!(elsewhere.begin().await.status, 303);
}

/// The cookie is gone, not the link to it: a copy opens nothing.
#[tokio::test]
async fn the_login_is_over_and_not_only_its_cookie() {
    let server = Server::start(&[]).await;
    let (mut flow, id_token) = signed_in(&server).await;
    let copy = flow.browser.cookies.clone();
    let answer = end(&mut flow, &[("id_token_hint", &id_token)]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("signed out"));
    flow.browser.cookies = copy;
    assert_eq!(flow.begin().await.status, 200);
}

/// Any page can lead here without a hint: the user is asked.
#[tokio::test]
async fn without_a_hint_the_user_is_asked() {
    let server = Server::start(&[]).await;
    let uri = format!("{}/", server.origins.app);
    for hint in ["", "x.y.z"] {
        let (mut flow, _) = signed_in(&server).await;
        let fields = [
            ("id_token_hint", hint),
            ("client_id", "spa"),
            ("post_logout_redirect_uri", &uri),
            ("state", "\"><script>"),
        ];
        let page = end(&mut flow, &fields).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("name=\"confirmed\" value=\"true\""));
        assert!(!page.text.contains("<script"));
        assert_eq!(flow.get("/me").await.status, 200, "not yet");
        assert_eq!(flow.begin().await.status, 303);

        let body = serde_urlencoded::to_string([&fields[1..], &[("confirmed", "true")]].concat());
        let body = body.expect("form");
        flow.browser.origin = Some(server.origins.foreign.clone());
        let path = "/oidc/end-session";
        let foreign = flow
            .browser
            .send(Method::POST, path, |it| form(it, body.clone()))
            .await;
        foreign.refused(403, "access_denied");
        flow.browser.origin = Some(server.origins.api.clone());
        let answer = flow
            .browser
            .send(Method::POST, path, |it| form(it, body))
            .await;
        assert!(location(&answer).as_str().starts_with(&uri));
        flow.get("/me").await.refused(401, "invalid_token");
        assert_eq!(flow.begin().await.status, 200);
    }
}

/// `confirmed` in a link is no confirmation.
#[tokio::test]
async fn a_link_cannot_confirm() {
    let server = Server::start(&[]).await;
    let (mut flow, _) = signed_in(&server).await;
    let page = end(&mut flow, &[("client_id", "spa"), ("confirmed", "true")]).await;
    assert!(page.text.contains("<form"));
    assert_eq!(flow.begin().await.status, 303);
}

#[tokio::test]
async fn other_pages_get_no_user() {
    let server = Server::start(&["--post-logout-redirect-uri", "/bye"]).await;
    let (mut flow, id_token) = signed_in(&server).await;
    let bye = format!("{}/bye", server.origins.app);
    let root = format!("{}/", server.origins.app);
    for fields in [
        vec![
            ("id_token_hint", id_token.as_str()),
            ("post_logout_redirect_uri", &root),
        ],
        vec![
            ("client_id", "spa"),
            ("post_logout_redirect_uri", "https://evil.test/"),
        ],
        vec![("client_id", "other"), ("post_logout_redirect_uri", &bye)],
        vec![("post_logout_redirect_uri", &bye)],
    ] {
        let answer = end(&mut flow, &fields).await;
        assert_eq!(answer.status, 400, "{fields:?}");
        assert_eq!(answer.header("location"), "");
    }
    assert_eq!(flow.get("/me").await.status, 200, "nothing has ended");
    let fields = [
        ("id_token_hint", id_token.as_str()),
        ("post_logout_redirect_uri", &bye),
    ];
    assert_eq!(location(&end(&mut flow, &fields).await).as_str(), bye);
}

/// Another user has signed in since: that login is not the client's to end.
#[tokio::test]
async fn a_hint_at_another_user_ends_that_session_alone() {
    let server = Server::start(&[]).await;
    let account = json!({ "username": "other", "password": "another password" });
    server.knob(Method::POST, "/faults/users", account).await;
    let (mut flow, id_token) = signed_in(&server).await;
    let typed = [("username", "other"), ("password", "another password")];
    let mut other = Flow::new(&server);
    other.browser.cookies.clone_from(&flow.browser.cookies);
    let code = callback(&other.submit(&typed).await)["code"].clone();
    other.exchange(&code).await;

    let hint = [("id_token_hint", id_token.as_str())];
    assert_eq!(end(&mut other, &hint).await.status, 200);
    flow.get("/me").await.refused(401, "invalid_token");
    assert_eq!(other.get("/me").await.status, 200);
}
