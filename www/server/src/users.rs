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
}

const COLUMNS: &str = "id, username, password_hash, display_name, token_version";

impl User {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            username: row.get(1)?,
            password_hash: row.get(2)?,
            display_name: row.get(3)?,
            token_version: row.get(4)?,
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

/// Adds an account; one of that name stays as it is.
pub(crate) fn add(
    tx: &Transaction<'_>,
    username: &str,
    password_hash: &str,
    display_name: &str,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT OR IGNORE INTO users (username, password_hash, display_name) VALUES (?1, ?2, ?3)",
        (username, password_hash, display_name),
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

/// Changes the password, and with it the token version.
pub(crate) fn set_password(tx: &Transaction<'_>, id: i64, hash: &str) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE users SET password_hash = ?2 WHERE id = ?1",
        (id, hash),
    )?;
    raise_version(tx, id)
}

/// Makes every access token of the account stale at once; refresh tokens stay good.
pub(crate) fn raise_version(tx: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE users SET token_version = token_version + 1 WHERE id = ?1",
        [id],
    )?;
    Ok(())
}
