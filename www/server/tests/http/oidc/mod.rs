//! The provider: OAuth 2.1 and OpenID Connect under `/oidc`.

mod authorize;
mod callback;
mod codes;
mod cors;
mod dpop_api;
mod dpop_tokens;
mod faults;
pub(crate) mod flow;
mod key;
mod logins;
mod logout;
mod metadata;
mod pushed;
mod refresh;
mod revoke;
mod tls;
mod user_info;
