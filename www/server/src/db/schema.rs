//! The tables, and how they come to be: numbered steps, each taken once.

use sqlx::{AnyPool, query, query_as};

use super::backend::Backend;
use super::tx::{End, Failed, Tx};

/// The steps, oldest first. One that was released does not change any more: a change is a new step,
/// for both databases.
const SQLITE: [&str; 4] = [
    include_str!("../../migrations/sqlite/1.sql"),
    include_str!("../../migrations/sqlite/2.sql"),
    include_str!("../../migrations/sqlite/3.sql"),
    include_str!("../../migrations/sqlite/4.sql"),
];
const POSTGRES: [&str; 4] = [
    include_str!("../../migrations/postgres/1.sql"),
    include_str!("../../migrations/postgres/2.sql"),
    include_str!("../../migrations/postgres/3.sql"),
    include_str!("../../migrations/postgres/4.sql"),
];

const STEPS_TAKEN: &str = "CREATE TABLE IF NOT EXISTS steps_taken (step BIGINT PRIMARY KEY)";

/// Columns that files of SQLite had not at first, from when there were no steps.
const NEW_COLUMNS: [(&str, &str, &str); 4] = [
    (
        "sessions",
        "token_version",
        "ALTER TABLE sessions ADD COLUMN token_version INTEGER NOT NULL DEFAULT 0",
    ),
    (
        "sessions",
        "replaced",
        "ALTER TABLE sessions ADD COLUMN replaced TEXT",
    ),
    (
        "users",
        "totp_secret",
        "ALTER TABLE users ADD COLUMN totp_secret BLOB",
    ),
    (
        "users",
        "totp_step",
        "ALTER TABLE users ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0",
    ),
];

/// Takes the steps that are missing, in one transaction. Of several processes that start at once, one
/// takes them and the others wait: SQLite lets one write at a time, and in PostgreSQL there is a lock.
pub(super) async fn migrate(backend: Backend, pool: &AnyPool) -> Result<(), sqlx::Error> {
    let mut tx = backend.begin(pool).await?;
    let steps = take_steps(backend, &mut tx).await;
    match tx.end(steps.is_err()).await {
        End::Failed(error) => Err(error),
        End::Committed | End::RolledBack => Ok(()),
    }
}

async fn take_steps(backend: Backend, tx: &mut Tx) -> Result<(), Failed> {
    let steps = match backend {
        Backend::Sqlite => SQLITE,
        Backend::Postgres => {
            // A number that no other program is likely to take: "hallpass" in ASCII.
            tx.hold(query("SELECT pg_advisory_xact_lock(7521962889862181747)"))
                .await?;
            POSTGRES
        }
    };
    tx.execute(query(STEPS_TAKEN)).await?;
    if backend == Backend::Sqlite {
        add_new_columns(tx).await?;
    }
    let taken = query_as("SELECT coalesce(max(step), 0) FROM steps_taken");
    let taken = tx.one::<(i64,)>(taken).await?.map_or(0, |(step,)| step);
    for (step, sql) in (1..).zip(steps).filter(|(step, _)| *step > taken) {
        tx.script(sql).await?;
        tx.execute(query("INSERT INTO steps_taken (step) VALUES ($1)").bind(step))
            .await?;
    }
    Ok(())
}

/// A file from before the steps gets what it lacks; one without these tables is left alone.
async fn add_new_columns(tx: &mut Tx) -> Result<(), Failed> {
    for (table, name, sql) in NEW_COLUMNS {
        let columns = query_as("SELECT name FROM pragma_table_info($1)").bind(table);
        let columns = tx.all::<(String,)>(columns).await?;
        if !columns.is_empty() && columns.iter().all(|(column,)| column != name) {
            tx.execute(query(sql)).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "CREATE TABLE sessions (id TEXT, user_id INTEGER, fingerprint TEXT) STRICT; \
                       INSERT INTO sessions (id) VALUES ('s'); \
                       CREATE TABLE users (id TEXT) STRICT; INSERT INTO users VALUES ('u')";

    #[tokio::test]
    async fn a_file_from_before_gets_the_new_columns() {
        let pool = Backend::Sqlite.connect(":memory:").await.unwrap();
        sqlx::raw_sql(OLD).execute(&pool).await.unwrap();
        for _ in 0..2 {
            let mut tx = Backend::Sqlite.begin(&pool).await.unwrap();
            add_new_columns(&mut tx).await.unwrap();
            assert!(matches!(tx.end(false).await, End::Committed));
        }
        let added = query_as("SELECT token_version, replaced FROM sessions");
        let added: (i64, Option<String>) = added.fetch_one(&pool).await.unwrap();
        assert_eq!(added, (0, None));
        let added = query_as("SELECT totp_secret, totp_step FROM users");
        let added: (Option<Vec<u8>>, i64) = added.fetch_one(&pool).await.unwrap();
        assert_eq!(added, (None, 0));
    }

    #[tokio::test]
    async fn each_step_is_taken_once() {
        let pool = Backend::Sqlite.connect(":memory:").await.unwrap();
        for _ in 0..2 {
            migrate(Backend::Sqlite, &pool).await.unwrap();
        }
        let steps = query_as("SELECT step FROM steps_taken ORDER BY step");
        let steps: Vec<(i64,)> = steps.fetch_all(&pool).await.unwrap();
        assert_eq!(steps, [(1,), (2,), (3,), (4,)]);
    }

    /// The databases cannot have a different number of steps.
    #[test]
    fn both_have_the_same_steps() {
        assert_eq!(SQLITE.len(), POSTGRES.len());
    }
}
