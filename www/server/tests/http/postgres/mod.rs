//! Several processes on one PostgreSQL, and what is left when one of them, or the database, is killed.
//!
//! Left out where there is no PostgreSQL (Debian's package `postgresql`), but never in CI.

mod at_once;
mod broken_off;
pub(crate) mod cluster;
mod killed;
mod pair;
