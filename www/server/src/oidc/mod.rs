//! The provider's half of OAuth 2.1 and OpenID Connect: metadata, authorization codes with PKCE,
//! rotating refresh tokens, revocation, DPoP, pushed requests, logout.
//!
//! What it grants is a session like any other (`sessions.rs`), so devices, password changes and
//! administrators end it in the same way. Beside it stands what the client was granted
//! (`authorizations.rs`). That the user is signed in at the provider itself is a login
//! (`logins.rs`): it outlives the client's sessions, and one sign-in serves several of them.

pub(crate) mod authorizations;
mod authorize;
mod callback;
pub(crate) mod client;
mod codes;
pub(crate) mod dpop;
mod end_session;
pub(crate) mod endpoints;
mod exchange;
pub(crate) mod headers;
pub(crate) mod id_token;
mod identity;
pub(crate) mod jwk;
pub(crate) mod jwks;
mod logins;
mod metadata;
mod params;
mod pkce;
pub(crate) mod proofs;
mod pushed;
mod refresh;
mod request;
mod revoke;
pub(crate) mod scope;
mod token;
mod token_request;
mod user_info;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};

use crate::state::Shared;

/// The provider's routes.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route(endpoints::DISCOVERY, get(metadata::show))
        .route(endpoints::OAUTH_METADATA, get(metadata::show))
        .route(endpoints::JWKS, get(jwks::show))
        .route(
            endpoints::AUTHORIZE,
            get(authorize::begin).post(authorize::submit),
        )
        .route(endpoints::PUSH, post(pushed::push))
        .route(endpoints::TOKEN, post(token::issue))
        .route(endpoints::REVOKE, post(revoke::revoke))
        .route(
            endpoints::USER_INFO,
            get(user_info::show).post(user_info::show),
        )
        .route(
            endpoints::END_SESSION,
            get(end_session::begin).post(end_session::submit),
        )
}

/// Each answer to a request with a proof has the nonce for the next one (RFC 9449, 8.2).
pub(crate) async fn supply_nonce(
    State(app): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let has_proof = request.headers().contains_key(headers::DPOP);
    let mut response = next.run(request).await;
    if has_proof
        && let Some(nonce) = dpop::nonce(&app)
        && let Ok(nonce) = HeaderValue::from_str(&nonce)
    {
        response.headers_mut().insert(headers::DPOP_NONCE, nonce);
    }
    response
}
