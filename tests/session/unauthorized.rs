//! A request with our token was answered with a 401.

use crate::support::*;

#[test]
fn rel_16_the_current_token_is_refreshed_and_the_request_replayed() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.unauthorized(&grant("A1")), ["lock #1", "arm 295s"]);
    for _ in 0..19 {
        assert_eq!(tab.unauthorized(&grant("A1")), [""; 0]);
    }
    assert_eq!(tab.locked(1), ["refresh #1 A1 R1"]);
    assert_eq!(tab.unauthorized(&grant("A1")), [""; 0]);
    let effects = tab.answered(1, grant("A2").answer());
    let replays: Vec<String> = (2..=22).map(|w| format!("w{w} token A2")).collect();
    assert_eq!(effects[3..24], replays[..]);
}

#[test]
fn rel_17_an_older_token_is_replayed_with_the_new_one_at_once() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, grant("A2").answer());
    assert_eq!(tab.unauthorized(&grant("A1")), ["w2 token A2"]);
}

#[test]
fn rel_17_and_so_while_the_next_refresh_is_under_way() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, grant("A2").answer());
    tab.after(240.0).tick();
    assert_eq!(tab.unauthorized(&grant("A1")), ["w2 token A2"]);
    tab.locked(2);
    assert_eq!(tab.unauthorized(&grant("A1")), ["w3 token A2"]);
}

/// The newer token has ended too: the request is not lost, it waits for the refresh like any other.
#[test]
fn rel_17_an_older_token_waits_where_the_newer_one_has_ended() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, grant("A2").answer());
    tab.set_clock(3_600.0);
    let effects = tab.unauthorized(&grant("A1"));
    assert_eq!(effects.first().unwrap(), "lock #2", "{effects:?}");
    tab.locked(2);
    let effects = tab.answered(2, grant("A3").answer());
    assert!(effects.contains(&"w2 token A3".to_owned()), "{effects:?}");
}

#[test]
fn rel_18_without_a_way_to_refresh_the_401_stands() {
    let mut tab = Tab::signed_in("{}", &grant("A1"));
    assert_eq!(tab.unauthorized(&grant("A1")), ["w2 stands"]);
    assert!(tab.view().starts_with("A1"), "the session does too");
}

#[test]
fn in_a_pause_the_401_stands() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, trouble(503));
    assert_eq!(tab.unauthorized(&grant("A1")), ["w2 stands"]);
}

#[test]
fn a_refresh_in_trouble_lets_the_401_stand() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.unauthorized(&grant("A1"));
    tab.locked(1);
    let effects = tab.answered(1, trouble(503));
    assert!(effects.contains(&"w2 stands".to_owned()), "{effects:?}");
}

#[test]
fn sec_28_a_refused_refresh_lets_the_401_stand_and_ends_the_session_once() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.unauthorized(&grant("A1"));
    tab.unauthorized(&grant("A1"));
    tab.locked(1);
    assert_eq!(
        tab.answered(1, refused(401)),
        [
            "release",
            "forget",
            "tell signed-out s1",
            "emit signed-out rejected",
            "w2 stands",
            "w3 stands",
            "arm never"
        ]
    );
    assert_eq!(tab.unauthorized(&grant("A1")), ["w4 stands"]);
}
