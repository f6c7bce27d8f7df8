//! Refreshes that fail for now: pauses, networks that come and go, servers that cannot agree.

use hallpass::event::Event;

use crate::support::*;

#[test]
fn rel_10_pauses_double_from_a_second_to_a_minute() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.set_dice(true);
    for (attempt, seconds) in [1, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
        let attempt = u32::try_from(attempt).unwrap() + 1;
        let effects = tab.answered(attempt, trouble(503));
        assert_eq!(
            effects[..2],
            [
                "release".to_owned(),
                format!("emit refresh-failed refresh_unavailable(503), retry in {seconds}s")
            ]
        );
        let effects = tab.after(f64::from(seconds)).tick();
        assert_eq!(effects.first().unwrap(), &format!("lock #{}", attempt + 1));
        assert_eq!(
            tab.locked(attempt + 1),
            [format!("refresh #{} A1 R1", attempt + 1)]
        );
    }
    tab.answered(9, grant("A2").answer());
    tab.after(210.0).tick();
    tab.locked(10);
    let effects = tab.answered(10, trouble(503));
    assert!(
        effects[1].ends_with("retry in 1s"),
        "a success starts the count anew: {effects:?}"
    );
}

#[test]
fn rel_10_every_kind_of_trouble_keeps_the_session() {
    for (answer, error) in [
        (trouble(503), "refresh_unavailable(503)"),
        (trouble(408), "refresh_unavailable(408)"),
        (no_network(), "refresh_unavailable"),
        (
            nonsense(200),
            "refresh_unavailable(200) < invalid_response(200)",
        ),
    ] {
        let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
        let effects = tab.answered(1, answer);
        let expected = format!("emit refresh-failed {error}, retry in 0.2s");
        assert_eq!(effects[1], expected);
        assert!(tab.view().starts_with("A1 generation 1 ends in 60s"));
        assert_eq!(tab.need_token(), ["w2 token A1"]);
        assert!(tab.store.is_some());
    }
}

#[test]
fn a_stale_session_says_why_and_stays() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.after(60.0).need_token();
    assert_eq!(
        tab.answered(1, busy(503, 20.0)),
        [
            "release",
            "emit refresh-failed refresh_unavailable(503), retry in 20s",
            "w2 failed refresh_unavailable(503)",
            "arm 20s"
        ]
    );
    assert_eq!(
        tab.view(),
        "A1 generation 1 ends in 0s refresh in 20s stale"
    );
    assert_eq!(tab.need_token(), ["w3 failed refresh_unavailable(503)"]);
    assert_eq!(tab.unauthorized(&grant("A1")), ["w4 stands"]);
    assert_eq!(tab.after(20.0).tick(), ["lock #2"]);
    tab.locked(2);
    tab.answered(2, grant("A2").answer());
    assert_eq!(tab.view(), "A2 generation 2 ends in 300s refresh in 240s");
}

#[test]
fn rel_10_retry_after_is_honoured_by_timers_wakes_and_hands() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    assert_eq!(
        tab.answered(1, busy(429, 20.0)),
        [
            "release",
            "emit refresh-failed refresh_unavailable(429), retry in 20s",
            "arm 20s"
        ]
    );
    tab.after(19.0);
    assert_eq!(tab.ask_refresh(), ["w2 failed refresh_unavailable(429)"]);
    assert_eq!(tab.wake(), ["arm 1s"]);
    tab.feed(Event::WentOffline);
    assert_eq!(tab.feed(Event::WentOnline), ["arm 1s"]);
    assert_eq!(tab.tick(), ["arm 1s"]);
    assert_eq!(tab.after(1.0).ask_refresh(), ["lock #2", "arm 35s"]);
}

#[test]
fn by_hand_a_pause_of_our_own_may_be_cut_short() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.set_dice(true);
    tab.answered(1, trouble(503));
    assert_eq!(tab.ask_refresh().first().unwrap(), "lock #2");
    tab.locked(2);
    assert_eq!(
        tab.answered(2, trouble(503)),
        [
            "release",
            "emit refresh-failed refresh_unavailable(503), retry in 2s",
            "w2 failed refresh_unavailable(503)",
            "arm 2s"
        ],
        "the schedule goes on as after an automatic one"
    );
}

#[test]
fn by_hand_after_nothing_failed_before_the_schedule_goes_on_too() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.ask_refresh();
    tab.locked(1);
    let effects = tab.answered(1, trouble(503));
    assert!(effects.contains(&"w2 failed refresh_unavailable(503)".to_owned()));
    assert_eq!(tab.after(0.2).tick().first().unwrap(), "lock #2");
}

// ── Wakes ──

#[test]
fn rel_24_a_wake_retries_once_a_second_however_many_come() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.set_dice(true);
    for attempt in 1..=5 {
        tab.answered(attempt, trouble(503));
        if attempt < 5 {
            tab.after(60.0).tick();
            tab.locked(attempt + 1);
        }
    }
    assert_eq!(tab.wake(), ["arm 1s", "show"], "16 s were left");
    assert_eq!(tab.wake(), ["arm 1s"]);
    assert_eq!(tab.wake(), ["arm 1s"]);
    assert_eq!(tab.after(1.0).wake(), ["lock #6", "arm never"]);
    assert_eq!(tab.wake(), [""; 0], "under way");
}

// ── Offline ──

#[test]
fn rel_27_offline_the_schedule_waits_and_online_brings_one_try() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(tab.feed(Event::WentOffline), [""; 0]);
    assert_eq!(
        tab.after(240.0).tick(),
        [
            "emit refresh-failed refresh_unavailable, retry in 60s",
            "arm 55s"
        ]
    );
    assert_eq!(tab.view(), "A1 generation 1 ends in 60s refresh in 60s");
    assert_eq!(tab.after(55.0).tick(), ["arm 5s", "show"]);
    assert_eq!(tab.feed(Event::WentOnline), ["lock #1", "arm never"]);
    assert_eq!(tab.feed(Event::WentOnline), [""; 0]);
}

#[test]
fn rel_27_a_pause_waits_for_the_network() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.set_dice(true);
    tab.answered(1, no_network());
    assert_eq!(tab.feed(Event::WentOffline), ["arm 55s"]);
    assert_eq!(tab.after(30.0).tick(), ["arm 25s"]);
    assert_eq!(tab.feed(Event::WentOnline).first().unwrap(), "lock #2");
}

#[test]
fn rel_27_an_answer_while_offline_waits_too() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.feed(Event::WentOffline);
    assert_eq!(
        tab.answered(1, no_network()),
        [
            "release",
            "emit refresh-failed refresh_unavailable, retry in 60s"
        ]
    );
}

#[test]
fn rel_27_a_retry_after_heard_offline_is_kept_and_shows_that_there_is_a_network() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.after(60.0).feed(Event::WentOffline);
    let effects = tab.answered(1, busy(503, 20.0));
    assert!(effects[1].ends_with("retry in 20s"), "{effects:?}");
    let effects = tab.after(5.0).feed(Event::WentOnline);
    assert_eq!(effects, ["arm 15s"]);
    assert_eq!(tab.after(15.0).tick().first().unwrap(), "lock #2");
}

#[test]
fn rel_27_offline_a_refresh_by_hand_still_tries() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.feed(Event::WentOffline);
    assert_eq!(tab.ask_refresh(), ["lock #1", "arm 295s"]);
}

#[test]
fn rel_27_flapping_makes_no_storm() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, no_network());
    let mut locks = 0;
    for _ in 0..100 {
        tab.after(0.01);
        for event in [Event::WentOffline, Event::WentOnline] {
            let effects = tab.feed(event);
            locks += effects
                .iter()
                .filter(|line| line.starts_with("lock"))
                .count();
        }
    }
    assert!(locks <= 1, "{locks} in a second");
}

// ── Loops ──

/// A server whose tokens are dead on arrival.
fn dead_tokens(tab: &mut Tab) -> (u32, Vec<String>) {
    let mut effects = tab.sign_in(&grant("A1").lasting(0.0).and("R1"));
    for attempt in 1.. {
        if !effects.contains(&format!("lock #{attempt}")) {
            return (attempt - 1, effects);
        }
        tab.locked(attempt);
        let mut next = tab.answered(attempt, grant("A1").lasting(0.0).answer());
        next.extend(tab.tick());
        effects = next;
    }
    unreachable!()
}

#[test]
fn rel_09_five_dead_tokens_in_a_row_pause_for_a_minute() {
    let mut tab = Tab::signed_out(BODY);
    let (refreshes, effects) = dead_tokens(&mut tab);
    assert_eq!(refreshes, 5);
    assert!(
        effects.contains(&"emit refresh-failed refresh_loop, retry in 60s".to_owned()),
        "{effects:?}"
    );
    assert_eq!(tab.need_token(), ["w2 failed refresh_loop"]);
    assert!(
        tab.view().ends_with("refresh in 60s stale"),
        "the session stays"
    );
    assert_eq!(tab.after(30.0).wake(), ["arm 30s"], "no wake cuts it short");
    assert_eq!(tab.tick(), ["arm 30s"]);
    assert_eq!(tab.after(30.0).tick(), ["lock #6"], "and then once more");
}

#[test]
fn rel_09_during_the_pause_a_refresh_by_hand_may_run() {
    let mut tab = Tab::signed_out(BODY);
    dead_tokens(&mut tab);
    assert_eq!(tab.ask_refresh().first().unwrap(), "lock #6");
    tab.locked(6);
    let effects = tab.answered(6, grant("A2").answer());
    assert!(effects.contains(&"w2 done".to_owned()));
    assert_eq!(tab.view(), "A2 generation 7 ends in 300s refresh in 240s");
}

#[test]
fn rel_09_short_tokens_that_live_out_their_time_are_no_loop() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").lasting(6.0).and("R1"));
    for attempt in 1..=100 {
        let effects = tab.after(4.8).tick();
        assert_eq!(effects.first().unwrap(), &format!("lock #{attempt}"));
        tab.locked(attempt);
        tab.answered(attempt, grant("A1").lasting(6.0).answer());
    }
}

/// Six short looks at the app, hours apart, on a machine whose monotonic clock sleeps when it does.
#[test]
fn rel_06_tokens_that_ended_while_the_machine_slept_are_no_loop() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    for attempt in 1..=20 {
        tab.after(1.0).set_clock(3_600.0);
        let effects = tab.wake();
        assert_eq!(effects.first().unwrap(), &format!("lock #{attempt}"));
        tab.locked(attempt);
        tab.answered(attempt, grant("A1").answer());
    }
}

#[test]
fn rel_18_a_server_that_refuses_every_fresh_token_is_a_loop_too() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let mut refreshes = 0;
    for _ in 0..50 {
        let effects = tab.after(0.1).unauthorized(&grant("A1"));
        if effects.contains(&format!("lock #{}", refreshes + 1)) {
            refreshes += 1;
            tab.locked(refreshes);
            tab.answered(refreshes, grant("A1").answer());
        }
    }
    assert_eq!(refreshes, 5);
}

// ── The store ──

#[test]
fn rel_22_a_store_that_fails_is_said_once() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    assert_eq!(
        tab.feed(store_failed()),
        ["emit storage-degraded storage_unavailable"]
    );
    assert_eq!(tab.feed(store_failed()), [""; 0]);
    tab.sign_out();
    assert_eq!(tab.feed(store_failed()), [""; 0]);
}

#[test]
fn rel_22_it_is_said_whatever_the_state() {
    for mut tab in [Tab::loading(BODY), Tab::signed_out(BODY)] {
        assert_eq!(
            tab.feed(store_failed()),
            ["emit storage-degraded storage_unavailable"]
        );
    }
}

#[test]
fn rel_40_a_refresh_that_cannot_be_stored_counts_all_the_same() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, grant("A2").and("R2").answer());
    tab.feed(store_failed());
    assert_eq!(tab.need_token(), ["w2 token A2"]);
    tab.after(240.0).tick();
    let effects = tab.locked_with(2, hallpass::event::Stored::Unknown);
    assert_eq!(effects, ["refresh #2 A2 R2"]);
}

// ── The browser says that there is no network, and is wrong ──

#[test]
fn rel_27_offline_a_caller_who_needs_a_token_gets_a_try() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.feed(Event::WentOffline);
    tab.after(240.0).tick();
    tab.after(56.0).tick();
    let effects = tab.need_token();
    assert_eq!(effects.first().unwrap(), "lock #1", "{effects:?}");
    tab.locked(1);
    let effects = tab.answered(1, grant("A2").and("R2").answer());
    assert!(effects.contains(&"w2 token A2".to_owned()), "{effects:?}");
    assert_eq!(tab.after(240.0).tick().first().unwrap(), "lock #2");
}

#[test]
fn rel_27_offline_before_the_schedule_noticed_a_caller_gets_a_try_too() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.feed(Event::WentOffline);
    let effects = tab.after(300.0).need_token();
    assert_eq!(effects.first().unwrap(), "lock #1", "{effects:?}");
}

#[test]
fn rel_27_offline_a_401_gets_a_try_and_is_an_answer_from_the_network() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.set_dice(true);
    tab.feed(Event::WentOffline);
    tab.after(240.0).tick();
    let effects = tab.unauthorized(&grant("A1"));
    assert_eq!(effects.first().unwrap(), "lock #1", "{effects:?}");
    tab.locked(1);
    let effects = tab.answered(1, no_network());
    assert!(effects[1].ends_with("retry in 2s"), "{effects:?}");
}

#[test]
fn rel_27_offline_the_schedule_tries_once_a_minute() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.feed(Event::WentOffline);
    tab.after(240.0).tick();
    for attempt in 1..=5 {
        tab.after(59.0).tick();
        let effects = tab.after(1.0).tick();
        let lock = format!("lock #{attempt}");
        assert_eq!(effects.first().unwrap(), &lock, "{effects:?}");
        tab.locked(attempt);
        let effects = tab.answered(attempt, no_network());
        assert!(effects[1].ends_with("retry in 60s"), "{effects:?}");
    }
}

#[test]
fn rel_27_offline_callers_wait_for_the_pause_that_they_would_have_online() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.set_dice(true);
    tab.feed(Event::WentOffline);
    tab.after(60.0).need_token();
    tab.answered(1, no_network());
    assert_eq!(tab.need_token(), ["w3 failed refresh_unavailable"]);
    let effects = tab.after(1.0).need_token();
    assert_eq!(effects.first().unwrap(), "lock #2", "{effects:?}");
}

#[test]
fn rel_27_a_retry_after_holds_for_callers_too() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.after(60.0).need_token();
    tab.answered(1, busy(503, 20.0));
    tab.feed(Event::WentOffline);
    assert_eq!(
        tab.after(19.0).need_token(),
        ["w3 failed refresh_unavailable(503)"]
    );
    assert_eq!(tab.after(1.0).need_token().first().unwrap(), "lock #2");
}

#[test]
fn rel_27_an_answer_to_a_refresh_by_hand_ends_the_offline_state() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.feed(Event::WentOffline);
    tab.ask_refresh();
    tab.locked(1);
    tab.answered(1, grant("A2").and("R2").answer());
    let effects = tab.after(240.0).tick();
    assert_eq!(effects.first().unwrap(), "lock #2", "{effects:?}");
}

#[test]
fn rel_27_a_sign_in_ends_the_offline_state() {
    let mut tab = Tab::signed_out(BODY);
    tab.feed(Event::WentOffline);
    tab.sign_in(&grant("A1").and("R1"));
    let effects = tab.after(240.0).tick();
    assert_eq!(effects.first().unwrap(), "lock #1", "{effects:?}");
}
