//! The authorization endpoint: what it takes, and what it refuses on its own page.

use serde_json::json;

use crate::browser::claims;
use crate::oidc::flow::{Flow, callback, location};
use crate::second_factor::demo_code;
use crate::server::Server;

#[tokio::test]
async fn a_code_for_tokens_that_the_api_takes() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    let page = flow.begin().await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("action=\"/oidc/authorize\""));
    assert!(!page.text.contains("<script"));
    let policy = page.header("content-security-policy");
    let form_action = format!("form-action 'self' {};", server.origins.app);
    assert!(policy.contains(&form_action), "{policy}");
    for (name, value) in &flow.request {
        let field = format!("name=\"{name}\" value=\"{value}\"");
        assert!(page.text.contains(&field), "{field}");
    }

    let answer = flow.type_password().await;
    let login = answer.set_cookie("__Host-Login").expect("the login");
    assert!(login.attribute("secure").is_some() && login.attribute("httponly").is_some());
    // Other sites lead here, too.
    assert_eq!(login.attribute("samesite"), Some("Lax"));
    assert!(answer.set_cookie("__Host-Fgp").is_none(), "not asked for");
    let url = location(&answer);
    assert!(
        url.as_str()
            .starts_with(&format!("{}/?", server.origins.app))
    );
    let fields = callback(&answer);
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["code", "iss", "state"]);
    assert_eq!(fields["iss"], flow.issuer());
    assert_eq!(fields["state"], "state-1");

    let answer = flow.exchange(&fields["code"]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 300);
    assert_eq!(tokens["scope"], "openid profile account offline_access");
    assert!(tokens["refresh_token"].is_string());

    let access = flow.page.claims();
    assert_eq!(access["iss"], flow.issuer());
    assert_eq!(access["aud"], server.origins.api);
    assert_eq!(access["client_id"], "spa");
    assert!(access.get("cnf").is_none() && access.get("userFingerprint").is_none());

    let id = claims(tokens["id_token"].as_str().expect("an ID token"));
    assert_eq!(id["iss"], flow.issuer());
    assert_eq!(id["aud"], "spa");
    assert_eq!(id["sub"], "demo");
    assert_eq!(id["sub"], access["sub"]);
    assert_eq!(id["nonce"], "nonce-1");
    assert_eq!(id["name"], "Demo User");
    assert_eq!(id["sid"], access["sid"]);
    let [issued, ends, signed_in] =
        ["iat", "exp", "auth_time"].map(|name| id[name].as_i64().expect("seconds"));
    assert_eq!(ends - issued, 3600);
    assert!((0..10).contains(&(issued - signed_in)));

    assert_eq!(flow.get("/me").await.json()["username"], "demo");
    let devices = flow.get("/sessions").await.json();
    assert_eq!(devices.as_array().map(Vec::len), Some(1));
}

/// What is asked for is what is given.
#[tokio::test]
async fn scope_decides() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server).set("scope", "profile email");
    let tokens = flow.sign_in().await.json();
    assert_eq!(tokens["scope"], "profile");
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none());
    assert_eq!(flow.get("/me").await.status, 200);
    flow.get("/oidc/userinfo")
        .await
        .refused(403, "insufficient_scope");

    let mut flow = Flow::new(&server).without("scope").without("nonce");
    assert_eq!(flow.sign_in().await.json()["scope"], "profile");

    let mut flow = Flow::new(&server).set("scope", "openid");
    let tokens = flow.sign_in().await.json();
    let id = claims(tokens["id_token"].as_str().expect("an ID token"));
    assert!(id.get("name").is_none());
}

/// An open redirector would hand codes to any site: nothing here is answered with a redirect.
#[tokio::test]
async fn other_clients_and_other_pages_are_refused_on_the_page() {
    let server = Server::start(&["--redirect-uri", "/cb"]).await;
    let app = &server.origins.app;
    let right = format!("{app}/cb");
    let mut cases = vec![
        ("client_id", "other".to_owned()),
        ("response_mode", "form_post".to_owned()),
        ("state", "s".repeat(2000)),
    ];
    for uri in [
        format!("{app}/"),
        format!("{app}/cb/"),
        format!("{app}/cb?a=b"),
        format!("{app}/cb#"),
        format!("{app}/CB"),
        right.to_uppercase(),
        format!("{app}/x/../cb"),
        format!("{app}@evil.test/cb"),
        "https://evil.test/cb".to_owned(),
        "javascript:alert(1)".to_owned(),
        "/cb".to_owned(),
    ] {
        cases.push(("redirect_uri", uri));
    }
    for (name, value) in cases {
        let mut flow = Flow::new(&server)
            .set("redirect_uri", &right)
            .set(name, &value);
        for answer in [flow.begin().await, flow.type_password().await] {
            assert_eq!(answer.status, 400, "{name}={value}");
            assert_eq!(answer.header("location"), "", "{name}={value}");
            assert!(answer.text.contains("role=\"alert\""));
            assert!(answer.set_cookies().is_empty());
        }
    }
    for missing in ["client_id", "redirect_uri"] {
        let mut flow = Flow::new(&server)
            .set("redirect_uri", &right)
            .without(missing);
        assert_eq!(flow.begin().await.status, 400, "{missing}");
    }
    let query = format!("client_id=spa&redirect_uri={right}&redirect_uri={right}");
    let mut flow = Flow::new(&server);
    let answer = flow.navigate(&format!("/oidc/authorize?{query}")).await;
    assert_eq!(answer.status, 400);

    let mut flow = Flow::new(&server).set("redirect_uri", &right);
    let code = flow.code().await;
    assert_eq!(flow.exchange(&code).await.status, 200, "the right one");
}

/// Everything else goes back to the client, which can tell its user.
#[tokio::test]
async fn wrong_requests_are_refused_at_the_client() {
    let server = Server::start(&[]).await;
    let long = "n".repeat(1000);
    let cases = [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("dpop_jkt", "short", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "create", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("nonce", &long, "invalid_request"),
        ("fingerprint", "perhaps", "invalid_request"),
        ("id_token_hint", "x.y.z", "invalid_request"),
        ("request", "x.y.z", "request_not_supported"),
        ("resource", "https://other.test", "invalid_target"),
        ("prompt", "none", "login_required"),
    ];
    for (name, value, error) in cases {
        let mut flow = Flow::new(&server).set(name, value);
        let fields = callback(&flow.begin().await);
        assert_eq!(fields["error"], error, "{name}={value}");
        assert_eq!(fields["state"], "state-1");
        assert_eq!(fields["iss"], flow.issuer());
        assert!(!fields.contains_key("code"));
    }
}

#[tokio::test]
async fn a_resource_may_be_named_if_it_is_the_api() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server).set("resource", &format!("{}/", server.origins.api));
    flow.sign_in().await;
    assert_eq!(flow.page.claims()["aud"], server.origins.api);

    let code = flow.code().await;
    let mut fields = flow.exchange_fields(&code);
    fields.insert("resource".to_owned(), "https://other.test".to_owned());
    let fields: Vec<_> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    flow.post("/oidc/token", &fields)
        .await
        .refused(400, "invalid_target");
}

#[tokio::test]
async fn cancel_tells_the_client() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server).set("response_mode", "fragment");
    let page = flow.begin().await;
    let link = format!("href=\"{}/#error=access_denied", server.origins.app);
    assert!(page.text.contains(&link), "{}", page.text);
}

#[tokio::test]
async fn values_are_escaped() {
    let server = Server::start(&[]).await;
    let script = "\"><script>alert(1)</script>";
    let mut flow = Flow::new(&server)
        .set("state", script)
        .set("login_hint", script)
        .set("nonce", script);
    let page = flow.begin().await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script"), "{}", page.text);
    let again = flow
        .submit(&[("username", script), ("password", "x")])
        .await;
    assert_eq!(again.status, 403);
    assert!(!again.text.contains("<script"), "{}", again.text);
}

#[tokio::test]
async fn a_wrong_password_opens_nothing() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    for _ in 0..10 {
        let answer = flow
            .submit(&[("username", "demo"), ("password", "canary-1")])
            .await;
        assert_eq!(answer.status, 403);
        assert!(!answer.text.contains("canary-1"));
        assert!(answer.set_cookies().is_empty());
        let nonce = "name=\"nonce\" value=\"nonce-1\"";
        assert!(answer.text.contains(nonce), "the request is kept");
    }
    assert_eq!(flow.type_password().await.status, 429);
    assert_eq!(flow.begin().await.status, 200, "still the login page");
}

#[tokio::test]
async fn a_second_factor_is_asked_for() {
    let server = Server::start(&["--second-factor"]).await;
    let mut flow = Flow::new(&server);
    let page = flow.type_password().await;
    assert_eq!(page.status, 200);
    assert!(page.set_cookies().is_empty());
    let (_, rest) = page
        .text
        .split_once("name=\"ticket\" value=\"")
        .expect("a ticket");
    let ticket = rest.split('"').next().expect("its text").to_owned();
    let wrong = flow
        .submit(&[("ticket", &ticket), ("code", "000000")])
        .await;
    assert_eq!(wrong.status, 403);
    let code = demo_code();
    let answer = flow.submit(&[("ticket", &ticket), ("code", &code)]).await;
    let code = callback(&answer)["code"].clone();
    assert_eq!(flow.exchange(&code).await.status, 200);
}

/// Login CSRF: another page cannot sign the user in as somebody else.
#[tokio::test]
async fn other_pages_cannot_send_the_form() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    flow.origins.api = server.origins.foreign.clone();
    flow.type_password().await.refused(403, "access_denied");
}

/// The tokens can be bound to the fingerprint cookie, as those of the other ways in are.
#[tokio::test]
async fn tokens_bound_to_the_fingerprint_where_that_is_asked_for() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server).set("fingerprint", "true");
    let answer = flow.type_password().await;
    answer
        .set_cookie("__Host-Fgp")
        .expect("the fingerprint")
        .is_hardened(true);
    let code = callback(&answer)["code"].clone();
    flow.exchange(&code).await.refused(400, "invalid_grant");

    flow.page.cookies.clone_from(&flow.browser.cookies);
    assert_eq!(flow.exchange(&code).await.status, 200);
    assert!(flow.page.claims()["userFingerprint"].is_string());
    assert_eq!(flow.get("/me").await.status, 200);
    assert_eq!(flow.refresh().await.status, 200);

    flow.page.cookies.clear();
    flow.get("/me").await.refused(401, "invalid_token");
    flow.refresh().await.refused(400, "invalid_grant");
    flow.page.cookies.clone_from(&flow.browser.cookies);
    assert_eq!(flow.refresh().await.status, 200, "refused, not spent");
}

/// A request may come as a form (OpenID Connect Core 1.0, 3.1.2.1).
#[tokio::test]
async fn a_request_by_post() {
    let server = Server::start(&[]).await;
    let mut flow = Flow::new(&server);
    assert_eq!(flow.submit(&[]).await.status, 200);
    flow.type_password().await;
    assert!(callback(&flow.submit(&[]).await).contains_key("code"));
    let policy = json!({ "requirePar": true });
    server.policy(policy).await;
    assert_eq!(
        callback(&flow.submit(&[]).await)["error"],
        "invalid_request"
    );
}
