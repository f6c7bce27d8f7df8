//! Tokens that are bound to a cookie of this browser.

use crate::support::*;

const SERVER: &str = r#"{
    "refresh":{},"fingerprint":{"mode":"server"}
}"#;
const CLIENT: &str = r#"{
    "refresh":{},"fingerprint":{"mode":"client"}
}"#;
const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn bound(name: &str) -> Grant {
    grant_with(name, &format!(r#""sub":"ann","userFingerprint":"{HASH}""#))
}

#[test]
fn sec_22_a_sign_in_without_the_claim_fails_and_leaves_the_old_session() {
    let mut tab = Tab::signed_out(SERVER);
    assert_eq!(tab.sign_in(&grant("A1")), ["w1 failed fingerprint_missing"]);
    assert_eq!(
        tab.sign_in(&opaque("A1")),
        ["w2 failed fingerprint_missing"]
    );
    tab.sign_in(&bound("A1").and("R1"));
    assert_eq!(tab.sign_in(&grant("A2")), ["w4 failed fingerprint_missing"]);
    assert!(tab.view().starts_with("A1"));
    assert!(tab.store.is_some());
}

#[test]
fn sec_22_a_refresh_without_the_claim_ends_the_session() {
    let mut tab = Tab::refreshing(SERVER, &bound("A1").and("R1"));
    tab.unauthorized(&bound("A1"));
    assert_eq!(
        tab.answered(1, grant("A2").answer()),
        [
            "release",
            "forget",
            "emit signed-out fingerprint",
            "w2 stands",
            "arm never"
        ]
    );
}

/// `token()` knows `signed_out`, `refresh_unavailable` and `refresh_loop`; the reason is the cause.
#[test]
fn sec_22_who_waited_for_a_token_hears_signed_out_and_why() {
    let mut tab = Tab::refreshing(SERVER, &bound("A1").and("R1"));
    tab.after(60.0).need_token();
    let effects = tab.answered(1, grant("A2").answer());
    assert!(
        effects.contains(&"w2 failed signed_out < fingerprint_missing".to_owned()),
        "{effects:?}"
    );
}

#[test]
fn in_server_mode_the_fingerprint_may_change_with_a_refresh() {
    let mut tab = Tab::refreshing(SERVER, &bound("A1").and("R1"));
    let other = grant_with("A2", r#""sub":"ann","userFingerprint":"cd""#);
    let effects = tab.answered(1, other.answer());
    assert!(effects.contains(&"emit refreshed by this-tab".to_owned()));
}

#[test]
fn sec_22_a_stored_token_without_the_claim_ends_with_that_reason() {
    let old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let mut tab = old.reloaded(SERVER);
    assert_eq!(tab.open(), ["forget", "emit signed-out fingerprint"]);
}

#[test]
fn sec_24_in_client_mode_the_stored_token_must_be_this_browsers() {
    let old = Tab::signed_in(CLIENT, &bound("A1").and("R1").with_cookie(HASH));
    for (cookie, first) in [
        (Some(HASH), "emit restored"),
        (Some("00"), "forget"),
        (None, "forget"),
    ] {
        let mut tab = old.reloaded(CLIENT);
        let stored = tab.stored();
        let effects = tab.restored_with_cookie(stored, cookie);
        assert_eq!(effects.first().unwrap(), first, "{cookie:?}");
    }
}

#[test]
fn sec_24_in_client_mode_sign_in_and_refresh_must_match_the_cookie() {
    let mut tab = Tab::signed_out(CLIENT);
    assert_eq!(
        tab.sign_in(&bound("A1").with_cookie("00")),
        ["w1 failed fingerprint_missing"]
    );
    assert_eq!(
        tab.sign_in(&bound("A1").and("R1").with_cookie(HASH)),
        [
            "persist s1.1 A1 R1",
            "cookie 300s",
            "emit signed-in",
            "w2 done",
            "arm 240s"
        ]
    );
    tab.after(240.0).tick();
    tab.locked(1);
    assert_eq!(
        tab.answered_with_cookie(1, bound("A2").answer(), Some(HASH)),
        [
            "persist s1.2 A2 R1",
            "cookie 300s",
            "release",
            "emit refreshed by this-tab",
            "arm 240s"
        ]
    );
    tab.after(240.0).tick();
    tab.locked(2);
    let effects = tab.answered_with_cookie(2, bound("A3").answer(), Some("00"));
    assert!(effects.contains(&"emit signed-out fingerprint".to_owned()));
}

#[test]
fn in_client_mode_an_old_token_may_have_outlived_its_cookie() {
    let mut old = Tab::signed_in(CLIENT, &bound("A1").and("R1").with_cookie(HASH));
    old.after(400.0);
    let mut tab = old.reloaded(CLIENT);
    assert_eq!(tab.open(), ["emit restored", "ask s1.1", "lock #1"]);
}

#[test]
fn sec_22_on_start_the_answer_needs_the_claim_too() {
    let mut tab = Tab::loading(
        r#"{
            "refresh":{"refreshToken":"cookie"},
            "schedule":{"onStart":true},"fingerprint":{"mode":"server"}
        }"#,
    );
    tab.open();
    tab.locked(1);
    assert_eq!(
        tab.answered(1, grant("A1").answer()),
        [
            "release",
            "forget",
            "emit signed-out fingerprint",
            "arm never"
        ]
    );
}
