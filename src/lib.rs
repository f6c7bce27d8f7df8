//! The core of hallpass: a token session manager for single-page apps.
//!
//! The core is a state machine. It does no I/O, reads no clock and draws no randomness: the time, the
//! dice and every fact from outside come in with an [event](event::Event), and what shall happen goes
//! out as [effects](effect::Effect). [`session::step`] is the only place with flow logic; everything
//! before it in the list below is a pure function or a value type. The same code runs in the browser,
//! in native tests and in the simulation.
//!
//! `web` is the shell: it exists on `wasm32` only, owns every JavaScript object, and decides nothing.
//!
//! | Module | Question it answers |
//! |---|---|
//! | [`time`], [`secret`], [`error`], [`json`] | what is a moment, a secret, a failure, an object |
//! | [`claims`], [`tokens`] | what does this token say, how long does it live |
//! | [`profile`] | what does the application keep of the user |
//! | [`config`] | what did the application ask for |
//! | [`generation`] | which tokens of a session are newer |
//! | [`record`] | what is stored, what do tabs say to each other |
//! | [`origins`] | may this URL carry the token |
//! | [`cookie`], [`request`] | what is sent to an endpoint |
//! | [`reply`], [`token_set`], [`answer`] | how much of an answer is read, what is in it, what does it mean |
//! | [`redirect`] | is this callback ours |
//! | [`oidc`] | what to ask an authorization server, what do its answers mean |
//! | [`fingerprint`] | does this token belong to this browser |
//! | [`lock_wait`] | how long to wait for the lock, and where |
//! | [`schedule`] | when is the next refresh |
//! | [`event`], [`effect`], [`session`] | what happens now |
#![warn(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

pub mod answer;
pub mod claims;
pub mod config;
pub mod cookie;
pub mod effect;
pub mod error;
pub mod event;
pub mod fingerprint;
pub mod generation;
pub mod group;
pub mod json;
pub mod lock_wait;
pub mod mark;
pub mod oidc;
pub mod origins;
pub mod profile;
pub mod record;
pub mod redirect;
pub mod reply;
pub mod request;
pub mod schedule;
pub mod secret;
pub mod session;
pub mod time;
pub mod token_set;
pub mod tokens;

#[cfg(target_arch = "wasm32")]
mod web;
