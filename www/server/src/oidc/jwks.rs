//! `GET /oidc/jwks`: the keys that check what is signed here.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::state::Shared;

/// The keys of now, those whose tokens are still about, and those to come.
pub(crate) async fn show(State(app): State<Shared>) -> Json<Value> {
    let pairs = app.keys.all();
    let keys: Vec<_> = pairs.iter().flat_map(|pair| pair.public()).collect();
    Json(json!({ "keys": keys }))
}
