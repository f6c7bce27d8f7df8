//! The server's login page.

use hallpass_server::{DEMO_PASSWORD, DEMO_USER};
use reqwest::Method;
use url::{Url, form_urlencoded};

use crate::browser::{Answer, Browser, claims};
use crate::server::Server;

async fn open(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    browser.origin = None; // a navigation
    let query = serde_urlencoded::to_string(fields).expect("query");
    browser
        .send(Method::GET, &format!("/login?{query}"), |request| request)
        .await
}

/// Sends the form as the page would.
async fn submit(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    browser.origin = Some(browser.origins.api.clone());
    let form = serde_urlencoded::to_string(fields).expect("form");
    let send = |request: reqwest::RequestBuilder| {
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    };
    browser.send(Method::POST, "/login", send).await
}

fn form<'a>(uri: &'a str, mode: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("redirect_uri", uri),
        ("mode", mode),
        ("permanent", "false"),
        ("username", DEMO_USER),
        ("password", DEMO_PASSWORD),
    ]
}

fn location(answer: &Answer) -> Url {
    assert_eq!(answer.status, 303, "{}", answer.text);
    Url::parse(answer.header("location")).expect("a URL")
}

#[tokio::test]
async fn the_page_has_a_strict_policy() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/callback", server.origins.app);
    let answer = open(&mut browser, &[("redirect_uri", &uri), ("state", "s")]).await;
    assert_eq!(answer.status, 200);
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.text.contains("<script"));
    assert!(answer.text.contains("name=\"username\"") && answer.text.contains("type=\"password\""));
}

#[tokio::test]
async fn params_come_back_in_the_fragment() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/callback?keep=1", server.origins.app);
    let state = "a b&c=d#é\"<";
    let mut fields = form(&uri, "params");
    fields.push(("state", state));
    let answer = submit(&mut browser, &fields).await;
    let url = location(&answer);
    assert!(url.as_str().starts_with(&uri), "{url}");
    let fragment = url.fragment().expect("a fragment").to_owned();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(fragment.as_bytes())
        .into_owned()
        .collect();
    let names: Vec<_> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["access_token", "token_type", "expires_in", "state"]);
    assert_eq!(pairs[1].1, "Bearer");
    assert_eq!(pairs[2].1, "300");
    assert_eq!(pairs[3].1, state);

    answer
        .set_cookie("__Host-Fgp")
        .expect("the fingerprint")
        .is_hardened(true);
    browser.token = Some(pairs[0].1.clone());
    assert_eq!(browser.me().await.status, 200);
}

#[tokio::test]
async fn the_bare_token_comes_back_in_the_fragment() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/", server.origins.app);
    let url = location(&submit(&mut browser, &form(&uri, "token")).await);
    let token = url.fragment().expect("a fragment").to_owned();
    assert_eq!(claims(&token)["sub"], "demo");
    browser.token = Some(token);
    assert_eq!(browser.me().await.status, 200);
}

/// A refresh token never stands in a URL.
#[tokio::test]
async fn permanent_sign_in_uses_the_cookie() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/", server.origins.app);
    let mut fields = form(&uri, "params");
    fields[2].1 = "true";
    let answer = submit(&mut browser, &fields).await;
    assert!(!location(&answer).as_str().contains("refresh"));
    answer
        .set_cookie("__Host-Refresh")
        .expect("the refresh cookie")
        .is_hardened(true);
    browser.origin = Some(server.origins.app.clone());
    assert_eq!(browser.refresh_by_cookie().await.status, 200);
}

/// The query's `permanent` is what the form sends; the carrier can only be the cookie.
#[tokio::test]
async fn the_page_keeps_what_the_query_asks_for() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/", server.origins.app);
    for (query, value) in [
        (&[][..], "false"),
        (&[("carrier", "cookie")], "false"),
        (&[("permanent", "false")], "false"),
        (&[("permanent", "true")], "true"),
        (&[("permanent", "true"), ("carrier", "cookie")], "true"),
    ] {
        let fields = [&[("redirect_uri", uri.as_str())], query].concat();
        let answer = open(&mut browser, &fields).await;
        assert_eq!(answer.status, 200, "{query:?}");
        let field = format!("name=\"permanent\" value=\"{value}\"");
        assert!(answer.text.contains(&field), "{query:?}: {}", answer.text);
    }
}

/// An open redirector would hand the token to anybody.
#[tokio::test]
async fn other_origins_get_no_token() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let app = server.origins.app.clone();
    let bad = [
        String::new(),
        "/relative".to_owned(),
        server.origins.foreign.clone(),
        server.origins.api.clone(),
        "https://evil.test/".to_owned(),
        format!("{app}.evil.test/"),
        format!("{app}@evil.test/"),
        format!("{}@evil.test", app.replace("//", "//user:")),
        format!("https://evil.test/{app}"),
        format!("{app}/#access_token=x"),
        format!("blob:{app}/x"),
        "javascript:alert(1)".to_owned(),
    ];
    for uri in &bad {
        for answer in [
            open(&mut browser, &[("redirect_uri", uri)]).await,
            submit(&mut browser, &form(uri, "token")).await,
        ] {
            assert_eq!(answer.status, 400, "{uri}");
            assert_eq!(answer.header("location"), "", "{uri}");
            assert!(answer.header("content-type").starts_with("text/html"));
        }
    }
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn wrong_requests_are_refused_on_the_page() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/", server.origins.app);
    let long = "s".repeat(2000);
    let cases: [&[(&str, &str)]; 9] = [
        &[],
        &[
            ("redirect_uri", &uri),
            ("redirect_uri", "https://evil.test/"),
        ],
        &[("redirect_uri", &uri), ("state", "a"), ("state", "b")],
        &[("redirect_uri", &uri), ("mode", "query")],
        &[("redirect_uri", &uri), ("permanent", "perhaps")],
        &[("redirect_uri", &uri), ("carrier", "pigeon")],
        &[("redirect_uri", &uri), ("carrier", "body")],
        &[
            ("redirect_uri", &uri),
            ("carrier", "cookie"),
            ("carrier", "cookie"),
        ],
        &[("redirect_uri", &uri), ("state", &long)],
    ];
    for fields in cases {
        let answer = open(&mut browser, fields).await;
        assert_eq!(answer.status, 400, "{fields:?}");
        assert!(answer.text.contains("role=\"alert\""));
    }
}

#[tokio::test]
async fn values_are_escaped() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/?a='\"><script>x</script>", server.origins.app);
    let state = "\"><script>alert(1)</script>";
    let answer = open(&mut browser, &[("redirect_uri", &uri), ("state", state)]).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text.contains("<script"), "{}", answer.text);

    let mut fields = form(&uri, "params");
    fields[3].1 = "\"><script>alert(2)</script>";
    let again = submit(&mut browser, &fields).await;
    assert!(!again.text.contains("<script"), "{}", again.text);
}

#[tokio::test]
async fn a_wrong_password_shows_the_page_again() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/", server.origins.app);
    let mut fields = form(&uri, "params");
    fields[4].1 = "canary-1";
    for _ in 0..10 {
        let answer = submit(&mut browser, &fields).await;
        assert_eq!(answer.status, 403);
        assert!(answer.text.contains("user name or password is wrong"));
        assert!(
            !answer.text.contains("canary-1"),
            "the password is not kept"
        );
        assert!(answer.text.contains("value=\"demo\""), "the name is");
    }
    let slow = submit(&mut browser, &fields).await;
    assert_eq!(slow.status, 429);
    assert!(!slow.header("retry-after").is_empty());
}

/// Login CSRF: another page cannot sign the user in as somebody else.
#[tokio::test]
async fn other_pages_cannot_send_the_form() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/", server.origins.app);
    browser.origins.api = server.origins.api.clone();
    let body = serde_urlencoded::to_string(form(&uri, "params")).expect("form");
    for origin in [server.origins.foreign.as_str(), "null", "https://evil.test"] {
        browser.origin = Some(origin.to_owned());
        let body = body.clone();
        let send = |request: reqwest::RequestBuilder| {
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body)
        };
        let answer = browser.send(Method::POST, "/login", send).await;
        answer.refused(403, "access_denied");
    }
}

#[tokio::test]
async fn cancel_tells_the_app() {
    let server = Server::start(&[]).await;
    let mut browser = server.browser();
    let uri = format!("{}/back", server.origins.app);
    let answer = open(&mut browser, &[("redirect_uri", &uri), ("state", "s1")]).await;
    let link = format!("href=\"{uri}#error=access_denied&amp;state=s1\"");
    assert!(answer.text.contains(&link), "{}", answer.text);
}
