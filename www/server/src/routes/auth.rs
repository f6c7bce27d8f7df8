//! `POST /auth`: a name and a password for tokens.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;

use crate::body::{JsonBody, QueryOf, Shape};
use crate::error::ApiError;
use crate::grant::{self, Carrier, Grant};
use crate::state::Shared;
use crate::verified::Verified;

/// What the user typed and ticked.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    username: String,
    password: String,
    permanent: Option<bool>,
    carrier: Option<Carrier>,
}

impl Shape for Credentials {
    const EXPECTED: &'static str = r#"{"username": string, "password": string, "permanent"?: boolean, "carrier"?: "body" | "cookie"}"#;
}

/// `permanent=true` adds a refresh token, `carrier=cookie` puts it into a HttpOnly cookie.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    permanent: Option<bool>,
    carrier: Option<Carrier>,
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
    let verified = Verified::check(&app, &typed.username, &typed.password).await?;
    // The body speaks of this one sign-in, the query of the URL that a client is set up with.
    let permanent = typed.permanent.or(wanted.permanent).unwrap_or(false);
    let carrier = typed.carrier.or(wanted.carrier).unwrap_or(Carrier::Body);
    let refresh = permanent.then_some(carrier);
    app.db
        .transaction(|tx| grant::open_session(&app, tx, &verified, &headers, refresh))
}
