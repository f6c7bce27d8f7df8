//! The login at the provider: one sign-in, several codes.

use serde_json::json;

use crate::browser::claims;
use crate::oidc::flow::{Flow, callback};
use crate::server::Server;

fn auth_time(answer: &crate::browser::Answer) -> i64 {
    let tokens = answer.json();
    let id = claims(tokens["id_token"].as_str().expect("an ID token"));
    id["auth_time"].as_i64().expect("seconds")
}

#[tokio::test]
async fn a_signed_in_user_gets_a_code_without_a_page() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server).set("prompt", "none");
    assert_eq!(callback(&flow.begin().await)["error"], "login_required");
    let first = auth_time(&flow.sign_in_typed().await);

    server.clock(100).await;
    let answer = flow.begin().await;
    let code = callback(&answer)["code"].clone();
    let second = flow.exchange(&code).await;
    assert_eq!(auth_time(&second), first, "when the password was typed");
    let issued = claims(second.json()["id_token"].as_str().expect("a token"))["iat"].clone();
    assert!(issued.as_i64().expect("seconds") >= first + 100);
}

#[tokio::test]
async fn max_age_asks_again() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server).set("max_age", "60");
    let first = auth_time(&flow.sign_in().await);
    assert_eq!(flow.begin().await.status, 303, "young enough");

    server.clock(90).await;
    let mut silent = Flow::new(&server)
        .set("max_age", "60")
        .set("prompt", "none");
    silent.browser.cookies.clone_from(&flow.browser.cookies);
    assert_eq!(callback(&silent.begin().await)["error"], "login_required");
    assert_eq!(flow.begin().await.status, 200, "the login page");
    let answer = flow.type_password().await;
    let answer = flow.exchange(&callback(&answer)["code"]).await;
    assert!(auth_time(&answer) >= first + 90);

    let mut flow = flow.set("max_age", "0");
    server.clock(92).await;
    assert_eq!(flow.begin().await.status, 200);
    assert_eq!(flow.sign_in().await.status, 200, "no circle");
}

#[tokio::test]
async fn prompt_login_asks_again() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    for (prompt, status) in [("login", 200), ("select_account", 200), ("consent", 303)] {
        flow = flow.set("prompt", prompt);
        assert_eq!(flow.begin().await.status, status, "{prompt}");
    }
}

/// The client expects somebody else: no code of this user's.
#[tokio::test]
async fn a_hint_at_another_user_asks_again() {
    let server = Server::start(&[]).await;
    let account = json!({ "username": "other", "password": "another password" });
    server
        .knob(reqwest::Method::POST, "/faults/users", account)
        .await;
    let mut other = Flow::new(&server);
    let answer = other
        .submit(&[("username", "other"), ("password", "another password")])
        .await;
    let answer = other.exchange(&callback(&answer)["code"]).await;
    let others = answer.json()["id_token"]
        .as_str()
        .expect("a token")
        .to_owned();

    let mut flow = Flow::new(&server);
    let own = flow.sign_in().await.json()["id_token"].clone();
    let mut flow = flow.set("prompt", "none");
    flow = flow.set("id_token_hint", own.as_str().expect("a token"));
    assert!(callback(&flow.begin().await).contains_key("code"));
    flow = flow.set("id_token_hint", &others);
    assert_eq!(callback(&flow.begin().await)["error"], "login_required");
}

/// A value that was planted before the sign-in is worth nothing after it.
#[tokio::test]
async fn each_sign_in_has_a_login_of_its_own() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    let before = flow.browser.cookies["__Host-Login"].clone();
    flow.type_password().await;
    let after = flow.browser.cookies["__Host-Login"].clone();
    assert_ne!(before, after);
    for (value, status) in [(before, 200), (after, 303), ("x".repeat(43), 200)] {
        let mut browser = Flow::new(&server);
        browser
            .browser
            .cookies
            .insert("__Host-Login".to_owned(), value);
        assert_eq!(browser.begin().await.status, status);
    }
}

#[tokio::test]
async fn a_login_lasts_twelve_hours_or_as_long_as_a_session_may() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    server.clock(12 * 3600 - 5).await;
    assert_eq!(flow.begin().await.status, 303);
    server.clock(12 * 3600 + 5).await;
    assert_eq!(flow.begin().await.status, 200);

    server.clock(0).await;
    server.policy(json!({ "reauthHours": 1 })).await;
    let mut flow = Flow::new(&server);
    flow.sign_in().await;
    server.clock(3000).await;
    flow.sign_in().await;
    assert_eq!(flow.get("/me").await.status, 200);
    server.clock(3605).await;
    flow.get("/me").await.refused(401, "invalid_token");
    flow.refresh().await.refused(400, "invalid_grant");
    assert_eq!(flow.begin().await.status, 200, "counted from the password");
}

impl Flow {
    /// Signs in by the form, whatever `prompt` says.
    async fn sign_in_typed(&mut self) -> crate::browser::Answer {
        let answer = self.type_password().await;
        self.exchange(&callback(&answer)["code"]).await
    }
}
