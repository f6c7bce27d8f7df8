//! The user signs out: here first and whatever happens, then in the other tabs, then at the server.

use hallpass::effect::Effect;
use hallpass::event::Event;
use hallpass::record::Message;
use hallpass::time::Timestamp;

use crate::support::*;

const TELLING: &str = r#"{
    "refresh":{},"signOut":{}
}"#;

#[test]
fn sec_05_without_a_server_to_tell() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(
        tab.sign_out(),
        [
            "forget",
            "tell signed-out all",
            "emit signed-out user",
            "w2 done",
            "arm never"
        ]
    );
    assert_eq!(tab.view(), "signed-out user");
}

#[test]
fn sec_05_the_server_is_told_last_with_what_was_taken_before() {
    let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
    assert_eq!(
        tab.sign_out(),
        [
            "forget",
            "tell signed-out all",
            "emit signed-out user",
            "sign out at server w2 A1 R1",
            "arm never"
        ]
    );
    assert_eq!(tab.sign_out_answered(2, true), ["w2 done"]);
}

#[test]
fn sec_05_a_server_that_was_not_told_changes_nothing_here() {
    let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
    tab.sign_out();
    assert_eq!(
        tab.sign_out_answered(2, false),
        ["w2 failed sign_out_unavailable(503)"]
    );
    assert_eq!(tab.view(), "signed-out user");
}

#[test]
fn the_servers_word_may_come_when_somebody_else_is_signed_in() {
    let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
    tab.sign_out();
    tab.sign_in(&grant("B1").and("S1"));
    assert_eq!(tab.sign_out_answered(2, true), ["w2 done"]);
    assert!(tab.view().starts_with("B1"));
}

#[test]
fn a_sign_out_of_nobody_sends_nothing() {
    let mut tab = Tab::signed_out(TELLING);
    assert_eq!(tab.sign_out(), ["forget", "w1 done"]);
}

#[test]
fn sec_05_a_sign_out_in_every_stage_drops_what_comes_later() {
    // Waiting for the lock.
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(400.0).need_token();
    assert_eq!(
        tab.sign_out(),
        [
            "abandon #1",
            "release",
            "forget",
            "tell signed-out all",
            "emit signed-out user",
            "w2 failed signed_out",
            "w3 done"
        ]
    );
    assert_eq!(tab.no_lock(1), [""; 0]);
    assert_eq!(tab.tick(), [""; 0]);

    // Waiting for the server.
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.ask_refresh();
    tab.unauthorized(&grant("A1"));
    assert_eq!(
        tab.sign_out(),
        [
            "abandon #1",
            "release",
            "forget",
            "tell signed-out all",
            "emit signed-out user",
            "w2 failed signed_out",
            "w3 stands",
            "w4 done",
            "arm never"
        ]
    );
    for late in [
        grant("A2").and("R2").answer(),
        refused(401),
        trouble(503),
        nonsense(200),
    ] {
        assert_eq!(tab.answered(1, late), [""; 0]);
    }
    assert_eq!(tab.wake(), [""; 0]);
    assert_eq!(tab.store, None);

    // In a pause.
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, trouble(503));
    assert_eq!(
        tab.sign_out(),
        [
            "forget",
            "tell signed-out all",
            "emit signed-out user",
            "w2 done",
            "arm never"
        ]
    );
    assert_eq!(tab.after(60.0).tick(), [""; 0]);
}

#[test]
fn sec_38_an_answer_for_the_session_before_is_not_for_the_one_after() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.sign_out();
    tab.sign_in(&grant_with("B1", r#""sub":"bob""#).and("S1"));
    assert_eq!(tab.answered(1, grant("A2").and("R2").answer()), [""; 0]);
    assert_eq!(tab.need_token(), ["w4 token B1"]);
}

#[test]
fn every_session_has_a_name_of_its_own() {
    let mut tab = Tab::signed_in(BODY, &grant("A1"));
    tab.sign_out();
    assert_eq!(
        tab.sign_in(&grant("A1")).first().unwrap(),
        "persist s2.1 A1 -"
    );
}

// ── By the clock ──

/// The end of all sessions, as this sign-out tells it.
fn told_end(tab: &mut Tab) -> Timestamp {
    let waiter = tab.caller();
    let effects = tab.step(Event::SignOutAsked { waiter });
    let before = effects.iter().find_map(|effect| match effect {
        Effect::Tell(Message::SignedOut { before, .. }) => *before,
        _ => None,
    });
    before.expect("all are told")
}

/// Seeds 1803 and 4577 of the simulation: a session of a crashed tab looked younger than the sign-out.
#[test]
fn rel_07_sec_05_a_sign_out_ends_what_began_before_the_clock_was_set_back() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let began = tab.now.wall;
    tab.after(10.0).set_clock(-3_600.0);
    assert!(told_end(&mut tab) >= began);
}

/// Seeds 62509 and 70383: a page that opened after that sees it in what it finds.
#[test]
fn rel_07_sec_05_also_by_a_page_that_opened_afterwards() {
    let old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let began = old.now.wall;
    let mut tab = old.reloaded(BODY);
    tab.set_clock(-3_600.0);
    tab.open();
    assert!(told_end(&mut tab) >= began);

    let mut old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    old.set_clock(-3_600.0);
    old.after(240.0).tick();
    old.locked(1);
    old.answered(1, grant("A2").and("R2").answer());
    let mut tab = old.reloaded(BODY);
    tab.open();
    assert!(told_end(&mut tab) >= began);
}

/// Or in what the page before it wrote down.
#[test]
fn rel_07_sec_05_and_by_a_page_whose_session_began_afterwards() {
    let mut old = Tab::signed_out(BODY);
    let before = old.now.wall;
    old.set_clock(-3_600.0);
    old.tick();
    old.sign_in(&grant("A1").and("R1"));
    let mut tab = old.reloaded(BODY);
    tab.open();
    assert!(told_end(&mut tab) >= before);
}

#[test]
fn rel_07_a_session_begins_after_every_sign_out_that_is_known_here() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.set_clock(-3_600.0);
    let end = told_end(&mut tab);
    tab.sign_in(&grant("B1").and("S1"));
    let signed_in = tab.record().signed_in;
    assert!(signed_in > end);
    assert_eq!(tab.hear_sign_out(None, end), [""; 0], "it was before");
}
