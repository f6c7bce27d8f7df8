//! A promise that must settle in time.

use gloo_timers::callback::Timeout;
use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// What `promise` settles with, or `Err(undefined)` after `millis`. What it does later, nobody hears.
pub(super) async fn within(millis: u32, promise: Promise) -> Result<JsValue, JsValue> {
    let mut timeout = None;
    let late = Promise::new(&mut |_, reject| {
        timeout = Some(Timeout::new(millis, move || {
            let _ = reject.call0(&JsValue::UNDEFINED);
        }));
    });
    let first = Promise::race(&Array::of2(&promise, &late));
    let outcome = JsFuture::from(first).await;
    drop(timeout);
    outcome
}
