//! Signing in: a name and a password, and then a code where the account has a second factor. All
//! ways in, `/auth` and the login pages, go through here. What opens then is theirs to say: it
//! happens in the transaction that has seen the user.

use std::time::Instant;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rusqlite::Transaction;
use serde_json::json;

use crate::error::{ApiError, CHALLENGE};
use crate::grant::{Carrier, Grant};
use crate::state::App;
use crate::tickets::{self, Ticket};
use crate::totp;
use crate::users::{self, User};
use crate::verified::Verified;

/// What a right password leads to.
pub(crate) enum Step<T> {
    SignedIn(T),
    CodeNeeded { ticket: String },
}

/// What the user typed on a login page: name and password, or the code.
#[derive(Clone, Copy)]
pub(crate) enum Typed<'a> {
    Password {
        username: &'a str,
        password: &'a str,
    },
    Code {
        ticket: &'a str,
        code: &'a str,
    },
}

impl<'a> Typed<'a> {
    /// The step that a form is of, where it is of one.
    pub(crate) fn of(
        username: Option<&'a str>,
        password: Option<&'a str>,
        ticket: Option<&'a str>,
        code: Option<&'a str>,
    ) -> Option<Self> {
        match (username, password, ticket, code) {
            (Some(username), Some(password), None, None) => {
                Some(Self::Password { username, password })
            }
            (None, None, Some(ticket), Some(code)) => Some(Self::Code { ticket, code }),
            _ => None,
        }
    }
}

impl IntoResponse for Step<Grant> {
    fn into_response(self) -> Response {
        match self {
            Self::SignedIn(grant) => grant.into_response(),
            // 401: what came does not suffice to sign in, and the body says what is missing.
            Self::CodeNeeded { ticket } => (
                StatusCode::UNAUTHORIZED,
                [(header::WWW_AUTHENTICATE, CHALLENGE)],
                Json(json!({
                    "error": "mfa_required",
                    "error_description": "a code of the second factor is needed",
                    "ticket": ticket,
                    "expires_in": tickets::LIFE_SECONDS,
                })),
            )
                .into_response(),
        }
    }
}

/// The step that was typed. `refresh` is what was asked for with the password.
pub(crate) async fn typed<T>(
    app: &App,
    typed: Typed<'_>,
    refresh: Option<Carrier>,
    open: impl FnOnce(&Transaction<'_>, &User, Option<Carrier>) -> Result<T, ApiError>,
) -> Result<Step<T>, ApiError> {
    match typed {
        Typed::Password { username, password } => {
            with_password(app, username, password, refresh, open).await
        }
        Typed::Code { ticket, code } => with_code(app, ticket, code, open).map(Step::SignedIn),
    }
}

/// The first step. `refresh` is remembered for the second one.
pub(crate) async fn with_password<T>(
    app: &App,
    username: &str,
    password: &str,
    refresh: Option<Carrier>,
    open: impl FnOnce(&Transaction<'_>, &User, Option<Carrier>) -> Result<T, ApiError>,
) -> Result<Step<T>, ApiError> {
    let verified = Verified::check(app, username, password).await?;
    app.db.transaction(|tx| {
        let user = verified.user(tx)?;
        if app.policy.get().second_factor && user.totp_secret.is_some() {
            let user_id = user.id;
            let ticket = tickets::issue(tx, &Ticket { user_id, refresh }, app.clock.now())?;
            return Ok(Step::CodeNeeded { ticket });
        }
        open(tx, &user, refresh).map(Step::SignedIn)
    })
}

/// The second step. Wrong codes are counted for the ticket and for the user: the password is good
/// for any number of tickets.
pub(crate) fn with_code<T>(
    app: &App,
    ticket_text: &str,
    code: &str,
    open: impl FnOnce(&Transaction<'_>, &User, Option<Carrier>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let now = app.clock.now();
    // The refusal is the value and not the error of the transaction: the wrong code stays counted.
    app.db.transaction(|tx| {
        let Some(ticket) = tickets::look(tx, ticket_text, now)? else {
            return Ok(Err(ApiError::expired_ticket()));
        };
        let user = users::by_id(tx, ticket.user_id)?.ok_or_else(ApiError::expired_ticket)?;
        app.codes
            .admit(&user.username, Instant::now())
            .map_err(ApiError::throttled)?;
        let secret = user.totp_secret.as_deref().unwrap_or_default();
        let Some(step) = totp::step_of(code, secret, now, user.totp_step) else {
            app.codes.failed(&user.username, Instant::now());
            return Ok(Err(match tickets::failed(tx, ticket_text)? {
                true => ApiError::invalid_grant("the code is wrong or was used before"),
                false => ApiError::expired_ticket(),
            }));
        };
        app.codes.succeeded(&user.username);
        users::code_used(tx, user.id, step)?;
        tickets::spend(tx, ticket_text)?;
        open(tx, &user, ticket.refresh).map(Ok)
    })?
}
