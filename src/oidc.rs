//! Sign-in at an authorization server (RFC 6749, OpenID Connect Core 1.0): what to ask it, and what its answers mean.

pub mod authorization;
pub mod base64url;
pub mod callback;
pub mod dpop;
pub mod grant;
pub mod id_token;
pub mod metadata;
pub mod sign_out;
pub mod token;
pub mod user_info;
