//! Reference server for the demo and the end-to-end tests: what a backend has to do so that a
//! browser can keep a token session safely.
//!
//! One process, three listeners on loopback: the demo app's files, the API, and a foreign origin
//! that must never see a token. Passwords are hashed with Argon2id, access tokens are JWTs signed
//! with Ed25519 and bound to a fingerprint cookie, refresh tokens are single use and live in
//! families.
//!
//! Under `/oidc` it is a provider of OAuth 2.1 and OpenID Connect, too.
//!
//! It is made to be read and to be tested against, not to be deployed: accounts are seeded, the
//! database is in memory unless a file is named, and `--faults` opens knobs that break it on
//! purpose. Everything else behaves as a real one should.
//!
//! Nothing reachable from a request may panic, and the lints below keep it so.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod api;
mod args;
mod body;
mod caller;
mod checks;
mod cleaning;
mod clock;
mod cookies;
mod cors;
mod csrf;
mod db;
mod docs;
mod error;
mod events;
mod families;
mod faults;
mod fingerprint;
mod foreign;
mod grant;
mod health;
mod keyring;
mod login_page;
mod login_request;
mod logs;
mod metrics;
mod oidc;
mod opening;
mod origins;
mod passwords;
mod policy;
mod queue;
mod random;
mod requests;
mod rotation;
mod routes;
mod serve;
mod sessions;
mod sign_in;
mod state;
mod static_files;
mod throttle;
mod tickets;
mod tls;
mod tokens;
mod totp;
mod users;
mod verified;

pub use args::Args;
pub use health::is_alive;
pub use logs::{LogFormat, init_logs};
pub use origins::Origins;
pub use serve::{Running, StartError, start};
pub use state::{DEMO_PASSWORD, DEMO_TOTP_SECRET, DEMO_USER};
pub use totp::uri as otpauth_uri;
