//! The first moments after a wake: phones refuse the first request, and take the next one.

use hallpass::event::Event;

use crate::support::*;

/// An hour asleep; the wake has begun a refresh, and a caller needs the token.
fn woken() -> Tab {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.set_clock(3_600.0);
    assert_eq!(tab.wake(), ["lock #1", "arm never", "show"]);
    assert_eq!(tab.need_token(), [""; 0]);
    assert_eq!(tab.locked(1), ["refresh #1 A1 R1"]);
    tab
}

#[test]
fn rel_06_the_first_failure_after_a_wake_is_tried_again_before_anybody_hears_of_it() {
    let mut tab = woken();
    assert_eq!(
        tab.after(0.1).answered(1, no_network()),
        ["release", "arm 1s"]
    );
    assert_eq!(tab.need_token(), [""; 0]);
    assert_eq!(tab.after(1.0).tick(), ["lock #2"]);
    assert_eq!(tab.locked(2), ["refresh #2 A1 R1"]);
    assert_eq!(
        tab.answered(2, grant("A2").and("R2").answer()),
        [
            "persist s1.2 A2 R2",
            "release",
            "emit refreshed by this-tab",
            "w2 token A2",
            "w3 token A2",
            "arm 240s"
        ]
    );
}

#[test]
fn the_second_failure_is_one() {
    let mut tab = woken();
    tab.after(0.1).answered(1, no_network());
    tab.after(1.0).tick();
    tab.locked(2);
    assert_eq!(
        tab.answered(2, no_network()),
        [
            "release",
            "emit refresh-failed refresh_unavailable, retry in 0.2s",
            "w2 failed refresh_unavailable",
            "arm 0.2s"
        ]
    );
}

#[test]
fn rel_10_a_server_that_answers_is_awake_and_its_word_counts() {
    let mut tab = woken();
    let effects = tab.after(0.1).answered(1, trouble(503));
    assert!(
        effects.contains(&"w2 failed refresh_unavailable(503)".to_owned()),
        "{effects:?}"
    );
}

#[test]
fn a_failure_long_after_the_wake_is_not_its_fault() {
    let mut tab = woken();
    let effects = tab.after(10.0).answered(1, no_network());
    assert!(
        effects.contains(&"w2 failed refresh_unavailable".to_owned()),
        "{effects:?}"
    );
}

#[test]
fn a_page_that_never_slept_has_no_such_excuse() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.ask_refresh();
    let effects = tab.answered(1, no_network());
    assert!(
        effects.contains(&"w2 failed refresh_unavailable".to_owned()),
        "{effects:?}"
    );
}

/// No event says so, but the clocks do: the wall clock went on while the other one stood still.
#[test]
fn rel_06_a_jump_between_the_clocks_is_a_wake_too() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.set_clock(3_600.0).need_token();
    tab.locked(1);
    assert_eq!(tab.answered(1, no_network()), ["release", "arm 1s"]);
}

#[test]
fn sec_05_a_sign_out_in_that_moment_leaves_nobody_waiting() {
    let mut tab = woken();
    tab.answered(1, no_network());
    assert_eq!(
        tab.sign_out(),
        [
            "release",
            "forget",
            "tell signed-out all",
            "emit signed-out user",
            "w2 failed signed_out",
            "w3 done",
            "arm never"
        ]
    );
}

#[test]
fn rel_27_offline_there_is_nothing_to_try_shortly() {
    let mut tab = woken();
    tab.feed(Event::WentOffline);
    let effects = tab.answered(1, no_network());
    assert!(
        effects.contains(&"emit refresh-failed refresh_unavailable, retry in 60s".to_owned()),
        "{effects:?}"
    );
}
