//! One refresh at a time among the tabs of one browser, by Web Locks.
//!
//! The wait is bounded, and nothing is ever stolen: a stolen lock's holder keeps running, so stealing
//! only adds a second one.

use js_sys::{Function, Object, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use gloo_timers::callback::Timeout;

use super::global::{global, method, property, set};

/// Longest wait for another tab.
const PATIENCE_MILLIS: u32 = 5_000;

/// The lock, for as long as this lives.
pub(super) struct Held {
    release: Function,
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Waits for the lock of this name; `None` where it cannot be had in time or does not exist here.
pub(super) async fn acquire(name: &str) -> Option<Held> {
    let locks = property(&global("navigator")?, "locks")?;
    let request = method(&locks, "request")?;
    let (held, release) = open_promise()?;
    let (granted, grant) = open_promise()?;
    let on_grant = {
        let grant = grant.clone();
        Closure::once(move |_lock: JsValue| {
            let _ = grant.call1(&JsValue::UNDEFINED, &JsValue::TRUE);
            held
        })
    };
    let on_refusal = Closure::once(move |_error: JsValue| {
        let _ = grant.call1(&JsValue::UNDEFINED, &JsValue::FALSE);
    });
    let controller = AbortController::new().ok()?;
    let options = Object::new();
    set(&options, "signal", controller.signal());
    let asked = request
        .call3(&locks, &name.into(), &options, on_grant.as_ref())
        .ok()?;
    let asked: Promise = asked.dyn_into().ok()?;
    let _settled = asked.catch(&on_refusal);
    let _patience = Timeout::new(PATIENCE_MILLIS, move || controller.abort());
    let is_granted = JsFuture::from(granted)
        .await
        .is_ok_and(|granted| granted.is_truthy());
    is_granted.then_some(Held { release })
}

/// A promise and what resolves it; always `Some`, for the executor runs at once.
fn open_promise() -> Option<(Promise, Function)> {
    let mut resolve = None;
    let promise = Promise::new(&mut |resolver, _| resolve = Some(resolver));
    resolve.map(|resolve| (promise, resolve))
}
