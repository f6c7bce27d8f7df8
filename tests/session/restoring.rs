//! A page opens.

use hallpass::event::{Event, Stored};
use hallpass::time::Span;

use crate::support::*;

const COOKIE: &str = r#"{
    "refresh":{"refreshToken":"cookie"},
    "schedule":{"onStart":true}
}"#;
const ON_START: &str = r#"{
    "refresh":{},"schedule":{"onStart":true}
}"#;

#[test]
fn an_empty_store_means_that_nobody_was_here() {
    let mut tab = Tab::loading(BODY);
    assert_eq!(tab.view(), "loading");
    assert_eq!(
        tab.restored(Stored::Empty),
        ["ask for any", "emit signed-out never-signed-in"]
    );
    assert_eq!(tab.view(), "signed-out never-signed-in");
}

#[test]
fn rel_22_a_store_that_cannot_tell_is_like_an_empty_one() {
    let mut tab = Tab::loading(BODY);
    assert_eq!(
        tab.restored(Stored::Unknown),
        ["ask for any", "emit signed-out never-signed-in"]
    );
}

/// The core before this one broke, and the application was shown a session.
fn restarted(options: &str) -> Tab {
    let mut tab = Tab::loading(options);
    assert_eq!(tab.feed(Event::Restarted), [""; 0]);
    tab
}

#[test]
fn rel_30_after_a_core_broke_an_empty_store_is_why_the_session_is_gone() {
    for stored in [Stored::Empty, Stored::Unknown] {
        let mut tab = restarted(BODY);
        assert_eq!(
            tab.restored(stored),
            ["ask for any", "forget", "emit signed-out storage"]
        );
        assert_eq!(tab.view(), "signed-out storage");
    }
    let mut tab = restarted(COOKIE);
    tab.restored(Stored::Empty);
    tab.locked(1);
    let lines = tab.answered(1, refused(401));
    assert_eq!(lines[..3], ["release", "forget", "emit signed-out storage"]);
}

#[test]
fn rel_30_after_a_core_broke_the_stored_session_goes_on() {
    let old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let mut tab = old.reloaded(BODY);
    tab.feed(Event::Restarted);
    assert_eq!(tab.open(), ["emit restored", "ask s1.1", "arm 240s"]);
}

#[test]
fn rel_30_a_sign_out_after_a_core_broke_is_the_users() {
    let mut tab = restarted(COOKIE);
    tab.restored(Stored::Empty);
    let lines = tab.sign_out();
    assert!(
        lines.contains(&"emit signed-out user".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn sec_03_a_damaged_record_is_removed() {
    let mut tab = Tab::loading(BODY);
    assert_eq!(
        tab.restored(Stored::Damaged),
        ["forget", "emit signed-out storage"]
    );
}

#[test]
fn a_fresh_session_goes_on_where_it_was() {
    let mut old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    old.after(100.0);
    let mut tab = old.reloaded(BODY);
    assert_eq!(tab.open(), ["emit restored", "ask s1.1", "arm 140s"]);
    assert_eq!(tab.view(), "A1 generation 1 ends in 200s refresh in 140s");
}

#[test]
fn rel_07_a_clock_that_was_set_back_before_the_reload_lengthens_nothing() {
    let mut old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    old.set_clock(-86_400.0);
    let mut tab = old.reloaded(BODY);
    assert_eq!(tab.open(), ["emit restored", "ask s1.1", "arm 240s"]);
}

#[test]
fn an_expired_session_is_refreshed() {
    let mut old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    old.after(3_600.0);
    let mut tab = old.reloaded(BODY);
    assert_eq!(tab.open(), ["emit restored", "ask s1.1", "lock #1"]);
    assert!(tab.view().ends_with("stale"), "{}", tab.view());
    tab.locked(1);
    assert_eq!(tab.after(0.1).tick()[0], "refresh #1 A1 R1");
}

#[test]
fn an_expired_session_without_a_way_to_refresh_is_over() {
    let mut old = Tab::signed_in(BODY, &grant("A1"));
    old.after(295.0);
    let mut tab = old.reloaded(BODY);
    assert_eq!(tab.open(), ["forget", "emit signed-out expired"]);
}

#[test]
fn a_token_of_unknown_life_is_restored_without_a_timer() {
    let old = Tab::signed_in("{}", &opaque("A1").undated());
    let mut tab = old.reloaded("{}");
    assert_eq!(tab.open(), ["emit restored", "ask s1.1"]);
    assert_eq!(tab.view(), "A1 generation 1 ends never refresh never");
}

#[test]
fn what_was_asked_while_loading_is_answered_in_order() {
    let old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let mut tab = old.reloaded(BODY);
    assert_eq!(tab.need_token(), [""; 0]);
    assert_eq!(tab.sign_out(), [""; 0]);
    assert_eq!(tab.need_token(), [""; 0]);
    assert_eq!(
        tab.open(),
        [
            "emit restored",
            "ask s1.1",
            "w1 token A1",
            "forget",
            "tell signed-out all",
            "emit signed-out user",
            "w2 done",
            "w3 failed signed_out"
        ]
    );
}

#[test]
fn a_second_restore_changes_nothing() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.restored(Stored::Damaged), [""; 0]);
}

#[test]
fn sec_05_a_sign_out_elsewhere_while_loading_is_not_missed() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"))
        .after(5.0)
        .reloaded(BODY);
    assert_eq!(tab.hear_sign_out(None, tab.now.wall), [""; 0]);
    assert_eq!(
        tab.open(),
        [
            "emit restored",
            "ask s1.1",
            "forget here",
            "emit signed-out other-tab"
        ]
    );
}

#[test]
fn sec_05_nobody_is_given_a_token_of_a_session_that_was_signed_out_elsewhere_while_loading() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"))
        .after(5.0)
        .reloaded(BODY);
    tab.need_token();
    tab.hear_sign_out(None, tab.now.wall);
    assert_eq!(
        tab.open(),
        [
            "emit restored",
            "ask s1.1",
            "forget here",
            "emit signed-out other-tab",
            "w1 failed signed_out"
        ]
    );
}

#[test]
fn a_sign_out_elsewhere_while_loading_ends_a_sign_in_that_came_before_it() {
    let mut tab = Tab::loading(BODY);
    tab.sign_in(&grant("A1").and("R1"));
    tab.hear_sign_out(None, tab.now.wall);
    let effects = tab.restored(Stored::Empty);
    assert!(
        effects.contains(&"emit signed-out other-tab".to_owned()),
        "{effects:?}"
    );
}

/// `signIn()` was called before the store was read; what was found there was worth nothing. That was no
/// sign-out, so it cannot undo the sign-in.
#[test]
fn a_sign_in_begun_while_loading_survives_what_the_store_held() {
    for stored in [Stored::Damaged, Stored::Empty] {
        let mut tab = Tab::loading(BODY);
        let under_way = tab.begin_sign_in();
        tab.restored(stored);
        assert_eq!(
            tab.sign_in_answered(under_way, &grant("A1")),
            ["persist s1.1 A1 -", "emit signed-in", "w1 done", "arm 295s"]
        );
    }
}

// ── On start ──

#[test]
fn on_start_a_stored_session_is_refreshed_at_once() {
    let old = Tab::signed_in(ON_START, &grant("A1").and("R1"));
    let mut tab = old.reloaded(ON_START);
    assert_eq!(
        tab.open(),
        ["emit restored", "ask s1.1", "lock #1", "arm 295s"]
    );
    tab.locked(1);
    assert_eq!(tab.after(0.1).tick()[0], "refresh #1 A1 R1");
}

#[test]
fn on_start_a_body_held_refresh_token_needs_a_stored_session() {
    let mut tab = Tab::loading(ON_START);
    assert_eq!(
        tab.open(),
        ["ask for any", "emit signed-out never-signed-in"]
    );
}

#[test]
fn on_start_the_server_is_asked_whether_it_knows_the_cookie() {
    let mut tab = Tab::loading(COOKIE);
    assert_eq!(tab.open(), ["ask for any", "lock #1", "arm 10s"]);
    assert_eq!(tab.view(), "loading");
    assert_eq!(tab.need_token(), [""; 0]);
    assert_eq!(tab.locked(1), ["refresh #1 - -"]);
    assert_eq!(
        tab.answered(1, grant("A1").answer()),
        [
            "persist s1.1 A1 -",
            "release",
            "emit restored",
            "w1 token A1",
            "arm 240s"
        ]
    );
}

#[test]
fn on_start_a_function_is_asked_too_and_without_a_lock_if_there_is_none() {
    let mut tab = Tab::loading(r#"{"refresh":"function","schedule":{"onStart":true}}"#);
    assert_eq!(tab.open(), ["ask for any", "lock #1", "arm 10s"]);
    assert_eq!(tab.no_lock(1), ["refresh #1 - -"]);
}

#[test]
fn on_start_whatever_is_no_token_means_that_nobody_was_here() {
    let too_large = opaque(&"a".repeat(16_385)).answer();
    for answer in [
        refused(401),
        trouble(400),
        trouble(404),
        nonsense(200),
        too_large,
    ] {
        let mut tab = Tab::loading(COOKIE);
        tab.open();
        tab.need_token();
        tab.locked(1);
        assert_eq!(
            tab.answered(1, answer),
            [
                "release",
                "emit signed-out never-signed-in",
                "w1 failed signed_out",
                "arm never"
            ]
        );
    }
}

#[test]
fn on_start_answers_for_other_attempts_are_dropped() {
    let mut tab = Tab::loading(COOKIE);
    tab.open();
    assert_eq!(tab.locked(7), ["release"]);
    assert_eq!(tab.no_lock(7), [""; 0]);
    assert_eq!(tab.answered(1, grant("A1").answer()), [""; 0]);
    assert_eq!(tab.locked(1), ["refresh #1 - -"]);
    assert_eq!(tab.answered(7, grant("A1").answer()), [""; 0]);
    assert_eq!(tab.view(), "loading");
}

#[test]
fn on_start_a_sign_in_does_not_wait_for_the_answer() {
    let mut tab = Tab::loading(COOKIE);
    tab.open();
    tab.need_token();
    tab.locked(1);
    assert_eq!(
        tab.sign_in(&grant("A1")),
        [
            "abandon #1",
            "release",
            "w1 failed signed_out",
            "persist s1.1 A1 -",
            "emit signed-in",
            "w2 done",
            "arm 240s"
        ]
    );
    assert_eq!(tab.answered(1, grant("A9").answer()), [""; 0]);
    assert!(tab.view().starts_with("A1 "));
}

#[test]
fn sec_05_on_start_a_sign_out_drops_the_answer() {
    let mut tab = Tab::loading(COOKIE);
    tab.open();
    tab.locked(1);
    assert_eq!(
        tab.sign_out(),
        [
            "abandon #1",
            "release",
            "forget",
            "tell signed-out all",
            "emit signed-out never-signed-in",
            "w1 done",
            "arm never"
        ]
    );
    assert_eq!(tab.answered(1, grant("A9").answer()), [""; 0]);
    assert_eq!(tab.view(), "signed-out never-signed-in");
}

/// What the store held at that moment is older than the session that the answer brings.
#[test]
fn rel_23_on_start_a_wake_meanwhile_says_nothing_about_the_session_to_come() {
    let mut tab = Tab::loading(COOKIE);
    tab.wake();
    tab.open();
    tab.wake();
    tab.locked(1);
    tab.wake();
    tab.answered(1, grant("A1").answer());
    assert_eq!(tab.view(), "A1 generation 1 ends in 300s refresh in 240s");
    assert_eq!(tab.wake(), ["arm 240s"]);
}

/// The answer was on its way when another tab signed out.
#[test]
fn sec_05_on_start_a_sign_out_elsewhere_drops_the_answer() {
    let mut tab = Tab::loading(COOKIE);
    tab.open();
    tab.locked(1);
    let at = tab.after(1.0).now.wall;
    tab.hear_sign_out(None, at);
    tab.after(1.0);
    tab.answered(1, grant("A9").answer());
    assert!(tab.view().starts_with("signed-out"), "{}", tab.view());
    assert_eq!(tab.store, None);
}

/// Look, take the lock, look again: a sibling has opened the session meanwhile, and its refresh token
/// may be single use.
#[test]
fn rel_01_on_start_a_sibling_that_was_quicker_is_believed() {
    let mut tab = Tab::loading(COOKIE);
    tab.open();
    let theirs = grant("A1").record(&other_sid(), 1, tab.now.wall);
    let effects = tab.locked_with(1, found(theirs));
    assert!(
        !effects.iter().any(|line| line.starts_with("refresh")),
        "{effects:?}"
    );
    assert!(tab.view().starts_with("A1 "), "{}", tab.view());
}

#[test]
fn limits_count_from_the_sign_in_not_from_the_reload() {
    let limited = r#"{"limits":{"sessionSeconds":3600}}"#;
    let mut old = Tab::signed_in(limited, &opaque("A1").undated());
    old.after(3_000.0);
    let mut tab = old.reloaded(limited);
    assert_eq!(tab.open(), ["emit restored", "ask s1.1", "arm 600s"]);

    old.after(1_000.0);
    let mut tab = old.reloaded(limited);
    let effects = tab.open();
    assert_eq!(
        effects.last().unwrap(),
        "emit signed-out session-limit",
        "{effects:?}"
    );
    assert_eq!(tab.store, None);
}

#[test]
fn rel_08_the_schedule_survives_a_reload_on_a_device_whose_clock_is_wrong() {
    // The server's clock is a day behind; the life of the token counts from its receipt all the same.
    let issued = START / 1000 - 86_400;
    let claims = format!(r#""iat":{issued},"exp":{}"#, issued + 300);
    let mut old = Tab::signed_in(BODY, &grant_with("A1", &claims).undated().and("R1"));
    old.after(10.0);
    let mut tab = old.reloaded(BODY);
    assert_eq!(tab.open(), ["emit restored", "ask s1.1", "arm 230s"]);
    assert_eq!(
        old.record().tokens.lifetime(),
        Some(Span::from_millis(300_000))
    );
}
