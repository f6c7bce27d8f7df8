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

/// The page would look signed in, and work no more, for as long as its token says.
#[test]
fn rel_18_without_a_way_to_refresh_the_401_stands_and_the_session_ends() {
    for token in [grant("A1"), opaque("A1"), opaque("A1").undated()] {
        let mut tab = Tab::signed_in("{}", &token);
        let sid = tab.sid_of_now();
        let effects = tab.unauthorized(&token);
        assert_eq!(
            effects[..4],
            [
                "forget",
                "tell signed-out s1",
                "emit signed-out rejected",
                "w2 stands"
            ]
        );
        assert_eq!(tab.view(), "signed-out rejected");
        assert_eq!(tab.unauthorized_in(sid, &token), ["w3 stands"], "once");
    }
}

#[test]
fn rel_18_where_the_server_gave_no_refresh_token_this_tab_ends_alone() {
    let mut tab = Tab::signed_in(BODY, &grant("A1"));
    assert_eq!(
        tab.unauthorized(&grant("A1")),
        [
            "forget",
            "emit signed-out rejected",
            "w2 stands",
            "arm never"
        ]
    );
}

/// Others that hold the session may have a refresh token, and go on.
#[test]
fn rel_18_a_copy_without_a_refresh_token_ends_alone() {
    let memory = r#"{"refresh":{"refreshToken":"memory"}}"#;
    let original = Tab::signed_in(memory, &grant("A1"));
    let mut copy = original.reloaded(memory);
    copy.open();
    let effects = copy.unauthorized(&grant("A1"));
    assert!(
        !effects.iter().any(|line| line.starts_with("tell")),
        "{effects:?}"
    );
    assert_eq!(copy.view(), "signed-out rejected");
}

#[test]
fn rel_18_a_token_that_has_changed_since_ends_nothing() {
    let mut tab = Tab::signed_in("{}", &grant("A1"));
    let first = tab.sid_of_now();
    tab.sign_in(&grant("B1"));
    assert_eq!(tab.unauthorized_in(first, &grant("A1")), ["w3 stands"]);
    assert_eq!(tab.unauthorized(&grant("A0")), ["w4 token B1"]);
    assert!(tab.view().starts_with("B1"));
}

/// It said nothing about who may sign in.
#[test]
fn rel_18_a_sign_in_under_way_survives_it() {
    let mut tab = Tab::signed_in("{}", &grant("A1"));
    let under_way = tab.begin_sign_in();
    tab.unauthorized(&grant("A1"));
    let effects = tab.sign_in_answered(under_way, &grant("B1"));
    assert!(effects.contains(&"w2 done".to_owned()), "{effects:?}");
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

// ── What a 401 says about the clocks ──

/// Restored from the store, where only the wall clock says how old it is.
#[test]
fn rel_08_a_restored_token_that_is_refused_is_not_used_again() {
    let old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let mut tab = old.reloaded(BODY);
    tab.open();
    assert_eq!(tab.unauthorized(&grant("A1")), ["lock #1", "arm 295s"]);
    assert_eq!(tab.need_token(), [""; 0], "waits for the refresh");
    tab.locked(1);
    tab.after(0.1).tick();
    let effects = tab.answered(1, grant("A2").and("R2").answer());
    assert!(effects.contains(&"w1 token A2".to_owned()), "{effects:?}");
    assert!(effects.contains(&"w2 token A2".to_owned()), "{effects:?}");
}

#[test]
fn rel_08_nor_is_one_of_unknown_life() {
    let mut tab = Tab::signed_in(BODY, &opaque("A1").undated().and("R1"));
    tab.unauthorized(&opaque("A1"));
    assert_eq!(tab.need_token(), [""; 0]);
    tab.locked(1);
    let effects = tab.answered(1, trouble(503));
    assert!(
        effects.contains(&"w3 failed refresh_unavailable(503)".to_owned()),
        "{effects:?}"
    );
    assert!(tab.view().ends_with("stale"));
}

/// Its life counts from receipt: the server has another reason than its end, perhaps for this URL alone.
#[test]
fn a_measured_token_that_is_refused_goes_on() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.unauthorized(&grant("A1"));
    assert_eq!(tab.need_token(), ["w3 token A1"]);
}

#[test]
fn a_bearer_that_is_refused_may_still_try_to_renew_itself() {
    let bearer = r#"{"refresh":{"bearer":true}}"#;
    let mut tab = Tab::signed_in(bearer, &opaque("A1").undated());
    assert_eq!(tab.unauthorized(&opaque("A1")), ["lock #1"]);
    let mut tab = Tab::signed_in(bearer, &grant("A1")).reloaded(bearer);
    tab.store = Some(grant("A1").record(&other_sid(), 1, tab.now.wall));
    tab.open();
    assert_eq!(tab.unauthorized(&grant("A1")), ["lock #1", "arm 295s"]);
}

/// The device is ten minutes slow; the tokens say only when they end, and that they do so in five.
#[test]
fn rel_08_a_refused_token_tells_a_slow_clock_how_slow_it_is() {
    let ends = |name, after: i64| {
        let exp = format!(r#""exp":{}"#, START / 1_000 + 600 + after);
        grant_with(name, &exp).undated().and("R1")
    };
    let mut tab = Tab::signed_in(BODY, &ends("A1", 300));
    assert!(tab.view().starts_with("A1 generation 1 ends in 900s"));
    // Refused at once: for whatever reason, but not because it has ended.
    tab.unauthorized(&ends("A1", 300));
    tab.locked(1);
    tab.answered(1, ends("A2", 300).answer());
    assert!(tab.view().starts_with("A2 generation 2 ends in 900s"));
    // Refused when it had indeed ended.
    tab.after(310.0).unauthorized(&ends("A2", 300));
    tab.locked(2);
    tab.answered(2, ends("A3", 610).answer());
    assert_eq!(tab.view(), "A3 generation 3 ends in 310s refresh in 250s");
}
