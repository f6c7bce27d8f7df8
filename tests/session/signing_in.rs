//! A session begins, or takes the place of another.

use hallpass::error::{Error, ErrorKind};
use hallpass::event::Stored;

use crate::support::*;

#[test]
fn a_sign_in_is_stored_shown_and_scheduled() {
    let mut tab = Tab::signed_out(BODY);
    assert_eq!(
        tab.sign_in(&grant("A1").and("R1")),
        [
            "persist s1.1 A1 R1",
            "emit signed-in",
            "w1 done",
            "arm 240s"
        ]
    );
    assert_eq!(tab.view(), "A1 generation 1 ends in 300s refresh in 240s");
}

#[test]
fn without_a_way_to_refresh_only_the_end_is_awaited() {
    let mut tab = Tab::signed_out("{}");
    assert_eq!(
        tab.sign_in(&grant("A1").and("R1")),
        [
            "persist s1.1 A1 R1",
            "emit signed-in",
            "w1 done",
            "arm 295s"
        ]
    );
    assert_eq!(tab.view(), "A1 generation 1 ends in 300s refresh never");
    assert_eq!(
        tab.after(295.0).tick(),
        ["forget", "emit signed-out expired"]
    );
}

#[test]
fn sec_21_a_token_that_no_header_can_carry_starts_nothing() {
    let mut tab = Tab::signed_out(BODY);
    assert_eq!(tab.sign_in(&opaque("A 1")), ["w1 failed malformed_token"]);
    assert_eq!(tab.sign_in(&opaque("")), ["w2 failed malformed_token"]);
    assert_eq!(tab.view(), "signed-out never-signed-in");
}

#[test]
fn sec_36_a_token_that_is_too_large_leaves_the_old_session_alone() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let large = opaque(&"a".repeat(16_385));
    assert_eq!(tab.sign_in(&large), ["w2 failed token_too_large"]);
    let large = opaque("A2").and(&"r".repeat(16_385));
    assert_eq!(tab.sign_in(&large), ["w3 failed token_too_large"]);
    assert!(tab.view().starts_with("A1 generation 1"));
}

#[test]
fn sec_34_an_exp_of_the_wrong_type_is_an_expired_token() {
    for exp in [r#""1800000000""#, "null", "true", "[]", "{}"] {
        let wrong = grant_with("A1", &format!(r#""exp":{exp}"#)).undated();
        let mut tab = Tab::signed_out(BODY);
        assert_eq!(
            tab.sign_in(&wrong),
            [
                "persist s1.1 A1 -",
                "emit signed-in",
                "w1 done",
                "forget",
                "emit signed-out expired"
            ],
            "{exp}"
        );
        let mut tab = Tab::signed_out(BODY);
        assert_eq!(
            tab.sign_in(&wrong.and("R1")),
            ["persist s1.1 A1 R1", "emit signed-in", "w1 done", "lock #1"],
            "{exp}"
        );
        assert!(tab.view().ends_with("stale"));
    }
}

#[test]
fn rel_15_no_exp_means_no_timer() {
    let mut tab = Tab::signed_out(BODY);
    assert_eq!(
        tab.sign_in(&grant("A1").undated().and("R1")),
        ["persist s1.1 A1 R1", "emit signed-in", "w1 done"]
    );
    assert_eq!(tab.after(86_400_000.0).need_token(), ["w2 token A1"]);
}

#[test]
fn rel_15_a_token_of_forty_days_or_a_hundred_years_waits_its_time() {
    for days in [40.0, 36_500.0] {
        let mut tab = Tab::signed_out(BODY);
        let seconds = days * 86_400.0;
        let effects = tab.sign_in(&grant("A1").lasting(seconds).and("R1"));
        assert_eq!(effects.last().unwrap(), &format!("arm {}s", seconds - 60.0));
    }
    for endless in [1e300, f64::INFINITY] {
        let mut tab = Tab::signed_out(BODY);
        tab.sign_in(&grant("A1").lasting(endless).and("R1"));
        assert_eq!(tab.after(1e9).need_token(), ["w2 token A1"]);
    }
}

/// Whose request it is, the session says and not the name of the user: opaque tokens name no user, and a
/// user who signs in anew may do so with other rights.
#[test]
fn sec_38_another_sign_in_of_the_same_user_is_another_session() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.after(60.0);
    assert_eq!(tab.need_token(), ["arm never", "show"]);
    tab.ask_refresh();
    tab.unauthorized(&grant("A1"));
    assert_eq!(
        tab.sign_in(&grant("B1").and("S1")),
        [
            "abandon #1",
            "release",
            "persist s2.1 B1 S1",
            "emit signed-in",
            "w2 failed signed_out",
            "w3 failed signed_out",
            "w4 stands",
            "w5 done",
            "arm 240s"
        ]
    );
}

#[test]
fn sec_38_a_sign_in_of_another_user_fails_who_was_waiting() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.after(60.0).need_token();
    tab.ask_refresh();
    tab.unauthorized(&grant("A1"));
    assert_eq!(
        tab.sign_in(&grant_with("B1", r#""sub":"bob""#).and("S1")),
        [
            "abandon #1",
            "release",
            "persist s2.1 B1 S1",
            "emit signed-in",
            "w2 failed signed_out",
            "w3 failed signed_out",
            "w4 stands",
            "w5 done",
            "arm 240s"
        ]
    );
    assert_eq!(
        tab.answered(1, grant("A2").and("R2").answer()),
        [""; 0],
        "the old user's answer comes too late"
    );
}

#[test]
fn a_sign_in_ends_a_backoff() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, trouble(503));
    assert_eq!(
        tab.sign_in(&grant("B1").and("S1")),
        [
            "persist s2.1 B1 S1",
            "emit signed-in",
            "w2 done",
            "arm 240s"
        ]
    );
}

#[test]
fn sec_38_a_sign_in_that_began_before_a_sign_out_starts_nothing() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let under_way = tab.begin_sign_in();
    let effects = tab.sign_out();
    assert!(
        effects.contains(&"w2 failed signed_out".to_owned()),
        "{effects:?}"
    );
    assert_eq!(tab.sign_in_answered(under_way, &grant("B1")), [""; 0]);
    assert_eq!(tab.store, None);
    assert_eq!(
        tab.sign_in(&grant("B1")).first().unwrap(),
        "persist s2.1 B1 -"
    );
}

#[test]
fn sec_38_a_sign_out_of_nobody_fences_too() {
    let mut tab = Tab::signed_out(BODY);
    let under_way = tab.begin_sign_in();
    assert_eq!(
        tab.sign_out(),
        ["forget", "abandon w1", "w1 failed signed_out", "w2 done"]
    );
    assert_eq!(tab.sign_in_answered(under_way, &grant("B1")), [""; 0]);
}

/// Answered in the wrong order: the sign-in that began last counts.
#[test]
fn sec_38_an_earlier_sign_in_never_takes_the_place_of_a_later_one() {
    let bob = || grant_with("B1", r#""sub":"bob""#).and("S1");
    let mut tab = Tab::signed_out(BODY);
    let (alice, later) = (tab.begin_sign_in(), tab.begin_sign_in());
    let effects = tab.sign_in_answered(later, &bob());
    assert_eq!(
        effects[1..5],
        [
            "emit signed-in",
            "w2 done",
            "abandon w1",
            "w1 failed signed_out"
        ]
    );
    assert_eq!(tab.sign_in_answered(alice, &grant("A1").and("R1")), [""; 0]);
    assert!(tab.view().starts_with("B1 generation 1"));
    // In the right order nothing is lost, and the last one stands.
    let mut tab = Tab::signed_out(BODY);
    let (alice, later) = (tab.begin_sign_in(), tab.begin_sign_in());
    tab.sign_in_answered(alice, &grant("A1").and("R1"));
    let effects = tab.sign_in_answered(later, &bob());
    assert!(effects.contains(&"w2 done".to_owned()), "{effects:?}");
    assert!(tab.view().starts_with("B1 generation 1"));
}

/// What was refused, or is no token at all, has begun nothing.
#[test]
fn a_later_sign_in_that_fails_leaves_the_earlier_one_alone() {
    let refused = || Error::from(ErrorKind::SignInRejected);
    let mut tab = Tab::signed_out(BODY);
    let (alice, later) = (tab.begin_sign_in(), tab.begin_sign_in());
    assert_eq!(
        tab.sign_in_failed(later, refused()),
        ["w2 failed sign_in_rejected"]
    );
    assert_eq!(tab.sign_in(&opaque("A 1")), ["w3 failed malformed_token"]);
    let effects = tab.sign_in_answered(alice, &grant("A1").and("R1"));
    assert!(effects.contains(&"w1 done".to_owned()), "{effects:?}");
    // An earlier one that fails after all does not touch what stands.
    let mut tab = Tab::signed_out(BODY);
    let alice = tab.begin_sign_in();
    tab.sign_in(&grant("B1"));
    assert_eq!(
        tab.sign_in_failed(alice, refused()),
        [""; 0],
        "it was told already"
    );
    assert!(tab.view().starts_with("B1"));
}

/// `accept` and a redirect's return begin and work at once.
#[test]
fn sec_38_tokens_of_the_applications_own_count_in_this_order_too() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let alice = tab.begin_sign_in();
    let effects = tab.sign_in(&grant("B1").and("S1"));
    assert!(
        effects.contains(&"w2 failed signed_out".to_owned()),
        "{effects:?}"
    );
    assert_eq!(tab.sign_in_answered(alice, &grant("C1")), [""; 0]);
    assert!(tab.view().starts_with("B1"));
}

/// All of it was called before anything was known.
#[test]
fn sec_38_a_sign_in_after_a_sign_out_counts_though_both_had_to_wait() {
    let mut tab = Tab::loading(BODY);
    let before = tab.begin_sign_in();
    tab.sign_out();
    let after = tab.begin_sign_in();
    tab.sign_in_answered(after, &grant("B1").and("S1"));
    let effects = tab.restored(hallpass::event::Stored::Empty);
    assert!(
        effects.contains(&"w1 failed signed_out".to_owned()),
        "{effects:?}"
    );
    assert!(effects.contains(&"w3 done".to_owned()), "{effects:?}");
    assert_eq!(tab.sign_in_answered(before, &grant("A1")), [""; 0]);
    assert!(tab.view().starts_with("B1"));
}

/// The user signs in anew while the old session dies by itself: that was no sign-out.
#[test]
fn a_sign_in_under_way_survives_the_end_of_the_old_session() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    let under_way = tab.begin_sign_in();
    tab.answered(1, refused(401));
    assert_eq!(
        tab.sign_in_answered(under_way, &grant("B1").and("S1"))
            .first()
            .unwrap(),
        "persist s2.1 B1 S1"
    );
}

#[test]
fn a_token_of_a_few_seconds_is_no_storm() {
    // 6 s: lead a fifth, leeway a tenth.
    let mut tab = Tab::signed_out(BODY);
    let effects = tab.sign_in(&grant("A1").lasting(6.0).and("R1"));
    assert_eq!(effects.last().unwrap(), "arm 4.8s");
}

/// Both waited until the store was read, and were served in one step.
#[test]
fn sec_38_two_sign_ins_at_once_have_two_names() {
    let mut tab = Tab::loading(BODY);
    tab.sign_in(&grant("A1"));
    tab.sign_in(&grant("B1"));
    let effects = tab.restored(hallpass::event::Stored::Empty);
    let stored: Vec<&String> = effects
        .iter()
        .filter(|line| line.starts_with("persist"))
        .collect();
    assert_eq!(stored, ["persist s1.1 A1 -", "persist s2.1 B1 -"]);
}

#[test]
fn a_sign_in_before_the_store_was_read_is_the_first_thing_told() {
    let mut tab = Tab::loading(BODY);
    assert_eq!(tab.sign_in(&grant("A1").and("R1")), [""; 0]);
    assert_eq!(tab.view(), "loading");
    assert_eq!(
        tab.restored(Stored::Empty),
        [
            "ask for any",
            "persist s1.1 A1 R1",
            "emit signed-in",
            "w1 done",
            "arm 240s"
        ]
    );
}

#[test]
fn the_session_that_it_takes_the_place_of_is_not_told_either() {
    let old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    for stored in [old.stored(), Stored::Damaged, Stored::Unknown] {
        let mut tab = Tab::loading(BODY);
        tab.sign_in(&grant("A2").and("R2"));
        assert_eq!(emitted(tab.restored(stored)), ["emit signed-in"]);
        assert!(tab.view().starts_with("A2 "), "{}", tab.view());
    }
}

#[test]
fn a_sign_in_while_the_server_is_asked_is_the_first_thing_told() {
    let options = r#"{"refresh":{"refreshToken":"cookie"},"schedule":{"onStart":true}}"#;
    let mut tab = Tab::loading(options);
    tab.restored(Stored::Empty);
    assert_eq!(emitted(tab.sign_in(&grant("A1"))), ["emit signed-in"]);
}

#[test]
fn a_sign_in_before_the_store_was_read_waits_for_no_server() {
    let options = r#"{"refresh":{"refreshToken":"cookie"},"schedule":{"onStart":true}}"#;
    let mut tab = Tab::loading(options);
    tab.need_token();
    tab.sign_in(&grant("A1"));
    let effects = tab.restored(Stored::Empty);
    assert!(tab.view().starts_with("A1 "), "{} {effects:?}", tab.view());
    assert_eq!(emitted(effects), ["emit signed-in"]);
    // The lock comes too late: no attempt waits for it.
    assert_eq!(tab.locked(1), ["release"]);
}

#[test]
fn a_sign_in_among_siblings_is_the_first_thing_told() {
    let mut tab = Tab::loading(r#"{"refresh":{},"tabs":"shared"}"#);
    tab.restored(Stored::Empty);
    assert_eq!(
        emitted(tab.sign_in(&grant("A1").and("R1"))),
        ["emit signed-in"]
    );
}

#[test]
fn a_sign_in_that_is_refused_before_the_store_was_read_hides_nothing() {
    let mut tab = Tab::loading(BODY);
    tab.sign_in(&opaque("A 1"));
    assert_eq!(
        emitted(tab.restored(Stored::Empty)),
        ["emit signed-out never-signed-in"]
    );
}

#[test]
fn what_comes_after_the_first_sign_in_is_told() {
    let mut tab = Tab::loading(BODY);
    tab.sign_in(&grant("A1").and("R1"));
    tab.sign_out();
    assert_eq!(
        emitted(tab.restored(Stored::Empty)),
        ["emit signed-in", "emit signed-out user"]
    );
}

fn emitted(effects: Vec<String>) -> Vec<String> {
    effects
        .into_iter()
        .filter(|effect| effect.starts_with("emit"))
        .collect()
}
