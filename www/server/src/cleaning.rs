//! Forgets what is over, once a minute, in each process. Not where it comes to be: a sign-in that also
//! tidied up would collide with every other one.

use std::time::Duration;

use sqlx::query;
use tokio::time::{MissedTickBehavior, interval};

use crate::db::transaction;
use crate::error::ApiError;
use crate::state::{App, Shared};
use crate::throttle;

const PAUSE: Duration = Duration::from_secs(60);

/// What ended before now.
const OVER: [&str; 5] = [
    "DELETE FROM tickets WHERE expires_at <= $1",
    "DELETE FROM logins WHERE expires_at <= $1",
    "DELETE FROM pushed_requests WHERE expires_at <= $1",
    "DELETE FROM codes WHERE expires_at <= $1 AND session_id IS NULL",
    "DELETE FROM proofs WHERE expires_at < $1",
];

/// What ended a day ago; until then a late reuse is still recognised. A session takes its tokens along,
/// and the code that has given it.
const LONG_OVER: [&str; 2] = [
    "DELETE FROM refresh_tokens WHERE expires_at < $1",
    "DELETE FROM sessions WHERE expires_at < $1",
];

const A_DAY: i64 = 24 * 3600;

/// Cleans for ever.
pub(crate) async fn run(app: Shared) {
    let mut ticks = interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // What has failed was reported, and is tried again in a minute.
        let _ = clean(&app).await;
        let _ = app.keys.refresh(app.clock.now()).await;
    }
}

/// A transaction for each table: none lasts long.
async fn clean(app: &App) -> Result<(), ApiError> {
    let (db, now) = (app.db.unqueued(), app.clock.now());
    let over = OVER.map(|sql| (sql, now));
    let long_over = LONG_OVER.map(|sql| (sql, now.saturating_sub(A_DAY)));
    for (sql, until) in over.into_iter().chain(long_over) {
        transaction!(db, |tx| Ok(tx.execute(query(sql).bind(until)).await?))?;
    }
    transaction!(db, |tx| Ok(throttle::purge(tx, app.clock.now_ms()).await?))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use clap::Parser;
    use sqlx::query_as;

    use super::*;
    use crate::args::Args;
    use crate::grant::{self, Carrier};
    use crate::origins::Origins;
    use crate::state::DEMO_USER;
    use crate::throttle::Guess;
    use crate::tickets::{self, Ticket};
    use crate::users;

    /// A refresh token lasts for as long as its session here, half an hour; a ticket for five minutes.
    #[tokio::test]
    async fn what_is_over_does_not_pile_up() {
        let origins = Origins {
            app: "http://localhost:1".to_owned(),
            api: "http://localhost:2".to_owned(),
            foreign: "http://localhost:3".to_owned(),
            docs: None,
        };
        let args = Args::parse_from(["server", "--refresh-seconds", "1800"]);
        let app = App::new(&args, origins).await.unwrap();
        let made = transaction!(app.db, |tx| {
            let user = users::by_name(tx, DEMO_USER).await?.unwrap();
            let (user_id, refresh) = (user.id, Some(Carrier::Body));
            grant::open_session(&app, tx, &user, &HeaderMap::new(), refresh).await?;
            tickets::issue(tx, &Ticket { user_id, refresh }, app.clock.now()).await?;
            throttle::count(tx, Guess::Password, DEMO_USER, app.clock.now_ms()).await?;
            Ok(())
        });
        made.unwrap();
        for (offset, left) in [
            (0, [1, 1, 1, 1]),
            (120, [0, 1, 1, 1]),
            (400, [0, 0, 1, 1]),
            (A_DAY, [0, 0, 1, 1]),
            (A_DAY + 1900, [0, 0, 0, 0]),
        ] {
            app.clock.set_offset(offset);
            clean(&app).await.unwrap();
            for (table, left) in ["attempts", "tickets", "refresh_tokens", "sessions"]
                .into_iter()
                .zip(left)
            {
                let count = format!("SELECT count(*) FROM {table}");
                let count = transaction!(app.db, |tx| {
                    let sql = sqlx::AssertSqlSafe(count.as_str());
                    Ok(tx.one::<(i64,)>(query_as(sql)).await?)
                });
                assert_eq!(count.unwrap(), Some((left,)), "{table} after {offset} s");
            }
        }
    }
}
