//! What an operator gets to see: the log on stderr, and the counters.

use std::collections::BTreeSet;

use hallpass_server::{DEMO_PASSWORD, DEMO_USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::oidc::flow::Flow;
use crate::process::Process;
use crate::second_factor::demo_code;
use crate::server::{Server, plain_client};

/// All that is to be kept to oneself.
#[derive(Default)]
struct Secrets(BTreeSet<String>);

impl Secrets {
    fn add(&mut self, secret: &str) {
        assert!(secret.len() >= 6, "too short to be looked for: {secret}");
        self.0.insert(secret.to_owned());
    }

    /// What a browser holds: tokens and cookies.
    fn add_all_of(&mut self, browser: &Browser) {
        let tokens = browser.token.iter().chain(&browser.refresh_token);
        tokens
            .chain(browser.cookies.values())
            .for_each(|it| self.add(it));
    }
}

/// Goes every way that has a secret on it.
async fn use_secrets(process: &Process) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add(DEMO_PASSWORD);
    secrets.add("a mistyped password");
    let mut browser = process.browser();
    let wrong = browser.sign_in_as(DEMO_USER, "a mistyped password", "");
    wrong.await.refused(400, "invalid_grant");

    // A refresh token that comes twice, and a query that holds what does not belong there.
    secrets.add("secret-of-the-query");
    browser
        .sign_in("?permanent=true&x=secret-of-the-query")
        .await;
    secrets.add_all_of(&browser);
    let spent = browser.refresh_token.clone().expect("a refresh token");
    assert_eq!(browser.refresh().await.status, 200);
    secrets.add_all_of(&browser);
    let reuse = browser.refresh_with(&spent).await;
    reuse.refused(400, "invalid_grant");

    // By cookie, and a path and a method that were made up.
    browser.sign_in("?permanent=true&carrier=cookie").await;
    secrets.add_all_of(&browser);
    assert_eq!(browser.refresh_by_cookie().await.status, 200);
    secrets.add_all_of(&browser);
    let path = "/secret-of-the-path";
    let method = Method::from_bytes(b"SECRET-OF-THE-METHOD").expect("a method");
    for text in [path, method.as_str()] {
        secrets.add(text);
    }
    browser.get(path).await.refused(404, "not_found");
    browser.send(method, "/me", |request| request).await;

    // At the provider, with a code that comes twice.
    let mut flow = Flow::with_client(&process.origins, plain_client());
    let code = flow.code().await;
    secrets.add(&code);
    secrets.add(&flow.verifier);
    assert_eq!(flow.exchange(&code).await.status, 200);
    secrets.add_all_of(&flow.browser);
    secrets.add_all_of(&flow.page);
    flow.exchange(&code).await.refused(400, "invalid_grant");

    // A second factor.
    let policy = json!({ "secondFactor": true });
    let url = format!("{}/faults/policy", process.origins.api);
    let knob = plain_client().put(url).json(&policy).send().await;
    assert!(knob.expect("a knob").status().is_success());
    let first = browser.sign_in("").await.json();
    let ticket = first["ticket"].as_str().expect("a ticket");
    let typed = json!({ "ticket": ticket, "code": demo_code() });
    secrets.add(ticket);
    secrets.add(typed["code"].as_str().expect("a code"));
    let second = browser
        .send(Method::POST, "/auth", |request| request.json(&typed))
        .await;
    assert_eq!(second.status, 200, "{}", second.text);
    browser.adopt(&second);
    secrets.add_all_of(&browser);
    secrets
}

/// [SEC-40] The times of lines are left out: six digits of a code may well be in one.
#[track_caller]
fn assert_none_in(secrets: &Secrets, log: &str, end_of_time: char) {
    for line in log.lines() {
        let (_, line) = line.split_once(end_of_time).expect("a time first");
        for secret in &secrets.0 {
            assert!(!line.contains(secret.as_str()), "{secret} in {line}");
        }
    }
}

/// [SEC-40]
#[tokio::test(flavor = "multi_thread")]
async fn the_log_for_programs_tells_what_happened_and_no_secret() {
    let mut process = Process::with_log(&["--faults", "--log", "json"]);
    let secrets = use_secrets(&process).await;
    let log = process.log();
    assert_none_in(&secrets, &log, ',');
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let find = |name: &str, value: &str| {
        let found = lines.iter().filter(move |line| line[name] == value);
        found.cloned().collect::<Vec<_>>()
    };

    let keys = find("event", "key_made");
    assert!(keys.iter().any(|key| key["name"] == "signing"));
    let reuses = find("event", "reuse_detected");
    let of: Vec<_> = reuses.iter().map(|reuse| &reuse["of"]).collect();
    assert_eq!(of, ["refresh token", "code"]);
    assert!(reuses.iter().all(|reuse| reuse["level"] == "WARN"));
    assert_eq!(find("event", "family_revoked").len(), 2);

    let request = find("route", "/token").into_iter();
    let refused: Vec<_> = request.filter(|line| line["status"] == 400).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["method"], "POST");
    assert!(refused[0]["ms"].is_u64());
    assert_eq!(
        refused[0]["span"]["id"], reuses[0]["span"]["id"],
        "one request"
    );
    assert_eq!(find("route", "none").len(), 1, "the path that is none");
    assert_eq!(find("method", "another").len(), 1);
}

/// [SEC-40]
#[tokio::test(flavor = "multi_thread")]
async fn the_log_for_people_tells_no_secret() {
    let mut process = Process::with_log(&["--faults"]);
    let secrets = use_secrets(&process).await;
    let log = process.log();
    // One line says how to sign in at the demo, and is none of the log.
    let (invitation, log): (Vec<_>, Vec<_>) = log
        .lines()
        .partition(|line| line.starts_with("Sign in as \"demo\""));
    assert_eq!(invitation.len(), 1);
    let log = log.join("\n");
    assert_none_in(&secrets, &log, ' ');
    assert!(log.contains("event=\"reuse_detected\" of=\"refresh token\""));
}

struct Counters(Answer);

impl Counters {
    async fn read(browser: &mut Browser) -> Self {
        let answer = browser.send(Method::GET, "/metrics", |request| request);
        Self(answer.await)
    }

    /// The value of a line; none is as good as zero.
    fn of(&self, name: &str) -> u64 {
        let line = self.0.text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |value| value.trim().parse().expect("a number"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_follow_what_happens() {
    let process = Process::start(&["--metrics"]);
    let mut browser = process.browser();
    let before = Counters::read(&mut browser).await;
    let zero = "hallpass_security_events_total{event=\"reuse_detected\"} 0\n";
    assert!(before.0.text.contains(zero), "{}", before.0.text);
    browser.sign_in_as(DEMO_USER, "wrong", "").await;
    browser.sign_in("?permanent=true").await;
    let spent = browser.refresh_token.clone().expect("a refresh token");
    browser.refresh().await;
    browser.refresh_with(&spent).await;
    browser.me().await.refused(401, "invalid_token");
    let mut flow = Flow::with_client(&process.origins, plain_client());
    flow.sign_in().await;
    assert_eq!(flow.refresh().await.status, 200);

    let after = Counters::read(&mut browser).await;
    let content_type = after.0.header("content-type");
    assert_eq!(content_type, "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(after.0.header("access-control-allow-origin"), "");
    for (line, value) in [
        ("hallpass_sign_ins_total{outcome=\"ok\"}", 2),
        ("hallpass_sign_ins_total{outcome=\"invalid_grant\"}", 1),
        ("hallpass_refreshes_total{outcome=\"ok\"}", 2),
        ("hallpass_refreshes_total{outcome=\"invalid_grant\"}", 1),
        ("hallpass_refusals_total{error=\"invalid_grant\"}", 2),
        ("hallpass_refusals_total{error=\"invalid_token\"}", 1),
        (
            "hallpass_security_events_total{event=\"reuse_detected\"}",
            1,
        ),
        (
            "hallpass_security_events_total{event=\"family_revoked\"}",
            1,
        ),
        ("hallpass_requests_total{status=\"4xx\"}", 3),
        ("hallpass_password_hashes_waiting", 0),
        ("hallpass_password_hashes_running", 0),
        ("hallpass_password_hashes_turned_away_total", 0),
    ] {
        assert_eq!(after.of(line), value, "{line} in\n{}", after.0.text);
    }
    assert!(!after.0.text.contains(DEMO_USER), "{}", after.0.text);
}

/// Eleven wrong ones of one name, and more names than have a place to wait before the hashes. Before the
/// database all of them have one.
#[tokio::test(flavor = "multi_thread")]
async fn those_who_are_turned_away_are_counted() {
    let process = Process::start(&["--metrics", "--db-queue", "1000"]);
    let mut browser = process.browser();
    for _ in 0..11 {
        browser.sign_in_as(DEMO_USER, "wrong", "").await;
    }
    let flood: Vec<_> = (0..200)
        .map(|n| {
            let mut browser = process.browser();
            tokio::spawn(async move { browser.sign_in_as(&format!("nobody-{n}"), "x", "").await })
        })
        .collect();
    let mut busy = 0;
    for one in flood {
        busy += u64::from(one.await.expect("an answer").status == 503);
    }
    assert!(busy > 0);
    let counters = Counters::read(&mut browser).await;
    for (line, value) in [
        (
            "hallpass_security_events_total{event=\"guesses_turned_away\"}",
            1,
        ),
        ("hallpass_sign_ins_total{outcome=\"slow_down\"}", 1),
        (
            "hallpass_sign_ins_total{outcome=\"temporarily_unavailable\"}",
            busy,
        ),
        ("hallpass_password_hashes_turned_away_total", busy),
        ("hallpass_password_hashes_waiting", 0),
        ("hallpass_password_hashes_running", 0),
        ("hallpass_transactions_turned_away_total", 0),
        ("hallpass_transactions_waiting", 0),
        ("hallpass_transactions_running", 0),
    ] {
        assert_eq!(counters.of(line), value, "{line} in\n{}", counters.0.text);
    }
}

/// They would tell a stranger how many users there are, and whether guessing is noticed.
#[tokio::test]
async fn no_counters_without_the_flag() {
    let server = Server::start(&[]).await;
    let counters = Counters::read(&mut server.browser()).await;
    counters.0.refused(404, "not_found");
}
