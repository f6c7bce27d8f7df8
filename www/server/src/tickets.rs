//! Tickets: what a right password is worth until the code of the second factor comes. Random, and
//! kept as a hash only; good for one sign-in of one user, for a few minutes and a few codes.

use rusqlite::{OptionalExtension, Transaction};

use crate::db::at_rest;
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
pub(crate) fn issue(tx: &Transaction<'_>, ticket: &Ticket, now: i64) -> Result<String, ApiError> {
    tx.execute("DELETE FROM tickets WHERE expires_at <= ?1", [now])?;
    let text = random::secret()?;
    tx.execute(
        "INSERT INTO tickets (hash, user_id, refresh, expires_at) VALUES (?1, ?2, ?3, ?4)",
        (
            at_rest(&text),
            ticket.user_id,
            ticket.refresh.map(Carrier::name),
            now.saturating_add(LIFE_SECONDS),
        ),
    )?;
    Ok(text)
}

/// Looks a ticket up and changes nothing. `None`: never issued, run out, used, or tried too often.
pub(crate) fn look(tx: &Transaction<'_>, text: &str, now: i64) -> rusqlite::Result<Option<Ticket>> {
    tx.query_row(
        "SELECT user_id, refresh FROM tickets WHERE hash = ?1 AND expires_at > ?2",
        (at_rest(text), now),
        |row| {
            let carrier: Option<String> = row.get(1)?;
            Ok(Ticket {
                user_id: row.get(0)?,
                refresh: carrier.as_deref().and_then(Carrier::named),
            })
        },
    )
    .optional()
}

/// Counts a wrong code. Is the ticket good for another one?
pub(crate) fn failed(tx: &Transaction<'_>, text: &str) -> rusqlite::Result<bool> {
    tx.execute(
        "UPDATE tickets SET failures = failures + 1 WHERE hash = ?1",
        [at_rest(text)],
    )?;
    let ended = tx.execute(
        "DELETE FROM tickets WHERE hash = ?1 AND failures >= ?2",
        (at_rest(text), MOST_FAILURES),
    )?;
    Ok(ended == 0)
}

/// It has done its work.
pub(crate) fn spend(tx: &Transaction<'_>, text: &str) -> rusqlite::Result<()> {
    tx.execute("DELETE FROM tickets WHERE hash = ?1", [at_rest(text)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Db;
    use crate::users;

    /// A copy of the database is of no use, and what has run out does not pile up.
    #[test]
    fn the_database_has_hashes_of_the_tickets_that_are_good() {
        let db = Db::open(":memory:").unwrap();
        let (first, second) = db
            .transaction(|tx| {
                users::add(tx, "demo", "hash", "Demo", None)?;
                let ticket = Ticket {
                    user_id: 1,
                    refresh: None,
                };
                let first = issue(tx, &ticket, 1000)?;
                let second = issue(tx, &ticket, 1000 + LIFE_SECONDS)?;
                Ok::<_, ApiError>((first, second))
            })
            .unwrap();
        assert_ne!(first, second);
        let kept: Vec<Vec<u8>> = db
            .transaction(|tx| {
                tx.prepare("SELECT hash FROM tickets")?
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()
            })
            .unwrap();
        assert_eq!(kept, [random::sha256(second.as_bytes())]);
    }
}
