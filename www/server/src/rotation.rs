//! Rotation: a refresh token is spent, and what its session is given takes its place.

use rusqlite::Transaction;

use crate::error::ApiError;
use crate::families::{self, Presented};
use crate::sessions::{self, Session};
use crate::state::App;

/// Looks the token up and lets `next` decide about its session. A refused token stays as it was,
/// with one exception: reuse ends the family.
///
/// The refusal is the value and not the error: what the transaction did stays done.
pub(crate) fn rotate<T>(
    app: &App,
    tx: &Transaction<'_>,
    token: &str,
    next: impl FnOnce(&Session) -> Result<T, ApiError>,
) -> Result<Result<T, ApiError>, ApiError> {
    let now = app.clock.now();
    let id = match families::look(tx, token, now)? {
        Presented::Good(id) => id,
        Presented::Reused(session) => {
            sessions::revoke(tx, &session)?;
            return Ok(Err(ApiError::invalid_grant(
                "the refresh token was used before",
            )));
        }
        Presented::Expired => {
            return Ok(Err(ApiError::invalid_grant("the refresh token expired")));
        }
        Presented::Unknown => {
            return Ok(Err(ApiError::invalid_grant(
                "the refresh token is not known",
            )));
        }
    };
    let next = standing(app, tx, &id).and_then(|session| next(&session));
    if next.is_ok() {
        families::spend(tx, token)?;
        sessions::touch(tx, &id, now)?;
    }
    Ok(next)
}

/// The session, if it may go on.
fn standing(app: &App, tx: &Transaction<'_>, id: &str) -> Result<Session, ApiError> {
    let now = app.clock.now();
    let session = sessions::by_id(tx, id)?
        .filter(|session| session.is_live(now))
        .ok_or_else(|| ApiError::invalid_grant("the session was ended"))?;
    let deadline = app.policy.get().deadline(session.created_at);
    if deadline.is_some_and(|at| at <= now) {
        return Err(ApiError::invalid_grant(
            "the session is too old, sign in again",
        ));
    }
    Ok(session)
}
