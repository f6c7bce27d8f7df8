//! The database breaks a statement off: it waits too long for a lock, or is being stopped.

use sqlx::{Executor, query_as};

use super::cluster::{Cluster, connect};
use crate::server::Server;

/// Whose wait for a row of ours is ended, as `statement_timeout` does.
const BREAK_OFF: &str = "SELECT count(pg_cancel_backend(pid)) FROM pg_locks \
                         WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_breaks_off_may_be_tried_again() {
    let Some(cluster) = Cluster::shared().await else {
        return;
    };
    let database = cluster.new_schema().await;
    let server = Server::start(&["--db", &database]).await;
    let mut browser = server.signed_in("?permanent=true").await;

    let pool = connect(&database).await;
    let mut holder = pool.begin().await.expect("a transaction");
    let hold = "SELECT 1 FROM users FOR UPDATE";
    holder.execute(hold).await.expect("the row");
    let refresh = tokio::spawn(async move { (browser.refresh().await, browser) });
    loop {
        let count: (i64,) = query_as(BREAK_OFF).fetch_one(&mut *holder).await.unwrap();
        if count.0 > 0 {
            break;
        }
    }
    let (answer, mut browser) = refresh.await.expect("an answer");
    answer.refused(503, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "1");

    // The token is not spent.
    holder.rollback().await.expect("the end");
    assert_eq!(browser.refresh().await.status, 200);
}
