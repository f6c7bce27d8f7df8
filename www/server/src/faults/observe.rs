//! Around each request: the log, delays and broken connections. Outermost, since only here an
//! answer can be left out altogether.

use std::fmt;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Request, Response, header};
use futures_util::{StreamExt, stream};
use tower::ServiceExt;

use super::log::Listener;
use super::reset::Reset;
use super::rules::{Drop, Hold, Rule};
use crate::state::Shared;

/// The answer was dropped on purpose.
#[derive(Debug)]
pub(crate) struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dropped by a fault rule")
    }
}

impl std::error::Error for Dropped {}

/// Passes a request to the router, and lets the matching rule have its way with it.
pub(crate) async fn observe(
    app: Shared,
    router: Router,
    listener: Listener,
    mut request: Request<Body>,
) -> Result<Response<Body>, Dropped> {
    let path = request.uri().path();
    let own = listener == Listener::Api && (path == "/faults" || path.starts_with("/faults/"));
    let Some(faults) = app.faults.as_ref().filter(|_| !own) else {
        return Ok(dated(&app, answer(router, request).await));
    };

    let mut arrival = faults.gate.arrive();
    let ticket = faults.log.arrived(&request, listener, app.clock.now_ms());
    let rule = match listener {
        Listener::Api => faults.rules.take(request.method(), path),
        Listener::Foreign => None,
    };
    let Some(rule) = rule else {
        let response = answer(router, request).await;
        faults.log.finished(ticket, Some(response.status()), None);
        return Ok(dated(&app, response));
    };

    tokio::time::sleep(rule.delay()).await;
    if rule.hold == Some(Hold::Before) {
        arrival.wait().await;
    }
    if rule.drop == Some(Drop::Before) {
        faults.log.finished(ticket, None, Some("drop-before"));
        return Err(Dropped);
    }
    if rule.drop == Some(Drop::Reset) {
        faults.log.finished(ticket, None, Some("drop-reset"));
        if let Some(reset) = request.extensions().get::<Reset>() {
            reset.now();
        }
        return Err(Dropped);
    }
    request.extensions_mut().insert(rule.changes());
    request.extensions_mut().insert(rule.clone());
    let mut response = answer(router, request).await;
    tokio::time::sleep(rule.delay_after()).await;
    if rule.hold == Some(Hold::After) {
        arrival.wait().await;
    }

    let status = Some(response.status());
    if rule.drop == Some(Drop::After) {
        faults.log.finished(ticket, status, Some("drop-after"));
        return Err(Dropped);
    }
    if rule.drop == Some(Drop::Body) {
        response = broken(response).await;
    }
    if rule.cors == Some(false) {
        let cors = |name: &header::HeaderName| name.as_str().starts_with("access-control-");
        let names: Vec<_> = response
            .headers()
            .keys()
            .filter(|name| cors(name))
            .cloned()
            .collect();
        for name in names {
            response.headers_mut().remove(name);
        }
    }
    faults.log.finished(ticket, status, Some(kind(&rule)));
    Ok(dated(&app, response))
}

async fn answer(router: Router, request: Request<Body>) -> Response<Body> {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The `Date` by our own clock, since a client measures the skew by it.
fn dated(app: &Shared, mut response: Response<Body>) -> Response<Body> {
    if let Ok(date) = HeaderValue::from_str(&app.clock.http_date()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// Announces the whole body, sends half of it, then breaks. The pause lets the half out: what is
/// still in a buffer when the connection breaks never leaves.
async fn broken(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(
        header::CONTENT_LENGTH,
        HeaderValue::from(whole.len().max(1)),
    );
    let half: Bytes = whole.slice(..whole.len().div_euclid(2));
    let first = stream::iter([Ok(half)]);
    let then = stream::once(async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    Response::from_parts(parts, Body::from_stream(first.chain(then)))
}

fn kind(rule: &Rule) -> &'static str {
    match rule.drop {
        Some(_) => "drop-body",
        None if rule.replacement().is_some() => "replaced",
        None => "changed",
    }
}
