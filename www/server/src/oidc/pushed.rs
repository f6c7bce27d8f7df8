//! `POST /oidc/par`: pushed authorization requests (RFC 9126). What a client asks for comes straight
//! from it, and a reference goes through the browser.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use rusqlite::{OptionalExtension, Transaction};
use serde::Serialize;
use url::form_urlencoded;

use super::callback::Callback;
use super::dpop::{self, Refusal, Target};
use super::endpoints;
use super::params::{Form, Params};
use super::request::{self, AuthorizationRequest};
use crate::db::at_rest;
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
    let target = Target {
        method: &Method::POST,
        path: endpoints::PUSH,
        access_token: None,
    };
    let proof = dpop::check(&app, &headers, &target).map_err(Refusal::at_provider)?;
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
            None => kept.push(("dpop_jkt", &proof.jkt)),
        }
    }
    let text = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    let now = app.clock.now();
    let reference = app.db.transaction(|tx| {
        if let Some(proof) = &proof
            && !proof.spend(tx, now)?
        {
            return Ok(Err(Refusal::REPLAYED.at_provider()));
        }
        keep(tx, &text, now).map(Ok)
    })??;
    let pushed = Pushed {
        request_uri: reference,
        expires_in: LIFE_SECONDS,
    };
    Ok((StatusCode::CREATED, Json(pushed)))
}

fn keep(tx: &Transaction<'_>, params: &str, now: i64) -> Result<String, ApiError> {
    tx.execute("DELETE FROM pushed_requests WHERE expires_at <= ?1", [now])?;
    let reference = format!("{PREFIX}{}", random::secret()?);
    tx.execute(
        "INSERT INTO pushed_requests (hash, params, expires_at) VALUES (?1, ?2, ?3)",
        (
            at_rest(&reference),
            params,
            now.saturating_add(LIFE_SECONDS),
        ),
    )?;
    Ok(reference)
}

/// What was pushed under a reference, by this client.
pub(crate) fn look(app: &App, reference: &str, client_id: &str) -> Result<Params, ApiError> {
    let now = app.clock.now();
    let kept: Option<String> = app.db.transaction(|tx| {
        tx.query_row(
            "SELECT params FROM pushed_requests WHERE hash = ?1 AND expires_at > ?2",
            (at_rest(reference), now),
            |row| row.get(0),
        )
        .optional()
    })?;
    kept.map(|text| Params::parse(text.as_bytes()))
        .filter(|params| params.all("client_id").any(|id| id == client_id))
        .ok_or_else(|| {
            ApiError::oauth(
                "invalid_request_uri",
                "request_uri is not known, or not good any more",
            )
        })
}

/// It has given a code. `false`: another one before.
pub(crate) fn spend(tx: &Transaction<'_>, reference: &str) -> rusqlite::Result<bool> {
    let gone = tx.execute(
        "DELETE FROM pushed_requests WHERE hash = ?1",
        [at_rest(reference)],
    )?;
    Ok(gone == 1)
}
