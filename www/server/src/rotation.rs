//! Rotation: a refresh token is spent, and what its session is given takes its place.

use crate::db::{Failed, Tx};
use crate::error::ApiError;
use crate::events::Event;
use crate::families::{self, Presented};
use crate::sessions::{self, Session};
use crate::state::App;

/// Looks a token up; its session is to decide then, and `finish` comes last. A refused token stays as
/// it was, with one exception: reuse ends the family.
///
/// The refusal is the value and not the error: what the transaction did stays done.
pub(crate) async fn begin(
    app: &App,
    tx: &mut Tx,
    token: &str,
) -> Result<Result<Session, ApiError>, ApiError> {
    Ok(match families::look(tx, token, app.clock.now()).await? {
        Presented::Good(id) => standing(app, tx, &id).await,
        Presented::Reused(session) => {
            sessions::revoke(tx, &session).await?;
            let of = "refresh token";
            tx.note(Event::ReuseDetected { of, session });
            Err(ApiError::invalid_grant("the refresh token was used before"))
        }
        Presented::Expired => Err(ApiError::invalid_grant("the refresh token expired")),
        Presented::Unknown => Err(ApiError::invalid_grant("the refresh token is not known")),
    })
}

/// The session was given the next tokens: this one is spent.
pub(crate) async fn finish(
    app: &App,
    tx: &mut Tx,
    token: &str,
    session: &Session,
) -> Result<(), Failed> {
    families::spend(tx, token).await?;
    sessions::touch(tx, session, app.clock.now()).await
}

/// The session, if it may go on.
async fn standing(app: &App, tx: &mut Tx, id: &str) -> Result<Session, ApiError> {
    let now = app.clock.now();
    let session = sessions::by_id(tx, id)
        .await?
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
