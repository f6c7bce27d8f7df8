//! Refreshing in time: by the clock, through the lock, to new tokens.

use hallpass::answer::Answer;
use hallpass::event::Stored;
use hallpass::secret::Secret;

use crate::support::*;

#[test]
fn a_due_refresh_goes_through_the_lock_and_back() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.after(240.0).tick(), ["lock #1", "arm 55s"]);
    assert_eq!(tab.locked(1), ["refresh #1 A1 R1"]);
    assert_eq!(
        tab.answered(1, grant("A2").and("R2").answer()),
        [
            "persist s1.2 A2 R2",
            "release",
            "emit refreshed by this-tab",
            "arm 240s"
        ]
    );
    assert_eq!(tab.view(), "A2 generation 2 ends in 300s refresh in 240s");
}

#[test]
fn rel_04_without_the_lock_it_goes_on() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    assert_eq!(tab.no_lock(1), ["refresh #1 A1 R1"]);
}

#[test]
fn a_store_that_cannot_tell_is_no_hindrance() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    assert_eq!(tab.locked_with(1, Stored::Unknown), ["refresh #1 A1 R1"]);
}

#[test]
fn a_tick_too_early_or_too_many_is_harmless() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.after(239.0).tick(), ["arm 1s"]);
    assert_eq!(tab.tick(), ["arm 1s"]);
    tab.after(1.0).tick();
    assert_eq!(
        tab.tick(),
        ["arm 55s"],
        "under way: only the end is awaited"
    );
    tab.locked(1);
    assert_eq!(tab.tick(), ["arm 55s"]);
}

#[test]
fn a_token_that_ends_during_a_refresh_is_shown_as_stale() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.after(55.0).tick(), ["show"]);
    assert!(tab.view().ends_with("stale"));
}

#[test]
fn jitter_comes_earlier_at_random() {
    let mut tab = Tab::signed_out(BODY);
    tab.set_dice(true);
    let effects = tab.sign_in(&grant("A1").and("R1"));
    assert_eq!(effects.last().unwrap(), "arm 210s");
}

#[test]
fn a_refresh_may_also_be_due_by_interval_or_soft_expiry() {
    let every = r#"{"refresh":"function","schedule":{"everySeconds":100}}"#;
    let mut tab = Tab::signed_out(every);
    let effects = tab.sign_in(&opaque("A1").undated());
    assert_eq!(effects.last().unwrap(), "arm 100s");
    assert_eq!(tab.after(100.0).tick(), ["lock #1"]);

    let soft = r#"{"refresh":"function","schedule":{"softExpiryClaim":"softexp"}}"#;
    let mut tab = Tab::signed_out(soft);
    let effects = tab.sign_in(&grant_with("A1", r#""iat":1000,"softexp":1030"#));
    assert_eq!(effects.last().unwrap(), "arm 30s");
}

#[test]
fn not_proactive_means_only_when_a_request_needs_it() {
    let lazy = r#"{"refresh":"function","schedule":{"proactive":false}}"#;
    let mut tab = Tab::signed_out(lazy);
    let effects = tab.sign_in(&grant("A1"));
    assert_eq!(effects.last().unwrap(), "arm 295s");
    assert_eq!(tab.view(), "A1 generation 1 ends in 300s refresh never");
    assert_eq!(tab.after(295.0).tick(), ["show"]);
    assert_eq!(tab.need_token(), ["lock #1"]);
}

// ── Clocks ──

#[test]
fn rel_06_a_laptop_that_slept_refreshes_before_use() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.set_clock(7_200.0);
    assert_eq!(
        tab.need_token(),
        ["lock #1", "arm never", "show"],
        "by the call"
    );
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.set_clock(7_200.0);
    assert_eq!(tab.wake(), ["lock #1", "arm never", "show"], "by the wake");
}

#[test]
fn rel_07_a_clock_set_back_makes_no_zombie() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.set_clock(-86_400.0).after(240.0);
    assert_eq!(tab.tick().first().unwrap(), "lock #1");
    tab.after(60.0);
    assert!(tab.state.usable_token(tab.now, None).is_none());
}

#[test]
fn rel_07_a_clock_that_jumps_back_and_forth_makes_no_storm() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let mut refreshes = 0;
    for hour in 0..48 {
        tab.set_clock(if hour % 2 == 0 { 3_600.0 } else { -3_600.0 });
        let mut effects = tab.wake();
        effects.extend(tab.tick());
        if effects.contains(&format!("lock #{}", refreshes + 1)) {
            refreshes += 1;
            tab.locked(refreshes);
            tab.answered(refreshes, grant("A2").and("R2").answer());
        }
    }
    assert!(refreshes <= 24, "one for each step forward: {refreshes}");
}

#[test]
fn a_wake_of_a_healthy_session_changes_nothing() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.after(10.0).wake(), ["arm 230s"]);
    assert_eq!(tab.wake_with(Stored::Unknown), ["arm 230s"]);
}

#[test]
fn rel_08_skew_that_was_seen_counts_for_a_token_without_iat() {
    let ahead = START / 1000 + 3_600;
    let first = grant_with("A1", &format!(r#""iat":{ahead},"exp":{}"#, ahead + 300));
    let second = grant_with("A2", &format!(r#""exp":{}"#, ahead + 240 + 300));
    let mut tab = Tab::refreshing(BODY, &first.undated().and("R1"));
    tab.answered(1, second.undated().answer());
    assert_eq!(tab.view(), "A2 generation 2 ends in 300s refresh in 240s");
}

/// `iat` is the sign-in of three hours ago, as with many a server, and there is no `expires_in`.
#[test]
fn rel_08_a_sign_in_of_hours_ago_does_not_lengthen_the_life() {
    let now = START / 1000;
    let of = |name: &str, server: i64| {
        let claims = format!(r#""iat":{},"exp":{}"#, now - 10_800, server + 300);
        grant_with(name, &claims).undated()
    };
    let mut tab = Tab::refreshing(BODY, &of("A1", now).and("R1"));
    tab.answered(1, of("A2", now + 240).answer());
    assert_eq!(tab.view(), "A2 generation 2 ends in 300s refresh in 240s");
}

/// The device is an hour behind and the server's clock cannot be seen: the first token seems to live for an
/// hour and more, until the server refuses it.
#[test]
fn rel_08_a_refused_token_tells_a_slow_device_what_iat_does_not() {
    let server = START / 1000 + 3_600;
    let of = |name: &str, at: i64| {
        let claims = format!(r#""iat":{},"exp":{}"#, server - 10_800, at + 300);
        grant_with(name, &claims).undated()
    };
    let mut tab = Tab::signed_in(BODY, &of("A1", server).and("R1"));
    tab.after(300.0).unauthorized(&of("A1", server));
    tab.locked(1);
    tab.answered(1, of("A2", server + 300).answer());
    assert!(
        tab.view().starts_with("A2 generation 2 ends in 300s"),
        "{}",
        tab.view()
    );
}

// ── What the answer brings ──

#[test]
fn rel_41_a_refresh_token_that_is_not_named_is_kept() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    let effects = tab.answered(1, grant("A2").answer());
    assert!(effects.contains(&"persist s1.2 A2 R1".to_owned()));
}

#[test]
fn rel_41_a_refresh_token_that_was_replaced_is_never_sent_again() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, grant("A2").and("R2").answer());
    tab.after(240.0).tick();
    assert_eq!(tab.locked(2), ["refresh #2 A2 R2"]);
    assert!(!format!("{:?}", tab.record()).contains("R1"));
}

#[test]
fn rel_14_tokens_that_cannot_be_used_leave_the_session_alone() {
    for bad in [opaque("A 2"), opaque(&"a".repeat(16_385))] {
        let code = if bad.access().expose().len() > 9 {
            "token_too_large"
        } else {
            "malformed_token"
        };
        let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
        assert_eq!(
            tab.answered(1, bad.answer()),
            [
                "release".to_owned(),
                format!("emit refresh-failed refresh_unavailable < {code}, retry in 0.2s"),
                "arm 0.2s".to_owned()
            ]
        );
        assert!(tab.view().starts_with("A1 generation 1"));
    }
}

/// RFC 6749, section 6: the server takes the old one for stolen, should it see it again.
#[test]
fn rel_41_a_refresh_token_beside_tokens_that_cannot_be_used_replaces_the_old_one() {
    let large = "a".repeat(16_385);
    let profile = format!(r#"{{"name":"{}"}}"#, "n".repeat(8_193));
    for (access, profile) in [
        ("A 2", None),
        (large.as_str(), None),
        ("A2", Some(profile.as_str())),
        ("A2", Some("[]")),
    ] {
        for refresh in ["R2", "", large.as_str()] {
            let mut set = opaque(access).and(refresh).set();
            set.profile = profile.map(Secret::from);
            let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
            let effects = tab.answered(1, Answer::Tokens(set));
            let is_replaced = refresh == "R2";
            let stored = effects.contains(&"persist s1.2 A1 R2".to_owned());
            assert_eq!(stored, is_replaced, "{effects:?}");
            assert!(
                effects
                    .iter()
                    .any(|effect| effect.contains("retry in 0.2s"))
            );
            tab.after(0.2).tick();
            let sent = if is_replaced { "R2" } else { "R1" };
            assert_eq!(tab.locked(2), [format!("refresh #2 A1 {sent}")]);
        }
    }
}

#[test]
fn rel_41_another_users_refresh_token_replaces_nothing() {
    let mut tab = Tab::refreshing(BODY, &grant_with("A1", r#""sub":"ann""#).and("R1"));
    let other = grant_with("A2", r#""sub":"bob""#).and("R2");
    tab.answered(1, other.answer());
    tab.after(0.2).tick();
    assert_eq!(tab.locked(2), ["refresh #2 A1 R1"]);
}

#[test]
fn sec_38_an_answer_for_another_user_is_no_answer() {
    for (before, after) in [
        (r#""sub":"ann""#, r#""sub":"bob""#),
        (r#""sub":1"#, r#""sub":2"#),
        (r#""sub":7,"iss":"a""#, r#""sub":"8","iss":"a""#),
    ] {
        let mut tab = Tab::refreshing(BODY, &grant_with("A1", before).and("R1"));
        assert_eq!(
            tab.answered(1, grant_with("A2", after).and("R2").answer()),
            [
                "release",
                "emit refresh-failed refresh_unavailable < invalid_response, retry in 0.2s",
                "arm 0.2s"
            ]
        );
    }
}

/// The browser's cookie is another user's by now: this session cannot go on.
#[test]
fn sec_38_a_cookie_of_another_user_ends_the_session() {
    let cookie = r#"{"refresh":{"refreshToken":"cookie"}}"#;
    for (before, after) in [
        (r#""sub":1"#, r#""sub":2"#),
        (r#""sub":1"#, r#""sub":"2""#),
        (
            r#""sub":1234567890123456789"#,
            r#""sub":1234567890123456788"#,
        ),
    ] {
        let mut tab = Tab::refreshing(cookie, &grant_with("A1", before));
        tab.answered(1, grant_with("A2", after).answer());
        assert_eq!(tab.view(), "signed-out rejected", "{after}");
    }
}

/// Some servers write the URL there under which they were asked.
#[test]
fn an_answer_of_another_issuer_renews_the_session() {
    let mut tab = Tab::refreshing(BODY, &grant_with("A1", r#""iss":"a","sub":7"#).and("R1"));
    let renewed = grant_with("A2", r#""iss":"b","sub":7"#).and("R2");
    tab.answered(1, renewed.answer());
    assert!(tab.view().starts_with("A2 generation 2"));
}

#[test]
fn sec_38_answers_and_locks_of_other_attempts_are_dropped() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let answer = || grant("A9").and("R9").answer();
    assert_eq!(tab.answered(1, answer()), [""; 0], "none is under way");
    tab.after(240.0).tick();
    assert_eq!(tab.no_lock(9), [""; 0]);
    assert_eq!(tab.answered(1, answer()), [""; 0], "only the lock is");
    tab.locked(1);
    assert_eq!(tab.answered(9, answer()), [""; 0]);
    assert_eq!(tab.no_lock(1), [""; 0], "granted already");
    tab.answered(1, grant("A2").answer());
    assert_eq!(tab.answered(1, answer()), [""; 0], "answered already");
    assert!(tab.view().starts_with("A2 generation 2"));
}

/// A tab that gets a lock for which no attempt waits gives it back: other tabs wait for it.
#[test]
fn rel_04_a_lock_granted_too_late_is_given_back() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.sign_out();
    assert_eq!(tab.locked(1), ["release"], "signed out");

    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.sign_in(&grant("B1").and("S1"));
    assert_eq!(tab.locked(1), ["release"], "another session");
}

// ── Bearer renewal ──

const BEARER: &str = r#"{"refresh":{"bearer":true}}"#;

#[test]
fn a_bearer_renews_itself_while_it_is_good() {
    let mut tab = Tab::signed_in(BEARER, &grant("A1"));
    assert_eq!(tab.view(), "A1 generation 1 ends in 300s refresh in 240s");
    assert_eq!(tab.after(240.0).tick(), ["lock #1", "arm 55s"]);
    assert_eq!(tab.locked(1), ["refresh #1 A1 -"]);
    assert_eq!(
        tab.answered(1, grant("A2").answer()),
        [
            "persist s1.2 A2 -",
            "release",
            "emit refreshed by this-tab",
            "arm 240s"
        ]
    );
}

#[test]
fn a_bearer_that_ended_in_trouble_is_over() {
    let mut tab = Tab::signed_in(BEARER, &grant("A1"));
    tab.after(240.0).tick();
    tab.locked(1);
    tab.answered(1, trouble(503));
    assert_eq!(
        tab.after(60.0).tick(),
        ["forget", "emit signed-out expired"]
    );
}

#[test]
fn a_bearer_may_be_renewed_to_its_last_second_by_hand() {
    let mut tab = Tab::signed_in(BEARER, &grant("A1"));
    assert_eq!(tab.after(299.0).ask_refresh().first().unwrap(), "lock #1");
    let mut tab = Tab::signed_in(BEARER, &grant("A1"));
    assert_eq!(
        tab.after(300.0).ask_refresh().first().unwrap(),
        "w2 failed refresh_unavailable"
    );
}

/// Expired on arrival, and nothing to refresh with: that session is over, not stale for ever.
#[test]
fn rel_09_a_bearer_answered_with_an_expired_token_is_over() {
    let mut tab = Tab::signed_in(BEARER, &grant("A1"));
    tab.after(240.0).tick();
    tab.locked(1);
    let mut effects = tab.answered(1, grant("A2").lasting(0.0).answer());
    if effects.iter().any(|line| line.starts_with("arm 0")) {
        effects.extend(tab.tick());
    }
    assert!(
        effects.contains(&"emit signed-out expired".to_owned()),
        "{effects:?} {}",
        tab.view()
    );
}
