//! What the provider says of itself (OpenID Connect Discovery 1.0, 3; RFC 8414, 2).

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::endpoints::{self, issuer};
use super::scope;
use crate::state::Shared;

/// `GET /oidc/.well-known/openid-configuration`
pub(crate) async fn show(State(app): State<Shared>) -> Json<Value> {
    let url = |path| endpoints::url(&app.origins, path);
    Json(json!({
        "issuer": issuer(&app.origins),
        "authorization_endpoint": url(endpoints::AUTHORIZE),
        "token_endpoint": url(endpoints::TOKEN),
        "revocation_endpoint": url(endpoints::REVOKE),
        "userinfo_endpoint": url(endpoints::USER_INFO),
        "end_session_endpoint": url(endpoints::END_SESSION),
        "jwks_uri": url(endpoints::JWKS),
        "pushed_authorization_request_endpoint": url(endpoints::PUSH),
        "require_pushed_authorization_requests": app.policy.get().require_par,
        "scopes_supported": scope::ALL,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid",
            "name", "preferred_username",
        ],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        // This one is of OpenID Connect and means requests by reference, not pushed ones.
        "request_uri_parameter_supported": false,
    }))
}
