//! What other tabs do, and what becomes of the store that tabs may share.

use hallpass::event::{Event, Stored};
use hallpass::record::{Message, Sid};
use hallpass::time::{Span, Timestamp};

use crate::support::*;

const START_TIME: Timestamp = Timestamp::from_millis(START + 240_000);

fn sid(tab: &Tab) -> Sid {
    tab.record().sid
}

// ── A newer record ──

#[test]
fn rel_01_who_finds_newer_tokens_under_the_lock_takes_them() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(295.0).tick();
    tab.need_token();
    tab.unauthorized(&grant("A1"));
    let newer = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    assert_eq!(
        tab.locked_with(1, found(newer)),
        [
            "abandon #1",
            "release",
            "emit refreshed by other-tab",
            "w2 token A2",
            "w3 token A2",
            "arm 240s"
        ]
    );
    assert_eq!(tab.view(), "A2 generation 2 ends in 300s refresh in 240s");
}

#[test]
fn who_asked_by_hand_gets_what_the_server_says_now() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.ask_refresh();
    let newer = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    assert_eq!(
        tab.locked_with(1, found(newer)),
        [
            "abandon #1",
            "release",
            "emit refreshed by other-tab",
            "lock #2"
        ]
    );
    tab.no_lock(2);
    tab.after(0.1).tick();
    let effects = tab.answered(2, grant("A3").and("R3").answer());
    assert!(effects.contains(&"w2 done".to_owned()), "{effects:?}");
    assert!(tab.view().starts_with("A3 generation 3"));
}

#[test]
fn rel_38_an_older_or_equal_record_is_no_news() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    let old = tab.record();
    tab.answered(1, grant("A2").and("R2").answer());
    assert_eq!(tab.wake_with(found(old.clone())), ["arm 240s"]);
    tab.after(240.0).tick();
    assert_eq!(tab.locked_with(2, found(old)), ["refresh #2 A2 R2"]);
}

#[test]
fn rel_25_a_wake_finds_what_a_sibling_got() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.set_clock(1_000.0);
    let newer = grant("A5").and("R5").record(&sid(&tab), 5, tab.now.wall);
    assert_eq!(
        tab.wake_with(found(newer)),
        ["emit refreshed by other-tab", "arm 240s"]
    );
}

#[test]
fn sec_38_a_wake_during_a_refresh_that_finds_newer_tokens_drops_the_answer() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.after(60.0).need_token();
    let newer = grant("A5").and("R5").record(&sid(&tab), 5, tab.now.wall);
    assert_eq!(
        tab.wake_with(found(newer)),
        [
            "abandon #1",
            "release",
            "emit refreshed by other-tab",
            "w2 token A5",
            "arm 240s"
        ]
    );
    assert_eq!(tab.answered(1, grant("A2").and("R2").answer()), [""; 0]);
}

/// Without a lock two tabs may spend one refresh token: the loser looks once more before it gives up.
#[test]
fn rel_02_rel_12_who_is_refused_because_a_sibling_was_quicker_takes_its_tokens() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.after(60.0).need_token();
    tab.unauthorized(&grant("A1"));
    let newer = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    assert_eq!(
        tab.answered_finding(1, refused(400), found(newer)),
        [
            "abandon #1",
            "release",
            "emit refreshed by other-tab",
            "w2 token A2",
            "w3 token A2",
            "arm 240s"
        ]
    );
}

#[test]
fn rel_12_a_refusal_with_nothing_newer_in_the_store_is_the_end() {
    for stored in [
        Stored::Empty,
        Stored::Damaged,
        Stored::Unknown,
        found(grant("A1").and("R1").record(&other_sid(), 1, START_TIME)),
    ] {
        let is_other = matches!(stored, Stored::Found(_));
        let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
        let effects = tab.answered_finding(1, refused(400), stored);
        let expected = if is_other {
            "emit signed-in"
        } else {
            "emit signed-out rejected"
        };
        assert!(effects.contains(&expected.to_owned()), "{effects:?}");
    }
}

#[test]
fn newer_tokens_that_have_ended_are_refreshed_at_once() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let at = tab.now.wall;
    tab.set_clock(1_000.0);
    let newer = grant("A5").and("R5").record(&sid(&tab), 5, at);
    let effects = tab.wake_with(found(newer));
    assert!(effects.contains(&"lock #1".to_owned()), "{effects:?}");
}

#[test]
fn sec_38_another_session_in_the_store_takes_over_and_fails_who_waited() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(400.0).need_token();
    tab.ask_refresh();
    tab.unauthorized(&grant("A1"));
    let theirs = grant_with("B1", r#""sub":"bob""#)
        .and("S1")
        .record(&other_sid(), 1, tab.now.wall);
    assert_eq!(
        tab.locked_with(1, found(theirs)),
        [
            "abandon #1",
            "release",
            "emit signed-in",
            "w2 failed signed_out",
            "w3 failed signed_out",
            "w4 stands",
            "arm 240s"
        ]
    );
}

/// A record in the store is as untrusted at a wake as at the start.
#[test]
fn sec_22_an_adopted_token_needs_its_fingerprint_too() {
    let bound = r#"{
        "refresh":{},"fingerprint":{"mode":"server"}
    }"#;
    let first = grant_with("A1", r#""userFingerprint":"ab""#).and("R1");
    let mut tab = Tab::signed_in(bound, &first);
    let newer = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    let effects = tab.wake_with(found(newer));
    assert!(
        effects.contains(&"emit signed-out fingerprint".to_owned()),
        "{effects:?}"
    );
}

// ── The store is cleared or damaged ──

#[test]
fn rel_23_a_store_that_was_cleared_ends_the_session_at_the_next_refresh() {
    for stored in [Stored::Empty, Stored::Damaged] {
        let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
        tab.after(295.0).tick();
        tab.need_token();
        assert_eq!(
            tab.locked_with(1, stored),
            [
                "abandon #1",
                "release",
                "forget",
                "emit signed-out storage",
                "w2 failed signed_out"
            ]
        );
    }
}

#[test]
fn rel_23_or_at_the_next_wake_in_every_stage() {
    for stored in [Stored::Empty, Stored::Damaged] {
        let mut fresh = Tab::signed_in(BODY, &grant("A1").and("R1"));
        assert_eq!(
            fresh.wake_with(stored.clone()),
            ["forget", "emit signed-out storage", "arm never"]
        );
        let mut under_way = Tab::refreshing(BODY, &grant("A1").and("R1"));
        assert_eq!(
            under_way.wake_with(stored.clone()),
            [
                "abandon #1",
                "release",
                "forget",
                "emit signed-out storage",
                "arm never"
            ]
        );
        let mut pause = Tab::refreshing(BODY, &grant("A1").and("R1"));
        pause.answered(1, trouble(503));
        assert_eq!(
            pause.wake_with(stored),
            ["forget", "emit signed-out storage", "arm never"]
        );
    }
}

// ── Messages ──

#[test]
fn sec_05_a_sign_out_elsewhere_ends_this_session_in_every_stage() {
    let mut fresh = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(
        fresh.hear_sign_out(None, fresh.now.wall),
        ["forget here", "emit signed-out other-tab", "arm never"]
    );
    let mut locking = Tab::signed_in(BODY, &grant("A1").and("R1"));
    locking.after(240.0).tick();
    let named = Some(sid(&locking));
    assert_eq!(
        locking.hear_sign_out(named, locking.now.wall),
        [
            "abandon #1",
            "release",
            "forget here",
            "emit signed-out other-tab",
            "arm never"
        ]
    );
    let mut refreshing = Tab::refreshing(BODY, &grant("A1").and("R1"));
    refreshing.ask_refresh();
    assert_eq!(
        refreshing.hear_sign_out(None, refreshing.now.wall),
        [
            "abandon #1",
            "release",
            "forget here",
            "emit signed-out other-tab",
            "w2 failed signed_out",
            "arm never"
        ]
    );
    assert_eq!(
        refreshing.answered(1, grant("A2").and("R2").answer()),
        [""; 0]
    );
    let mut pause = Tab::refreshing(BODY, &grant("A1").and("R1"));
    pause.answered(1, trouble(503));
    assert_eq!(
        pause.hear_sign_out(None, pause.now.wall),
        ["forget here", "emit signed-out other-tab", "arm never"]
    );
}

#[test]
fn sec_05_it_is_not_told_again() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let effects = tab.hear_sign_out(None, tab.now.wall);
    assert!(!effects.iter().any(|line| line.starts_with("tell")));
    assert_eq!(tab.hear_sign_out(None, tab.now.wall), [""; 0]);
}

#[test]
fn another_sessions_sign_out_is_not_ours() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.hear_sign_out(Some(other_sid()), tab.now.wall), [""; 0]);
}

#[test]
fn rel_38_a_sign_out_older_than_this_sign_in_is_not_ours() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let before = tab.now.wall.plus(Span::from_millis(-1));
    assert_eq!(tab.hear_sign_out(None, before), [""; 0]);
    assert!(tab.view().starts_with("A1"));
}

/// The name of a session is used once, so no clock is needed to know which one is meant.
#[test]
fn rel_07_a_clock_that_was_set_back_does_not_hide_the_sign_out_of_this_very_session() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let at = tab.set_clock(-3_600.0).now.wall;
    let named = Some(sid(&tab));
    assert_eq!(
        tab.hear_sign_out(named, at).first().map(String::as_str),
        Some("forget here")
    );
}

#[test]
fn sec_38_a_sign_in_that_began_before_a_sign_out_elsewhere_starts_nothing() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let under_way = tab.begin_sign_in();
    let effects = tab.hear_sign_out(None, tab.now.wall);
    assert!(
        effects.contains(&"w2 failed signed_out".to_owned()),
        "{effects:?}"
    );
    assert_eq!(tab.sign_in_answered(under_way, &grant("B1")), [""; 0]);
}

#[test]
fn a_sign_out_elsewhere_finds_nobody() {
    let mut tab = Tab::signed_out(BODY);
    assert_eq!(tab.hear_sign_out(None, tab.now.wall), [""; 0]);
    assert_eq!(tab.view(), "signed-out never-signed-in");
}

// ── Sign-outs that were missed ──

#[test]
fn rel_25_a_sign_out_is_told_again_to_who_was_away() {
    let mut away = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let mut tab = Tab::signed_in(BODY, &grant("B1").and("S1"));
    let at = tab.after(60.0).now.wall;
    let own = sid(&tab);
    tab.sign_out();
    assert_eq!(away.after(90.0).came_back(), ["ask s1.1", "arm 150s"]);
    tab.after(30.0);
    let told = tab.step(Event::PeerSaid(Message::Asked {
        ask: other_sid(),
        sid: Some(other_sid()),
        generation: 1.into(),
        spends: false,
    }));
    let again = Message::SignedOut {
        sid: Some(own),
        before: Some(at),
    };
    assert_eq!(told, [hallpass::effect::Effect::Tell(again.clone())]);
    assert_eq!(
        away.hear(again),
        ["forget here", "emit signed-out other-tab", "arm never"]
    );
}

#[test]
fn it_is_told_again_by_who_has_a_newer_session_too_and_to_nobody_without_one() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let question = |tab: &mut Tab, sid: Option<Sid>| {
        let effects = tab.step(Event::PeerSaid(Message::Asked {
            ask: other_sid(),
            sid,
            generation: 1.into(),
            spends: false,
        }));
        effects.len()
    };
    assert_eq!(question(&mut tab, Some(other_sid())), 0);
    tab.sign_out();
    tab.after(5.0).sign_in(&grant("B1"));
    assert_eq!(question(&mut tab, Some(other_sid())), 1);
    assert_eq!(question(&mut tab, None), 0);
    let own = sid(&tab);
    assert_eq!(question(&mut tab, Some(own)), 0);
}

#[test]
fn rel_38_a_sign_out_that_is_told_again_does_not_end_what_began_after_it() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let at = tab.after(5.0).now.wall;
    tab.hear_sign_out(None, at);
    tab.after(5.0).sign_in(&grant("B1").and("S1"));
    // Not even where the clock was set back meanwhile.
    tab.set_clock(-3_600.0);
    assert_eq!(tab.hear_sign_out(None, at), [""; 0]);
    assert!(tab.view().starts_with("B1"));
}

#[test]
fn rel_07_a_clock_that_was_set_back_does_not_hide_a_sign_out_of_all() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(10.0).set_clock(-3_600.0);
    assert_eq!(
        tab.hear_sign_out(None, tab.now.wall)
            .first()
            .map(String::as_str),
        Some("forget here")
    );
}

#[test]
fn rel_07_a_clock_that_was_set_forward_makes_no_old_sign_out_new() {
    let mut tab = Tab::loading(BODY);
    let at = tab.now.wall;
    tab.restored(Stored::Empty);
    tab.after(5.0).sign_in(&grant("A1").and("R1"));
    tab.after(1.0).set_clock(86_400.0);
    assert_eq!(tab.hear_sign_out(None, at), ["arm 0s", "show"]);
    assert!(tab.view().starts_with("A1"));
}

// ── Answers and the store ──

/// The commit guard: with a lock that could not be had two tabs may have asked at once.
#[test]
fn rel_04_sec_38_an_answer_that_comes_after_a_siblings_is_dropped() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.need_token();
    let newer = grant("A9").and("R9").record(&sid(&tab), 2, tab.now.wall);
    assert_eq!(
        tab.answered_finding(1, grant("A2").and("R2").answer(), found(newer)),
        [
            "abandon #1",
            "release",
            "emit refreshed by other-tab",
            "arm 240s"
        ]
    );
    assert!(tab.view().starts_with("A9 generation 2"));
}

#[test]
fn rel_23_what_was_removed_during_a_refresh_is_not_written_again() {
    for stored in [Stored::Empty, Stored::Damaged] {
        let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
        tab.after(60.0).need_token();
        assert_eq!(
            tab.answered_finding(1, grant("A2").and("R2").answer(), stored),
            [
                "abandon #1",
                "release",
                "forget",
                "emit signed-out storage",
                "w2 failed signed_out"
            ]
        );
    }
}
