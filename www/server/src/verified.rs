//! Who has typed the right password: without this, no session opens and no ticket is issued.
//!
//! Checking a password takes long, and so it is done outside of transactions, perhaps after a wait.
//! What was right then may be the old password by the time that a session opens. So the account
//! is read again in the transaction that relies on it.

use rusqlite::Transaction;

use crate::error::ApiError;
use crate::state::App;
use crate::users::{self, User};

/// A user as it was when the password was checked.
pub(crate) struct Verified(User);

impl Verified {
    /// Checks name and password. Whether the name exists shows neither in the answer nor in its
    /// timing.
    pub(crate) async fn check(app: &App, username: &str, password: &str) -> Result<Self, ApiError> {
        let user = app
            .db
            .transaction(|tx| Ok::<_, ApiError>(users::by_name(tx, username)?))?;
        let right = app
            .passwords
            .check(username, user.as_ref(), password)
            .await?;
        user.filter(|_| right).map(Self).ok_or_else(wrong)
    }

    /// The user as it is now, if the password is still the one that was checked. Each hash has a
    /// salt of its own, so equal hashes mean that nothing was changed in between.
    pub(crate) fn user(&self, tx: &Transaction<'_>) -> Result<User, ApiError> {
        users::by_id(tx, self.0.id)?
            .filter(|user| user.password_hash == self.0.password_hash)
            .ok_or_else(wrong)
    }
}

fn wrong() -> ApiError {
    ApiError::invalid_grant("user name or password is wrong")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use clap::Parser;

    use super::*;
    use crate::args::Args;
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
    async fn sessions_after(change: impl FnOnce(&Transaction<'_>, &User)) -> usize {
        let app = app().await;
        let verified = Verified::check(&app, DEMO_USER, DEMO_PASSWORD)
            .await
            .unwrap();
        app.db
            .transaction(|tx| {
                change(tx, &verified.0);
                Ok::<_, ApiError>(())
            })
            .unwrap();
        let opened = app.db.transaction(|tx| {
            let user = verified.user(tx)?;
            grant::open_session(&app, tx, &user, &HeaderMap::new(), None)
        });
        let now = app.clock.now();
        let all = app
            .db
            .transaction(|tx| sessions::of_user(tx, verified.0.id, now))
            .unwrap();
        assert_eq!(opened.is_ok(), all.len() == 1);
        assert!(opened.is_ok() || opened.is_err_and(|refusal| refusal.is_invalid_grant()));
        all.len()
    }

    /// The sign-in is held between its check and its transaction, and the password changes there.
    #[tokio::test]
    async fn the_old_password_opens_no_session() {
        let changed = |tx: &Transaction<'_>, user: &User| {
            users::set_password(tx, user.id, "another hash").unwrap();
        };
        assert_eq!(sessions_after(changed).await, 0);
    }

    #[tokio::test]
    async fn an_account_that_is_gone_opens_no_session() {
        let gone = |tx: &Transaction<'_>, user: &User| {
            tx.execute("DELETE FROM users WHERE id = ?1", [user.id])
                .unwrap();
        };
        assert_eq!(sessions_after(gone).await, 0);
    }

    /// A new name or version is no reason, and counts for the session that opens.
    #[tokio::test]
    async fn other_changes_do_not_matter() {
        let renamed = |tx: &Transaction<'_>, user: &User| {
            users::rename(tx, user.id, "Another").unwrap();
            users::raise_version(tx, user.id).unwrap();
        };
        assert_eq!(sessions_after(renamed).await, 1);
    }
}
