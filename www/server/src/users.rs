//! Accounts.

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row, query, query_as};

use crate::db::{Failed, Tx};

/// A row of `users`.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) username: String,
    pub(crate) password_hash: String,
    pub(crate) display_name: String,
    /// Access tokens with an older version are refused: raising it makes every client refresh.
    /// See `Session::version_of_tokens`.
    pub(crate) token_version: i64,
    /// Shared with the user's authenticator app; `None` where the account has no second factor.
    pub(crate) totp_secret: Option<Vec<u8>>,
    /// The time step of the last code that was accepted: a code is good once.
    pub(crate) totp_step: i64,
}

/// The columns by their names: one that a newer process adds does not disturb this one.
macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT id, username, password_hash, display_name, token_version, totp_secret, totp_step ",
            "FROM users WHERE ",
            $where
        )
    };
}

impl FromRow<'_, AnyRow> for User {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            username: row.try_get("username")?,
            password_hash: row.try_get("password_hash")?,
            display_name: row.try_get("display_name")?,
            token_version: row.try_get("token_version")?,
            totp_secret: row.try_get("totp_secret")?,
            totp_step: row.try_get("totp_step")?,
        })
    }
}

/// Finds an account by name; the case of ASCII letters does not matter.
pub(crate) async fn by_name(tx: &mut Tx, username: &str) -> Result<Option<User>, Failed> {
    let select = query_as(select!("lower(username) = $1"));
    tx.one(select.bind(username.to_ascii_lowercase())).await
}

/// Finds an account by id.
pub(crate) async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<User>, Failed> {
    tx.one(query_as(select!("id = $1")).bind(id)).await
}

/// Finds an account by id, and holds it.
pub(crate) async fn held(tx: &mut Tx, id: i64) -> Result<Option<User>, Failed> {
    tx.hold(query("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE").bind(id))
        .await?;
    by_id(tx, id).await
}

/// Finds an account by name, and holds it.
pub(crate) async fn held_by_name(tx: &mut Tx, username: &str) -> Result<Option<User>, Failed> {
    match by_name(tx, username).await? {
        Some(user) => held(tx, user.id).await,
        None => Ok(None),
    }
}

/// Adds an account. One of that name stays as it is, but for the second factor that it lacks.
pub(crate) async fn add(
    tx: &mut Tx,
    username: &str,
    password_hash: &str,
    display_name: &str,
    totp_secret: Option<&[u8]>,
) -> Result<(), Failed> {
    let insert = query(
        "INSERT INTO users (username, password_hash, display_name, totp_secret) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    );
    let insert = insert.bind(username).bind(password_hash);
    let added = tx
        .execute(insert.bind(display_name).bind(totp_secret))
        .await?;
    if added == 0 {
        let update = query(
            "UPDATE users SET totp_secret = $2 WHERE lower(username) = $1 AND totp_secret IS NULL",
        );
        tx.execute(update.bind(username.to_ascii_lowercase()).bind(totp_secret))
            .await?;
    }
    Ok(())
}

/// Changes the name that tokens carry from the next refresh on.
pub(crate) async fn rename(tx: &mut Tx, id: i64, display_name: &str) -> Result<(), Failed> {
    let update = query("UPDATE users SET display_name = $2 WHERE id = $1");
    tx.execute(update.bind(id).bind(display_name)).await?;
    Ok(())
}

/// A code of this time step was accepted: none of it or of an earlier one will be.
pub(crate) async fn code_used(tx: &mut Tx, id: i64, step: i64) -> Result<(), Failed> {
    let update = query("UPDATE users SET totp_step = $2 WHERE id = $1");
    tx.execute(update.bind(id).bind(step)).await?;
    Ok(())
}

/// Changes the password, and with it the token version. What the old one has opened halfway, a
/// ticket or a code that was not exchanged, is gone, and so are the logins of the provider's pages.
pub(crate) async fn set_password(tx: &mut Tx, id: i64, hash: &str) -> Result<(), Failed> {
    tx.execute(query("DELETE FROM tickets WHERE user_id = $1").bind(id))
        .await?;
    end_logins(tx, id).await?;
    let update = query("UPDATE users SET password_hash = $2 WHERE id = $1");
    tx.execute(update.bind(id).bind(hash)).await?;
    raise_version(tx, id).await
}

/// Ends every login of the account at the provider's pages, with the codes that were not exchanged.
pub(crate) async fn end_logins(tx: &mut Tx, id: i64) -> Result<(), Failed> {
    tx.execute(query("DELETE FROM logins WHERE user_id = $1").bind(id))
        .await?;
    let delete = query("DELETE FROM codes WHERE user_id = $1 AND session_id IS NULL");
    tx.execute(delete.bind(id)).await?;
    Ok(())
}

/// Makes every access token of the account stale at once; refresh tokens stay good.
pub(crate) async fn raise_version(tx: &mut Tx, id: i64) -> Result<(), Failed> {
    let update = query("UPDATE users SET token_version = token_version + 1 WHERE id = $1");
    tx.execute(update.bind(id)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, transaction};

    /// A database file from before second factors has a demo user without one.
    #[tokio::test]
    async fn an_account_that_is_there_gets_the_second_factor_that_it_lacks_and_keeps_the_rest() {
        let db = Db::open(":memory:", 1).await.unwrap();
        let added = async |hash: &str, secret: Option<&[u8]>| {
            let user = transaction!(db, |tx| {
                add(tx, "demo", hash, "Demo", secret).await?;
                Ok(by_name(tx, "DEMO").await?)
            });
            let user = user.unwrap().unwrap();
            (user.password_hash, user.totp_secret)
        };
        let first = "first".to_owned();
        assert_eq!(added("first", None).await, (first.clone(), None));
        let with_secret = (first, Some(b"one".to_vec()));
        assert_eq!(added("second", Some(b"one")).await, with_secret);
        assert_eq!(added("third", Some(b"two")).await, with_secret);
        assert_eq!(added("fourth", None).await, with_secret);
    }
}
