//! A promise that must settle in time.

use gloo_timers::callback::Timeout;
use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::task::deferred;

/// What `promise` settles with, or `Err(undefined)` after `millis`. What it does later, nobody hears.
pub(super) async fn within(millis: u32, promise: Promise) -> Result<JsValue, JsValue> {
    let (late, clock) = deferred();
    let _timeout = after(millis, Box::new(move || clock.reject(&JsValue::UNDEFINED)));
    let first = Promise::race(&Array::of2(&promise, &late));
    JsFuture::from(first).await
}

/// Calls `then` after `millis`, unless dropped before. Boxed, so that the way into JavaScript is there once.
pub(super) fn after(millis: u32, then: Box<dyn FnOnce()>) -> Timeout {
    Timeout::new(millis, then)
}
