//! A password change against what was under way when it came.

use std::time::Duration;

use hallpass_server::{DEMO_PASSWORD, DEMO_USER};
use reqwest::Method;
use serde_json::json;

use crate::browser::Browser;
use crate::server::Server;

const NEW: &str = "another horse, another staple";

async fn change(browser: &mut Browser, from: &str, to: &str) -> crate::browser::Answer {
    let body = json!({ "currentPassword": from, "newPassword": to, "signOutOthers": true });
    browser.patch("/me/password", body).await
}

/// A sign-in waits for its turn to hash. The old password was right when it came in, and is wrong
/// when its session would open.
#[tokio::test(flavor = "multi_thread")]
async fn no_sign_in_with_the_old_password_survives() {
    let server = Server::start(&[]).await;
    let mut owner = server.signed_in("").await;
    let changing = tokio::spawn(async move { change(&mut owner, DEMO_PASSWORD, NEW).await.status });
    let mut thieves = vec![];
    while !changing.is_finished() && thieves.len() < 40 {
        let mut browser = server.browser();
        thieves.push(tokio::spawn(async move {
            let status = browser.sign_in("?permanent=true").await.status;
            (status, browser)
        }));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(changing.await.expect("the change"), 200);
    for thief in thieves {
        let (status, mut browser) = thief.await.expect("a sign-in");
        if status == 200 {
            browser.me().await.refused(401, "invalid_token");
            browser.refresh().await.refused(400, "invalid_grant");
        }
    }
    let mut browser = server.browser();
    assert_eq!(browser.sign_in_as(DEMO_USER, NEW, "").await.status, 200);
    let devices = browser.get("/sessions").await.json();
    let count = devices.as_array().map(Vec::len);
    assert_eq!(count, Some(2), "the owner's and this one");
}

/// The login page opens sessions, too.
#[tokio::test(flavor = "multi_thread")]
async fn no_login_page_with_the_old_password_survives() {
    let server = Server::start(&[]).await;
    let mut owner = server.signed_in("").await;
    let changing = tokio::spawn(async move { change(&mut owner, DEMO_PASSWORD, NEW).await.status });
    let mut thieves = vec![];
    while !changing.is_finished() && thieves.len() < 40 {
        let mut browser = server.browser();
        let form = [
            ("redirect_uri", server.origins.app.clone()),
            ("mode", "params".to_owned()),
            ("permanent", "true".to_owned()),
            ("username", DEMO_USER.to_owned()),
            ("password", DEMO_PASSWORD.to_owned()),
        ];
        thieves.push(tokio::spawn(async move {
            browser.origin = Some(browser.origins.api.clone());
            browser
                .send(Method::POST, "/login", |request| request.form(&form))
                .await
                .status
        }));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(changing.await.expect("the change"), 200);
    for thief in thieves {
        thief.await.expect("an answer");
    }
    let mut browser = server.browser();
    assert_eq!(browser.sign_in_as(DEMO_USER, NEW, "").await.status, 200);
    let devices = browser.get("/sessions").await.json();
    let count = devices.as_array().map(Vec::len);
    assert_eq!(count, Some(2), "the owner's and this one");
}

/// Two changes at once, both with the password of before: the second must not win.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_at_once_one_counts() {
    let server = Server::start(&[]).await;
    let mut browsers = vec![];
    for _ in 0..4 {
        browsers.push(server.signed_in("").await);
    }
    let changes: Vec<_> = (0..4)
        .zip(browsers)
        .map(|(n, mut browser)| {
            tokio::spawn(async move {
                let new = format!("new password {n}");
                (n, change(&mut browser, DEMO_PASSWORD, &new).await.status)
            })
        })
        .collect();
    let mut won = vec![];
    for one in changes {
        let (n, status) = one.await.expect("a change");
        match status {
            200 => won.push(n),
            400 | 401 => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(won.len(), 1, "{won:?}");
    let mut browser = server.browser();
    let password = format!("new password {}", won[0]);
    assert_eq!(
        browser.sign_in_as(DEMO_USER, &password, "").await.status,
        200
    );
}

/// An ended session changes nothing any more, however long its change has waited.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_meanwhile_changes_nothing() {
    let server = Server::start(&[]).await;
    let mut owner = server.signed_in("").await;
    let mut thief = server.signed_in("").await;
    let path = format!(
        "/sessions/{}",
        thief.claims()["sid"].as_str().expect("text")
    );
    // Sign-ins that keep the hashers busy for a while.
    let busy: Vec<_> = (0..20)
        .map(|n| {
            let mut browser = server.browser();
            tokio::spawn(async move { browser.sign_in_as(&format!("nobody-{n}"), "x", "").await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let changing = tokio::spawn(async move { change(&mut thief, DEMO_PASSWORD, NEW).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    let ended = owner.authorised(Method::DELETE, &path, |it| it).await;
    assert_eq!(ended.status, 204);
    changing
        .await
        .expect("an answer")
        .refused(401, "invalid_token");
    for one in busy {
        one.await.expect("an answer");
    }
    assert_eq!(
        owner.sign_in("").await.status,
        200,
        "the password is the old one"
    );
}
