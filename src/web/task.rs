//! Tasks that end in a fact.

use std::pin::Pin;

use wasm_bindgen_futures::spawn_local;

/// Runs a task on the platform's microtask queue. Boxed, so that the machinery of tasks is there once and
/// not once for each task: users pay for each byte.
pub(super) fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    spawn_local(task);
}
