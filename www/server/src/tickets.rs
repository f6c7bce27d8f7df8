//! Tickets: what a right password is worth until the code of the second factor comes. Random, and
//! kept as a hash only; good for one sign-in of one user, for a few minutes and a few codes.

use sqlx::{query, query_as};

use crate::db::{Failed, Tx, at_rest};
use crate::error::ApiError;
use crate::grant::Carrier;
use crate::random;

/// Time to take out a phone and type.
pub(crate) const LIFE_SECONDS: i64 = 300;

/// With the last of so many wrong codes the ticket is gone.
const MOST_FAILURES: i64 = 5;

/// What a ticket stands for.
pub(crate) struct Ticket {
    pub(crate) user_id: i64,
    /// The refresh token that was asked for with the password.
    pub(crate) refresh: Option<Carrier>,
}

/// Makes a ticket for a user whose password was right.
pub(crate) async fn issue(tx: &mut Tx, ticket: &Ticket, now: i64) -> Result<String, ApiError> {
    let text = random::secret()?;
    let insert =
        query("INSERT INTO tickets (hash, user_id, refresh, expires_at) VALUES ($1, $2, $3, $4)");
    let insert = insert
        .bind(at_rest(&text))
        .bind(ticket.user_id)
        .bind(ticket.refresh.map(Carrier::name))
        .bind(now.saturating_add(LIFE_SECONDS));
    tx.execute(insert).await?;
    Ok(text)
}

/// Looks a ticket up and holds its account. `None`: never issued, run out, used, or tried too often.
pub(crate) async fn look(tx: &mut Tx, text: &str, now: i64) -> Result<Option<Ticket>, Failed> {
    let hold = query(
        "SELECT 1 FROM users WHERE id = (SELECT user_id FROM tickets WHERE hash = $1) \
         FOR NO KEY UPDATE",
    );
    tx.hold(hold.bind(at_rest(text))).await?;
    let select =
        query_as("SELECT user_id, refresh FROM tickets WHERE hash = $1 AND expires_at > $2");
    let row: Option<(i64, Option<String>)> = tx.one(select.bind(at_rest(text)).bind(now)).await?;
    Ok(row.map(|(user_id, carrier)| Ticket {
        user_id,
        refresh: carrier.as_deref().and_then(Carrier::named),
    }))
}

/// Counts a wrong code. Is the ticket good for another one?
pub(crate) async fn failed(tx: &mut Tx, text: &str) -> Result<bool, Failed> {
    let update = query("UPDATE tickets SET failures = failures + 1 WHERE hash = $1");
    tx.execute(update.bind(at_rest(text))).await?;
    let delete = query("DELETE FROM tickets WHERE hash = $1 AND failures >= $2");
    let ended = tx
        .execute(delete.bind(at_rest(text)).bind(MOST_FAILURES))
        .await?;
    Ok(ended == 0)
}

/// It has done its work.
pub(crate) async fn spend(tx: &mut Tx, text: &str) -> Result<(), Failed> {
    let delete = query("DELETE FROM tickets WHERE hash = $1");
    tx.execute(delete.bind(at_rest(text))).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, transaction};
    use crate::users;

    /// A copy of the database is of no use.
    #[tokio::test]
    async fn the_database_has_hashes_of_the_tickets() {
        let db = Db::open(":memory:", 1).await.unwrap();
        let outcome = transaction!(db, |tx| {
            users::add(tx, "demo", "hash", "Demo", None).await?;
            let ticket = Ticket {
                user_id: 1,
                refresh: None,
            };
            let text = issue(tx, &ticket, 1000).await?;
            let kept: Vec<(Vec<u8>,)> = tx.all(query_as("SELECT hash FROM tickets")).await?;
            Ok((text, kept))
        });
        let (text, kept) = outcome.unwrap();
        assert_eq!(kept, [(random::sha256(text.as_bytes()).to_vec(),)]);
    }
}
