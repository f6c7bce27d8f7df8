//! What the native tests share: a tab without a browser, and what it is fed with.
//!
//! | File | Is |
//! |---|---|
//! | `tab` | the tab: it feeds events to the core, keeps the time and does what its store is told |
//! | `happenings` | what can happen to it, a method each |
//! | `lines` | its effects and its session as lines of text |
//! | `generation` | a generation as lines show it |
//! | `grants` | tokens that a server grants |
//! | `answers` | answers of a server without tokens |
//! | `settings` | what it was opened with |
//! | `dice` | randomness that a seed decides |

#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

mod answers;
pub(crate) mod dice;
mod generation;
mod grants;
mod happenings;
mod lines;
mod settings;
mod tab;

pub(crate) use self::answers::*;
pub(crate) use self::grants::*;
pub(crate) use self::settings::config;
pub(crate) use self::tab::*;
