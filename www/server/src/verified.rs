//! Who has typed the right password: without this, no session opens and no ticket is issued.
//!
//! Checking a password takes long, and so it is done outside of transactions, perhaps after a wait.
//! What was right then may be the old password by the time that a session opens. So the account
//! is read again in the transaction that relies on it.

use crate::db::{Tx, transaction};
use crate::error::ApiError;
use crate::state::App;
use crate::throttle::{self, Guess};
use crate::users::{self, User};

/// A user as it was when the password was checked.
pub(crate) struct Verified(User);

impl Verified {
    /// Checks name and password. Whether the name exists shows neither in the answer nor in its
    /// timing.
    ///
    /// A guess is counted before it is judged, and forgiven if it was right: of a thousand that are
    /// sent at once, to whatever processes, no more are judged than of those sent one after the other.
    /// It is counted when it is its turn: what must wait anyway does not take a place in the queue, and
    /// many right ones at once do not count as guessing.
    pub(crate) async fn check(app: &App, username: &str, password: &str) -> Result<Self, ApiError> {
        let now_ms = app.clock.now_ms();
        let user = transaction!(app.db, |tx| {
            throttle::admit(tx, Guess::Password, username, now_ms).await?;
            Ok(users::by_name(tx, username).await?)
        })?;
        let turn = app.passwords.turn().await?;
        // What has stood in this queue does not stand in the other one: work would be thrown away there, and
        // right guesses stay counted.
        let db = app.db.unqueued();
        let now_ms = app.clock.now_ms();
        transaction!(db, |tx| {
            throttle::admit(tx, Guess::Password, username, now_ms).await?;
            Ok(throttle::count(tx, Guess::Password, username, now_ms).await?)
        })?;
        let right = app.passwords.check(turn, user.as_ref(), password).await?;
        let user = user.filter(|_| right).ok_or_else(wrong)?;
        transaction!(db, |tx| {
            Ok(throttle::forgive(tx, Guess::Password, username).await?)
        })?;
        Ok(Self(user))
    }

    /// The user as it is now, and for as long as the transaction lasts, if the password is still the one that was checked. Each hash has a
    /// salt of its own, so equal hashes mean that nothing was changed in between.
    pub(crate) async fn user(&self, tx: &mut Tx) -> Result<User, ApiError> {
        users::held(tx, self.0.id)
            .await?
            .filter(|user| user.password_hash == self.0.password_hash)
            .ok_or_else(wrong)
    }
}

fn wrong() -> ApiError {
    ApiError::invalid_grant("user name or password is wrong")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{HeaderMap, StatusCode};
    use clap::Parser;
    use tokio::time::timeout;

    use super::*;
    use crate::args::Args;
    use crate::db::Failed;
    use crate::grant;
    use crate::origins::Origins;
    use crate::sessions;
    use crate::state::{DEMO_PASSWORD, DEMO_USER, Shared};

    async fn app() -> Shared {
        let origins = Origins {
            app: "http://localhost:1".to_owned(),
            api: "http://localhost:2".to_owned(),
            foreign: "http://localhost:3".to_owned(),
            docs: None,
        };
        let args = Args::parse_from(["server"]);
        App::new(&args, origins).await.unwrap()
    }

    /// Opens a session for what was verified before `change`; says how many there are then.
    async fn sessions_after(change: impl AsyncFn(&mut Tx, &User) -> Result<(), Failed>) -> usize {
        let app = app().await;
        let verified = Verified::check(&app, DEMO_USER, DEMO_PASSWORD)
            .await
            .unwrap();
        transaction!(app.db, |tx| Ok(change(tx, &verified.0).await?)).unwrap();
        let opened = transaction!(app.db, |tx| {
            let user = verified.user(tx).await?;
            grant::open_session(&app, tx, &user, &HeaderMap::new(), None).await
        });
        let now = app.clock.now();
        let all = transaction!(app.db, |tx| {
            Ok(sessions::of_user(tx, verified.0.id, now).await?)
        });
        let all = all.unwrap().len();
        assert_eq!(opened.is_ok(), all == 1);
        assert!(opened.is_ok() || opened.is_err_and(|refusal| refusal.is_invalid_grant()));
        all
    }

    /// The sign-in is held between its check and its transaction, and the password changes there.
    #[tokio::test]
    async fn the_old_password_opens_no_session() {
        let changed =
            async |tx: &mut Tx, user: &User| users::set_password(tx, user.id, "another hash").await;
        assert_eq!(sessions_after(changed).await, 0);
    }

    #[tokio::test]
    async fn an_account_that_is_gone_opens_no_session() {
        let gone = async |tx: &mut Tx, user: &User| {
            let delete = sqlx::query("DELETE FROM users WHERE id = $1").bind(user.id);
            tx.execute(delete).await.map(|_| ())
        };
        assert_eq!(sessions_after(gone).await, 0);
    }

    /// A new name or version is no reason, and counts for the session that opens.
    #[tokio::test]
    async fn other_changes_do_not_matter() {
        let renamed = async |tx: &mut Tx, user: &User| {
            users::rename(tx, user.id, "Another").await?;
            users::raise_version(tx, user.id).await
        };
        assert_eq!(sessions_after(renamed).await, 1);
    }

    /// Names that must wait anyway do not fill the queue, which is full here.
    #[tokio::test]
    async fn a_throttled_name_takes_no_place() {
        let app = app().await;
        let _turns = [
            app.passwords.turn().await.unwrap(),
            app.passwords.turn().await.unwrap(),
        ];
        let now = app.clock.now_ms();
        let counted = transaction!(app.db, |tx| {
            for _ in 0..10 {
                throttle::count(tx, Guess::Password, DEMO_USER, now).await?;
            }
            Ok(())
        });
        counted.unwrap();
        let check = Verified::check(&app, DEMO_USER, "x");
        let refusal = timeout(Duration::from_secs(5), check).await.unwrap();
        let refusal = refusal.err().unwrap();
        assert_eq!(refusal.status(), StatusCode::TOO_MANY_REQUESTS);
    }
}
