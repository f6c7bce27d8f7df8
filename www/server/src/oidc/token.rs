//! `POST /oidc/token`: tokens for a code or for a refresh token (RFC 6749, 4.1.3 and 6).

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use hallpass_axum::UnauthorizedCode;

use super::client;
use super::dpop;
use super::endpoints;
use super::exchange;
use super::params::Form;
use super::proofs;
use super::refresh;
use super::request::check_resources;
use super::token_request::TokenRequest;
use crate::db::{Tx, transaction};
use crate::error::ApiError;
use crate::faults::changes::Changes;
use crate::grant::Grant;
use crate::metrics::METRICS;
use crate::state::Shared;

/// The grant type of a refresh.
const REFRESH_TOKEN: &str = "refresh_token";

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
    let proof = dpop::check(&app, &headers, endpoints::TOKEN)?;
    let request = TokenRequest {
        app: &app,
        headers: &headers,
        params: &params,
        proof: proof.as_ref(),
        changes: changes.as_ref().map(|Extension(changes)| changes),
    };
    let outcome = transaction!(app.db, |tx| granted(&request, tx, grant_type).await).flatten();
    if grant_type == REFRESH_TOKEN {
        METRICS.refreshes.count(ApiError::word(&outcome));
    }
    outcome
}

/// A refusal is the value and not the error: what it has done, to a family or a proof, stays done.
async fn granted(
    request: &TokenRequest<'_>,
    tx: &mut Tx,
    grant_type: &str,
) -> Result<Result<Grant, ApiError>, ApiError> {
    if let Some(proof) = request.proof
        && !proofs::spend(tx, proof, request.app.clock.now()).await?
    {
        return Ok(Err(dpop::refusal(UnauthorizedCode::ProofReplayed)));
    }
    match grant_type {
        "authorization_code" => exchange::exchange(request, tx).await,
        REFRESH_TOKEN => refresh::refresh(request, tx).await,
        _ => Ok(Err(ApiError::unsupported_grant(
            "grant_type must be authorization_code or refresh_token",
        ))),
    }
}
