//! Tasks that end in a fact, and promises that are settled from outside.

use std::pin::Pin;

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

/// Runs a task on the platform's microtask queue. Boxed, so that the machinery of tasks is there once and
/// not once for each task: users pay for each byte.
pub(super) fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    spawn_local(task);
}

/// Settles a promise from outside.
#[derive(Clone)]
pub(super) struct Settler(Option<(Function, Function)>);

/// An open promise, and what settles it.
pub(super) fn deferred() -> (Promise, Settler) {
    // The platform calls back at once, so this is `Some` afterwards.
    let mut functions = None;
    let promise = Promise::new(&mut |resolve, reject| functions = Some((resolve, reject)));
    (promise, Settler(functions))
}

impl Settler {
    /// What resolves the promise, for the platform to call.
    pub(super) const fn resolver(&self) -> Option<&Function> {
        match &self.0 {
            Some((resolve, _)) => Some(resolve),
            None => None,
        }
    }

    #[inline(never)]
    pub(super) fn resolve(&self, value: &JsValue) {
        if let Some((resolve, _)) = &self.0 {
            let _ = resolve.call1(&JsValue::UNDEFINED, value);
        }
    }

    #[inline(never)]
    pub(super) fn reject(&self, reason: &JsValue) {
        if let Some((_, reject)) = &self.0 {
            let _ = reject.call1(&JsValue::UNDEFINED, reason);
        }
    }
}
