//! Sessions that end by the clock: too old, or without activity.

use hallpass::effect::Effect;
use hallpass::event::Event;
use hallpass::record::Message;

use crate::support::*;

const IDLE: &str = r#"{"limits":{"idleSeconds":900}}"#;
const SESSION: &str = r#"{
    "refresh":{},"limits":{"sessionSeconds":600}
}"#;

fn idle_tab() -> Tab {
    Tab::signed_in(IDLE, &opaque("A1").undated())
}

#[test]
fn idle_warns_a_minute_before_and_then_signs_out_everywhere() {
    let mut tab = Tab::signed_out(IDLE);
    assert_eq!(
        tab.sign_in(&opaque("A1").undated()),
        ["persist s1.1 A1 -", "emit signed-in", "w1 done", "arm 840s"]
    );
    assert_eq!(
        tab.after(840.0).tick(),
        ["emit idle-warning, sign-out in 60s", "arm 60s"]
    );
    assert_eq!(tab.tick(), ["arm 60s"], "once");
    assert_eq!(
        tab.after(60.0).tick(),
        ["forget", "tell signed-out all", "emit signed-out idle"]
    );
}

#[test]
fn activity_here_starts_the_count_anew_and_is_told() {
    let mut tab = idle_tab();
    assert_eq!(
        tab.after(800.0).feed(Event::Active),
        ["tell active", "arm 840s"]
    );
    assert_eq!(
        tab.after(840.0).tick(),
        ["emit idle-warning, sign-out in 60s", "arm 60s"]
    );
    assert_eq!(tab.feed(Event::Active), ["tell active", "arm 840s"]);
    assert_eq!(
        tab.after(840.0).tick().first().unwrap(),
        "emit idle-warning, sign-out in 60s",
        "there is a warning each time"
    );
}

#[test]
fn activity_in_another_tab_counts_too() {
    let mut tab = idle_tab();
    let at = tab.after(850.0).now.wall;
    tab.tick();
    assert_eq!(
        tab.feed(Event::PeerSaid(Message::Active { at })),
        ["arm 840s"]
    );
}

#[test]
fn without_a_limit_activity_is_nobodys_business() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.feed(Event::Active), [""; 0]);
}

#[test]
fn refreshes_are_no_activity() {
    let options = r#"{"refresh":"function","limits":{"idleSeconds":900}}"#;
    let mut tab = Tab::signed_in(options, &grant("A1"));
    for attempt in 1..=3 {
        tab.after(240.0).tick();
        tab.no_lock(attempt);
        tab.answered(attempt, grant("A2").answer());
    }
    assert_eq!(
        tab.after(120.0).tick(),
        ["emit idle-warning, sign-out in 60s", "arm 60s"]
    );
    let effects = tab.after(60.0).tick();
    assert!(effects.contains(&"emit signed-out idle".to_owned()));
}

#[test]
fn rel_06_idle_time_passes_while_a_laptop_sleeps() {
    let mut tab = idle_tab();
    tab.set_clock(10_000.0);
    assert_eq!(tab.wake(), ["ask s1.1", "arm 0.5s"]);
    assert_eq!(
        tab.after(0.5).tick(),
        ["forget", "tell signed-out all", "emit signed-out idle"]
    );
}

#[test]
fn a_session_limit_ends_the_most_active_session_everywhere() {
    let mut tab = Tab::refreshing(SESSION, &grant("A1").and("R1"));
    tab.answered(1, grant("A2").answer());
    tab.after(240.0).tick();
    tab.locked(2);
    assert_eq!(
        tab.answered(2, grant("A3").answer()).last().unwrap(),
        "arm 120s"
    );
    tab.feed(Event::Active);
    assert_eq!(
        tab.after(120.0).tick(),
        [
            "forget",
            "tell signed-out all",
            "emit signed-out session-limit"
        ]
    );
}

#[test]
fn a_limit_cuts_a_refresh_off() {
    let limited = r#"{"refresh":"function","limits":{"sessionSeconds":250}}"#;
    let mut tab = Tab::refreshing(limited, &grant("A1"));
    tab.ask_refresh();
    assert_eq!(
        tab.after(10.0).tick(),
        [
            "abandon #1",
            "release",
            "forget",
            "tell signed-out all",
            "emit signed-out session-limit",
            "w2 failed signed_out"
        ]
    );
    assert_eq!(tab.answered(1, grant("A2").answer()), [""; 0]);
}

#[test]
fn a_limit_counts_in_a_pause_and_offline() {
    let limited = r#"{"refresh":"function","limits":{"sessionSeconds":3600}}"#;
    let mut tab = Tab::refreshing(limited, &grant("A1"));
    tab.feed(Event::WentOffline);
    tab.answered(1, no_network());
    assert_eq!(tab.after(60.0).tick().last().unwrap(), "show");
    let effects = tab.after(3_300.0).tick();
    assert!(
        effects.contains(&"emit signed-out session-limit".to_owned()),
        "{effects:?}"
    );
}

/// Hidden tabs get their timers late. Whatever happens first, the end of the token is still noticed.
#[test]
fn rel_24_a_late_tick_is_not_called_off() {
    let mut tab = Tab::signed_in("{}", &grant("A1"));
    let mut effects = tab.after(296.0).need_token_for(0.0);
    assert_eq!(effects.remove(0), "w2 token A1");
    assert!(!effects.contains(&"arm never".to_owned()), "{effects:?}");
    assert_eq!(
        tab.tick(),
        ["forget", "emit signed-out expired"],
        "the tick that was late"
    );
}

#[test]
fn activity_counts_from_when_it_was_not_from_when_it_is_heard() {
    let mut tab = idle_tab();
    let at = tab.after(10.0).now.wall;
    tab.after(100.0);
    assert_eq!(
        tab.feed(Event::PeerSaid(Message::Active { at })),
        ["arm 740s"]
    );
}

#[test]
fn who_is_asked_by_a_tab_that_was_away_says_when_the_user_was_last_seen() {
    let mut tab = idle_tab();
    let at = tab.after(100.0).now.wall;
    tab.feed(Event::Active);
    tab.after(50.0);
    let told = tab.step(Event::PeerSaid(Message::Asked {
        ask: other_sid(),
        sid: Some(other_sid()),
        generation: 1.into(),
        spends: false,
    }));
    assert_eq!(told, [Effect::Tell(Message::Active { at })]);
}

#[test]
fn no_token_is_handed_out_after_a_limit_has_passed_however_late_the_timer_is() {
    let mut tab = Tab::signed_in(SESSION, &opaque("A1").undated());
    tab.after(600.0);
    assert_eq!(tab.state.usable_token(tab.now, None), None);
    assert_eq!(
        tab.need_token(),
        [
            "forget",
            "tell signed-out all",
            "emit signed-out session-limit",
            "w2 failed signed_out",
            "arm never"
        ]
    );
}
