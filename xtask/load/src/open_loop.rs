//! A constant rate of requests, whatever the server makes of it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::site::{Call, Ended, Site};

/// What came of it.
pub(crate) struct Measured {
    /// Requests a second that were due.
    pub(crate) rate: f64,
    /// Requests that were refused.
    pub(crate) refused: u64,
    /// Answers while requests were coming, not those to the last that waited.
    in_time: u32,
    lasting: Duration,
    /// How long those waited that were served, in microseconds.
    waits: Histogram<u64>,
}

impl Measured {
    /// Answers a second.
    pub(crate) fn served(&self) -> f64 {
        f64::from(self.in_time) / self.lasting.as_secs_f64()
    }

    /// Of all requests.
    pub(crate) fn share_refused(&self) -> f64 {
        self.refused as f64 / (self.refused + self.waits.len()).max(1) as f64
    }

    /// So many of a hundred waited no longer.
    pub(crate) fn percentile(&self, percent: f64) -> Duration {
        Duration::from_micros(self.waits.value_at_percentile(percent))
    }

    /// A call that was due so long after the beginning has ended.
    fn note(&mut self, ended: Ended, due: Duration, wait: Duration) -> Result<()> {
        match ended {
            Ended::Served => {
                self.waits.record(u64::try_from(wait.as_micros())?)?;
                self.in_time += u32::from(due + wait <= self.lasting);
            }
            Ended::Refused => self.refused += 1,
        }
        Ok(())
    }
}

/// Makes calls at this rate for so long, and waits for the last answer. A wait begins when the call is due: what
/// keeps the generator from making it in time is counted, too.
pub(crate) async fn offer(
    site: &Arc<Site>,
    call: Call,
    rate: f64,
    lasting: Duration,
) -> Result<Measured> {
    let mut measured = Measured {
        rate,
        refused: 0,
        in_time: 0,
        lasting,
        waits: Histogram::new(3)?,
    };
    let mut asking = JoinSet::new();
    let began = Instant::now();
    for number in 0_u32.. {
        let after = Duration::from_secs_f64(f64::from(number) / rate);
        if after >= lasting {
            break;
        }
        let due = began + after;
        sleep_until(due).await;
        let site = Arc::clone(site);
        asking.spawn(async move { (site.ask(call).await, after, due.elapsed()) });
        while let Some(done) = asking.try_join_next() {
            let (ended, due, wait) = done?;
            measured.note(ended?, due, wait)?;
        }
    }
    while let Some(done) = asking.join_next().await {
        let (ended, due, wait) = done?;
        measured.note(ended?, due, wait)?;
    }
    Ok(measured)
}
