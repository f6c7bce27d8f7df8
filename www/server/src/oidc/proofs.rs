//! Which proofs were used: each is good once (RFC 9449, 11.1).

use rusqlite::Transaction;

use crate::db::at_rest;

/// Notes a proof by its key and its `jti`. `false`: it was used before.
///
/// `until`: from when on its `iat` is too old in any case, so that it can be forgotten.
pub(crate) fn spend(
    tx: &Transaction<'_>,
    thumbprint: &str,
    jti: &str,
    until: i64,
    now: i64,
) -> rusqlite::Result<bool> {
    tx.execute("DELETE FROM proofs WHERE expires_at < ?1", [now])?;
    let noted = tx.execute(
        "INSERT OR IGNORE INTO proofs (hash, expires_at) VALUES (?1, ?2)",
        (at_rest(&format!("{thumbprint}.{jti}")), until),
    )?;
    Ok(noted == 1)
}
