//! The server over real HTTP: each test starts one of its own and talks to it as a browser or as
//! a thief would. Names in brackets are rows of the project's requirements.

mod account;
mod browser;
mod cookie_carrier;
mod cors;
mod database;
mod docs;
mod faults;
mod fingerprint;
mod foreign;
mod health;
mod invalidation;
mod login;
mod oidc;
mod operations;
mod password_change;
mod policies;
#[cfg(unix)]
mod postgres;
mod process;
mod refresh;
mod second_factor;
mod server;
mod sign_in;
mod sign_out;
mod static_files;
#[cfg(unix)]
mod stopping;
mod store;
mod survival;
mod tls;
