//! The queue before what there is too little of, cores and memory for hashes or connections to the
//! database: so many at once, so many waiting, and no more. A request that comes then is told when to
//! come back, instead of waiting for an answer that no client reads any more.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;
use crate::metrics::{Present, Queued};

/// A bounded queue.
pub(crate) struct Queue {
    /// One for each that is at work or waits.
    places: Arc<Semaphore>,
    /// One for each that is at work.
    turns: Arc<Semaphore>,
    retry_after_seconds: u64,
    counts: &'static Queued,
}

/// It is our turn, until this is dropped. It goes with the work, and not with the request: that
/// one may be abandoned while the work is still under way.
pub(crate) struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
    _running: Present,
}

impl Queue {
    pub(crate) fn new(
        at_once: usize,
        waiting: usize,
        retry_after_seconds: u64,
        counts: &'static Queued,
    ) -> Self {
        Self {
            places: Arc::new(Semaphore::new(at_once.saturating_add(waiting))),
            turns: Arc::new(Semaphore::new(at_once)),
            retry_after_seconds,
            counts,
        }
    }

    /// Waits for its turn, or is refused at once where the queue is full.
    pub(crate) async fn turn(&self) -> Result<Turn, ApiError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            self.counts.turned_away.inc();
            ApiError::busy(self.retry_after_seconds)
        })?;
        let waiting = Present::in_the(&self.counts.waiting);
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|error| ApiError::server(&error))?;
        drop(waiting);
        Ok(Turn {
            _place: place,
            _turn: turn,
            _running: Present::in_the(&self.counts.running),
        })
    }

    #[cfg(test)]
    pub(crate) fn free_turns(&self) -> usize {
        self.turns.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::StatusCode;
    use tokio::time::timeout;

    use super::*;
    use crate::metrics::METRICS;

    const A_WHILE: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn so_many_work_so_many_wait_the_next_is_refused() {
        let queue = Arc::new(Queue::new(2, 3, 2, &METRICS.hashes));
        let first = queue.turn().await.unwrap();
        let _second = queue.turn().await.unwrap();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let queue = Arc::clone(&queue);
                tokio::spawn(async move { queue.turn().await })
            })
            .collect();
        tokio::time::sleep(A_WHILE).await;
        let refusal = queue.turn().await.err().unwrap();
        assert_eq!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(waiting.iter().all(|one| !one.is_finished()));

        // They follow one another as turns end, and a place is free again.
        drop(first);
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        queue.turn().await.unwrap();
    }

    /// A request that stops waiting leaves a place.
    #[tokio::test]
    async fn who_hangs_up_while_waiting_is_not_counted() {
        let queue = Queue::new(1, 1, 2, &METRICS.hashes);
        let _working = queue.turn().await.unwrap();
        for _ in 0..5 {
            assert!(timeout(A_WHILE, queue.turn()).await.is_err(), "it waits");
        }
    }
}
