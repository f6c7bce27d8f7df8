//! `POST /auth`: a name and a password for tokens.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;

use crate::body::{JsonBody, QueryOf, Shape};
use crate::error::ApiError;
use crate::grant::{self, Carrier, Grant};
use crate::state::{App, Shared};
use crate::users::{self, User};

/// What the user typed.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    username: String,
    password: String,
}

impl Shape for Credentials {
    const EXPECTED: &'static str = r#"{"username": string, "password": string}"#;
}

/// `permanent=true` adds a refresh token, `carrier=cookie` puts it into a HttpOnly cookie.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    permanent: bool,
    carrier: Option<CarrierName>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum CarrierName {
    Body,
    Cookie,
}

impl Shape for Wanted {
    const EXPECTED: &'static str = "permanent=true|false&carrier=body|cookie";
}

/// Signs in.
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    QueryOf(wanted): QueryOf<Wanted>,
    headers: HeaderMap,
    JsonBody(typed): JsonBody<Credentials>,
) -> Result<Grant, ApiError> {
    let user = verified_user(&app, &typed.username, &typed.password).await?;
    let refresh = match wanted.carrier {
        _ if !wanted.permanent => None,
        Some(CarrierName::Cookie) => Some(Carrier::Cookie),
        Some(CarrierName::Body) | None => Some(Carrier::Body),
    };
    app.db
        .transaction(|tx| grant::open_session(&app, tx, &user, &headers, refresh))
}

/// The user with this name and password. Whether the name exists shows neither in the answer nor
/// in its timing.
pub(crate) async fn verified_user(
    app: &App,
    username: &str,
    password: &str,
) -> Result<User, ApiError> {
    let user = app
        .db
        .transaction(|tx| Ok::<_, ApiError>(users::by_name(tx, username)?))?;
    let right = app
        .passwords
        .check(username, user.as_ref(), password)
        .await?;
    user.filter(|_| right)
        .ok_or_else(|| ApiError::invalid_grant("user name or password is wrong"))
}
