//! Sign-in at an authorization server (RFC 6749, OpenID Connect Core 1.0): what to ask it, and what its answers mean.

pub mod grant;
