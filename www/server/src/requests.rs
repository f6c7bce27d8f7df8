//! One line of the log for each request to the API, and its counters. The line has the route and not the
//! path, which may hold an id, and nothing of query, headers or body.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, Span, info, info_span};

use crate::error::Refusal;
use crate::metrics::METRICS;
use crate::random;

/// Passes a request on. All lines that are written on the way have the same id.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let id = random::id().unwrap_or_default();
    let span = info_span!("request", id);
    let mut line = Line::of(&request, span.clone());
    let response = next.run(request).instrument(span).await;
    line.status = Some(response.status());
    if let Some(Refusal(error)) = response.extensions().get() {
        METRICS.refusals.count(error);
    }
    response
}

/// A line that is written when the request is over, and if its client has gone before that, too.
struct Line {
    span: Span,
    method: &'static str,
    route: Option<MatchedPath>,
    began: Instant,
    status: Option<StatusCode>,
}

impl Line {
    fn of(request: &Request, span: Span) -> Self {
        Self {
            span,
            method: name_of(request.method()),
            route: request.extensions().get().cloned(),
            began: Instant::now(),
            status: None,
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        METRICS.requests.count(class(self.status));
        let _entered = self.span.enter();
        let method = self.method;
        let route = self.route.as_ref().map_or("none", MatchedPath::as_str);
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match self.status.map(|status| status.as_u16()) {
            Some(status) => info!(method, route, status, ms, "answered"),
            None => info!(method, route, ms, "abandoned"),
        }
    }
}

/// A client can make up methods, and put into them what it likes.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "another",
    }
}

fn class(status: Option<StatusCode>) -> &'static str {
    match status.map(|status| status.as_u16().div_euclid(100)) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(_) => "5xx",
        None => "abandoned",
    }
}
