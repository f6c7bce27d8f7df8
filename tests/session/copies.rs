//! A tab was duplicated, or `window.open` made one: it begins with a copy of sessionStorage.

use hallpass::event::Event;

use crate::support::*;

/// A tab with a refresh token of its own, and one that begins with what it has stored.
fn original_and_copy(options: &str, grant: &Grant) -> (Tab, Tab) {
    let original = Tab::signed_in(options, grant);
    let copy = original.reloaded(options);
    (original, copy)
}

#[test]
fn rel_26_a_tab_gets_a_name_with_its_first_session_and_keeps_it() {
    let mut tab = Tab::signed_out(BODY);
    let effects = tab.sign_in(&grant("A1").and("R1"));
    assert_eq!(effects[..2], ["claim t1", "persist s1.1 A1 R1"]);
    let name = tab.record().tab.unwrap();
    tab.sign_out();
    let effects = tab.sign_in(&grant("B1").and("S1"));
    assert_eq!(effects[0], "persist s2.1 B1 S1");
    assert_eq!(tab.record().tab, Some(name.clone()));
    tab.after(240.0).tick();
    tab.locked(1);
    tab.answered(1, grant("B2").and("S2").answer());
    assert_eq!(tab.record().tab, Some(name));
}

#[test]
fn a_tab_needs_no_name_where_a_copy_spends_nothing() {
    for options in [
        "{}",
        r#"{"refresh":{"refreshToken":"cookie"}}"#,
        r#"{"refresh":{"refreshToken":"memory"}}"#,
        r#"{"refresh":{},"tabs":"shared"}"#,
        r#"{"refresh":{},"storage":"local"}"#,
    ] {
        let tab = Tab::signed_in(options, &grant("A1").and("R1"));
        assert_eq!(tab.record().tab, None, "{options}");
    }
    let tab = Tab::signed_in(r#"{"refresh":"function"}"#, &grant("A1").and("R1"));
    assert!(tab.record().tab.is_some());
}

#[test]
fn rel_26_a_reload_keeps_name_and_refresh_token() {
    let (original, mut tab) = original_and_copy(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.open(), ["emit restored", "ask s1.1", "arm 240s"]);
    assert_eq!(tab.state.tab(), original.record().tab.as_ref());
    tab.after(240.0).tick();
    assert_eq!(tab.locked(1), ["refresh #1 A1 R1"]);
}

#[test]
fn rel_26_a_copy_gives_its_refresh_token_up_and_takes_another_name() {
    let (original, mut copy) = original_and_copy(BODY, &grant("A1").and("R1"));
    assert_eq!(
        copy.open_as_copy(),
        [
            "claim t1",
            "persist s1.1 A1 -",
            "emit restored",
            "ask s1.1",
            "arm 295s"
        ]
    );
    assert_ne!(copy.record().tab, original.record().tab);
    // It uses the token while it is good, and never spends what belongs to the original.
    assert_eq!(copy.ask_refresh(), ["w1 failed refresh_unavailable"]);
    assert_eq!(
        copy.after(295.0).tick(),
        ["forget", "emit signed-out expired"]
    );
}

#[test]
fn rel_26_a_copy_that_is_reloaded_is_a_tab_of_its_own() {
    let (_, mut copy) = original_and_copy(BODY, &grant("A1").and("R1"));
    copy.open_as_copy();
    let mut again = copy.reloaded(BODY);
    assert_eq!(again.open(), ["emit restored", "ask s1.1", "arm 295s"]);
    assert_eq!(again.state.tab(), copy.record().tab.as_ref());
}

#[test]
fn a_copy_whose_token_has_ended_is_signed_out_and_its_original_is_not_told() {
    let mut original = Tab::signed_in(BODY, &grant("A1").and("R1"));
    original.after(400.0);
    let mut copy = original.reloaded(BODY);
    assert_eq!(copy.open_as_copy(), ["forget", "emit signed-out expired"]);
}

#[test]
fn a_bearer_renews_itself_in_a_copy_too() {
    let bearer = r#"{"refresh":{"bearer":true}}"#;
    let (_, mut copy) = original_and_copy(bearer, &grant("A1").and("R1"));
    copy.open_as_copy();
    copy.after(240.0).tick();
    assert_eq!(copy.locked(1), ["refresh #1 A1 -"]);
}

// ── Back from the browser's cache ──

#[test]
fn rel_25_who_comes_back_asks_what_it_has_missed() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.came_back(false), ["ask s1.1", "arm 240s"]);
    let mut nobody = Tab::signed_out(BODY);
    assert_eq!(nobody.came_back(false), [""; 0]);
}

#[test]
fn rel_26_who_comes_back_and_finds_its_name_taken_is_the_copy() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.after(60.0).need_token();
    assert_eq!(
        tab.came_back(true),
        [
            "ask s1.1",
            "abandon #1",
            "release",
            "claim t2",
            "persist s1.1 A1 -",
            "w2 failed refresh_unavailable",
            "forget",
            "emit signed-out expired"
        ]
    );
}

/// Seed 7110 of the simulation: a page in the back/forward cache was copied, and its token spent by the copy.
#[test]
fn rel_26_a_page_that_was_left_spends_nothing_before_it_knows_that_it_has_no_copy() {
    let leave = |tab: &mut Tab| assert_eq!(tab.feed(Event::Left), [""; 0]);
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    leave(&mut tab);
    assert_eq!(tab.after(240.0).tick(), ["arm 55s"], "no lock yet");
    assert_eq!(tab.came_back(false)[..2], ["ask s1.1", "lock #1"]);
    assert_eq!(tab.locked(1), ["refresh #1 A1 R1"]);

    // What was ordered before, and comes meanwhile, is given back.
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    leave(&mut tab);
    assert_eq!(tab.locked(1), ["release"]);
    assert_eq!(tab.came_back(false)[..2], ["ask s1.1", "lock #2"]);

    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    leave(&mut tab);
    assert_eq!(tab.no_lock(1), [""; 0]);
    assert_eq!(tab.came_back(false)[..2], ["ask s1.1", "lock #2"]);

    // The copy has the token now.
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    leave(&mut tab);
    tab.after(240.0).tick();
    let effects = tab.came_back(true);
    assert!(
        effects.contains(&"persist s1.1 A1 -".to_owned()),
        "{effects:?}"
    );
}
