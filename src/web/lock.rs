//! Web Locks: one refresh at a time among the tabs that share a session. The wait is bounded; how it is asked for
//! stands in the facade's `locks.ts`.

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::hooks::Hooks;

/// The lock, for as long as this lives.
pub(super) struct Held {
    release: Function,
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// How a request ended.
pub(super) enum Request {
    Granted(Held),
    /// Another page holds it.
    Late,
    /// There are no locks here.
    Missing,
}

/// Waits for the lock of this name as long as the line moves: until one page holds it for so many milliseconds on end.
pub(super) async fn acquire(hooks: &Hooks, name: &str, longest_hold_millis: u32) -> Request {
    let Some(promise) = hooks.acquire(name, longest_hold_millis) else {
        return Request::Missing;
    };
    match JsFuture::from(promise).await.map(JsCast::dyn_into) {
        Ok(Ok(release)) => Request::Granted(Held { release }),
        Ok(Err(is_late)) if is_late.is_truthy() => Request::Late,
        _ => Request::Missing,
    }
}
