//! `GET /oidc/jwks`: the keys that check what is signed here.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::jwk::PublicKey;
use crate::state::Shared;

/// Two keys: one of ID tokens and one of access tokens, so that neither is taken for the other.
pub(crate) async fn show(State(app): State<Shared>) -> Json<Value> {
    let keys = [
        PublicKey::new(app.id_token_key.jwk(), "ES256"),
        PublicKey::new(app.signer.jwk(), "EdDSA"),
    ];
    Json(json!({ "keys": keys }))
}
