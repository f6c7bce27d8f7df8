//! One refresh at a time among the tabs of one browser, by Web Locks.
//!
//! The wait is bounded, and nothing is ever stolen: a stolen lock's holder keeps running, so stealing
//! only adds a second one.

use js_sys::{Object, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::deadline::after;
use super::global::{global, method, property, set};
use super::task::{Settler, deferred};

/// Longest wait for another tab.
const PATIENCE_MILLIS: u32 = 5_000;

/// The lock, for as long as this lives.
pub(super) struct Held {
    release: Settler,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release.resolve(&JsValue::UNDEFINED);
    }
}

/// Waits for the lock of this name; `None` where it cannot be had in time or does not exist here.
pub(super) async fn acquire(name: &str) -> Option<Held> {
    let locks = property(&global("navigator")?, "locks")?;
    let request = method(&locks, "request")?;
    let (held, release) = deferred();
    let (granted, grant) = deferred();
    let on_grant = {
        let grant = grant.clone();
        Closure::once(move |_lock: JsValue| {
            grant.resolve(&JsValue::TRUE);
            held
        })
    };
    let on_refusal = Closure::once(move |_error: JsValue| {
        grant.resolve(&JsValue::FALSE);
    });
    let controller = AbortController::new().ok()?;
    let options = Object::new();
    set(&options, "signal", controller.signal());
    let asked = request
        .call3(&locks, &name.into(), &options, on_grant.as_ref())
        .ok()?;
    let asked: Promise = asked.dyn_into().ok()?;
    let _settled = asked.catch(&on_refusal);
    let _patience = after(PATIENCE_MILLIS, Box::new(move || controller.abort()));
    let is_granted = JsFuture::from(granted)
        .await
        .is_ok_and(|granted| granted.is_truthy());
    is_granted.then_some(Held { release })
}
