//! Signing in: a name and a password, and then a code where the account has a second factor. All
//! ways in, `/auth` and the login pages, go through here. What opens then is theirs to say: it
//! happens in the transaction that has seen the user.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::db::{Tx, transaction};
use crate::error::{ApiError, CHALLENGE};
use crate::grant::{Carrier, Grant};
use crate::metrics::METRICS;
use crate::state::App;
use crate::throttle::{self, Guess};
use crate::tickets::{self, Ticket};
use crate::totp;
use crate::users::{self, User};
use crate::verified::Verified;

/// What opens for a user who has shown all that is asked for. In the transaction that has seen the
/// user, and as often as that runs.
pub(crate) trait Opens: Sync {
    type Opened: Send;

    /// `refresh` is what was asked for with the password.
    fn open(
        &self,
        tx: &mut Tx,
        user: &User,
        refresh: Option<Carrier>,
    ) -> impl Future<Output = Result<Self::Opened, ApiError>> + Send;
}

/// The password was right, and a code is needed.
const MFA_REQUIRED: &str = "mfa_required";

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
                    "error": MFA_REQUIRED,
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
pub(crate) async fn typed<O: Opens>(
    app: &App,
    typed: Typed<'_>,
    refresh: Option<Carrier>,
    opens: &O,
) -> Result<Step<O::Opened>, ApiError> {
    match typed {
        Typed::Password { username, password } => {
            with_password(app, username, password, refresh, opens).await
        }
        Typed::Code { ticket, code } => with_code(app, ticket, code, opens)
            .await
            .map(Step::SignedIn),
    }
}

/// The first step. `refresh` is remembered for the second one.
pub(crate) async fn with_password<O: Opens>(
    app: &App,
    username: &str,
    password: &str,
    refresh: Option<Carrier>,
    opens: &O,
) -> Result<Step<O::Opened>, ApiError> {
    let outcome = check_password(app, username, password, refresh, opens).await;
    METRICS.sign_ins.count(match &outcome {
        Ok(Step::CodeNeeded { .. }) => MFA_REQUIRED,
        outcome => ApiError::word(outcome),
    });
    outcome
}

async fn check_password<O: Opens>(
    app: &App,
    username: &str,
    password: &str,
    refresh: Option<Carrier>,
    opens: &O,
) -> Result<Step<O::Opened>, ApiError> {
    let verified = Verified::check(app, username, password).await?;
    let db = app.db.unqueued();
    transaction!(db, |tx| {
        let user = verified.user(tx).await?;
        if app.policy.get().second_factor && user.totp_secret.is_some() {
            let user_id = user.id;
            let ticket = Ticket { user_id, refresh };
            let ticket = tickets::issue(tx, &ticket, app.clock.now()).await?;
            return Ok(Step::CodeNeeded { ticket });
        }
        opens.open(tx, &user, refresh).await.map(Step::SignedIn)
    })
}

/// The second step. Wrong codes are counted for the ticket and for the user: the password is good
/// for any number of tickets.
pub(crate) async fn with_code<O: Opens>(
    app: &App,
    ticket: &str,
    code: &str,
    opens: &O,
) -> Result<O::Opened, ApiError> {
    let outcome = check_code(app, ticket, code, opens).await;
    METRICS.sign_ins.count(ApiError::word(&outcome));
    outcome
}

async fn check_code<O: Opens>(
    app: &App,
    ticket_text: &str,
    code: &str,
    opens: &O,
) -> Result<O::Opened, ApiError> {
    let (now, now_ms) = (app.clock.now(), app.clock.now_ms());
    // The refusal is the value and not the error of the transaction: the wrong code stays counted.
    transaction!(app.db, |tx| {
        let Some(ticket) = tickets::look(tx, ticket_text, now).await? else {
            return Ok(Err(ApiError::expired_ticket()));
        };
        let user = users::by_id(tx, ticket.user_id)
            .await?
            .ok_or_else(ApiError::expired_ticket)?;
        throttle::admit(tx, Guess::Code, &user.username, now_ms).await?;
        let secret = user.totp_secret.as_deref().unwrap_or_default();
        let Some(step) = totp::step_of(code, secret, now, user.totp_step) else {
            throttle::count(tx, Guess::Code, &user.username, now_ms).await?;
            return Ok(Err(match tickets::failed(tx, ticket_text).await? {
                true => ApiError::invalid_grant("the code is wrong or was used before"),
                false => ApiError::expired_ticket(),
            }));
        };
        throttle::forgive(tx, Guess::Code, &user.username).await?;
        users::code_used(tx, user.id, step).await?;
        tickets::spend(tx, ticket_text).await?;
        opens.open(tx, &user, ticket.refresh).await.map(Ok)
    })?
}
