//! A tab was duplicated, or `window.open` made one: it begins with a copy of sessionStorage, and goes on with the
//! session beside the tab that it was copied from.

use hallpass::event::Event;
use hallpass::record::Message;

use crate::support::*;

/// A tab with a refresh token, and a copy of it that has opened.
fn original_and_copy(options: &str) -> (Tab, Tab) {
    let original = Tab::signed_in(options, &grant("A1").and("R1"));
    let mut copy = original.reloaded(options);
    assert_eq!(copy.open(), ["emit restored", "ask s1.1", "arm 240s"]);
    (original, copy)
}

/// The original has heard of its copy, and has renewed the session.
fn renewed_beside_a_copy() -> (Tab, Tab) {
    let (mut original, mut copy) = original_and_copy(BODY);
    original.hear_question(Some(&copy.sid_of_now()), 1);
    original.after(240.0).tick();
    copy.after(240.0);
    assert_eq!(original.locked(1), ["ask s1.1 once more", "arm 0.1s"]);
    assert_eq!(
        original.after(0.1).tick(),
        ["refresh #1 A1 R1", "arm 54.9s"]
    );
    let effects = original.answered(1, grant("A2").and("R2").answer());
    assert!(
        effects.contains(&"tell renewed s1.2".to_owned()),
        "{effects:?}"
    );
    (original, copy)
}

#[test]
fn rel_26_a_session_has_a_secret_that_its_copies_and_renewals_keep() {
    let (original, copy) = renewed_beside_a_copy();
    let group = original.record().group;
    assert!(group.is_some());
    assert_eq!(copy.state.group(), group.as_ref());
    let mut other = Tab::signed_out(BODY);
    other.set_dice(true);
    other.need_token();
    other.sign_in(&grant("B1"));
    assert_ne!(other.record().group, group);
}

/// Messages that every tab gets do not tell the secret: not even the names that the same step drew.
#[test]
fn sec_37_the_secret_is_not_made_of_what_is_said() {
    let tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let group = tab.record().group.unwrap();
    let sid = tab.sid_of_now();
    let bytes = |text: &str| -> Vec<u8> {
        (0..32)
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    };
    let difference: Vec<u8> = bytes(group.expose())
        .iter()
        .zip(bytes(sid.as_str()))
        .map(|(one, other)| one ^ other)
        .collect();
    assert!(
        difference.iter().filter(|byte| **byte != 0).count() > 4,
        "a name with another number"
    );
}

#[test]
fn rel_26_a_tab_that_nobody_has_copied_asks_nobody_and_waits_for_nobody() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    assert_eq!(tab.locked(1), ["refresh #1 A1 R1"]);
}

#[test]
fn rel_26_a_copy_takes_over_what_its_original_has_got() {
    let (original, mut copy) = renewed_beside_a_copy();
    let sid = copy.sid_of_now();
    assert_eq!(copy.hear_renewed(&sid, 2), ["ask s1.1"]);
    let effects = copy.hear_offer(original.record());
    assert_eq!(
        effects[..2],
        ["persist s1.2 A2 R2", "emit refreshed by other-tab"]
    );
    assert_eq!(copy.view(), "A2 generation 2 ends in 300s refresh in 240s");
}

#[test]
fn rel_26_the_original_offers_what_it_has_to_a_copy_that_is_behind() {
    let (mut original, _) = renewed_beside_a_copy();
    let sid = original.sid_of_now();
    assert_eq!(original.hear_question(Some(&sid), 1), ["offer s1.2 A2 R2"]);
    assert_eq!(original.hear_question(Some(&sid), 2), [""; 0]);
}

#[test]
fn sec_37_a_tab_without_a_session_takes_none_from_a_tab_of_its_own() {
    let (original, _) = original_and_copy(BODY);
    let mut blank = Tab::signed_out(BODY);
    let record = original.record();
    assert_eq!(blank.hear_offer(record), [""; 0]);
    assert_eq!(blank.view(), "signed-out never-signed-in");
}

#[test]
fn sec_37_an_offer_that_a_copy_did_not_ask_for_is_nothing() {
    let (original, _) = renewed_beside_a_copy();
    let mut copy = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let effects = copy.hear(Message::Offered {
        ask: other_sid(),
        record: Box::new(original.record()),
    });
    assert_eq!(effects, [""; 0]);
}

#[test]
fn rel_26_a_copy_looks_around_before_it_spends_the_refresh_token() {
    let (original, mut copy) = renewed_beside_a_copy();
    assert_eq!(copy.tick()[0], "lock #1");
    assert_eq!(copy.locked(1), ["ask s1.1 once more", "arm 0.1s"]);
    let effects = copy.hear_offer(original.record());
    assert!(
        effects.contains(&"persist s1.2 A2 R2".to_owned()),
        "{effects:?}"
    );
    assert!(
        !effects.iter().any(|effect| effect.starts_with("refresh #")),
        "{effects:?}"
    );
}

// ── A copy that wakes alone ──

/// The tabs that spent the refresh token are gone; what they noted is not.
fn alone_behind() -> Tab {
    let (_, mut copy) = original_and_copy(BODY);
    copy.noted = 2;
    copy
}

#[test]
fn rel_26_a_copy_that_wakes_alone_does_not_send_a_spent_refresh_token() {
    let mut copy = alone_behind();
    copy.after(240.0).tick();
    assert_eq!(copy.locked(1), ["ask s1.1 once more", "arm 1s"]);
    assert_eq!(
        copy.after(1.0).tick(),
        [
            "abandon #1",
            "release",
            "persist s1.1 A1 -",
            "emit refresh-failed refresh_unavailable, retry never",
            "arm 54s"
        ]
    );
    // It uses what is left of the access token.
    assert_eq!(copy.need_token(), ["w1 token A1"]);
    assert_eq!(copy.ask_refresh(), ["w2 failed refresh_unavailable"]);
    assert_eq!(
        copy.after(54.0).tick(),
        ["forget", "emit signed-out expired"]
    );
}

/// Found by the simulation, seed 29914: the access token looked young again.
#[test]
fn rel_07_a_clock_that_was_set_back_lengthens_no_token_of_a_copy_that_wakes_alone() {
    let mut copy = alone_behind();
    copy.set_clock(-86_400.0);
    copy.after(240.0).tick();
    copy.locked(1);
    copy.after(1.0).tick();
    assert_eq!(
        copy.after(54.0).tick(),
        ["forget", "emit signed-out expired"]
    );
}

#[test]
fn rel_26_a_copy_that_wakes_too_late_is_signed_out_alone() {
    let mut copy = alone_behind();
    copy.after(400.0).tick();
    copy.locked(1);
    let effects = copy.after(1.0).tick();
    assert!(
        effects.contains(&"emit signed-out expired".to_owned()),
        "{effects:?}"
    );
    assert!(
        !effects
            .iter()
            .any(|effect| effect.starts_with("tell") || effect.starts_with("refresh #")),
        "{effects:?}"
    );
}

#[test]
fn rel_26_a_copy_that_lost_its_refresh_token_is_given_the_next_one() {
    let (original, _) = renewed_beside_a_copy();
    let mut copy = alone_behind();
    copy.after(240.0).tick();
    copy.locked(1);
    copy.after(1.0).tick();
    let sid = copy.sid_of_now();
    assert_eq!(copy.hear_renewed(&sid, 2), ["ask s1.1"]);
    let effects = copy.hear_offer(original.record());
    assert!(
        effects.contains(&"persist s1.2 A2 R2".to_owned()),
        "{effects:?}"
    );
}

#[test]
fn rel_26_a_note_of_what_a_tab_has_itself_stops_nothing() {
    let (mut original, _) = renewed_beside_a_copy();
    original.noted = 2;
    original.after(240.0).tick();
    original.locked(2);
    assert_eq!(original.after(0.1).tick()[0], "refresh #2 A2 R2");
}

#[test]
fn a_bearer_renews_itself_whatever_is_noted() {
    let bearer = r#"{"refresh":{"bearer":true}}"#;
    let mut tab = Tab::signed_in(bearer, &grant("A1"));
    tab.noted = 7;
    tab.after(240.0).tick();
    assert_eq!(tab.locked(1), ["refresh #1 A1 -"]);
}

// ── Back from the browser's cache ──

#[test]
fn rel_25_who_comes_back_asks_what_it_has_missed() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.came_back(), ["ask s1.1", "arm 240s"]);
    let mut signed_out = Tab::signed_out(BODY);
    assert_eq!(signed_out.came_back(), [""; 0]);
}

#[test]
fn rel_26_who_comes_back_may_have_been_copied_meanwhile() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.feed(Event::Left);
    tab.came_back();
    tab.after(240.0).tick();
    assert_eq!(tab.locked(1), ["ask s1.1 once more", "arm 0.1s"]);
}

/// A page that is left gives its lock back.
#[test]
fn rel_26_who_comes_back_on_the_way_to_the_server_takes_the_lock_again() {
    let (mut tab, _) = original_and_copy(BODY);
    let sid = tab.sid_of_now();
    tab.hear_question(Some(&sid), 1);
    tab.after(240.0).tick();
    tab.locked(1);
    tab.feed(Event::Left);
    assert_eq!(tab.came_back()[..3], ["ask s1.1", "release", "lock #2"]);
}
