//! Web Locks: one refresh at a time among the tabs of one browser, and a name for each tab. The wait is
//! bounded; how it is asked for stands in the facade's `locks.ts`.

use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::global::set;
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

/// The name of a tab, and the mark on the global object that says: it is this page that holds it.
pub(super) struct Claim {
    mark: String,
    _held: Held,
}

impl Claim {
    pub(super) fn new(mark: String, tab: &str, held: Held) -> Self {
        set(&js_sys::global(), &mark, tab);
        Self { mark, _held: held }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        set(&js_sys::global(), &self.mark, JsValue::UNDEFINED);
    }
}

/// How a request ended.
pub(super) enum Request {
    Granted(Held),
    /// Somebody else holds it.
    Late,
    /// There are no locks here.
    Missing,
}

/// For how long to wait.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    /// So many milliseconds.
    For(u32),
    /// As long as the line moves: until somebody holds the lock for so many milliseconds on end.
    InLine(u32),
}

/// Waits for the lock of this name.
pub(super) async fn acquire(hooks: &Hooks, name: &str, patience: Patience) -> Request {
    let (millis, in_line) = match patience {
        Patience::For(millis) => (millis, false),
        Patience::InLine(millis) => (millis, true),
    };
    let Some(promise) = hooks.acquire(name, millis, in_line) else {
        return Request::Missing;
    };
    match JsFuture::from(promise).await.map(JsCast::dyn_into) {
        Ok(Ok(release)) => Request::Granted(Held { release }),
        Ok(Err(is_late)) if is_late.is_truthy() => Request::Late,
        _ => Request::Missing,
    }
}
