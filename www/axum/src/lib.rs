//! The other half, for servers with axum: it checks what a page with hallpass sends.
//!
//! The sibling of `hallpass/server`, with its options, codes, limits and challenges. Make a [`Verifier`]; take a
//! [`Verified`] in a handler, or put a [`VerifyLayer`] before a router. What may not pass is answered with the 401 and
//! the `WWW-Authenticate` that the page's half acts on.
//!
//! ```no_run
#![doc = include_str!("../examples/protected.rs")]
//! ```
//!
//! What differs from `hallpass/server`:
//!
//! - Nothing is fetched: keys are a [`KeySet`], or come from [`Keys`] that the server fetches and keeps.
//! - The origin of [`DpopCheck`] has to be named: an axum server does not know whether it is called by http or https.
//! - Where a server looks more closely itself, [`DpopCheck::required`] and [`FingerprintCheck::required`] let tokens
//!   pass that are bound to nothing, and [`VerifierOptions::allow_endless`] those without an end.
//! - A fingerprint's cookie has its prefix on loopback, too.
//! - JSON has to be what RFC 8259 says: single surrogates, numbers that no double holds, and more than 128 levels
//!   make a token malformed.
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

mod access_token;
mod algorithms;
mod clock;
mod code;
mod compact;
mod cookies;
mod dpop;
mod error;
mod extract;
mod fingerprint;
mod head;
mod jwk;
mod keys;
mod layer;
mod nonces;
mod options;
mod replays;
mod signature;
mod times;
mod unauthorized;
mod verifier;

pub use access_token::presented;
pub use algorithms::{ASYMMETRIC, Algorithm};
pub use code::UnauthorizedCode;
pub use compact::Claims;
pub use dpop::{DpopCheck, ProofOf};
pub use error::{BoxError, BoxFuture, InvalidOption};
pub use fingerprint::{Fingerprint, FingerprintCheck};
pub use head::RequestHead;
pub use keys::{KeySet, KeySource, Keys};
pub use layer::{Verify, VerifyLayer};
pub use nonces::{Nonces, SpanNonces};
pub use options::{TokenHeader, VerifierOptions};
pub use replays::{MemoryReplays, Proof, Replays};
pub use unauthorized::{Unauthorized, VerifyError};
pub use verifier::{Verified, Verifier};
