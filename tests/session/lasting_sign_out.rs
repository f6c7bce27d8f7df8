//! A sign-out lasts: for tabs that were closed, frozen, restored or copied, and where the server did not hear of it.

use hallpass::event::{Event, Stored};
use hallpass::mark::{Last, Mark, Marking};
use hallpass::record::Message;
use hallpass::time::Timestamp;

use crate::support::*;

const COOKIE: &str = r#"{
    "refresh":{"refreshToken":"cookie"},"signOut":{},"schedule":{"onStart":true}
}"#;
const TELLING: &str = r#"{"refresh":{},"signOut":{}}"#;
const IDLE: &str = r#"{"refresh":{},"signOut":{},"storage":"local","limits":{"idleSeconds":900}}"#;

fn opens_signed_out(tab: &mut Tab) {
    let lines = tab.open();
    assert!(
        lines.contains(&"emit signed-out never-signed-in".to_owned()),
        "{lines:?}"
    );
    assert!(
        !lines.iter().any(|line| line.starts_with("lock")),
        "{lines:?}"
    );
}

// ── What only the server's cookie knows ──

#[test]
fn sec_05_after_a_sign_out_that_the_server_did_not_hear_of_nothing_is_renewed_silently() {
    let mut tab = Tab::signed_in(COOKIE, &grant("A1"));
    tab.sign_out();
    tab.sign_out_answered(2, false);
    opens_signed_out(&mut tab.reloaded(COOKIE));
}

#[test]
fn sec_05_nor_after_one_that_it_did() {
    let mut tab = Tab::signed_in(COOKIE, &grant("A1"));
    tab.sign_out();
    tab.sign_out_answered(2, true);
    opens_signed_out(&mut tab.reloaded(COOKIE));
}

#[test]
fn sec_05_nor_after_the_end_by_a_limit() {
    for (limits, seconds) in [
        (r#"{"idleSeconds":60}"#, 61.0),
        (r#"{"sessionSeconds":60}"#, 61.0),
    ] {
        let options = COOKIE.replace("\"signOut\"", &format!("\"limits\":{limits},\"signOut\""));
        let mut tab = Tab::signed_in(&options, &grant("A1"));
        let lines = tab.after(seconds).tick();
        assert!(
            lines.contains(&"sign out at server A1 -".to_owned()),
            "{lines:?}"
        );
        opens_signed_out(&mut tab.reloaded(&options));
    }
}

#[test]
fn a_sign_in_that_the_user_asked_for_ends_that() {
    let mut tab = Tab::signed_in(COOKIE, &grant("A1"));
    tab.sign_out();
    tab.sign_in(&grant("A2"));
    let mut next = tab.reloaded(COOKIE);
    next.store = None;
    assert_eq!(next.open().get(1).unwrap(), "lock #1");
}

#[test]
fn sec_05_a_limit_that_passed_while_no_page_was_open_ends_it_too() {
    for (limits, reason) in [
        (r#"{"idleSeconds":900}"#, "idle"),
        (r#"{"sessionSeconds":900}"#, "session-limit"),
    ] {
        let options = COOKIE.replace(
            "\"signOut\"",
            &format!("\"limits\":{limits},\"storage\":\"memory\",\"signOut\""),
        );
        let tab = Tab::signed_in(&options, &grant("A1"));
        let mut next = tab.reloaded(&options);
        next.store = None;
        next.set_clock(8.0 * 3_600.0);
        assert_eq!(
            next.open(),
            [
                "forget".to_owned(),
                "tell signed-out all".to_owned(),
                format!("emit signed-out {reason}"),
                "sign out at server - -".to_owned()
            ]
        );
        opens_signed_out(&mut next.reloaded(&options));
    }
}

#[test]
fn a_silent_renewal_goes_on_with_the_session_limit() {
    let options = COOKIE.replace(
        "\"signOut\"",
        "\"limits\":{\"sessionSeconds\":900},\"storage\":\"memory\",\"signOut\"",
    );
    let tab = Tab::signed_in(&options, &grant("A1"));
    let mut next = tab.reloaded(&options);
    next.set_clock(800.0);
    next.store = None;
    next.open();
    next.locked(1);
    assert_eq!(
        next.answered(1, grant("A2").answer()).last().unwrap(),
        "arm 100s"
    );
}

// ── Tabs that were closed, frozen, restored or copied ──

/// What a tab finds that was closed before another one signed out.
fn closed_before_a_sign_out_elsewhere() -> Tab {
    let mut closed = Tab::signed_in(TELLING, &grant("A1").and("R1"));
    closed.after(10.0);
    let mut other = Tab::loading(TELLING);
    other.now = closed.now;
    other.open();
    other.sign_in(&grant("B1").and("S1"));
    other.sign_out();
    closed.mark = other.mark;
    closed.reloaded(TELLING)
}

#[test]
fn sec_05_a_tab_that_is_reopened_after_a_sign_out_elsewhere_stays_out_and_tells_of_its_own_token() {
    let mut tab = closed_before_a_sign_out_elsewhere();
    assert_eq!(
        tab.open(),
        [
            "forget here",
            "emit signed-out other-tab",
            "sign out at server A1 R1"
        ]
    );
}

#[test]
fn sec_05_also_where_the_clock_was_set_back_meanwhile() {
    let mut tab = closed_before_a_sign_out_elsewhere();
    tab.set_clock(-3_600.0);
    assert_eq!(
        tab.open(),
        [
            "forget here",
            "emit signed-out other-tab",
            "sign out at server A1 R1"
        ]
    );
}

#[test]
fn sec_05_a_frozen_tab_reads_it_before_it_goes_on() {
    for event in [
        Event::CameBack,
        Event::Ticked,
        Event::Woke {
            stored: Stored::Unknown,
        },
    ] {
        let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
        tab.after(10.0);
        tab.mark = Mark::default().with(Marking::Ended {
            before: tab.now.wall,
            is_owed: false,
        });
        let lines = tab.feed(event);
        assert_eq!(
            lines[..3],
            [
                "forget here",
                "emit signed-out other-tab",
                "sign out at server A1 R1"
            ]
        );
    }
}

#[test]
fn sec_05_a_refresh_token_is_not_spent_after_a_sign_out_elsewhere() {
    let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
    assert_eq!(tab.after(240.0).tick().first().unwrap(), "lock #1");
    tab.mark = Mark::default().with(Marking::Ended {
        before: tab.now.wall,
        is_owed: false,
    });
    let lines = tab.locked(1);
    assert!(
        !lines.iter().any(|line| line.starts_with("refresh")),
        "{lines:?}"
    );
}

#[test]
fn a_session_that_began_after_the_sign_out_lives_on() {
    let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
    tab.sign_out();
    tab.after(1.0);
    tab.sign_in(&grant("A2").and("R2"));
    let mut next = tab.reloaded(TELLING);
    assert_eq!(next.open().first().unwrap(), "emit restored");
    assert_eq!(next.wake(), ["arm 240s"]);
}

#[test]
fn a_tab_that_hears_of_its_own_sessions_end_leaves_telling_to_the_tab_that_ended_it() {
    let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
    let sid = tab.record().sid;
    let lines = tab.hear_sign_out(Some(sid), tab.now.wall);
    assert!(
        !lines.iter().any(|line| line.starts_with("sign out")),
        "{lines:?}"
    );
}

// ── What is owed to the server ──

#[test]
fn a_sign_out_made_offline_is_told_when_the_network_is_back_once() {
    let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
    tab.sign_out();
    assert_eq!(tab.feed(Event::WentOnline), [""; 0], "it is being told");
    tab.sign_out_answered(2, false);
    assert_eq!(tab.feed(Event::WentOnline), ["sign out at server A1 R1"]);
    told(&mut tab, Some(204));
    assert_eq!(tab.feed(Event::WentOnline), [""; 0]);
}

#[test]
fn it_is_told_five_times_at_most() {
    let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
    tab.sign_out();
    tab.sign_out_answered(2, false);
    for _ in 0..4 {
        assert_eq!(tab.wake(), ["sign out at server A1 R1"]);
        told(&mut tab, None);
    }
    assert_eq!(tab.wake(), [""; 0]);
}

#[test]
fn a_server_that_knows_nothing_of_it_is_not_told_again() {
    for (status, is_told_again) in [(400, false), (404, false), (429, true), (503, true)] {
        let mut tab = Tab::signed_in(TELLING, &grant("A1").and("R1"));
        tab.sign_out();
        told(&mut tab, Some(status));
        assert_eq!(tab.wake().len(), usize::from(is_told_again), "{status}");
    }
}

#[test]
fn the_next_page_tells_the_server_of_a_session_in_a_cookie() {
    let mut tab = Tab::signed_in(COOKIE, &grant("A1"));
    tab.sign_out();
    let mut next = tab.reloaded(COOKIE);
    assert_eq!(next.open().first().unwrap(), "sign out at server - -");
    told(&mut next, Some(204));
    assert_eq!(
        next.reloaded(COOKIE).open(),
        ["ask for any", "emit signed-out never-signed-in"]
    );
}

#[test]
fn a_new_session_in_the_cookies_place_is_not_ended_by_what_was_owed() {
    let mut tab = Tab::signed_in(COOKIE, &grant("A1"));
    tab.sign_out();
    tab.sign_out_answered(2, false);
    tab.sign_in(&grant("B1"));
    assert_eq!(tab.feed(Event::WentOnline), ["arm 240s"]);
    assert!(matches!(tab.mark.last, Last::SignedIn { .. }));
}

fn told(tab: &mut Tab, status: Option<u16>) {
    let outcome = match status {
        Some(200..=299) => Ok(()),
        status => Err(
            hallpass::error::Error::from(hallpass::error::ErrorKind::SignOutUnavailable)
                .with_status(status),
        ),
    };
    tab.feed(Event::SignOutAnswered {
        waiter: None,
        outcome,
    });
}

// ── Limits ──

#[test]
fn a_session_that_is_opened_again_after_the_idle_limit_is_over() {
    let tab = Tab::signed_in(IDLE, &grant("A1").and("R1").lasting(86_400.0));
    let mut next = tab.reloaded(IDLE);
    next.set_clock(8.0 * 3_600.0);
    let lines = next.open();
    assert!(
        lines.contains(&"emit signed-out idle".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"sign out at server A1 R1".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn activity_in_any_tab_before_the_page_opened_counts() {
    let mut tab = Tab::signed_in(IDLE, &grant("A1").and("R1").lasting(86_400.0));
    tab.after(800.0).feed(Event::Active);
    let mut next = tab.reloaded(IDLE);
    next.set_clock(800.0);
    assert_eq!(next.open().first().unwrap(), "emit restored");
    let lines = next.after(101.0).feed(Event::Ticked);
    assert!(!lines.is_empty());
}

#[test]
fn the_last_activity_is_written_when_the_page_is_left() {
    let mut tab = Tab::signed_in(IDLE, &grant("A1").and("R1"));
    tab.after(31.0).feed(Event::Active);
    tab.after(2.0).feed(Event::Active);
    let before = tab.last_active.unwrap();
    tab.feed(Event::Left);
    assert_eq!(tab.last_active.unwrap().since(before).as_millis(), 2_000);
}

#[test]
fn rel_08_activity_of_the_future_is_no_activity_beyond_now() {
    let tab = Tab::signed_in(IDLE, &grant("A1").and("R1").lasting(86_400.0));
    let mut next = tab.reloaded(IDLE);
    next.last_active = Some(Timestamp::from_millis(9_000_000_000_000_000));
    next.open();
    let lines = next.after(901.0).tick();
    assert!(
        lines.contains(&"emit signed-out idle".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn sec_37_a_forged_sign_out_of_the_far_future_counts_as_one_of_now() {
    let limited = r#"{"refresh":{},"limits":{"sessionSeconds":900}}"#;
    let mut tab = Tab::signed_in(limited, &grant("A1").and("R1").lasting(86_400.0));
    let before = Some(Timestamp::from_millis(9_000_000_000_000_000));
    tab.hear(Message::SignedOut { sid: None, before });
    assert_eq!(tab.view(), "signed-out other-tab");
    tab.after(1.0);
    tab.sign_in(&grant("A2").and("R2").lasting(86_400.0));
    assert!(tab.record().signed_in.since(tab.now.wall).as_millis() <= 1);
    let lines = tab.after(901.0).tick();
    assert!(
        lines.contains(&"emit signed-out session-limit".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn sec_37_so_does_a_forged_mark() {
    let limited = r#"{"refresh":{},"limits":{"sessionSeconds":900}}"#;
    let mut tab = Tab::loading(limited);
    tab.mark = Mark::default().with(Marking::Ended {
        before: Timestamp::from_millis(9_000_000_000_000_000),
        is_owed: false,
    });
    tab.open();
    tab.sign_in(&grant("A2").and("R2").lasting(86_400.0));
    let ahead = tab.record().signed_in.since(tab.now.wall).as_millis();
    assert!(ahead <= 1, "{ahead}");
    assert_eq!(
        tab.reloaded(limited).open().first().unwrap(),
        "emit restored"
    );
}

#[test]
fn rel_07_limits_count_from_the_sign_in_also_where_it_is_dated_after_a_sign_out_ahead_of_the_clock()
{
    let limited = r#"{"refresh":{},"limits":{"sessionSeconds":900}}"#;
    let mut tab = Tab::signed_in(limited, &grant("A1").and("R1").lasting(86_400.0));
    let before = Some(Timestamp::from_millis(START + 3_600_000));
    tab.hear(Message::SignedOut { sid: None, before });
    tab.sign_in(&grant("A2").and("R2").lasting(86_400.0));
    let mut next = tab.reloaded(limited);
    next.set_clock(800.0);
    next.open();
    let lines = next.after(101.0).tick();
    assert!(
        lines.contains(&"emit signed-out session-limit".to_owned()),
        "{lines:?}"
    );
}
