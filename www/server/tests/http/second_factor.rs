//! `--second-factor`: a right password gives a ticket, ticket and code give tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use hallpass_server::{DEMO_PASSWORD, DEMO_TOTP_SECRET, DEMO_USER, otpauth_uri};
use reqwest::Method;
use serde_json::{Value, json};
use totp_rs::{Algorithm, TOTP};

use crate::browser::{Answer, Browser};
use crate::server::Server;

const FLAG: &[&str] = &["--second-factor"];
/// Right by a chance of three in a million.
const WRONG: &str = "000000";

/// What an authenticator app shows, so many seconds from now.
fn code(secret: &[u8], offset: i64) -> String {
    #[expect(clippy::disallowed_methods, reason = "the phone's clock")]
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let time = now.as_secs().checked_add_signed(offset).expect("a time");
    let totp = TOTP::new(Algorithm::SHA1, 6, 0, 30, secret.to_vec()).expect("a secret");
    totp.generate(time)
}

pub(crate) fn demo_code() -> String {
    code(DEMO_TOTP_SECRET, 0)
}

/// The ticket of an answer that wants a code, which gives nothing else away.
#[track_caller]
fn ticket(answer: &Answer) -> String {
    answer.refused(401, "mfa_required");
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"hallpass\""
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.set_cookies().is_empty(), "no cookie before the code");
    let body = answer.json();
    let names: Vec<_> = body.as_object().expect("an object").keys().collect();
    assert_eq!(
        names,
        ["error", "error_description", "expires_in", "ticket"]
    );
    assert_eq!(body["expires_in"], 300);
    let ticket = body["ticket"].as_str().expect("a ticket");
    assert_eq!(ticket.len(), 43, "256 bits");
    ticket.to_owned()
}

async fn first_step(browser: &mut Browser) -> String {
    ticket(&browser.sign_in("?permanent=true").await)
}

async fn second_step(browser: &mut Browser, ticket: &str, code: &str) -> Answer {
    let body = json!({ "ticket": ticket, "code": code });
    let answer = browser
        .send(Method::POST, "/auth", |request| request.json(&body))
        .await;
    browser.adopt(&answer);
    answer
}

/// An account beside the demo user's, with this secret or with none.
async fn add_user(server: &Server, username: &str, secret: Option<&[u8]>) {
    let mut new = json!({ "username": username, "password": "another pass word" });
    if let Some(secret) = secret {
        let uri = otpauth_uri(username, secret).expect("a secret");
        let secret = uri.split(['=', '&']).nth(1).expect("base32");
        new["totpSecret"] = json!(secret);
    }
    let answer = server.knob(Method::POST, "/faults/users", new).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

#[tokio::test]
async fn password_and_code_give_what_a_password_gives_elsewhere() {
    let server = Server::start(&[FLAG, &["--access-seconds", "60"]].concat()).await;
    let mut browser = server.browser();
    let ticket = first_step(&mut browser).await;
    let answer = second_step(&mut browser, &ticket, &demo_code()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert_eq!(answer.json()["expires_in"], 60);
    answer
        .set_cookie("__Host-Fgp")
        .expect("the fingerprint")
        .is_hardened(true);
    assert_eq!(browser.claims()["sub"], DEMO_USER);
    assert_eq!(browser.me().await.status, 200);

    let first = browser.refresh_token.clone().expect("as it was asked for");
    assert_eq!(browser.refresh().await.status, 200, "no code for a refresh");
    let reused = browser.refresh_with(&first).await;
    reused.refused(400, "invalid_grant");
    assert_eq!(browser.me().await.status, 401, "the family ended");
}

/// What was asked for with the password counts, whatever comes with the code.
#[tokio::test]
async fn the_ticket_remembers_what_was_asked_for() {
    let server = Server::start(FLAG).await;
    for (n, (query, by_body, by_cookie)) in [
        ("", false, false),
        ("?permanent=true", true, false),
        ("?permanent=true&carrier=cookie", false, true),
    ]
    .into_iter()
    .enumerate()
    {
        let user = format!("user-{n}");
        add_user(&server, &user, Some(DEMO_TOTP_SECRET)).await;
        let mut browser = server.browser();
        let asked = browser.sign_in_as(&user, "another pass word", query).await;
        let body = json!({ "ticket": ticket(&asked), "code": demo_code(), "permanent": true });
        let answer = browser
            .send(Method::POST, "/auth", |request| request.json(&body))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let came = (
            answer.json().get("refresh_token").is_some(),
            answer.set_cookie("__Host-Refresh").is_some(),
        );
        assert_eq!(came, (by_body, by_cookie), "{query}");
    }
}

#[tokio::test]
async fn without_the_flag_the_password_suffices() {
    let server = Server::start(&[]).await;
    assert_eq!(server.browser().sign_in("").await.status, 200);
    let mut browser = server.browser();
    let answer = second_step(&mut browser, "x", &demo_code()).await;
    answer.refused(400, "expired_token");
}

#[tokio::test]
async fn an_account_without_a_second_factor_signs_in_as_before() {
    let server = Server::start(FLAG).await;
    add_user(&server, "simple", None).await;
    let mut browser = server.browser();
    let answer = browser.sign_in_as("simple", "another pass word", "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_ticket_opens_one_session() {
    let server = Server::start(FLAG).await;
    let mut browser = server.browser();
    let ticket = first_step(&mut browser).await;
    assert_eq!(
        second_step(&mut browser, &ticket, &demo_code())
            .await
            .status,
        200
    );
    let mut thief = server.browser();
    for next in [demo_code(), code(DEMO_TOTP_SECRET, 30)] {
        let again = second_step(&mut thief, &ticket, &next).await;
        again.refused(400, "expired_token");
    }
    assert!(thief.cookies.is_empty());
}

/// RFC 6238, 5.2: the second attempt with a code that was accepted must be refused.
#[tokio::test]
async fn a_code_is_accepted_once() {
    let server = Server::start(FLAG).await;
    let (mut browser, mut thief) = (server.browser(), server.browser());
    let (first, second) = (first_step(&mut browser).await, first_step(&mut thief).await);
    let seen = demo_code();
    assert_eq!(second_step(&mut browser, &first, &seen).await.status, 200);
    let replayed = second_step(&mut thief, &second, &seen).await;
    replayed.refused(400, "invalid_grant");
    let earlier = second_step(&mut thief, &second, &code(DEMO_TOTP_SECRET, -30)).await;
    earlier.refused(400, "invalid_grant");

    // The next one is good, half a minute before its time too.
    let next = second_step(&mut thief, &second, &code(DEMO_TOTP_SECRET, 30)).await;
    assert_eq!(next.status, 200, "{}", next.text);
}

#[tokio::test]
async fn a_code_may_be_a_step_old_and_have_a_space() {
    let server = Server::start(FLAG).await;
    let mut browser = server.browser();
    let ticket = first_step(&mut browser).await;
    for far in [-90, 90] {
        let answer = second_step(&mut browser, &ticket, &code(DEMO_TOTP_SECRET, far)).await;
        answer.refused(400, "invalid_grant");
    }
    let mut old = code(DEMO_TOTP_SECRET, -25);
    old.insert(3, ' ');
    let answer = second_step(&mut browser, &ticket, &old).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_ticket_lasts_five_minutes() {
    let server = Server::start(FLAG).await;
    let mut browser = server.browser();
    let (early, late) = (
        first_step(&mut browser).await,
        first_step(&mut browser).await,
    );
    server.clock(290).await;
    let answer = second_step(&mut browser, &early, &code(DEMO_TOTP_SECRET, 290)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    server.clock(301).await;
    let next = code(DEMO_TOTP_SECRET, 330);
    let answer = second_step(&mut browser, &late, &next).await;
    answer.refused(400, "expired_token");
    // The code was not looked at, let alone spent.
    let ticket = first_step(&mut browser).await;
    let answer = second_step(&mut browser, &ticket, &next).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn five_wrong_codes_end_the_ticket() {
    let server = Server::start(FLAG).await;
    let mut browser = server.browser();
    let ticket = first_step(&mut browser).await;
    for bad in [WRONG, "", "12345", "not a code"] {
        let answer = second_step(&mut browser, &ticket, bad).await;
        answer.refused(400, "invalid_grant");
    }
    let fifth = second_step(&mut browser, &ticket, WRONG).await;
    fifth.refused(400, "expired_token");
    let right = second_step(&mut browser, &ticket, &demo_code()).await;
    right.refused(400, "expired_token");
    assert!(browser.cookies.is_empty());

    let ticket = first_step(&mut browser).await;
    let answer = second_step(&mut browser, &ticket, &demo_code()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The password gives new tickets without end, and so wrong codes count for the user as well. A
/// right password takes none of them back.
#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let server = Server::start(FLAG).await;
    let mut browser = server.browser();
    for _ in 0..2 {
        let ticket = first_step(&mut browser).await;
        for _ in 0..5 {
            second_step(&mut browser, &ticket, WRONG).await;
        }
    }
    let ticket = first_step(&mut browser).await;
    for _ in 0..7 {
        let answer = second_step(&mut browser, &ticket, &demo_code()).await;
        answer.refused(429, "slow_down");
        let pause: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&pause), "{pause}");
    }

    // Another user is not held up, and neither is the ticket spent.
    add_user(&server, "other", Some(DEMO_TOTP_SECRET)).await;
    let mut other = server.browser();
    let asked = other.sign_in_as("other", "another pass word", "").await;
    let own = self::ticket(&asked);
    assert_eq!(
        second_step(&mut other, &own, &demo_code()).await.status,
        200
    );
    server.knob(Method::DELETE, "/faults", json!(null)).await;
    let answer = second_step(&mut browser, &ticket, &demo_code()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// As the password's: many guesses at once are judged one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_are_counted_one_by_one() {
    let server = Server::start(FLAG).await;
    let ticket = first_step(&mut server.browser()).await;
    let guesses: Vec<_> = (0..40)
        .map(|_| {
            let (mut browser, ticket) = (server.browser(), ticket.clone());
            tokio::spawn(async move { second_step(&mut browser, &ticket, WRONG).await })
        })
        .collect();
    let mut wrong = 0;
    for guess in guesses {
        let answer = guess.await.expect("an answer");
        if answer.json()["error"] == "invalid_grant" {
            wrong += 1;
        } else {
            answer.refused(400, "expired_token");
        }
    }
    assert_eq!(wrong, 4);
}

/// A ticket is for the user that it was issued to: the code of another one does not fit.
#[tokio::test]
async fn a_ticket_takes_the_codes_of_its_own_user_only() {
    let server = Server::start(FLAG).await;
    let secret = b"another secret of 160";
    add_user(&server, "mallory", Some(secret)).await;
    let mut mallory = server.browser();
    let asked = mallory.sign_in_as("mallory", "another pass word", "").await;
    let (of_mallory, of_demo) = (ticket(&asked), first_step(&mut server.browser()).await);
    assert_ne!(of_mallory, of_demo);

    let stolen = second_step(&mut mallory, &of_demo, &code(secret, 0)).await;
    stolen.refused(400, "invalid_grant");
    let foreign = second_step(&mut mallory, &of_mallory, &demo_code()).await;
    foreign.refused(400, "invalid_grant");
    let own = second_step(&mut mallory, &of_mallory, &code(secret, 0)).await;
    assert_eq!(own.status, 200, "{}", own.text);
    assert_eq!(mallory.claims()["sub"], "mallory");
}

/// Who does not have the password learns neither that the account exists nor that it has a second
/// factor; and tickets that were never issued look like those that are gone.
#[tokio::test]
async fn there_is_no_oracle_of_accounts() {
    let server = Server::start(FLAG).await;
    add_user(&server, "simple", None).await;
    let mut browser = server.browser();
    let mut texts = Vec::new();
    for name in [DEMO_USER, "simple", "nobody"] {
        let answer = browser.sign_in_as(name, "wrong", "").await;
        answer.refused(400, "invalid_grant");
        texts.push(answer.text);
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");

    let used = first_step(&mut browser).await;
    assert_eq!(
        second_step(&mut browser, &used, &demo_code()).await.status,
        200
    );
    let mut texts = Vec::new();
    for unknown in [used.as_str(), "", "x", &"x".repeat(43), "%00"] {
        let answer = second_step(&mut browser, unknown, WRONG).await;
        answer.refused(400, "expired_token");
        texts.push(answer.text);
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
}

/// Changing the password takes back what the old one has opened halfway.
#[tokio::test]
async fn a_new_password_ends_the_tickets_of_the_old_one() {
    let server = Server::start(FLAG).await;
    let mut browser = server.browser();
    let ticket = first_step(&mut browser).await;
    let answer = second_step(&mut browser, &ticket, &demo_code()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    let halfway = first_step(&mut server.browser()).await;
    let change = json!({ "currentPassword": DEMO_PASSWORD, "newPassword": "quite another one" });
    assert_eq!(browser.patch("/me/password", change).await.status, 200);
    let answer = second_step(&mut server.browser(), &halfway, &code(DEMO_TOTP_SECRET, 30)).await;
    answer.refused(400, "expired_token");
}

/// [SEC-40] Neither ticket nor code come back in an error, and the log has neither.
#[tokio::test]
async fn nothing_repeats_ticket_or_code() {
    let server = Server::start(FLAG).await;
    let mut browser = server.browser();
    let ticket = first_step(&mut browser).await;
    for body in [
        json!({ "ticket": ticket, "code": "canary-1" }),
        json!({ "ticket": ticket, "code": 123_456 }),
        json!({ "ticket": [ticket], "code": "canary-1" }),
        json!({ "ticket": ticket }),
        json!({ "code": "canary-1" }),
        json!({ "ticket": "canary-1", "code": "canary-1" }),
    ] {
        let answer = browser
            .send(Method::POST, "/auth", |request| request.json(&body))
            .await;
        assert_eq!(answer.status, 400);
        assert!(!answer.text.contains("canary") && !answer.text.contains(&ticket));
    }
    let log = Value::from(server.log().await).to_string();
    assert!(log.contains("/auth") && !log.contains(&ticket) && !log.contains("canary"));
}

#[tokio::test]
async fn secrets_that_are_none_are_refused() {
    let server = Server::start(FLAG).await;
    for secret in ["", "GEZDGNBV", "not base32!"] {
        let new = json!({ "username": "new", "password": "another", "totpSecret": secret });
        let answer = server.knob(Method::POST, "/faults/users", new).await;
        answer.refused(400, "invalid_request");
    }
}

/// The login page's form, as the page sends it.
async fn submit(browser: &mut Browser, uri: &str, typed: &[(&str, &str)]) -> Answer {
    browser.origin = Some(browser.origins.api.clone());
    let request = [
        ("redirect_uri", uri),
        ("mode", "params"),
        ("permanent", "true"),
    ];
    let form = serde_urlencoded::to_string([&request, typed].concat()).expect("form");
    let send = |request: reqwest::RequestBuilder| {
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    };
    browser.send(Method::POST, "/login", send).await
}

/// The ticket in the form of a page that asks for the code.
fn ticket_in(page: &Answer) -> String {
    let after = page.text.split("name=\"ticket\" value=\"").nth(1);
    let ticket = after.and_then(|text| text.split('"').next());
    ticket.expect("a ticket in the form").to_owned()
}

/// The server's own page is no way around the code.
#[tokio::test]
async fn the_login_page_asks_for_the_code() {
    let server = Server::start(FLAG).await;
    let mut browser = server.browser();
    let uri = format!("{}/", server.origins.app);
    let password = [("username", DEMO_USER), ("password", DEMO_PASSWORD)];
    let page = submit(&mut browser, &uri, &password).await;
    assert_eq!((page.status, page.header("location")), (200, ""));
    assert!(browser.cookies.is_empty(), "no cookie before the code");
    assert!(page.text.contains("autocomplete=\"one-time-code\""));
    assert!(!page.text.contains("type=\"password\""));
    assert!(!page.text.contains("role=\"alert\""));

    let ticket = ticket_in(&page);
    let wrong = submit(&mut browser, &uri, &[("ticket", &ticket), ("code", WRONG)]).await;
    assert_eq!(wrong.status, 403);
    assert!(wrong.text.contains("the code is wrong"), "{}", wrong.text);
    assert_eq!(ticket_in(&wrong), ticket, "another try");

    let code = demo_code();
    let right = submit(&mut browser, &uri, &[("ticket", &ticket), ("code", &code)]).await;
    assert_eq!(right.status, 303, "{}", right.text);
    assert!(
        right
            .header("location")
            .starts_with(&format!("{uri}#access_token="))
    );
    right
        .set_cookie("__Host-Refresh")
        .expect("the refresh cookie")
        .is_hardened(true);

    let again = submit(&mut browser, &uri, &[("ticket", &ticket), ("code", &code)]).await;
    assert_eq!((again.status, again.header("location")), (403, ""));
    assert!(again.text.contains("type=\"password\""), "from the start");
    assert!(again.text.contains("sign in again") && !again.text.contains(&ticket));
}

#[tokio::test]
async fn forms_of_two_steps_at_once_are_refused() {
    let server = Server::start(FLAG).await;
    let mut browser = server.browser();
    let uri = format!("{}/", server.origins.app);
    let ticket = first_step(&mut browser).await;
    let code = demo_code();
    let all = [
        ("username", DEMO_USER),
        ("password", DEMO_PASSWORD),
        ("ticket", ticket.as_str()),
        ("code", code.as_str()),
    ];
    for typed in [&all[..], &all[..3], &all[1..], &all[..1], &all[2..3], &[]] {
        let answer = submit(&mut browser, &uri, typed).await;
        assert_eq!((answer.status, answer.header("location")), (400, ""));
    }
    assert_eq!(submit(&mut browser, &uri, &all[2..]).await.status, 303);
}
