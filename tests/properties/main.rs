//! Random runs of the state machine against a small model of the world around it.
//!
//! Whatever happens, in whatever order, at whatever time: the rules of `rules` hold after each
//! step, and at the end no caller waits. A run is made from its number alone; one that fails prints it,
//! with all events up to there.
//!
//! | File | Is |
//! |---|---|
//! | `run` | one run: the tab, and what the world around it knows |
//! | `draw` | what happens next, decided by a seed |
//! | `model` | does in the model what the effects say, and checks that they may |
//! | `rules` | what holds after each step |
//! | `ends` | how a run ends |

mod draw;
mod ends;
mod model;
mod rules;
mod run;
#[path = "../support/mod.rs"]
mod support;

use hallpass::event::Stored;
use hallpass::redirect::Callback;
use hallpass::secret::Secret;
use hallpass::time::{Span, Timestamp};

use crate::run::Run;
use crate::support::*;

const RUNS: u64 = 4_000;
const EVENTS_PER_RUN: usize = 60;

/// Stands in every token, readable, and must be seen nowhere.
const CANARY: &str = "CANARY";

const SETTINGS: &[&str] = &[
    "{}",
    BODY,
    r#"{"refresh":{},"signOut":"function"}"#,
    r#"{"refresh":{},"schedule":{"proactive":false}}"#,
    r#"{"refresh":{"bearer":true},"signOut":"function"}"#,
    r#"{"refresh":"function","schedule":{"onStart":true,"everySeconds":90}}"#,
    r#"{
        "refresh":{"refreshToken":"cookie"},
        "schedule":{"onStart":true},"limits":{"idleSeconds":600,"sessionSeconds":5000}
    }"#,
    r#"{"refresh":{},"fingerprint":{"mode":"server"}}"#,
    r#"{"refresh":{},"tabs":"shared"}"#,
    r#"{
        "refresh":{"refreshToken":"cookie"},
        "tabs":"shared","storage":"local","schedule":{"onStart":true},"limits":{"idleSeconds":600}
    }"#,
];

#[test]
fn whatever_happens_the_rules_hold_and_nobody_waits_for_ever() {
    for seed in 0..RUNS {
        let mut run = Run::new(seed, SETTINGS);
        for _ in 0..EVENTS_PER_RUN {
            run.something_happens();
        }
        run.everything_ends();
    }
}

/// A session that is signed in can always go somewhere: by its timer, by an answer, by the network.
#[test]
fn rel_09_no_session_gets_stuck() {
    for seed in 0..RUNS / 4 {
        let mut run = Run::new(seed, SETTINGS);
        for _ in 0..EVENTS_PER_RUN {
            run.something_happens();
            run.check_that_it_can_go_on();
        }
    }
}

/// Left alone with a healthy server, every session is fresh again, or over.
#[test]
fn after_any_trouble_a_healthy_server_makes_it_fresh_again() {
    let settings = [BODY, SETTINGS[2], SETTINGS[5]];
    for seed in 0..RUNS / 20 {
        let mut run = Run::new(seed, &settings);
        for _ in 0..EVENTS_PER_RUN {
            run.something_happens();
        }
        run.recover();
    }
}

#[test]
fn sec_40_no_debug_text_shows_a_token() {
    let token = "CANARY.a.b";
    let fragments = [token.to_owned(), format!("access_token={token}&x={token}")];
    for fragment in fragments {
        let params = fragment
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (Secret::from(name), Secret::from(value)))
            .collect();
        let callback = Callback::read(&fragment, params, &[]);
        let text = format!("{callback:?}");
        assert!(!text.contains(CANARY), "{text}");
    }
}

/// The present moment is not the only one: a token's time may be anything.
#[test]
fn rel_07_rel_15_no_date_can_overflow_anything() {
    let extremes = [
        i64::MIN,
        i64::MIN + 1,
        -1,
        0,
        1,
        1 << 53,
        i64::MAX - 1,
        i64::MAX,
    ];
    for wall in extremes {
        for monotonic in [0, 1, i64::MAX] {
            for seconds in [-1e300, -1.0, 0.0, 0.5, 1e300, f64::INFINITY, f64::NAN] {
                let mut tab = Tab::loading(SETTINGS[6]);
                tab.now.wall = Timestamp::from_millis(wall);
                tab.now.monotonic = Span::from_millis(monotonic);
                tab.restored(Stored::Unknown);
                tab.sign_in(&grant("A1").lasting(seconds).and("R1"));
                tab.tick();
                tab.now.wall = Timestamp::from_millis(wall.wrapping_neg());
                tab.wake();
                tab.ask_refresh();
                tab.sign_out();
                assert!(tab.view().starts_with("signed-out"));
            }
        }
    }
}
