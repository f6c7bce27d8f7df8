//! A caller needs the access token, or asks for a refresh.

use hallpass::answer;
use hallpass::effect::{Effect, Outcome};
use hallpass::event::{AttemptId, Event};

use crate::support::*;

#[test]
fn a_good_token_is_handed_out_at_once() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.after(294.0).need_token(), ["w2 token A1"]);
}

#[test]
fn the_leeway_is_not_handed_out() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let effects = tab.after(295.0).need_token();
    assert_eq!(effects.first().unwrap(), "lock #1");
}

#[test]
fn rel_16_a_thousand_callers_one_refresh_each_served_once_in_order() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(400.0);
    assert_eq!(tab.need_token(), ["lock #1", "arm never", "show"]);
    for _ in 0..499 {
        assert_eq!(tab.need_token(), [""; 0]);
    }
    assert_eq!(tab.locked(1), ["refresh #1 A1 R1"]);
    for _ in 0..500 {
        assert_eq!(tab.need_token(), [""; 0]);
    }
    let effects = tab.answered(1, grant("A2").and("R2").answer());
    let served: Vec<&String> = effects
        .iter()
        .filter(|line| line.starts_with('w'))
        .collect();
    let expected: Vec<String> = (2..=1001).map(|w| format!("w{w} token A2")).collect();
    assert_eq!(served, expected.iter().collect::<Vec<_>>());
}

#[test]
fn nobody_is_signed_in() {
    let mut tab = Tab::signed_out(BODY);
    assert_eq!(tab.need_token(), ["w1 failed signed_out"]);
    assert_eq!(tab.ask_refresh(), ["w2 failed signed_out"]);
    assert_eq!(tab.unauthorized(&grant("A1")), ["w3 stands"]);
}

#[test]
fn an_expired_token_that_nothing_can_renew_ends_the_session() {
    let mut tab = Tab::signed_in("{}", &grant("A1"));
    assert_eq!(
        tab.after(300.0).need_token(),
        [
            "forget",
            "emit signed-out expired",
            "w2 failed signed_out",
            "arm never"
        ]
    );
}

// ── minValiditySeconds ──

#[test]
fn min_validity_refreshes_early() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(100.0);
    assert_eq!(tab.need_token_for(150.0), ["w2 token A1"]);
    assert_eq!(tab.need_token_for(250.0), ["lock #1", "arm 195s"]);
    assert_eq!(tab.need_token(), ["w4 token A1"], "others need not wait");
    tab.locked(1);
    let effects = tab.answered(1, grant("A2").answer());
    assert!(effects.contains(&"w3 token A2".to_owned()));
}

#[test]
fn min_validity_beyond_what_the_server_gives_is_one_refresh_then_the_newest_token() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(100.0);
    tab.need_token_for(9_999.0);
    tab.locked(1);
    assert_eq!(
        tab.answered(1, grant("A2").answer()),
        [
            "persist s1.2 A2 R1",
            "release",
            "emit refreshed by this-tab",
            "w2 token A2",
            "arm 240s"
        ]
    );
}

#[test]
fn min_validity_without_a_way_to_refresh_gets_what_there_is() {
    let mut tab = Tab::signed_in("{}", &grant("A1"));
    assert_eq!(tab.need_token_for(9_999.0), ["w2 token A1"]);
}

#[test]
fn min_validity_zero_takes_the_last_second() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(
        tab.after(299.0).need_token_for(0.0),
        ["w2 token A1", "show"]
    );
}

#[test]
fn min_validity_that_a_refresh_in_trouble_cannot_give_is_waived() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(100.0).need_token_for(250.0);
    tab.locked(1);
    let effects = tab.answered(1, trouble(503));
    assert!(
        effects.contains(&"w2 token A1".to_owned()),
        "a failed early refresh never harms a token that is still good: {effects:?}"
    );
    assert_eq!(
        tab.need_token_for(250.0),
        ["w3 token A1"],
        "and so in the pause"
    );
}

// ── refresh() ──

#[test]
fn a_refresh_by_hand_runs_whatever_time_is_left() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.ask_refresh(), ["lock #1", "arm 295s"]);
    assert_eq!(tab.ask_refresh(), [""; 0]);
    assert_eq!(tab.locked(1), ["refresh #1 A1 R1"]);
    assert_eq!(tab.ask_refresh(), [""; 0]);
    assert_eq!(
        tab.answered(1, grant("A2").answer()),
        [
            "persist s1.2 A2 R1",
            "release",
            "emit refreshed by this-tab",
            "w2 done",
            "w3 done",
            "w4 done",
            "arm 240s"
        ]
    );
}

#[test]
fn a_refresh_by_hand_without_a_way_says_so() {
    for options in ["{}", BODY] {
        let mut tab = Tab::signed_in(options, &grant("A1"));
        assert_eq!(tab.ask_refresh(), ["w2 failed refresh_unavailable"]);
    }
}

/// RFC 6749, section 5.2.
#[test]
fn a_refused_refresh_names_the_servers_error() {
    for (body, code) in [
        (r#"{"error":"invalid_grant"}"#, Some("invalid_grant")),
        (r#"{"error":"invalid_client"}"#, Some("invalid_client")),
        (r#"{"error":["x"]}"#, None),
        (r#"{"error":"a\nb"}"#, None),
        ("Unauthorized", None),
    ] {
        let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
        tab.ask_refresh();
        tab.locked(1);
        let effects = tab.step(Event::Answered {
            attempt: AttemptId(1),
            answer: answer::interpret(401, None, body),
            cookie_hash: None,
            stored: tab.stored(),
        });
        let error = effects.iter().find_map(|effect| match effect {
            Effect::Settle {
                outcome: Outcome::Failed(error),
                ..
            } => Some(error),
            _ => None,
        });
        assert_eq!(error.unwrap().oauth_error(), code, "{body}");
    }
}

#[test]
fn a_refused_refresh_says_rejected_to_who_asked_and_signed_out_to_who_needed_a_token() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(400.0).need_token();
    tab.ask_refresh();
    tab.unauthorized(&grant("A1"));
    tab.locked(1);
    assert_eq!(
        tab.answered(1, refused(400)),
        [
            "release",
            "forget",
            "tell signed-out s1",
            "emit signed-out rejected",
            "w2 failed signed_out < refresh_rejected(400)",
            "w4 stands",
            "w3 failed refresh_rejected(400)"
        ]
    );
}

#[test]
fn usable_token_is_what_token_would_hand_out() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let a1 = grant("A1").access();
    let sid = tab.sid_of_now();
    assert_eq!(tab.state.usable_token(tab.now, None), Some((&a1, &sid)));
    tab.after(295.0);
    assert_eq!(tab.state.usable_token(tab.now, None), None);
    tab.sign_out();
    assert_eq!(tab.state.usable_token(tab.now, None), None);
    assert!(tab.state.tokens().is_none());
}

/// The names in the lines are read from the tokens; here the whole token is compared, once.
#[test]
fn what_is_handed_out_is_the_token_itself() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let waiter = tab.caller();
    let effects = tab.step(Event::TokenNeeded {
        waiter,
        min_validity: None,
        sid: None,
    });
    let outcome = Outcome::Token {
        token: grant("A1").access(),
        sid: tab.sid_of_now(),
        key: None,
    };
    assert_eq!(effects, [Effect::Settle { waiter, outcome }]);
}
