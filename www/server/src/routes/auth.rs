//! `POST /auth`: a name and a password for tokens, or for a ticket; ticket and code for tokens.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;

use crate::body::{JsonBody, QueryOf, Shape};
use crate::error::ApiError;
use crate::grant::{Carrier, Grant};
use crate::opening::SessionOpening;
use crate::sign_in::{self, Step};
use crate::state::Shared;

/// What the user typed and ticked.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Credentials {
    Password {
        username: String,
        password: String,
        permanent: Option<bool>,
        carrier: Option<Carrier>,
    },
    Code {
        ticket: String,
        code: String,
    },
}

impl Shape for Credentials {
    const EXPECTED: &'static str = r#"{"username": string, "password": string, "permanent"?: boolean, "carrier"?: "body" | "cookie"} or {"ticket": string, "code": string}"#;
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
) -> Result<Step<Grant>, ApiError> {
    let opening = SessionOpening {
        app: &app,
        headers: &headers,
    };
    match typed {
        Credentials::Password {
            username,
            password,
            permanent,
            carrier,
        } => {
            // The body speaks of this one sign-in, the query of the URL that a client is set up with.
            let permanent = permanent.or(wanted.permanent).unwrap_or(false);
            let carrier = carrier.or(wanted.carrier).unwrap_or(Carrier::Body);
            let refresh = permanent.then_some(carrier);
            sign_in::with_password(&app, &username, &password, refresh, &opening).await
        }
        Credentials::Code { ticket, code } => sign_in::with_code(&app, &ticket, &code, &opening)
            .await
            .map(Step::SignedIn),
    }
}
