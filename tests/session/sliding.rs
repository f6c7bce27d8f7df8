//! Renewal without a refresh: the application gives newer tokens.

use hallpass::event::Stored;
use hallpass::secret::Secret;

use crate::support::*;

#[test]
fn the_session_goes_on_with_the_tokens_that_the_application_gives() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(
        tab.given(&grant("A2").and("R2")),
        [
            "persist s1.2 A2 R2",
            "emit refreshed by this-tab",
            "w2 done"
        ]
    );
}

#[test]
fn rel_07_callers_that_wait_for_a_token_are_served() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(400.0);
    tab.need_token();
    assert_eq!(
        tab.given(&grant("A2").and("R2")),
        [
            "abandon #1",
            "release",
            "persist s1.2 A2 R2",
            "emit refreshed by this-tab",
            "w2 token A2",
            "w3 done",
            "arm 240s"
        ]
    );
    // What the lock's service grants now comes too late.
    assert_eq!(tab.locked(1), ["release"]);
}

/// The server is about to replace the refresh token that stays: its answer must not be lost.
#[test]
fn sec_38_a_refresh_under_way_goes_on_where_its_refresh_token_stays() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    assert_eq!(
        tab.given(&grant("A2")),
        [
            "persist s1.1+1 A2 R1",
            "emit refreshed by this-tab",
            "w2 done",
            "arm 295s"
        ]
    );
    assert_eq!(
        tab.answered(1, grant("A3").and("R2").answer()),
        [
            "persist s1.2 A3 R2",
            "release",
            "emit refreshed by this-tab",
            "arm 240s"
        ]
    );
}

#[test]
fn sec_38_a_refresh_under_way_ends_where_its_refresh_token_was_replaced() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    assert_eq!(
        tab.given(&grant("A2").and("R2")),
        [
            "abandon #1",
            "release",
            "persist s1.2 A2 R2",
            "emit refreshed by this-tab",
            "w2 done",
            "arm 240s"
        ]
    );
    assert_eq!(tab.answered(1, grant("A3").and("R3").answer()), [""; 0]);
}

#[test]
fn a_caller_of_refresh_is_served_by_the_server_all_the_same() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.ask_refresh();
    assert_eq!(
        tab.given(&grant("A2").and("R2")),
        [
            "abandon #1",
            "release",
            "persist s1.2 A2 R2",
            "emit refreshed by this-tab",
            "w3 done",
            "lock #2"
        ]
    );
}

#[test]
fn rel_10_a_pause_ends() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, trouble(503));
    assert_eq!(
        tab.given(&grant("A2").and("R2")),
        [
            "persist s1.2 A2 R2",
            "emit refreshed by this-tab",
            "w2 done",
            "arm 240s"
        ]
    );
}

#[test]
fn what_was_found_in_an_answer_of_another_session_renews_nothing() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(
        tab.found_in(other_sid(), &grant("A2")),
        ["w2 failed signed_out"]
    );
    let sid = tab.sid_of_now();
    assert_eq!(
        tab.found_in(sid, &grant("A2")),
        [
            "persist s1.1+1 A2 R1",
            "emit refreshed by this-tab",
            "w3 done"
        ]
    );
}

/// By `iat`, or else by `exp`; the same token says nothing new. What the application gives by itself counts.
#[test]
fn sec_38_an_answer_that_was_overtaken_renews_nothing() {
    let token = |claims: &str| grant_with("A", claims).undated();
    for (there, came, renews) in [
        (
            r#""iat":1700000000,"exp":1700000300"#,
            r#""iat":1700000001,"exp":1700000290"#,
            true,
        ),
        (
            r#""iat":1700000000,"exp":1700000300"#,
            r#""iat":1699999999,"exp":1700000310"#,
            false,
        ),
        (
            r#""iat":1700000000,"exp":1700000300"#,
            r#""exp":1700000310"#,
            true,
        ),
        (r#""exp":1700000300"#, r#""exp":1700000300,"n":1"#, true),
        (r#""exp":1700000300"#, r#""exp":1700000299"#, false),
        (r#""exp":1700000300"#, r#""exp":1700000300"#, false),
    ] {
        let mut tab = Tab::signed_in("{}", &token(there));
        let sid = tab.sid_of_now();
        let effects = tab.found_in(sid, &token(came));
        assert_eq!(
            effects.len() > 1,
            renews,
            "{there} then {came}: {effects:?}"
        );
        let effects = tab.given(&token(came));
        assert!(effects.len() > 1, "{effects:?}");
    }
}

#[test]
fn without_a_session_there_is_nothing_to_renew() {
    let mut tab = Tab::signed_out("{}");
    assert_eq!(tab.given(&grant("A1")), ["w1 failed signed_out"]);
}

#[test]
fn rel_27_before_the_store_is_read_it_waits() {
    let mut tab = Tab::loading("{}");
    assert_eq!(tab.given(&grant("A2")), [""; 0]);
}

#[test]
fn sec_25_a_token_without_the_fingerprint_is_refused_and_the_session_stays() {
    let settings = r#"{"fingerprint":{"mode":"server"}}"#;
    let first = grant_with("A1", r#""userFingerprint":"ab""#);
    let mut tab = Tab::signed_in(settings, &first);
    assert_eq!(tab.given(&grant("A2")), ["w2 failed fingerprint_missing"]);
}

#[test]
fn a_profile_stays_until_another_one_comes() {
    let with = |name: &str, profile: &str| {
        let mut set = grant(name).set();
        set.profile = Some(Secret::from(profile));
        set
    };
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let profile = |tab: &Tab| {
        tab.record()
            .profile
            .map(|profile| profile.as_json().to_owned())
    };
    assert_eq!(profile(&tab), None);
    tab.given_set(with("A2", r#"{"a":1}"#), None);
    tab.given(&grant("A3"));
    assert_eq!(profile(&tab).unwrap(), r#"{"a":1}"#);
    assert_eq!(
        tab.given_set(with("A4", "[]"), None),
        ["w4 failed invalid_response"]
    );
    tab.given_set(with("A5", r#"{"a":2}"#), None);
    assert_eq!(profile(&tab).unwrap(), r#"{"a":2}"#);
    tab.sign_out();
    tab.sign_in(&grant("B1"));
    assert_eq!(profile(&tab), None);
}

/// Where tabs share the store, another one may have refreshed, or signed in anew: these tokens would take its place.
#[test]
fn sec_38_what_another_tab_has_stored_counts() {
    let shared = r#"{"refresh":{},"storage":"local","tabs":"shared"}"#;
    let opened = || Tab::signed_in(shared, &grant("A1").and("R1"));
    let refreshed = |tab: &Tab, sid| found(grant("A2").and("R2").record(&sid, 2, tab.now.wall));

    let mut tab = opened();
    let sid = tab.sid_of_now();
    let stored = refreshed(&tab, sid.clone());
    let effects = tab.given_beside(grant("A9").set(), Some(sid), stored);
    assert_eq!(effects, ["emit refreshed by other-tab", "w2 done"]);

    let mut tab = opened();
    let sid = tab.sid_of_now();
    let stored = refreshed(&tab, other_sid());
    let effects = tab.given_beside(grant("A9").set(), Some(sid), stored);
    assert_eq!(effects, ["emit signed-in", "w2 failed signed_out"]);

    let mut tab = opened();
    let effects = tab.given_beside(grant("A9").set(), None, Stored::Empty);
    assert_eq!(effects[..2], ["w2 failed signed_out", "forget"]);
    assert_eq!(tab.view(), "signed-out storage");
}

/// A sibling's token was renewed by the way while this tab asked: its refresh token is the one that was sent.
#[test]
fn sec_38_a_refresh_is_not_outdated_by_a_sibling_that_slid() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    let mut record = grant("A2")
        .and("R1")
        .record(&tab.sid_of_now(), 1, tab.now.wall);
    record.generation = record.generation.slid();
    let effects = tab.answered_finding(1, grant("A3").and("R3").answer(), found(record));
    assert_eq!(effects[0], "persist s1.2 A3 R3", "{effects:?}");
}
