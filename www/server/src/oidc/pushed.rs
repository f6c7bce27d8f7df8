//! `POST /oidc/par`: pushed authorization requests (RFC 9126). What a client asks for comes straight
//! from it, and a reference goes through the browser.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use hallpass_axum::UnauthorizedCode;
use serde::Serialize;
use sqlx::{query, query_as};
use url::form_urlencoded;

use super::callback::Callback;
use super::dpop;
use super::endpoints;
use super::params::{Form, Params};
use super::proofs;
use super::request::{self, AuthorizationRequest};
use crate::db::{Failed, Tx, at_rest, transaction};
use crate::error::ApiError;
use crate::random;
use crate::state::{App, Shared};

/// Time to type a password.
const LIFE_SECONDS: i64 = 600;

/// What a reference begins with (2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The answer (2.2).
#[derive(Serialize)]
pub(crate) struct Pushed {
    request_uri: String,
    expires_in: i64,
}

/// Checks a request as the authorization endpoint would, and keeps it.
pub(crate) async fn push(
    State(app): State<Shared>,
    headers: HeaderMap,
    Form(params): Form,
) -> Result<(StatusCode, Json<Pushed>), ApiError> {
    if params.one("request_uri")?.is_some() {
        return Err(ApiError::bad_request(
            "request_uri must not be pushed itself",
        ));
    }
    Callback::check(&app, &params)?;
    let asked = AuthorizationRequest::read(&app, &params)?;
    // A proof that comes along binds the code as `dpop_jkt` does (RFC 9449, 10.1).
    let proof = dpop::check(&app, &headers, endpoints::PUSH)?;
    let mut kept = params.named(&request::NAMES);
    if let Some(proof) = &proof {
        match &asked.jkt {
            Some(jkt) if !proof.is_by(jkt) => {
                return Err(ApiError::oauth(
                    "invalid_dpop_proof",
                    "dpop_jkt must be the key of the proof",
                ));
            }
            Some(_) => {}
            None => kept.push(("dpop_jkt", &proof.key)),
        }
    }
    let text = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    let now = app.clock.now();
    let reference = transaction!(app.db, |tx| {
        if let Some(proof) = &proof
            && !proofs::spend(tx, proof, now).await?
        {
            return Ok(Err(dpop::refusal(UnauthorizedCode::ProofReplayed)));
        }
        keep(tx, &text, now).await.map(Ok)
    })??;
    let pushed = Pushed {
        request_uri: reference,
        expires_in: LIFE_SECONDS,
    };
    Ok((StatusCode::CREATED, Json(pushed)))
}

async fn keep(tx: &mut Tx, params: &str, now: i64) -> Result<String, ApiError> {
    let reference = format!("{PREFIX}{}", random::secret()?);
    let insert =
        query("INSERT INTO pushed_requests (hash, params, expires_at) VALUES ($1, $2, $3)");
    let insert = insert.bind(at_rest(&reference)).bind(params);
    tx.execute(insert.bind(now.saturating_add(LIFE_SECONDS)))
        .await?;
    Ok(reference)
}

/// What was pushed under a reference, by this client.
pub(crate) async fn look(app: &App, reference: &str, client_id: &str) -> Result<Params, ApiError> {
    let now = app.clock.now();
    let kept: Option<(String,)> = transaction!(app.db, |tx| {
        let select =
            query_as("SELECT params FROM pushed_requests WHERE hash = $1 AND expires_at > $2");
        Ok(tx.one(select.bind(at_rest(reference)).bind(now)).await?)
    })?;
    kept.map(|(text,)| Params::parse(text.as_bytes()))
        .filter(|params| params.all("client_id").any(|id| id == client_id))
        .ok_or_else(|| {
            ApiError::oauth(
                "invalid_request_uri",
                "request_uri is not known, or not good any more",
            )
        })
}

/// It has given a code. `false`: another one before.
pub(crate) async fn spend(tx: &mut Tx, reference: &str) -> Result<bool, Failed> {
    let delete = query("DELETE FROM pushed_requests WHERE hash = $1");
    Ok(tx.execute(delete.bind(at_rest(reference))).await? == 1)
}
