//! Back from sleep after the idle limit: another tab may have seen the user meanwhile.

use hallpass::event::{AttemptId, Event};
use hallpass::record::Message;
use hallpass::time::Span;

use crate::support::*;

const IDLE: &str = r#"{"limits":{"idleSeconds":900}}"#;
const REFRESHED: &str = r#"{"refresh":{},"limits":{"idleSeconds":900}}"#;

/// An hour asleep in the background, and a caller that needs the token comes first.
fn asleep() -> Tab {
    let mut tab = Tab::signed_in(IDLE, &opaque("A1").undated());
    tab.set_clock(3_600.0);
    assert_eq!(tab.need_token(), ["ask s1.1", "arm 0.5s"]);
    assert_eq!(tab.state.usable_token(tab.now, None), None);
    assert_eq!(tab.view(), "A1 generation 1 ends never refresh never");
    tab
}

fn active_before(tab: &Tab, seconds: f64) -> Event {
    let at = tab.now.wall.plus(Span::from_seconds(-seconds));
    Event::PeerSaid(Message::Active { at })
}

#[test]
fn rel_06_a_tab_that_slept_does_not_sign_out_who_was_active_in_another() {
    let mut tab = asleep();
    let old = active_before(&tab, 2_000.0);
    assert_eq!(tab.feed(old), [""; 0]);
    let recent = active_before(&tab, 60.0);
    assert_eq!(tab.feed(recent), ["w2 token A1", "arm 780s"]);
}

#[test]
fn rel_06_activity_after_the_limit_revives_nothing() {
    let mut tab = asleep();
    assert_eq!(tab.feed(Event::Active), [""; 0]);
    assert_eq!(tab.need_token(), [""; 0]);
    assert_eq!(
        tab.after(0.5).tick(),
        [
            "forget",
            "tell signed-out all",
            "emit signed-out idle",
            "w2 failed signed_out",
            "w3 failed signed_out"
        ]
    );
}

/// Found by the simulation: the tab went on as if nothing had passed, asked again, was told again …
#[test]
fn rel_38_a_sign_out_of_long_ago_told_again_leaves_the_doubt() {
    let mut tab = asleep();
    let at = tab.now.wall.plus(Span::from_seconds(-86_400.0));
    assert_eq!(tab.hear_sign_out(None, at), [""; 0]);
    assert_eq!(tab.hear_sign_out(None, at), [""; 0]);
    assert_eq!(tab.after(0.5).tick()[2], "emit signed-out idle");
}

#[test]
fn sec_05_who_signs_out_or_is_signed_out_then_does_not_wait() {
    let mut tab = asleep();
    assert_eq!(
        tab.sign_out(),
        [
            "forget",
            "tell signed-out all",
            "emit signed-out user",
            "w3 done",
            "w2 failed signed_out",
            "arm never"
        ]
    );
    let mut tab = asleep();
    assert_eq!(
        tab.hear_sign_out(None, tab.now.wall),
        [
            "forget here",
            "emit signed-out other-tab",
            "w2 failed signed_out",
            "arm never"
        ]
    );
}

// ── … in the middle of a refresh ──

/// The others are asked whether they saw the user.
const DOUBT: [&str; 3] = ["ask s1.1", "arm 0.5s", "show"];

/// An hour asleep since it asked for the lock.
fn asleep_in_line() -> Tab {
    let mut tab = Tab::signed_in(REFRESHED, &grant("A1").and("R1"));
    assert_eq!(tab.ask_refresh()[0], "lock #1");
    tab.set_clock(3_600.0);
    tab
}

/// An hour asleep since it asked the server.
fn asleep_while_asking() -> Tab {
    let mut tab = Tab::refreshing(REFRESHED, &grant("A1").and("R1"));
    tab.ask_refresh();
    tab.set_clock(3_600.0);
    tab
}

/// Another tab has seen the user a minute ago.
fn seen_elsewhere(tab: &mut Tab) -> Vec<String> {
    let recent = active_before(tab, 60.0);
    tab.feed(recent)
}

/// Found by the simulation, seed 51153: the failed answer was what woke the tab.
#[test]
fn rel_06_a_failed_answer_that_ends_the_sleep_is_heard() {
    let mut tab = asleep_while_asking();
    assert_eq!(tab.answered(1, no_network()), DOUBT);
    let effects = seen_elsewhere(&mut tab);
    assert!(effects.contains(&"release".to_owned()), "{effects:?}");
    assert!(
        effects
            .iter()
            .any(|effect| effect.starts_with("arm") && effect != "arm 840s"),
        "{effects:?}"
    );
}

/// Found by the simulation, seed 77316.
#[test]
fn rel_06_new_tokens_that_end_the_sleep_are_kept() {
    let mut tab = asleep_while_asking();
    let answer = grant("A2").and("R2").answer();
    assert_eq!(tab.answered(1, answer), DOUBT);
    let effects = seen_elsewhere(&mut tab);
    assert!(
        effects.contains(&"persist s1.2 A2 R2".to_owned()),
        "{effects:?}"
    );
    assert!(effects.contains(&"w2 done".to_owned()), "{effects:?}");
}

#[test]
fn rel_06_new_tokens_that_come_before_the_others_answer_are_kept() {
    let mut tab = asleep_while_asking();
    assert_eq!(tab.wake(), DOUBT);
    assert_eq!(tab.answered(1, grant("A2").and("R2").answer()), [""; 0]);
    let effects = seen_elsewhere(&mut tab);
    assert!(
        effects.contains(&"persist s1.2 A2 R2".to_owned()),
        "{effects:?}"
    );
}

#[test]
fn rel_06_a_lock_that_ends_the_sleep_is_used() {
    let mut tab = asleep_in_line();
    assert_eq!(tab.locked(1), DOUBT);
    let effects = seen_elsewhere(&mut tab);
    assert!(
        effects.contains(&"refresh #1 A1 R1".to_owned()),
        "{effects:?}"
    );
}

#[test]
fn rel_06_a_lock_that_cannot_be_had_is_known_after_the_sleep() {
    let mut tab = asleep_in_line();
    assert_eq!(
        tab.feed(Event::LockUnavailable {
            attempt: AttemptId(1)
        }),
        DOUBT
    );
    let effects = seen_elsewhere(&mut tab);
    assert!(
        effects.contains(&"refresh #1 A1 R1".to_owned()),
        "{effects:?}"
    );
}

#[test]
fn rel_06_a_lock_that_comes_while_nobody_saw_the_user_is_given_back() {
    let mut tab = asleep_in_line();
    tab.locked(1);
    let effects = tab.after(0.5).tick();
    assert!(effects.contains(&"release".to_owned()), "{effects:?}");
    assert!(
        effects.contains(&"emit signed-out idle".to_owned()),
        "{effects:?}"
    );
    assert!(
        !effects.iter().any(|effect| effect.starts_with("refresh")),
        "{effects:?}"
    );
}

#[test]
fn rel_25_a_tab_that_comes_back_in_doubt_asks_afterwards_what_it_has_missed() {
    let mut tab = asleep_while_asking();
    tab.wake();
    assert_eq!(tab.came_back(), ["arm 0.5s"]);
    let effects = seen_elsewhere(&mut tab);
    assert_eq!(effects[0], "ask s1.1");
}
