//! Accounts.

use rusqlite::{OptionalExtension, Row, Transaction};

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

const COLUMNS: &str =
    "id, username, password_hash, display_name, token_version, totp_secret, totp_step";

impl User {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            username: row.get(1)?,
            password_hash: row.get(2)?,
            display_name: row.get(3)?,
            token_version: row.get(4)?,
            totp_secret: row.get(5)?,
            totp_step: row.get(6)?,
        })
    }
}

/// Finds an account by name; case does not matter.
pub(crate) fn by_name(tx: &Transaction<'_>, username: &str) -> rusqlite::Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE username = ?1");
    tx.query_row(&sql, [username], User::read).optional()
}

/// Finds an account by id.
pub(crate) fn by_id(tx: &Transaction<'_>, id: i64) -> rusqlite::Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id = ?1");
    tx.query_row(&sql, [id], User::read).optional()
}

/// Adds an account. One of that name stays as it is, but for the second factor that it lacks.
pub(crate) fn add(
    tx: &Transaction<'_>,
    username: &str,
    password_hash: &str,
    display_name: &str,
    totp_secret: Option<&[u8]>,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO users (username, password_hash, display_name, totp_secret) \
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (username) \
         DO UPDATE SET totp_secret = coalesce(totp_secret, excluded.totp_secret)",
        (username, password_hash, display_name, totp_secret),
    )?;
    Ok(())
}

/// Changes the name that tokens carry from the next refresh on.
pub(crate) fn rename(tx: &Transaction<'_>, id: i64, display_name: &str) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE users SET display_name = ?2 WHERE id = ?1",
        (id, display_name),
    )?;
    Ok(())
}

/// A code of this time step was accepted: none of it or of an earlier one will be.
pub(crate) fn code_used(tx: &Transaction<'_>, id: i64, step: i64) -> rusqlite::Result<()> {
    tx.execute("UPDATE users SET totp_step = ?2 WHERE id = ?1", (id, step))?;
    Ok(())
}

/// Changes the password, and with it the token version. What the old one has opened halfway, a
/// ticket or a code that
/// was not exchanged, is gone, and so are the logins of the provider's pages.
pub(crate) fn set_password(tx: &Transaction<'_>, id: i64, hash: &str) -> rusqlite::Result<()> {
    tx.execute("DELETE FROM tickets WHERE user_id = ?1", [id])?;
    end_logins(tx, id)?;
    tx.execute(
        "UPDATE users SET password_hash = ?2 WHERE id = ?1",
        (id, hash),
    )?;
    raise_version(tx, id)
}

/// Ends every login of the account at the provider's pages, with the codes that were not exchanged.
pub(crate) fn end_logins(tx: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    tx.execute("DELETE FROM logins WHERE user_id = ?1", [id])?;
    tx.execute(
        "DELETE FROM codes WHERE user_id = ?1 AND session_id IS NULL",
        [id],
    )?;
    Ok(())
}

/// Makes every access token of the account stale at once; refresh tokens stay good.
pub(crate) fn raise_version(tx: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE users SET token_version = token_version + 1 WHERE id = ?1",
        [id],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Db;

    /// A database file from before second factors has a demo user without one.
    #[test]
    fn an_account_that_is_there_gets_the_second_factor_that_it_lacks_and_keeps_the_rest() {
        let db = Db::open(":memory:").unwrap();
        let added = |hash: &str, secret: Option<&[u8]>| {
            db.transaction(|tx| {
                add(tx, "demo", hash, "Demo", secret)?;
                by_name(tx, "demo")
            })
            .map(|user| user.map(|user| (user.password_hash, user.totp_secret)))
            .unwrap()
            .unwrap()
        };
        let first = "first".to_owned();
        assert_eq!(added("first", None), (first.clone(), None));
        let with_secret = (first, Some(b"one".to_vec()));
        assert_eq!(added("second", Some(b"one")), with_secret);
        assert_eq!(added("third", Some(b"two")), with_secret);
        assert_eq!(added("fourth", None), with_secret);
    }
}
