//! `/faults`: how a test turns the knobs. There is no CORS here, and a request with an `Origin`
//! is refused: pages have no business here, test processes do.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;

use super::knobs::Faults;
use super::log::Entry;
use super::rules::Rule;
use crate::body::{JsonBody, Shape};
use crate::db::transaction;
use crate::error::ApiError;
use crate::policy::PolicyPatch;
use crate::sessions;
use crate::state::{App, Shared};
use crate::throttle;
use crate::totp;
use crate::users;

/// Builds the routes under `/faults`.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", put(add_rule).delete(reset))
        .route("/release", post(release))
        .route("/clock", put(set_clock))
        .route("/policy", put(set_policy))
        .route("/revoke", post(revoke))
        .route("/version", post(raise_version))
        .route("/users", post(add_user))
        .route("/log", get(read_log).delete(clear_log))
        .layer(from_fn(refuse_pages))
}

async fn refuse_pages(request: Request, next: Next) -> Result<Response, ApiError> {
    if request.headers().contains_key(header::ORIGIN) {
        return Err(ApiError::forbidden("pages may not turn these knobs"));
    }
    Ok(next.run(request).await)
}

async fn add_rule(
    State(app): State<Shared>,
    JsonBody(rule): JsonBody<Rule>,
) -> Result<StatusCode, ApiError> {
    rule.check().map_err(ApiError::bad_request)?;
    knobs(&app)?.rules.add(rule);
    Ok(StatusCode::NO_CONTENT)
}

/// Lets those go that a rule holds; the next ones are held again.
async fn release(State(app): State<Shared>) -> Result<StatusCode, ApiError> {
    knobs(&app)?.gate.open();
    Ok(StatusCode::NO_CONTENT)
}

/// Everything as at the start: no rules, no request held, right clock, the policy of the flags, no throttled name.
/// Accounts, sessions and the log stay.
async fn reset(State(app): State<Shared>) -> Result<StatusCode, ApiError> {
    let faults = knobs(&app)?;
    faults.rules.clear();
    faults.gate.open();
    app.clock.set_offset(0);
    app.policy.reset();
    transaction!(app.db, |tx| Ok(throttle::reset(tx).await?))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockChange {
    offset_seconds: i32,
}

impl Shape for ClockChange {
    const EXPECTED: &'static str = r#"{"offsetSeconds": integer}"#;
}

async fn set_clock(
    State(app): State<Shared>,
    JsonBody(change): JsonBody<ClockChange>,
) -> StatusCode {
    app.clock.set_offset(i64::from(change.offset_seconds));
    StatusCode::NO_CONTENT
}

impl Shape for PolicyPatch {
    const EXPECTED: &'static str = r#"{"accessSeconds"?, "refreshSeconds"?, "sliding"?, "softExpirySeconds"?, "reauthHours"?, "secondFactor"?, "requirePar"?, "dpopNonce"?, "omitExpiry"?, "omitExpiresIn"?, "omitFingerprint"?}"#;
}

async fn set_policy(
    State(app): State<Shared>,
    JsonBody(patch): JsonBody<PolicyPatch>,
) -> StatusCode {
    app.policy.patch(patch);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    username: String,
}

impl Shape for Named {
    const EXPECTED: &'static str = r#"{"username": string}"#;
}

/// Ends every session and every login of a user, as an administrator would.
async fn revoke(
    State(app): State<Shared>,
    JsonBody(named): JsonBody<Named>,
) -> Result<StatusCode, ApiError> {
    transaction!(app.db, |tx| {
        let user = users::held_by_name(tx, &named.username)
            .await?
            .ok_or_else(ApiError::not_found)?;
        sessions::revoke_others(tx, user.id, "").await?;
        users::end_logins(tx, user.id).await?;
        Ok(StatusCode::NO_CONTENT)
    })
}

/// Makes every access token of a user stale; refresh tokens stay good.
async fn raise_version(
    State(app): State<Shared>,
    JsonBody(named): JsonBody<Named>,
) -> Result<StatusCode, ApiError> {
    transaction!(app.db, |tx| {
        let user = users::held_by_name(tx, &named.username)
            .await?
            .ok_or_else(ApiError::not_found)?;
        users::raise_version(tx, user.id).await?;
        Ok(StatusCode::NO_CONTENT)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewUser {
    username: String,
    password: String,
    display_name: Option<String>,
    /// Base32, as authenticator apps take it; without it the account has no second factor.
    totp_secret: Option<String>,
}

impl Shape for NewUser {
    const EXPECTED: &'static str = r#"{"username": string, "password": string, "displayName"?: string, "totpSecret"?: base32}"#;
}

/// An account of its own for a test, so that tests can run side by side.
async fn add_user(
    State(app): State<Shared>,
    JsonBody(new): JsonBody<NewUser>,
) -> Result<StatusCode, ApiError> {
    let name = new.display_name.as_ref().unwrap_or(&new.username);
    let secret = match &new.totp_secret {
        Some(text) => Some(totp::secret(text).ok_or_else(|| {
            ApiError::bad_request("totpSecret must be base32 of 128 bits or more")
        })?),
        None => None,
    };
    app.add_user(&new.username, &new.password, name, secret.as_deref())
        .await?;
    Ok(StatusCode::CREATED)
}

async fn read_log(State(app): State<Shared>) -> Result<Json<Vec<Entry>>, ApiError> {
    Ok(Json(knobs(&app)?.log.entries()))
}

async fn clear_log(State(app): State<Shared>) -> Result<StatusCode, ApiError> {
    knobs(&app)?.log.clear();
    Ok(StatusCode::NO_CONTENT)
}

fn knobs(app: &App) -> Result<&Faults, ApiError> {
    app.faults.as_ref().ok_or_else(ApiError::not_found)
}
