//! The server may know this browser by a cookie, and cannot be reached just now.

use hallpass::event::{Event, Stored};
use hallpass::mark::Marking;
use hallpass::time::Timestamp;

use crate::support::*;

const COOKIE: &str = r#"{"refresh":{"refreshToken":"cookie"},"schedule":{"onStart":true}}"#;

/// A page of a browser in which the user signed in a minute ago, asking the server.
fn asking_again() -> Tab {
    let mut tab = Tab::loading(COOKIE);
    let since = Timestamp::from_millis(START - 60_000);
    tab.mark = tab.mark.with(Marking::Began {
        at: since,
        since: Some(since),
    });
    tab.open();
    tab.locked(1);
    tab
}

/// A page of a browser of which nothing is known.
fn asking() -> Tab {
    let mut tab = Tab::loading(COOKIE);
    tab.open();
    tab.locked(1);
    tab
}

#[test]
fn rel_13_trouble_at_the_first_call_is_no_answer_and_is_tried_again() {
    for answer in [
        trouble(503),
        trouble(500),
        trouble(408),
        trouble(425),
        trouble(429),
        no_network(),
    ] {
        let mut tab = asking();
        assert_eq!(tab.answered(1, answer), ["release", "arm 0.2s"]);
        assert_eq!(tab.view(), "loading");
        assert_eq!(tab.after(0.2).tick(), ["lock #2", "arm 9.8s"]);
        tab.locked(2);
        assert_eq!(
            tab.answered(2, grant("A1").answer()),
            ["persist s1.1 A1 -", "release", "emit restored", "arm 240s"]
        );
    }
}

#[test]
fn rel_13_a_busy_server_is_left_alone_for_as_long_as_it_asks() {
    let mut tab = asking();
    assert_eq!(tab.answered(1, busy(429, 4.0)), ["release", "arm 4s"]);
    assert_eq!(tab.after(1.0).wake(), ["arm 3s"]);
    assert_eq!(tab.after(3.0).tick(), ["lock #2", "arm 6s"]);
}

#[test]
fn rel_27_online_focus_and_wake_try_again_at_once() {
    for event in [
        Event::WentOnline,
        Event::Woke {
            stored: Stored::Empty,
        },
        Event::CameBack,
    ] {
        let mut tab = asking();
        tab.answered(1, busy(503, 0.0));
        tab.after(1.0);
        assert_eq!(tab.feed(event).first().unwrap(), "lock #2");
    }
}

#[test]
fn a_wake_right_after_a_failure_makes_no_storm() {
    let mut tab = asking();
    tab.set_dice(true);
    tab.answered(1, no_network());
    assert_eq!(tab.after(0.1).feed(Event::WentOnline), ["arm 0.9s"]);
}

#[test]
fn the_application_is_not_kept_waiting_where_nothing_is_known_of_this_browser() {
    let mut tab = asking();
    tab.need_token();
    assert_eq!(tab.after(10.0).tick(), ["emit signed-out unreachable"]);
    assert_eq!(tab.view(), "signed-out unreachable");
    assert_eq!(
        tab.answered(1, trouble(503)),
        ["release", "w1 failed refresh_unavailable(503)", "arm 0.2s"]
    );
    tab.after(0.2).tick();
    tab.locked(2);
    assert_eq!(
        tab.answered(2, grant("A1").answer()),
        ["persist s1.1 A1 -", "release", "emit restored", "arm 240s"]
    );
}

#[test]
fn a_browser_that_was_signed_in_counts_as_signed_in_with_a_stale_session() {
    let mut tab = asking_again();
    assert_eq!(tab.after(10.0).tick(), ["emit restored"]);
    assert_eq!(tab.view(), " generation 0 ends never refresh never stale");
    assert_eq!(
        tab.answered(1, trouble(503)),
        [
            "release",
            "emit refresh-failed refresh_unavailable(503), retry in 0.2s",
            "arm 0.2s"
        ]
    );
    tab.after(0.2).tick();
    tab.locked(2);
    assert_eq!(
        tab.answered(2, grant("A1").answer()),
        [
            "persist s1.1 A1 -",
            "release",
            "emit refreshed by this-tab",
            "arm 240s"
        ]
    );
}

#[test]
fn a_browser_that_was_signed_in_and_is_refused_hears_that_it_was() {
    for is_shown in [false, true] {
        let mut tab = asking_again();
        if is_shown {
            tab.after(10.0).tick();
        }
        let lines = tab.answered(1, refused(401));
        assert_eq!(
            lines[..3],
            ["release", "forget", "emit signed-out rejected"]
        );
        // The next page asks once more, without a word of a session.
        let mut next = tab.reloaded(COOKIE);
        next.open();
        next.locked(1);
        let lines = next.answered(1, refused(401));
        assert_eq!(lines[..2], ["release", "emit signed-out never-signed-in"]);
    }
}

#[test]
fn what_is_no_answer_of_a_token_endpoint_passes_where_the_user_was_signed_in() {
    let mut tab = asking_again();
    assert_eq!(tab.answered(1, nonsense(200)), ["release", "arm 0.2s"]);
}

#[test]
fn a_caller_in_need_is_reason_to_try_again_but_not_within_a_second() {
    let mut tab = asking_again();
    tab.after(10.0).tick();
    tab.set_dice(true);
    tab.answered(1, trouble(503));
    assert_eq!(tab.need_token(), ["w1 failed refresh_unavailable(503)"]);
    tab.after(0.99);
    assert_eq!(tab.ask_refresh(), ["w2 failed refresh_unavailable(503)"]);
    tab.answered(1, trouble(503));
    tab.after(0.01);
    assert_eq!(tab.need_token().first().unwrap(), "lock #2");
    tab.locked(2);
    assert_eq!(tab.need_token(), [""; 0]);
    assert_eq!(
        tab.answered(2, grant("A1").answer()),
        [
            "persist s1.1 A1 -",
            "release",
            "emit refreshed by this-tab",
            "w3 token A1",
            "w4 token A1",
            "arm 210s"
        ]
    );
}

// ── A stale session is shown, and another tab hears more ──

/// A page that shows a stale session, with the next attempt under way, and another tab that the server refused
/// meanwhile.
fn stale_while_another_was_refused() -> Tab {
    let mut tab = asking_again();
    tab.after(10.0).tick();
    tab.answered(1, trouble(503));
    assert_eq!(tab.after(0.2).tick(), ["lock #2", "show"]);
    tab.mark = tab.mark.with(Marking::Refused);
    tab.locked(2);
    assert_eq!(
        tab.view(),
        " generation 0 ends never refresh never stale",
        "the application hears nothing of it"
    );
    tab
}

#[test]
fn rel_47_what_is_refused_here_too_is_one_end_with_its_reason() {
    let mut tab = stale_while_another_was_refused();
    assert_eq!(
        tab.answered(2, refused(401)),
        ["release", "forget", "emit signed-out rejected"]
    );
}

#[test]
fn what_is_granted_here_all_the_same_is_a_refresh() {
    let mut tab = stale_while_another_was_refused();
    let lines = tab.answered(2, grant("A1").answer());
    assert!(
        lines.contains(&"emit refreshed by this-tab".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn trouble_is_told_as_long_as_the_session_is_shown() {
    let mut tab = stale_while_another_was_refused();
    let lines = tab.answered(2, trouble(503));
    assert!(
        lines[1].starts_with("emit refresh-failed refresh_unavailable(503)"),
        "{lines:?}"
    );
    assert!(tab.view().ends_with(" stale"), "{}", tab.view());
}

#[test]
fn the_user_signs_out_of_what_is_shown() {
    let mut tab = stale_while_another_was_refused();
    let lines = tab.sign_out();
    assert!(
        lines.contains(&"emit signed-out user".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn a_sign_out_elsewhere_ends_what_is_shown_as_one_elsewhere() {
    let mut read = asking_again();
    read.after(10.0).tick();
    read.mark = read.mark.with(Marking::Ended {
        before: read.now.wall,
        is_owed: false,
    });
    let mut heard = asking_again();
    heard.after(10.0).tick();
    let at = heard.now.wall;
    for lines in [read.wake(), heard.hear_sign_out(None, at)] {
        assert!(
            lines.contains(&"emit signed-out other-tab".to_owned()),
            "{lines:?}"
        );
    }
}

#[test]
fn a_sign_in_elsewhere_is_no_session_here_until_the_server_has_answered() {
    let mut tab = asking();
    tab.after(10.0).tick();
    tab.answered(1, trouble(503));
    tab.mark = tab.mark.with(Marking::Began {
        at: tab.now.wall,
        since: Some(tab.now.wall),
    });
    tab.after(0.2).tick();
    tab.locked(2);
    assert_eq!(tab.view(), "signed-out unreachable");
    let lines = tab.answered(2, grant("A1").answer());
    assert!(lines.contains(&"emit restored".to_owned()), "{lines:?}");
}

#[test]
fn a_sign_in_where_a_stale_session_is_shown_is_one_change() {
    let mut tab = asking_again();
    tab.after(10.0).tick();
    tab.need_token();
    let changes: Vec<_> = tab
        .sign_in(&grant("A1"))
        .into_iter()
        .filter(|line| line.starts_with("emit") || line.starts_with("w1"))
        .collect();
    assert_eq!(changes, ["emit signed-in", "w1 failed signed_out"]);
}

#[test]
fn a_sign_in_that_brings_no_token_leaves_what_is_shown() {
    let mut tab = asking_again();
    tab.after(10.0).tick();
    let lines = tab.sign_in(&opaque(""));
    assert!(lines[0].starts_with("w1 failed"), "{lines:?}");
    assert!(tab.view().ends_with(" stale"), "{}", tab.view());
    let lines = tab.answered(1, grant("A1").answer());
    assert!(
        lines.contains(&"emit refreshed by this-tab".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn a_401_meanwhile_stands() {
    let mut tab = asking_again();
    tab.after(10.0).tick();
    assert_eq!(tab.unauthorized(&grant("A0")), ["w1 stands"]);
}

#[test]
fn a_browser_that_is_offline_by_its_own_word_is_asked_all_the_same() {
    let mut tab = Tab::loading(COOKIE);
    tab.feed(Event::WentOffline);
    assert_eq!(tab.open(), ["ask for any", "lock #1", "arm 10s"]);
}

#[test]
fn the_application_may_say_how_long_it_waits() {
    let mut tab = Tab::loading(
        r#"{"refresh":{"refreshToken":"cookie","timeoutSeconds":2},"schedule":{"onStart":true}}"#,
    );
    assert_eq!(tab.open(), ["ask for any", "lock #1", "arm 2s"]);
    assert_eq!(tab.after(2.0).tick(), ["emit signed-out unreachable"]);
}

#[test]
fn a_sign_in_or_a_sign_out_ends_the_wait() {
    let mut tab = asking_again();
    tab.after(10.0).tick();
    tab.answered(1, trouble(503));
    let lines = tab.sign_in(&grant("A1"));
    assert!(lines.contains(&"emit signed-in".to_owned()), "{lines:?}");

    let mut tab = asking_again();
    tab.after(10.0).tick();
    let lines = tab.sign_out();
    assert!(
        lines.contains(&"emit signed-out user".to_owned()),
        "{lines:?}"
    );
    assert_eq!(tab.view(), "signed-out user");
}

#[test]
fn rel_09_a_token_that_is_over_on_arrival_is_handed_to_nobody() {
    let mut tab = asking_again();
    tab.after(10.0).tick();
    tab.need_token();
    let lines = tab.answered(1, grant("A1").lasting(0.0).answer());
    assert!(!lines.contains(&"w1 token A1".to_owned()), "{lines:?}");
    assert!(lines.contains(&"lock #2".to_owned()), "{lines:?}");
    tab.locked(2);
    let lines = tab.answered(2, grant("A2").answer());
    assert!(lines.contains(&"w1 token A2".to_owned()), "{lines:?}");
}
