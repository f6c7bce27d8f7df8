//! `tabs: "shared"`: one session for all tabs of a browser.

use hallpass::effect::Effect;
use hallpass::event::{Event, Stored};
use hallpass::record::{Message, Sid};
use hallpass::time::Span;

use crate::support::*;

const SHARED: &str = r#"{"refresh":{},"tabs":"shared"}"#;
const SHARED_COOKIE: &str = r#"{
    "refresh":{"refreshToken":"cookie"},
    "tabs":"shared","schedule":{"onStart":true}
}"#;

fn sid(tab: &Tab) -> Sid {
    tab.record().sid
}

// ── A tab opens ──

#[test]
fn a_new_tab_asks_and_joins_who_offers() {
    let sibling = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let mut tab = Tab::loading(SHARED);
    assert_eq!(tab.restored(Stored::Empty), ["ask for any", "arm 0.1s"]);
    assert_eq!(tab.view(), "loading");
    assert_eq!(tab.need_token(), [""; 0]);
    assert_eq!(
        tab.after(0.02).hear_offer(sibling.record()),
        [
            "persist s1.1 A1 R1",
            "release",
            "emit restored",
            "w1 token A1",
            "arm 239.98s"
        ]
    );
    assert_eq!(
        tab.view(),
        "A1 generation 1 ends in 299.98s refresh in 239.98s"
    );
}

#[test]
fn a_new_tab_to_which_nobody_answers_is_signed_out() {
    let mut tab = Tab::loading(SHARED);
    tab.restored(Stored::Empty);
    tab.need_token();
    assert_eq!(tab.after(0.05).tick(), ["arm 0.05s"]);
    assert_eq!(
        tab.after(0.05).tick(),
        ["emit signed-out never-signed-in", "w1 failed signed_out"]
    );
}

#[test]
fn the_server_is_asked_where_no_sibling_answers_and_the_siblings_once_more_under_the_lock() {
    let mut tab = Tab::loading(SHARED_COOKIE);
    assert_eq!(tab.restored(Stored::Empty), ["ask for any", "arm 0.1s"]);
    assert_eq!(tab.after(0.1).tick(), ["lock #1", "arm 9.9s"]);
    assert_eq!(
        tab.locked_with(1, Stored::Empty),
        ["ask for any", "arm 0.1s"]
    );
    assert_eq!(tab.after(0.1).tick(), ["refresh #1 - -", "arm 9.8s"]);
    assert_eq!(
        tab.answered(1, grant("A1").answer()),
        [
            "persist s1.1 A1 -",
            "tell renewed s1.1",
            "release",
            "emit restored",
            "arm 240s"
        ]
    );
}

#[test]
fn rel_01_who_opens_while_a_sibling_gets_the_session_from_the_cookie_joins_it() {
    let sibling = Tab::signed_in(SHARED_COOKIE, &grant("A1"));
    let mut tab = Tab::loading(SHARED_COOKIE);
    tab.restored(Stored::Empty);
    tab.after(0.1).tick();
    assert_eq!(tab.hear_renewed(&sid(&sibling), 1), ["ask for any"]);
    let effects = tab.hear_offer(sibling.record());
    assert_eq!(
        effects[..4],
        [
            "persist s1.1 A1 -",
            "abandon #1",
            "release",
            "emit restored"
        ]
    );
    // The lock came too late, and goes back.
    assert_eq!(tab.locked(1), ["release"]);
}

#[test]
fn sec_37_an_offer_that_nobody_asked_for_is_nothing() {
    let sibling = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let offer = || Message::Offered {
        ask: other_sid(),
        record: Box::new(sibling.record()),
    };
    let mut opening = Tab::loading(SHARED);
    opening.restored(Stored::Empty);
    assert_eq!(opening.hear(offer()), [""; 0]);
    assert_eq!(opening.view(), "loading");
    let mut out = Tab::signed_out(SHARED);
    out.tick();
    assert_eq!(out.hear(offer()), [""; 0]);
    let mut other = Tab::signed_in(SHARED, &grant("B1").and("S1"));
    other.hear_question(None, 0);
    assert_eq!(other.hear(offer()), [""; 0]);
    assert!(other.view().starts_with("B1"));
}

/// A copy may ask, by the session's name; a tab without a session has none to ask for, and takes none.
#[test]
fn sec_02_tabs_that_are_separate_offer_and_take_no_session_that_is_not_theirs() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.hear_question(None, 0), [""; 0]);
    assert_eq!(tab.hear_question(Some(&other_sid()), 0), [""; 0]);
    assert_eq!(tab.hear_renewed(&other_sid(), 5), [""; 0]);
    tab.came_back();
    let other = grant("A2").and("R2").record(&other_sid(), 2, tab.now.wall);
    assert_eq!(tab.hear_offer(other.clone()), [""; 0]);
    let mut out = Tab::signed_out(BODY);
    assert_eq!(out.hear_renewed(&sid(&tab), 1), [""; 0]);
    out.asked = tab.asked.clone();
    assert_eq!(out.hear_offer(other), [""; 0]);
}

/// A sibling got an answer that was of no use but for the refresh token in it.
#[test]
fn rel_41_a_sibling_takes_the_new_refresh_token_and_nothing_else_changes() {
    let mut first = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let mut idle = Tab::loading(SHARED);
    idle.restored(Stored::Empty);
    idle.hear_offer(first.record());
    let mut waiting = Tab::loading(SHARED);
    waiting.restored(Stored::Empty);
    waiting.hear_offer(first.record());
    waiting.ask_refresh();
    first.after(240.0).tick();
    first.locked(1);
    first.after(0.1).tick();
    let effects = first.answered(1, opaque("A 2").and("R2").answer());
    assert_eq!(effects[..2], ["persist s1.2 A1 R2", "tell renewed s1.2"]);

    idle.after(50.0);
    let before = idle.view();
    idle.hear_renewed(&sid(&first), 2);
    assert_eq!(
        idle.hear_offer(first.record()),
        ["persist s1.2 A1 R2", "show"]
    );
    assert_eq!(idle.view(), before.replace("generation 1", "generation 2"));

    // What it was about to ask for has failed there.
    waiting.hear_renewed(&sid(&first), 2);
    assert_eq!(
        waiting.hear_offer(first.record()),
        [
            "persist s1.2 A1 R2",
            "abandon #1",
            "release",
            "emit refresh-failed refresh_unavailable, retry in 0.2s",
            "w1 failed refresh_unavailable",
            "arm 0.2s"
        ]
    );
}

#[test]
fn an_offer_that_cannot_live_is_not_joined() {
    let at = Tab::loading(SHARED).now.wall;
    let ended = grant("A1").record(&other_sid(), 1, at.plus(Span::from_millis(-400_000)));
    let mut tab = Tab::loading(SHARED);
    tab.restored(Stored::Empty);
    assert_eq!(tab.hear_offer(ended), [""; 0]);
    let bound = r#"{"tabs":"shared","fingerprint":{"mode":"server"}}"#;
    let mut tab = Tab::loading(bound);
    tab.restored(Stored::Empty);
    assert_eq!(
        tab.hear_offer(grant("A1").record(&other_sid(), 1, at)),
        [""; 0]
    );
    let proper = grant_with("A1", r#""userFingerprint":"ab""#);
    let effects = tab.hear_offer(proper.record(&other_sid(), 1, at));
    assert!(effects.contains(&"emit restored".to_owned()), "{effects:?}");
}

// ── Word of new tokens ──

#[test]
fn sign_in_and_refresh_are_told() {
    let mut tab = Tab::signed_out(SHARED);
    tab.tick();
    tab.after(0.1).tick();
    assert_eq!(
        tab.sign_in(&grant("A1").and("R1")),
        [
            "persist s1.1 A1 R1",
            "tell renewed s1.1",
            "emit signed-in",
            "w1 done",
            "arm 240s"
        ]
    );
    tab.after(240.0).tick();
    tab.locked(1);
    tab.after(0.1).tick();
    assert_eq!(
        tab.answered(1, grant("A2").and("R2").answer()),
        [
            "persist s1.2 A2 R2",
            "tell renewed s1.2",
            "release",
            "emit refreshed by this-tab",
            "arm 240s"
        ]
    );
}

#[test]
fn rel_01_who_hears_of_newer_tokens_asks_and_takes_them_even_while_it_waits_for_the_lock() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(295.0).tick();
    tab.need_token();
    tab.ask_refresh();
    assert_eq!(tab.hear_renewed(&sid(&tab), 2), ["ask s1.1"]);
    let newer = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    assert_eq!(
        tab.hear_offer(newer),
        [
            "abandon #1",
            "release",
            "persist s1.2 A2 R2",
            "emit refreshed by other-tab",
            "w2 token A2",
            "lock #2",
            "arm 295s"
        ]
    );
}

#[test]
fn rel_38_an_offer_does_not_end_a_call_that_may_bring_a_newer_cookie() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.locked(1);
    assert_eq!(
        tab.after(0.1).tick().first().unwrap(),
        "refresh #1 A1 R1",
        "at the server"
    );
    let late = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    assert_eq!(tab.hear_offer(late), [""; 0]);
}

#[test]
fn rel_25_a_page_that_was_left_about_to_ask_takes_the_lock_again() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.locked(1);
    let back = tab.after(0.05).came_back();
    assert_eq!(back[..3], ["ask s1.1", "release", "lock #2"]);
}

#[test]
fn who_has_tokens_second_hand_leaves_it_to_the_first_to_pass_them_on() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let own = sid(&tab);
    tab.hear_renewed(&own, 2);
    let newer = grant("A2").and("R2").record(&own, 2, tab.now.wall);
    tab.hear_offer(newer);
    assert_eq!(tab.after(0.4).hear_question(Some(&own), 1), [""; 0]);
    assert_eq!(
        tab.after(0.1).hear_question(Some(&own), 1),
        ["offer s1.2 A2 R2"]
    );
}

#[test]
fn sec_05_who_offered_a_session_that_ends_says_so_again() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.hear_question(None, 0);
    let at = tab.after(9.0).now.wall;
    let ended = tab.hear_sign_out(None, at);
    assert_eq!(ended[..2], ["tell signed-out all", "forget here"]);
    let mut silent = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    silent.after(9.0);
    let ended = silent.hear_sign_out(None, at);
    assert_eq!(ended[0], "forget here");
}

#[test]
fn rel_07_a_session_that_was_replaced_is_told_by_name_whatever_the_clocks_say() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let old = sid(&tab);
    tab.after(9.0).sign_in(&grant("B1").and("S1"));
    tab.set_clock(-86_400.0);
    assert_eq!(tab.hear_question(Some(&old), 1), ["tell signed-out s1"]);
}

#[test]
fn rel_38_old_news_and_other_sessions_are_no_news() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    assert_eq!(tab.hear_renewed(&sid(&tab), 1), [""; 0]);
    assert_eq!(tab.hear_renewed(&other_sid(), 7), [""; 0]);
    tab.came_back();
    let same = grant("A9").and("R9").record(&sid(&tab), 1, tab.now.wall);
    assert_eq!(tab.hear_offer(same), [""; 0]);
    let other = grant("B1").and("S1").record(&other_sid(), 9, tab.now.wall);
    assert_eq!(tab.hear_offer(other), [""; 0]);
    assert!(tab.view().starts_with("A1 generation 1"));
}

#[test]
fn an_open_tab_without_a_session_joins_a_later_sign_in() {
    let mut tab = Tab::signed_out(SHARED);
    tab.tick();
    tab.after(0.1).tick();
    let sibling = grant("A1").and("R1").record(&other_sid(), 1, tab.now.wall);
    assert_eq!(tab.hear_renewed(&other_sid(), 1), ["ask for any"]);
    assert_eq!(
        tab.hear_offer(sibling.clone()),
        ["persist s1.1 A1 R1", "emit signed-in", "arm 240s"]
    );
    // The question is answered: a second offer is none.
    tab.sign_out();
    assert_eq!(tab.hear_offer(sibling), [""; 0]);
}

#[test]
fn sec_05_what_ended_here_is_not_joined_again() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let old = tab.record();
    tab.after(10.0).sign_out();
    assert_eq!(tab.hear_renewed(&old.sid, 2), ["ask for any"]);
    assert_eq!(tab.hear_offer(old), [""; 0]);
    // Nor one that began before the sign-out and that this tab never saw.
    let before = tab.now.wall.plus(Span::from_millis(-5_000));
    assert_eq!(
        tab.hear_offer(grant("B1").record(&other_sid(), 1, before)),
        [""; 0]
    );
    let after = tab.after(1.0).now.wall;
    let effects = tab.hear_offer(grant("B1").record(&other_sid(), 1, after));
    assert!(
        effects.contains(&"emit signed-in".to_owned()),
        "{effects:?}"
    );
}

#[test]
fn who_signs_in_anew_ends_the_old_session_for_all_and_offers_the_new_one() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let mut sibling = Tab::signed_in(SHARED, &grant("Z1"));
    let old = sid(&sibling);
    assert_eq!(
        tab.sign_in(&grant("B1").and("S1")),
        [
            "tell signed-out s1",
            "persist s2.1 B1 S1",
            "tell renewed s2.1",
            "emit signed-in",
            "w2 done"
        ]
    );
    assert_eq!(
        sibling.hear_sign_out(Some(old), sibling.now.wall),
        ["forget here", "emit signed-out other-tab", "arm never"]
    );
    assert_eq!(sibling.hear_renewed(&sid(&tab), 1), ["ask for any"]);
    let new = grant("B1")
        .and("S1")
        .record(&sid(&tab), 1, sibling.after(1.0).now.wall);
    assert_eq!(
        sibling.hear_offer(new),
        ["persist s2.1 B1 S1", "emit signed-in", "arm 240s"]
    );
}

// ── Questions ──

#[test]
fn who_has_something_newer_offers_it_and_the_others_are_silent() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let own = sid(&tab);
    assert_eq!(tab.hear_question(None, 0), ["offer s1.1 A1 R1"]);
    assert_eq!(tab.hear_question(Some(&own), 0), ["offer s1.1 A1 R1"]);
    assert_eq!(tab.hear_question(Some(&own), 1), [""; 0]);
    assert_eq!(tab.hear_question(Some(&other_sid()), 0), [""; 0]);
}

#[test]
fn sec_37_a_flood_of_questions_is_no_flood_of_answers() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let answers =
        |tab: &mut Tab| -> usize { (0..1_000).map(|_| tab.hear_question(None, 0).len()).sum() };
    assert_eq!(answers(&mut tab), 256);
    assert_eq!(answers(tab.after(0.5)), 0);
    assert_eq!(answers(tab.after(0.5)), 256);
    let own = sid(&tab);
    tab.after(1.0);
    let asks: usize = (2..1_000).map(|n| tab.hear_renewed(&own, n).len()).sum();
    assert_eq!(asks, 256);
}

// ── Under the lock ──

#[test]
fn rel_01_before_a_token_is_spent_the_siblings_are_asked() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    assert_eq!(tab.locked(1), ["ask s1.1 once more", "arm 0.1s"]);
    assert_eq!(tab.after(0.1).tick(), ["refresh #1 A1 R1", "arm 54.9s"]);

    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.locked(1);
    let newer = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    assert_eq!(
        tab.after(0.05).hear_offer(newer),
        [
            "abandon #1",
            "release",
            "persist s1.2 A2 R2",
            "emit refreshed by other-tab",
            "arm 239.95s"
        ]
    );
}

#[test]
fn rel_02_and_without_a_lock_too() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    assert_eq!(tab.no_lock(1), ["ask s1.1 once more", "arm 0.1s"]);
    assert_eq!(tab.after(0.1).tick(), ["refresh #1 A1 R1", "arm 54.9s"]);
}

#[test]
fn who_knows_that_there_are_newer_tokens_waits_longer_for_them() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.hear_renewed(&sid(&tab), 2);
    assert_eq!(tab.locked(1), ["ask s1.1 once more", "arm 1s"]);
    assert_eq!(tab.after(0.5).tick(), ["arm 0.5s"]);
    assert_eq!(tab.after(0.5).tick(), ["refresh #1 A1 R1", "arm 54s"]);
}

/// Seen in WebKit on a busy machine: the lock came, and what its last holder had said came later than 0.1 s.
#[test]
fn rel_01_who_waited_in_line_for_the_lock_expects_newer_tokens_and_waits_longer_for_them() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.after(0.3);
    assert_eq!(tab.locked(1), ["ask s1.1 once more", "arm 1s"]);
    let newer = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    let effects = tab.after(0.5).hear_offer(newer);
    assert!(
        effects.contains(&"emit refreshed by other-tab".to_owned()),
        "{effects:?}"
    );
}

/// Seed 89420 of the simulation: the tab that had them was killed, and the store showed them a moment later.
#[test]
fn rel_01_where_tabs_share_the_store_it_is_read_again_before_known_tokens_are_missed() {
    let options = r#"{
        "refresh":{},"tabs":"shared","storage":"local"
    }"#;
    let mut tab = Tab::signed_in(options, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.hear_renewed(&sid(&tab), 2);
    assert_eq!(tab.locked(1), ["ask s1.1 once more", "arm 1s"]);
    assert_eq!(tab.after(1.0).tick()[..2], ["release", "lock #2"]);
    let newer = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    let effects = tab.locked_with(2, Stored::Found(Box::new(newer)));
    assert!(
        effects.contains(&"emit refreshed by other-tab".to_owned()),
        "{effects:?}"
    );
}

// ── Refused ──

#[test]
fn rel_12_who_is_refused_asks_once_more_before_it_gives_up() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.locked(1);
    tab.after(0.1).tick();
    tab.ask_refresh();
    assert_eq!(
        tab.answered(1, refused(400)),
        ["ask s1.0 once more", "arm 1s"]
    );
    assert_eq!(
        tab.after(1.0).tick(),
        [
            "release",
            "forget",
            "tell signed-out s1",
            "emit signed-out rejected",
            "w2 failed refresh_rejected(400)"
        ]
    );
}

/// Without locks two tabs got tokens at once, and only one of them kept the ones that count.
#[test]
fn rel_02_who_is_refused_takes_a_siblings_other_tokens_of_the_same_generation() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.locked(1);
    tab.after(0.1).tick();
    tab.answered(1, refused(400));
    assert_eq!(tab.hear_offer(tab.record()), [""; 0]);
    let other = grant("A9").and("R9").record(&sid(&tab), 1, tab.now.wall);
    assert_eq!(
        tab.hear_offer(other),
        [
            "abandon #1",
            "release",
            "persist s1.1 A9 R9",
            "emit refreshed by other-tab",
            "arm 240s"
        ]
    );
}

/// Seed 1518 of the simulation with twenty tabs: two tabs handed each other what the server refused, for ever.
#[test]
fn rel_02_rel_12_but_once_only_if_those_are_refused_too_the_session_is_over() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let refuse = |tab: &mut Tab, attempt| {
        tab.after(240.0).tick();
        tab.locked(attempt);
        tab.after(0.1).tick();
        tab.answered(attempt, refused(400));
    };
    refuse(&mut tab, 1);
    let other = grant("A9").and("R9").record(&sid(&tab), 1, tab.now.wall);
    let first = tab.record();
    tab.hear_offer(other);
    refuse(&mut tab, 2);
    assert_eq!(tab.hear_offer(first), [""; 0]);
    tab.after(1.0).tick();
    assert_eq!(tab.view(), "signed-out rejected");
}

#[test]
fn sec_05_a_sign_out_while_the_siblings_are_asked_ends_the_session() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.locked(1);
    assert_eq!(
        tab.hear_sign_out(None, tab.now.wall),
        [
            "abandon #1",
            "release",
            "forget here",
            "emit signed-out other-tab",
            "arm never"
        ]
    );
}

/// The sign-out was told before this tab opened, and one sibling has not heard of it yet.
#[test]
fn sec_05_an_offer_of_a_session_that_was_signed_out_is_not_joined() {
    let mut teller = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let late = teller.record();
    teller.after(10.0).sign_out();
    let at = teller.now.wall;
    let retold = teller.after(1.0).step(Event::PeerSaid(Message::Asked {
        ask: other_sid(),
        sid: None,
        generation: 0.into(),
        spends: false,
    }));
    let retold_to = Message::SignedOut {
        sid: Some(late.sid.clone()),
        before: Some(at),
    };
    assert_eq!(retold, [Effect::Tell(retold_to.clone())]);
    let mut tab = Tab::loading(SHARED);
    tab.after(11.0).restored(Stored::Empty);
    assert_eq!(tab.hear(retold_to), [""; 0]);
    assert_eq!(tab.hear_offer(late), [""; 0]);
    // But one that began later is.
    let newer = grant("B1").record(&other_sid(), 1, tab.now.wall);
    let effects = tab.hear_offer(newer);
    assert!(effects.contains(&"emit restored".to_owned()), "{effects:?}");
}

/// Seed 4577 of the simulation: by the clock, the session began after the sign-out that ended it.
#[test]
fn rel_07_sec_05_nor_where_the_clock_was_set_back_before_the_sign_out() {
    let late = Tab::signed_in(SHARED, &grant("A1").and("R1")).record();
    let mut tab = Tab::loading(SHARED);
    tab.restored(Stored::Empty);
    let message = Message::SignedOut {
        sid: Some(late.sid.clone()),
        before: Some(late.signed_in.plus(Span::from_seconds(-3_600.0))),
    };
    assert_eq!(tab.hear(message), [""; 0]);
    assert_eq!(tab.hear_offer(late), [""; 0]);
}

/// Seed 1258 of the simulation with twenty tabs: a machine that slept during the wait got no message.
#[test]
fn rel_06_a_wait_for_siblings_that_was_slept_through_begins_anew_once() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.locked(1);
    assert_eq!(
        tab.after(3_600.0).tick()[..2],
        ["ask s1.1 once more", "arm 1s"]
    );
    assert_eq!(tab.after(3_600.0).tick()[0], "refresh #1 A1 R1");
}

/// Seed 30217 of the simulation: the tab that had the newer tokens first was closed before all had asked it.
#[test]
fn rel_01_who_has_tokens_second_hand_tells_who_is_about_to_spend_the_old_ones() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    let newer = grant("A2").and("R2").record(&sid(&tab), 2, tab.now.wall);
    tab.hear_renewed(&sid(&tab), 2);
    tab.hear_offer(newer);
    let name = sid(&tab);
    assert_eq!(tab.after(0.1).hear_question(Some(&name), 1), [""; 0]);
    let asked = Message::Asked {
        ask: other_sid(),
        sid: Some(sid(&tab)),
        generation: 1.into(),
        spends: true,
    };
    assert_eq!(tab.hear(asked), ["offer s1.2 A2 R2"]);
}

/// Seed 89420: word of newer tokens that comes during the wait is asked about as what it is.
#[test]
fn rel_01_who_hears_of_newer_tokens_while_it_waits_says_that_it_is_about_to_spend() {
    let mut tab = Tab::signed_in(SHARED, &grant("A1").and("R1"));
    tab.after(240.0).tick();
    tab.locked(1);
    assert_eq!(tab.hear_renewed(&sid(&tab), 2), ["ask s1.1 once more"]);
}
