//! What must be done in time.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use crate::time::Span;

use super::task::deferred;

/// Longest that one step of a sign-in, a refresh or a sign-out may take where no option of the application's says it.
pub(super) const TIMEOUT: Span = Span::from_millis(10_000);

/// What `promise` settles with, or `Err(undefined)` after `millis`. What it does later is not heard.
pub(super) async fn within(millis: u32, promise: Promise) -> Result<JsValue, JsValue> {
    let (late, clock) = deferred();
    let _timeout = after(millis, Box::new(move || clock.reject(&JsValue::UNDEFINED)));
    let first = Promise::race(&Array::of2(&promise, &late));
    JsFuture::from(first).await
}

/// What `task` comes to, or `None` after so long: then it is dropped where it stands, and `controller` is told.
/// Functions of the application may never settle, and a replaced `fetch` need not obey its signal.
pub(super) async fn in_time<T>(
    span: Span,
    controller: &AbortController,
    mut task: Pin<Box<dyn Future<Output = T> + '_>>,
) -> Option<T> {
    let (late, clock) = deferred();
    let _timeout = after(millis(span), {
        let clock = clock.clone();
        Box::new(move || clock.resolve(&JsValue::UNDEFINED))
    });
    let mut late = JsFuture::from(late);
    let outcome = poll_fn(move |context| match task.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => Pin::new(&mut late).poll(context).map(|_| None),
    })
    .await;
    // The future of a promise that never settles is never freed.
    clock.resolve(&JsValue::UNDEFINED);
    if outcome.is_none() {
        controller.abort();
    }
    outcome
}

/// As timers take it.
pub(super) fn millis(span: Span) -> u32 {
    u32::try_from(span.as_millis().clamp(0, i64::from(i32::MAX))).unwrap_or(0)
}

/// Calls `then` after `millis`, unless dropped before. Boxed, so that the way into JavaScript is there once.
pub(super) fn after(millis: u32, then: Box<dyn FnOnce()>) -> Timeout {
    Timeout::new(millis, then)
}
