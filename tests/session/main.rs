//! Scenarios: given a state, an event and the time, exactly these effects.
//!
//! `support` explains how the lines are to be read. A token lives five minutes where nothing else is
//! said; with dice on 0.0 it is due for refresh after 240 s and stale, by the leeway, after 295 s.

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod asleep;
mod clock_was_ahead;
mod copies;
mod exchanging;
mod fingerprint;
mod identity;
mod lasting_sign_out;
mod limits;
mod needing;
mod outage;
mod restoring;
mod schedule;
mod sharing;
mod signing_in;
mod signing_out;
mod silent_renewal;
mod skew;
mod sliding;
mod snapshots;
mod tabs;
mod trouble;
mod unauthorized;
mod waking;
