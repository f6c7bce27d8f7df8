//! Web Locks: one refresh at a time among the tabs of one browser, and a name for each tab.
//!
//! The wait is bounded, and nothing is ever stolen: a stolen lock's holder keeps running, so stealing
//! only adds a second one. Nor is it asked `ifAvailable`: a page in the back/forward cache may still hold
//! its locks, and only a queued request makes the browser give that page up.

use js_sys::{Object, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::deadline::after;
use super::global::{global, method, property, set};
use super::task::{Settler, deferred};

/// The lock, for as long as this lives.
pub(super) struct Held {
    release: Settler,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release.resolve(&JsValue::UNDEFINED);
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

/// Waits for the lock of this name.
pub(super) async fn acquire(name: &str, patience_millis: u32) -> Request {
    request(name, patience_millis)
        .await
        .unwrap_or(Request::Missing)
}

async fn request(name: &str, patience_millis: u32) -> Option<Request> {
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
    let signal = controller.signal();
    let options = Object::new();
    set(&options, "signal", &signal);
    let asked = request
        .call3(&locks, &name.into(), &options, on_grant.as_ref())
        .ok()?;
    let asked: Promise = asked.dyn_into().ok()?;
    let _settled = asked.catch(&on_refusal);
    let _patience = after(patience_millis, Box::new(move || controller.abort()));
    let is_granted = JsFuture::from(granted)
        .await
        .is_ok_and(|granted| granted.is_truthy());
    if is_granted {
        Some(Request::Granted(Held { release }))
    } else {
        signal.aborted().then_some(Request::Late)
    }
}
