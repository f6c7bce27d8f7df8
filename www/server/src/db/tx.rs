//! A transaction under way, and what its statements can say.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::{Query, QueryAs};
use sqlx::{Any, FromRow, Transaction};

use crate::events::Event;

/// A statement that gives no rows.
type Statement<'q> = Query<'q, Any, AnyArguments>;
/// One that gives rows, read as `T`.
type Question<'q, T> = QueryAs<'q, Any, T, AnyArguments>;

/// A transaction. It remembers the first statement that failed: after that there is nothing to
/// commit, whatever is made of the failure on the way up.
pub(crate) struct Tx {
    inner: Transaction<'static, Any>,
    /// Others are under way at the same time.
    is_shared: bool,
    failure: Option<sqlx::Error>,
    events: Vec<Event>,
}

/// A statement failed; its transaction knows why.
#[derive(Debug)]
pub(crate) struct Failed;

/// How a transaction ended.
pub(crate) enum End {
    Committed,
    RolledBack,
    Failed(sqlx::Error),
}

impl Tx {
    pub(crate) fn new(inner: Transaction<'static, Any>, is_shared: bool) -> Self {
        Self {
            inner,
            is_shared,
            failure: None,
            events: Vec::new(),
        }
    }

    /// Waits until no other transaction holds the same row or lock, and holds it until the end. The
    /// statement is PostgreSQL's alone: with SQLite there is no other transaction.
    pub(crate) async fn hold(&mut self, statement: Statement<'_>) -> Result<(), Failed> {
        if self.is_shared {
            self.execute(statement).await?;
        }
        Ok(())
    }

    /// Runs a statement; says how many rows it has changed.
    pub(crate) async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, Failed> {
        let done = statement.execute(&mut *self.inner).await;
        self.noting(done.map(|done| done.rows_affected()))
    }

    /// All rows.
    pub(crate) async fn all<T>(&mut self, question: Question<'_, T>) -> Result<Vec<T>, Failed>
    where
        T: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let rows = question.fetch_all(&mut *self.inner).await;
        self.noting(rows)
    }

    /// The row of a question that has one at most. The answer is read to its end: an error may
    /// come after the row.
    pub(crate) async fn one<T>(&mut self, question: Question<'_, T>) -> Result<Option<T>, Failed>
    where
        T: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        Ok(self.all(question).await?.pop())
    }

    /// Are there rows?
    pub(crate) async fn any(&mut self, statement: Statement<'_>) -> Result<bool, Failed> {
        let rows = statement.fetch_all(&mut *self.inner).await;
        self.noting(rows.map(|rows| !rows.is_empty()))
    }

    /// Several statements, without values.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), Failed> {
        let done = sqlx::raw_sql(sql).execute(&mut *self.inner).await;
        self.noting(done.map(|_| ()))
    }

    /// Something that has happened if this is committed, and not if it is done anew.
    pub(crate) fn note(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Commits, unless a statement has failed or the work is `abandoned`.
    pub(crate) async fn end(self, abandoned: bool) -> End {
        let ended = match (self.failure, abandoned) {
            (None, false) => self.inner.commit().await.map(|()| {
                self.events.iter().for_each(Event::happened);
                End::Committed
            }),
            (None, true) => self.inner.rollback().await.map(|()| End::RolledBack),
            (Some(failure), _) => {
                let _ = self.inner.rollback().await;
                Err(failure)
            }
        };
        ended.unwrap_or_else(End::Failed)
    }

    fn noting<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, Failed> {
        done.map_err(|error| {
            self.failure.get_or_insert(error);
            Failed
        })
    }
}
