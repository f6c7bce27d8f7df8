//! Which proofs were used: each is good once (RFC 9449, 11.1).

use hallpass_axum::Proof;
use sqlx::query;

use crate::db::{Failed, Tx, at_rest};

/// Notes a proof by its key and its `jti`, until its `iat` is too old in any case. `false`: it was used before.
pub(crate) async fn spend(tx: &mut Tx, proof: &Proof, now: i64) -> Result<bool, Failed> {
    let Proof { key, jti, seconds } = proof;
    let insert =
        query("INSERT INTO proofs (hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    let insert = insert.bind(at_rest(&format!("{key}.{jti}")));
    let noted = tx
        .execute(insert.bind(now.saturating_add(*seconds)))
        .await?;
    Ok(noted == 1)
}
