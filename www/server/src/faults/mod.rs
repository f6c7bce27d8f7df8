//! The knobs of `--faults`: what a test needs to break the server on purpose, and to see what
//! reached it.

pub(crate) mod changes;
mod gate;
pub(crate) mod knobs;
mod log;
mod observe;
mod replace;
mod reset;
mod routes;
mod rules;

pub(crate) use log::Listener;
pub(crate) use observe::{Dropped, observe};
pub(crate) use replace::replace_answer;
pub(crate) use reset::Resettable;
pub(crate) use routes::routes;
