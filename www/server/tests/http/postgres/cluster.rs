//! A PostgreSQL for tests, and what they ask of it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AnyPool, AssertSqlSafe, Executor, query_as};
use tokio::sync::OnceCell;

use self::postgres::{Disk, Postgres};

#[path = "../../../../../tests/support/postgres.rs"]
mod postgres;

pub(crate) struct Cluster(Postgres);

static SHARED: OnceCell<Option<Cluster>> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

impl Cluster {
    /// The one that tests share whom nobody kills.
    pub(crate) async fn shared() -> Option<&'static Self> {
        let start = async || Self::new(true).await;
        SHARED.get_or_init(start).await.as_ref()
    }

    /// One that may be killed. `None`: this machine has no PostgreSQL.
    pub(crate) async fn start() -> Option<Self> {
        Self::new(false).await
    }

    async fn new(is_shared: bool) -> Option<Self> {
        let Some(postgres) = Postgres::start(Disk::Lazy, is_shared) else {
            assert!(
                std::env::var_os("CI").is_none(),
                "no PostgreSQL: install the package `postgresql`"
            );
            eprintln!("left out: there is no PostgreSQL here");
            return None;
        };
        let cluster = Self(postgres);
        cluster.ready().await;
        Some(cluster)
    }

    /// Where the server finds it: a database that is empty at first.
    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    /// A part of it that is as good as a database, and made faster.
    pub(crate) async fn new_schema(&self) -> String {
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let pool = self.connect().await;
        let create = AssertSqlSafe(format!("CREATE SCHEMA {name}"));
        pool.execute(create).await.expect("a schema");
        pool.close().await;
        format!("{}&options=-csearch_path%3D{name}", self.url())
    }

    /// A number that the database knows.
    pub(crate) async fn count(&self, select: &'static str) -> i64 {
        let pool = self.connect().await;
        let (count,): (i64,) = query_as(select).fetch_one(&pool).await.expect("a count");
        pool.close().await;
        count
    }

    /// Kills the database with `SIGKILL`.
    pub(crate) fn kill(&self) {
        self.0.kill();
    }

    /// Waits until it answers.
    pub(crate) async fn ready(&self) {
        let since = Instant::now();
        while !self.0.is_ready() {
            let patience = Duration::from_secs(60);
            assert!(since.elapsed() < patience, "{}", self.0.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn connect(&self) -> AnyPool {
        connect(&self.url()).await
    }
}

/// A connection of the test's own.
pub(crate) async fn connect(url: &str) -> AnyPool {
    sqlx::any::install_default_drivers();
    AnyPool::connect(url).await.expect("a connection")
}
