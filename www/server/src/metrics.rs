//! What this process has counted since its start, for Prometheus. No label holds a user, a token or an
//! address: each is a word of this program, so there is a bounded number of them, too.

use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The process's own: what counts is far from what shows it.
pub(crate) static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

/// One counter for each word that its label has had.
pub(crate) struct Words {
    label: &'static str,
    counters: Family<[(&'static str, &'static str); 1], Counter>,
}

impl Words {
    /// From zero on: a counter that begins with one has not risen, to those who watch for a rise.
    pub(crate) fn expect(&self, words: &[&'static str]) {
        for word in words {
            let _ = self.counters.get_or_create(&[(self.label, word)]);
        }
    }

    /// One more of this.
    pub(crate) fn count(&self, word: &'static str) {
        self.counters.get_or_create(&[(self.label, word)]).inc();
    }

    #[cfg(test)]
    pub(crate) fn of(&self, word: &'static str) -> u64 {
        self.counters.get_or_create(&[(self.label, word)]).get()
    }
}

/// So many at the moment. One less when the last of it is dropped, however that comes about.
pub(crate) struct Present(&'static Gauge);

impl Present {
    pub(crate) fn in_the(gauge: &'static Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// All that is counted.
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) requests: Words,
    pub(crate) refusals: Words,
    pub(crate) sign_ins: Words,
    pub(crate) refreshes: Words,
    pub(crate) security_events: Words,
    pub(crate) hashes: Queued,
    pub(crate) transactions: Queued,
}

/// What a queue counts.
pub(crate) struct Queued {
    pub(crate) running: Gauge,
    pub(crate) waiting: Gauge,
    pub(crate) turned_away: Counter,
}

impl Metrics {
    fn new() -> Self {
        let mut made = Maker(Registry::with_prefix("hallpass"));
        Self {
            requests: made.words("requests", "Requests to the API", "status"),
            refusals: made.words("refusals", "Refusals, by the code of the error", "error"),
            sign_ins: made.words("sign_ins", "Passwords and codes that were tried", "outcome"),
            refreshes: made.words("refreshes", "Refresh tokens that came", "outcome"),
            security_events: made.words("security_events", "What deserves a look", "event"),
            hashes: made.queue("password_hashes"),
            transactions: made.queue("transactions"),
            registry: made.0,
        }
    }
}

/// Registers what it makes.
struct Maker(Registry);

impl Maker {
    fn words(&mut self, name: &str, help: &str, label: &'static str) -> Words {
        let counters = Family::default();
        self.0.register(name, help, counters.clone());
        Words { label, counters }
    }

    fn queue(&mut self, of: &str) -> Queued {
        Queued {
            running: self.gauge(&format!("{of}_running"), "Are at work now"),
            waiting: self.gauge(&format!("{of}_waiting"), "Wait for their turn"),
            turned_away: self.counter(&format!("{of}_turned_away"), "Found no place to wait"),
        }
    }

    fn gauge(&mut self, name: &str, help: &str) -> Gauge {
        let gauge = Gauge::default();
        self.0.register(name, help, gauge.clone());
        gauge
    }

    fn counter(&mut self, name: &str, help: &str) -> Counter {
        let counter = Counter::default();
        self.0.register(name, help, counter.clone());
        counter
    }
}

/// `GET /metrics`
pub(crate) async fn show() -> Result<impl IntoResponse, StatusCode> {
    let mut text = String::new();
    prometheus_text::encode(&mut text, &METRICS.registry)
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((
        [(header::CONTENT_TYPE, prometheus_text::CONTENT_TYPE)],
        text,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_not_counted_any_more() {
        static GAUGE: LazyLock<Gauge> = LazyLock::new(Gauge::default);
        let one = Present::in_the(&GAUGE);
        let other = Present::in_the(&GAUGE);
        assert_eq!(GAUGE.get(), 2);
        drop(one);
        assert_eq!(GAUGE.get(), 1);
        drop(other);
        assert_eq!(GAUGE.get(), 0);
    }
}
