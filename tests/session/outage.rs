//! The server does not answer, and tabs that share their session are in line for it.

use hallpass::record::Sid;

use crate::support::*;

const SHARED: &str = r#"{"refresh":{},"tabs":"shared"}"#;
const SHARED_COOKIE: &str = r#"{
    "refresh":{"refreshToken":"cookie"},
    "tabs":"shared","schedule":{"onStart":true}
}"#;

/// A tab that waits for the lock, with a caller.
fn in_line(seconds: f64) -> (Tab, Sid) {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let sid = tab.record().sid;
    let effects = tab.after(seconds).need_token();
    assert_eq!(effects[0], "lock #1", "the token is over");
    (tab, sid)
}

/// A tab that has asked the server.
fn asking() -> (Tab, Sid) {
    let (mut tab, sid) = in_line(301.0);
    tab.locked(1);
    assert_eq!(tab.after(0.1).tick()[0], "refresh #1 A1 R1");
    (tab, sid)
}

#[test]
fn rel_10_the_tab_that_failed_says_so_before_it_gives_the_lock_back() {
    for (answer, told) in [
        (trouble(503), "tell failed s1.1"),
        (busy(429, 30.0), "tell failed s1.1 retry after 30s"),
        (nonsense(200), "tell failed s1.1"),
        (no_network(), "tell failed s1.1"),
    ] {
        let (mut tab, _) = asking();
        let effects = tab.answered(1, answer);
        assert_eq!(effects[..2], [told, "release"]);
    }
}

#[test]
fn a_tab_that_shares_nothing_tells_nobody_of_its_failure_and_heeds_no_other_session() {
    let separate = r#"{"refresh":{}}"#;
    let mut tab = Tab::refreshing(separate, &grant("A1").and("R1"));
    let sid = tab.record().sid;
    assert_eq!(tab.answered(1, trouble(503))[0], "release");
    let mut tab = Tab::signed_in(separate, &grant("A1").and("R1"));
    tab.after(301.0).need_token();
    assert_eq!(tab.hear_failed(Some(&other_sid()), 1, None), [""; 0]);
    // But a copy of it has the same session, and fails for the same reason.
    assert_eq!(tab.hear_failed(Some(&sid), 1, None)[1], "release");
}

#[test]
fn rel_10_a_tab_in_line_fails_with_the_one_that_asked() {
    let (mut tab, sid) = in_line(301.0);
    assert_eq!(
        tab.hear_failed(Some(&sid), 1, None),
        [
            "abandon #1",
            "release",
            "emit refresh-failed refresh_unavailable, retry in 0.2s",
            "w2 failed refresh_unavailable",
            "arm 0.2s"
        ]
    );
    assert_eq!(tab.after(0.2).tick(), ["lock #2"]);
}

#[test]
fn a_tab_that_has_the_lock_and_listens_to_its_siblings_heeds_them_too() {
    let (mut tab, sid) = in_line(301.0);
    tab.locked(1);
    assert_eq!(
        tab.hear_failed(Some(&sid), 1, None)[..2],
        ["abandon #1", "release"]
    );
}

#[test]
fn an_early_refresh_that_fails_elsewhere_leaves_callers_the_token_that_is_still_good() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let sid = tab.record().sid;
    assert_eq!(tab.after(240.0).tick(), ["lock #1", "arm 55s"]);
    tab.hear_failed(Some(&sid), 1, None);
    assert_eq!(tab.need_token(), ["w2 token A1"]);
}

#[test]
fn how_long_the_server_said_to_wait_holds_for_all_up_to_a_minute() {
    for (told, waited) in [(30.0, "30s"), (60.0, "60s"), (1e12, "60s")] {
        let (mut tab, sid) = in_line(301.0);
        let effects = tab.hear_failed(Some(&sid), 1, Some(told));
        assert_eq!(effects.last().unwrap(), &format!("arm {waited}"));
    }
}

#[test]
fn sec_37_what_is_not_about_this_session_or_not_in_line_is_not_heeded() {
    let (mut tab, sid) = in_line(301.0);
    assert_eq!(tab.hear_failed(Some(&other_sid()), 1, None), [""; 0]);
    assert_eq!(tab.hear_failed(None, 1, None), [""; 0]);
    assert_eq!(tab.hear_failed(Some(&sid), 0, None), [""; 0]);
    assert_eq!(tab.hear_failed(Some(&sid), 2, None), [""; 0]);

    let (mut tab, sid) = asking();
    assert_eq!(
        tab.hear_failed(Some(&sid), 1, None),
        [""; 0],
        "its own answer is on the way"
    );
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let sid = tab.record().sid;
    assert_eq!(
        tab.hear_failed(Some(&sid), 1, None),
        [""; 0],
        "it needs nothing"
    );
}

#[test]
fn sec_37_a_forger_delays_a_refresh_and_cannot_prevent_it() {
    let (mut tab, sid) = in_line(301.0);
    let mut attempt = 1;
    for _ in 0..5 {
        tab.hear_failed(Some(&sid), 1, Some(1e12));
        tab.after(60.0).tick();
        attempt += 1;
    }
    assert_eq!(tab.hear_failed(Some(&sid), 1, Some(1e12)), [""; 0]);
    tab.locked(attempt);
    assert_eq!(tab.hear_failed(Some(&sid), 1, Some(1e12)), [""; 0]);
    assert_eq!(tab.after(1.0).tick(), [format!("refresh #{attempt} A1 R1")]);
    // Its own failure is news again: the next words of siblings count.
    tab.answered(attempt, trouble(503));
    tab.after(60.0).tick();
    assert_eq!(
        tab.hear_failed(Some(&sid), 1, None)[0],
        format!("abandon #{}", attempt + 1)
    );
}

#[test]
fn rel_10_pages_that_open_in_an_outage_fail_together_too() {
    let mut first = Tab::loading(SHARED_COOKIE);
    first.open();
    first.after(0.1).tick();
    first.locked(1);
    first.after(0.1).tick();
    assert_eq!(
        first.answered(1, trouble(503))[..2],
        ["tell failed any", "release"]
    );

    let mut tab = Tab::loading(SHARED_COOKIE);
    tab.open();
    assert_eq!(tab.after(0.1).tick(), ["lock #1", "arm 9.9s"]);
    assert_eq!(tab.hear_failed(Some(&other_sid()), 1, None), [""; 0]);
    assert_eq!(
        tab.hear_failed(None, 0, None),
        ["abandon #1", "release", "arm 0.2s"]
    );
    assert_eq!(tab.view(), "loading");
    assert_eq!(tab.after(0.2).tick(), ["lock #2", "arm 9.7s"]);
}
