//! How much the server can do: so many clients that ask again as soon as they are answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::site::{Call, Ended, Site};

/// More than are at work at once, and fewer than find a place.
const CLIENTS: usize = 32;

/// Connections are opened, and caches are filled.
const WARM_UP: Duration = Duration::from_secs(1);

/// Answers a second.
pub(crate) async fn of(site: &Arc<Site>, call: Call, lasting: Duration) -> Result<f64> {
    let begin = Instant::now() + WARM_UP;
    let end = begin + lasting;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let site = Arc::clone(site);
        clients.spawn(async move {
            let mut count = 0_u32;
            while Instant::now() < end {
                let ended = site.ask(call).await?;
                let is_counted = (begin..end).contains(&Instant::now());
                count += u32::from(is_counted && ended == Ended::Served);
            }
            anyhow::Ok(count)
        });
    }
    let mut count = 0;
    for one in clients.join_all().await {
        count += one?;
    }
    Ok(f64::from(count) / lasting.as_secs_f64())
}
