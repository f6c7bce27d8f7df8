//! `POST /oidc/token`: tokens for a code or for a refresh token (RFC 6749, 4.1.3 and 6).

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use rusqlite::Transaction;

use super::client;
use super::dpop::{self, Refusal, Target};
use super::endpoints;
use super::exchange;
use super::params::Form;
use super::refresh;
use super::request::check_resources;
use super::token_request::TokenRequest;
use crate::error::ApiError;
use crate::faults::changes::Changes;
use crate::grant::Grant;
use crate::state::Shared;

/// Client and proof first; then one transaction, so that a code or refresh token is spent if and
/// only if its tokens are issued.
pub(crate) async fn issue(
    State(app): State<Shared>,
    headers: HeaderMap,
    changes: Option<Extension<Changes>>,
    Form(params): Form,
) -> Result<Grant, ApiError> {
    let grant_type = params.required("grant_type")?;
    client::check(&params)?;
    check_resources(&app, &params)?;
    let target = Target {
        method: &Method::POST,
        path: endpoints::TOKEN,
        access_token: None,
    };
    let proof = dpop::check(&app, &headers, &target).map_err(Refusal::at_provider)?;
    let request = TokenRequest {
        app: &app,
        headers: &headers,
        params: &params,
        proof: proof.as_ref(),
        changes: changes.as_ref().map(|Extension(changes)| changes),
    };
    app.db.transaction(|tx| granted(&request, tx, grant_type))?
}

/// A refusal is the value and not the error: what it has done, to a family or a proof, stays done.
fn granted(
    request: &TokenRequest<'_>,
    tx: &Transaction<'_>,
    grant_type: &str,
) -> Result<Result<Grant, ApiError>, ApiError> {
    if let Some(proof) = request.proof
        && !proof.spend(tx, request.app.clock.now())?
    {
        return Ok(Err(Refusal::REPLAYED.at_provider()));
    }
    match grant_type {
        "authorization_code" => exchange::exchange(request, tx),
        "refresh_token" => refresh::refresh(request, tx),
        _ => Ok(Err(ApiError::unsupported_grant(
            "grant_type must be authorization_code or refresh_token",
        ))),
    }
}
