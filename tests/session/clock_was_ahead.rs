//! A sign-out, and sessions that began while the clock was ahead: nothing that a clock is set to brings one back.

use hallpass::mark::Mark;
use hallpass::record::Message;

use crate::support::*;

const COOKIE: &str = r#"{
    "refresh":{"refreshToken":"cookie"},"signOut":{},"schedule":{"onStart":true}
}"#;
const TELLING: &str = r#"{"refresh":{},"signOut":{}}"#;

/// A browser whose clock was ahead by a day while a tab was signed in; that one is closed. A page that was opened
/// after the clock had been put right, and knows nothing of that.
fn after_a_clock_was_ahead(options: &str, grant: &Grant) -> (Tab, Tab) {
    let closed = Tab::signed_in(options, grant);
    let mut other = Tab::loading(options);
    other.now.wall = closed.now.wall;
    other.set_clock(-86_400.0);
    other.mark = closed.mark;
    (closed, other)
}

/// The closed tab is opened again, and reads what the other page left.
fn reopened(closed: &Tab, other: &Tab, options: &str) -> Tab {
    let mut tab = closed.reloaded(options);
    tab.now.wall = other.now.wall;
    tab.mark = other.mark;
    tab
}

fn opens_ended(tab: &mut Tab) {
    let lines = tab.open();
    let ended = "emit signed-out other-tab".to_owned();
    assert!(lines.contains(&ended), "{lines:?}");
    assert_eq!(tab.view(), "signed-out other-tab");
}

#[test]
fn sec_05_a_sign_out_ends_sessions_that_began_while_the_clock_was_ahead() {
    let (closed, mut other) = after_a_clock_was_ahead(TELLING, &grant("A1").and("R1"));
    other.open();
    other.sign_in(&grant("B1").and("S1"));
    other.sign_out();
    opens_ended(&mut reopened(&closed, &other, TELLING));
}

#[test]
fn sec_05_so_does_the_end_by_a_limit() {
    for limits in [r#"{"idleSeconds":60}"#, r#"{"sessionSeconds":60}"#] {
        let options = TELLING.replace("\"signOut\"", &format!("\"limits\":{limits},\"signOut\""));
        let (closed, mut other) = after_a_clock_was_ahead(&options, &grant("A1").and("R1"));
        other.open();
        other.sign_in(&grant("B1").and("S1"));
        other.after(61.0).tick();
        opens_ended(&mut reopened(&closed, &other, &options));
    }
}

#[test]
fn sec_05_so_does_a_sign_out_in_a_page_that_has_no_session_yet() {
    let (closed, mut other) = after_a_clock_was_ahead(COOKIE, &grant("A1"));
    other.open();
    other.sign_out();
    opens_ended(&mut reopened(&closed, &other, COOKIE));
}

#[test]
fn sec_05_all_of_them_however_often_the_clock_was_set_back() {
    let (first, mut second) = after_a_clock_was_ahead(TELLING, &grant("A1").and("R1"));
    second.open();
    second.sign_in(&grant("B1").and("S1"));
    let mut third = Tab::loading(TELLING);
    third.now.wall = second.now.wall;
    third.set_clock(-86_400.0);
    third.mark = second.mark;
    third.open();
    third.sign_in(&grant("C1").and("T1"));
    third.sign_out();
    opens_ended(&mut reopened(&first, &third, TELLING));
    opens_ended(&mut reopened(&second, &third, TELLING));
}

#[test]
fn sec_05_a_frozen_tab_of_a_clock_that_was_ahead_ends_too() {
    let (mut frozen, mut other) = after_a_clock_was_ahead(TELLING, &grant("A1").and("R1"));
    other.open();
    other.sign_in(&grant("B1").and("S1"));
    other.sign_out();
    other.after(60.0);
    frozen.now.wall = other.now.wall;
    frozen.mark = other.mark;
    let lines = frozen.came_back();
    assert!(
        lines.contains(&"emit signed-out other-tab".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn sec_05_no_sibling_is_offered_a_session_of_a_clock_that_was_ahead() {
    let shared = r#"{"refresh":{},"tabs":"shared"}"#;
    let (closed, mut other) = after_a_clock_was_ahead(shared, &grant("A1").and("R1"));
    other.open();
    other.after(0.1).tick();
    other.sign_in(&grant("B1").and("S1"));
    other.sign_out();
    let mut next = other.reloaded(shared);
    next.open();
    next.hear_offer(closed.record());
    assert!(next.state.sid().is_none());
}

#[test]
fn a_sign_in_after_such_a_sign_out_holds_and_ends_with_the_next_one() {
    let (closed, mut other) = after_a_clock_was_ahead(TELLING, &grant("A1").and("R1"));
    other.open();
    other.sign_in(&grant("B1").and("S1"));
    other.sign_out();
    other.after(1.0);
    other.sign_in(&grant("B2").and("S2"));
    let mut next = other.reloaded(TELLING);
    assert_eq!(next.open().first().unwrap(), "emit restored");
    assert_eq!(
        next.hear(Message::SignedOut {
            sid: None,
            before: other.mark.ended,
        }),
        [""; 0],
        "it is told again"
    );

    let mut last = Tab::loading(TELLING);
    last.now.wall = other.now.wall;
    last.mark = other.mark;
    last.open();
    last.sign_in(&grant("C1").and("T1"));
    last.sign_out();
    opens_ended(&mut reopened(&other, &last, TELLING));
    opens_ended(&mut reopened(&closed, &last, TELLING));
}

#[test]
fn sec_37_a_forged_beginning_of_the_far_future_dates_no_sign_in() {
    let mut tab = Tab::loading(TELLING);
    tab.mark = Mark::from_text(r#"{"v":1,"began":9000000000000000}"#);
    tab.open();
    tab.sign_in(&grant("A1").and("R1"));
    tab.sign_out();
    tab.sign_in(&grant("A2").and("R2"));
    let ahead = tab.record().signed_in.since(tab.now.wall).as_millis();
    assert!(ahead <= 1, "{ahead}");
}
