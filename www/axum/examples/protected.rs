//! An API that only pages with a good token reach.

use axum::{Json, Router, routing::get};
use hallpass_axum::{FingerprintCheck, KeySet, Verified, Verifier, VerifierOptions};
use serde_json::{Value, json};

/// A handler that takes a `Verified` is called with a good token only.
async fn me(user: Verified) -> Json<Value> {
    Json(json!({ "hello": user.claims.get("sub") }))
}

/// The provider's keys, as its JWKS has them.
fn keys() -> Value {
    json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "2026", "alg": "EdDSA",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }] })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let issuer = "https://id.example.com"; // exactly as the tokens have it
    let audience = "https://api.example.com"; // this API
    let mut options = VerifierOptions::new(issuer, audience, KeySet::from_json(&keys())?);
    options.fingerprint = Some(FingerprintCheck::default()); // `__Host-Fgp`
    let app = Router::new()
        .route("/me", get(me))
        .with_state(Verifier::new(options)?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
