//! How often the application hears of one refresh: each line `show` or `emit …` is one snapshot, and one
//! render of every component that uses it.

use crate::support::*;

/// The snapshots among these effects.
fn snapshots(effects: Vec<String>) -> Vec<String> {
    let is_snapshot = |line: &String| line == "show" || line.starts_with("emit ");
    effects.into_iter().filter(is_snapshot).collect()
}

/// All effects of some steps, in order.
fn all<const N: usize>(steps: [Vec<String>; N]) -> Vec<String> {
    snapshots(steps.concat())
}

// ── One refresh ──

#[test]
fn rel_47_a_refresh_on_schedule_is_one_snapshot() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let effects = [
        tab.after(240.0).tick(),
        tab.locked(1),
        tab.after(0.3).answered(1, grant("A2").answer()),
    ];
    assert_eq!(all(effects), ["emit refreshed by this-tab"]);
}

#[test]
fn rel_47_a_refresh_by_hand_is_one_snapshot() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let effects = [
        tab.ask_refresh(),
        tab.locked(1),
        tab.answered(1, grant("A2").answer()),
    ];
    assert_eq!(all(effects), ["emit refreshed by this-tab"]);
}

/// The token ends while the server is slow: that is the second one.
#[test]
fn rel_47_a_token_that_ends_meanwhile_makes_it_two() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    let effects = [
        tab.after(56.0).tick(),
        tab.after(1.0).tick(),
        tab.wake(),
        tab.after(1.0).answered(1, grant("A2").answer()),
    ];
    assert_eq!(all(effects), ["show", "emit refreshed by this-tab"]);
}

#[test]
fn rel_47_a_refresh_after_a_pause_is_one_snapshot_however_it_began() {
    for begin in [
        |tab: &mut Tab| tab.after(1.0).tick(),
        |tab: &mut Tab| tab.after(1.0).wake(),
        |tab: &mut Tab| tab.ask_refresh(),
    ] {
        let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
        tab.set_dice(true);
        let effects = tab.answered(1, trouble(503));
        assert_eq!(snapshots(effects).len(), 1);
        let effects = [
            begin(&mut tab),
            tab.locked(2),
            tab.answered(2, grant("A2").answer()),
        ];
        assert_eq!(all(effects), ["emit refreshed by this-tab"]);
    }
}

#[test]
fn rel_47_each_failure_is_one_snapshot() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.answered(1, trouble(503));
    for attempt in 2..6 {
        let effects = [
            tab.after(17.0).tick(),
            tab.locked(attempt),
            tab.answered(attempt, trouble(503)),
        ];
        let seen = all(effects);
        assert!(seen.len() <= 2, "{seen:?}");
        assert!(seen.last().unwrap().starts_with("emit refresh-failed"));
    }
}

#[test]
fn rel_47_tokens_of_a_sibling_are_one_snapshot() {
    let shared = r#"{"refresh":{},"tabs":"shared"}"#;
    let mut tab = Tab::signed_in(shared, &grant("A1").and("R1"));
    let sid = tab.record().sid;
    tab.after(240.0).tick();
    tab.locked(1);
    let newer = grant("A2").and("R2").record(&sid, 2, tab.now.wall);
    let effects = [tab.hear_renewed(&sid, 2), tab.hear_offer(newer)];
    assert_eq!(all(effects), ["emit refreshed by other-tab"]);
}

/// Browsers round their clocks, each its own way, and the two do not step together.
#[test]
fn rel_47_clocks_that_do_not_step_together_show_nothing() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    for (wall, monotonic) in [(0, 1), (1, 0), (2, 1), (0, 100), (100, 0), (-1, 1)] {
        use hallpass::time::Span;
        tab.now.wall = tab.now.wall.plus(Span::from_millis(wall));
        tab.now.monotonic = tab.now.monotonic.plus(Span::from_millis(monotonic));
        assert_eq!(all([tab.tick(), tab.wake(), tab.need_token()]), [""; 0]);
    }
}

// ── One 401 ──

#[test]
fn rel_47_a_401_alone_shows_nothing() {
    let restored = {
        let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1")).reloaded(BODY);
        tab.open();
        tab
    };
    for (mut tab, sent) in [
        (Tab::signed_in(BODY, &grant("A1").and("R1")), grant("A1")),
        (
            Tab::signed_in(BODY, &opaque("A1").undated().and("R1")),
            opaque("A1"),
        ),
        (restored, grant("A1")),
    ] {
        let before = tab.view();
        let effects = [
            tab.unauthorized(&sent),
            tab.unauthorized(&sent),
            tab.locked(1),
            tab.after(0.1).tick(),
            tab.unauthorized(&sent),
            tab.wake(),
        ];
        assert_eq!(all(effects), [""; 0]);
        assert_eq!(
            tab.view().split(" ends").next(),
            before.split(" ends").next()
        );
        let effects = tab.answered(1, grant("A2").answer());
        assert_eq!(snapshots(effects), ["emit refreshed by this-tab"]);
    }
}

/// No other token came: now the application hears that this one is over, with the failure.
#[test]
fn rel_47_a_401_whose_refresh_fails_is_one_snapshot() {
    let mut tab = Tab::signed_in(BODY, &opaque("A1").undated().and("R1"));
    let effects = [
        tab.unauthorized(&opaque("A1")),
        tab.locked(1),
        tab.answered(1, trouble(503)),
    ];
    let seen = all(effects);
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(tab.view().ends_with("stale"), "{}", tab.view());
}

#[test]
fn rel_47_a_401_in_a_pause_shows_nothing() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1")).reloaded(BODY);
    tab.open();
    tab.after(240.0).tick();
    tab.locked(1);
    tab.after(0.1).tick();
    tab.answered(1, trouble(503));
    assert_eq!(all([tab.unauthorized(&grant("A1"))]), [""; 0]);
    assert_eq!(tab.need_token(), ["w2 failed refresh_unavailable(503)"]);
}
