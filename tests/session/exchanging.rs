//! A sign-in that exchanges a code (RFC 6749, section 4.1.3): until that has ended it is not known whether a user is here.

use hallpass::error::{Error, ErrorKind};
use hallpass::event::{Event, Stored, WaiterId};

use crate::support::*;

impl Tab {
    fn begin_exchange(&mut self) -> (WaiterId, Vec<String>) {
        let waiter = self.caller();
        let lines = self.feed(Event::SignInBegan {
            waiter,
            exchanges: true,
        });
        (waiter, lines)
    }
}

fn unavailable() -> Error {
    Error::from(ErrorKind::SignInUnavailable)
}

#[test]
fn oidc_3_the_page_that_was_come_back_to_is_loading_until_the_code_is_exchanged() {
    let mut tab = Tab::loading(BODY);
    let (waiter, lines) = tab.begin_exchange();
    assert_eq!(lines, [""; 0]);
    assert_eq!(
        tab.restored(Stored::Empty),
        [""; 0],
        "no sign-in page flashes"
    );
    assert_eq!(tab.view(), "loading");
    let lines = tab.sign_in_answered(waiter, &grant("A1").and("R1"));
    assert_eq!(told(&lines), ["emit signed-in"]);
    assert!(tab.view().starts_with("A1 generation 1"));
}

#[test]
fn oidc_3_an_exchange_that_fails_leaves_what_the_store_held() {
    for (stored, expected) in [
        (None, "emit signed-out never-signed-in"),
        (Some(grant("A0").and("R0")), "emit restored"),
    ] {
        let mut tab = Tab::loading(BODY);
        let stored = stored.map_or(Stored::Empty, |grant: Grant| {
            found(grant.record(&other_sid(), 1, tab.now.wall))
        });
        let (waiter, _) = tab.begin_exchange();
        tab.restored(stored);
        let lines = tab.sign_in_failed(waiter, unavailable());
        assert_eq!(told(&lines), [expected]);
        assert!(
            lines.contains(&format!("w{} failed sign_in_unavailable", waiter.0)),
            "{lines:?}"
        );
    }
}

#[test]
fn oidc_3_a_signed_out_page_is_loading_meanwhile_and_hears_of_no_second_end() {
    let mut tab = Tab::signed_out(BODY);
    let (waiter, lines) = tab.begin_exchange();
    assert_eq!(lines, ["show"]);
    assert_eq!(tab.view(), "loading");
    assert_eq!(tab.need_token(), [""; 0], "it waits");
    let lines = tab.sign_in_failed(waiter, unavailable());
    assert_eq!(told(&lines), ["show"]);
    assert!(lines.contains(&"w2 failed signed_out".to_owned()));
    assert_eq!(tab.view(), "signed-out never-signed-in");

    let (waiter, _) = tab.begin_exchange();
    tab.need_token();
    let lines = tab.sign_in_answered(waiter, &grant("A1").and("R1"));
    assert_eq!(told(&lines), ["emit signed-in"]);
    assert!(
        lines.iter().any(|line| line.starts_with("w4 ")),
        "{lines:?}"
    );
}

#[test]
fn oidc_3_a_session_that_stands_is_shown_until_another_takes_its_place() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let (waiter, lines) = tab.begin_exchange();
    assert_eq!(lines, [""; 0]);
    assert!(tab.view().starts_with("A1 generation 1"));
    let lines = tab.sign_in_failed(waiter, unavailable());
    assert_eq!(told(&lines), [""; 0]);
    let (waiter, _) = tab.begin_exchange();
    tab.sign_in_answered(waiter, &grant("B1").and("S1"));
    assert!(tab.view().starts_with("B1 generation 1"));
}

#[test]
fn a_session_that_ends_during_an_exchange_is_told_when_that_fails() {
    let mut tab = Tab::signed_in("{}", &grant("A1"));
    let (waiter, _) = tab.begin_exchange();
    let lines = tab.after(300.0).tick();
    assert_eq!(told(&lines), ["show"], "loading, and nothing else");
    assert_eq!(tab.view(), "loading");
    let lines = tab.sign_in_failed(waiter, unavailable());
    assert_eq!(told(&lines), ["emit signed-out expired"]);
}

#[test]
fn rel_14_a_sign_out_ends_an_exchange_at_once() {
    let mut tab = Tab::loading(BODY);
    let (waiter, _) = tab.begin_exchange();
    tab.restored(Stored::Empty);
    let lines = tab.sign_out();
    assert!(
        lines.contains(&format!("abandon w{}", waiter.0)),
        "{lines:?}"
    );
    assert_eq!(told(&lines), ["emit signed-out never-signed-in"]);
    let lines = tab.sign_in_answered(waiter, &grant("A1").and("R1"));
    assert_eq!(told(&lines), [""; 0], "what it brings counts no more");
}

#[test]
fn oidc_8_a_session_whose_key_is_gone_ends() {
    let bound = |key: &str| {
        let mut set = grant("A1").and("R1").set();
        set.grant = Some(hallpass::oidc::grant::Grant {
            key: Some(key.to_owned()),
            ..Default::default()
        });
        set
    };
    let mut tab = Tab::signed_out(BODY);
    let waiter = tab.begin_sign_in();
    tab.feed(Event::SignedIn {
        waiter,
        set: bound("k1"),
        cookie_hash: None,
    });
    let key = |key: &str| Event::KeyLost {
        key: key.to_owned(),
    };
    assert_eq!(tab.feed(key("k2")), [""; 0], "another session's");
    let lines = tab.feed(key("k1"));
    assert_eq!(told(&lines), ["emit signed-out storage"]);
    assert_eq!(tab.feed(key("k1")), [""; 0]);
}

/// What the application hears.
fn told(lines: &[String]) -> Vec<&str> {
    let is_told = |line: &&str| line.starts_with("emit") || *line == "show";
    lines.iter().map(String::as_str).filter(is_told).collect()
}
