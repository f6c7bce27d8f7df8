//! Web Locks: one refresh at a time among the tabs of one browser, and a name for each tab.
//!
//! The wait is bounded, and nothing is ever stolen: a stolen lock's holder keeps running, so stealing
//! only adds a second one. Nor is it asked `ifAvailable`: a page in the back/forward cache may still hold
//! its locks, and only a queued request makes the browser give that page up.

use js_sys::{Array, Object, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::deadline::within;
use super::global::{global, method, property, set};
use super::task::{Settler, deferred};

/// Whoever has not got the lock by then looks for the first time who has it.
const FIRST_LOOK_MILLIS: u32 = 100;

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

/// For how long to wait.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    /// So many milliseconds.
    For(u32),
    /// As long as the line moves: until somebody holds the lock for so many milliseconds on end.
    InLine(u32),
}

/// Waits for the lock of this name.
pub(super) async fn acquire(name: &str, patience: Patience) -> Request {
    request(name, patience).await.unwrap_or(Request::Missing)
}

async fn request(name: &str, patience: Patience) -> Option<Request> {
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
    // Not `instanceof`: zone.js puts another class in the place of the platform's promises.
    let asked = Promise::resolve(&asked);
    let _settled = asked.catch(&on_refusal);
    let is_late = lost_patience(&locks, name, patience, &granted).await;
    if is_late {
        // Changes nothing where the lock has become ours meanwhile.
        controller.abort();
    }
    let is_granted = JsFuture::from(granted)
        .await
        .is_ok_and(|granted| granted.is_truthy());
    if is_granted {
        Some(Request::Granted(Held { release }))
    } else {
        is_late.then_some(Request::Late)
    }
}

/// Waits until the request is settled, or patience ends.
async fn lost_patience(locks: &JsValue, name: &str, patience: Patience, granted: &Promise) -> bool {
    let (mut millis, longest) = match patience {
        Patience::For(millis) => (millis, None),
        Patience::InLine(longest) => (FIRST_LOOK_MILLIS, Some(longest)),
    };
    let mut before = None;
    while within(millis, granted.clone()).await.is_err() {
        let Some(longest) = longest else {
            return true;
        };
        let holder = holder(locks, name).await;
        if millis == longest && holder == before {
            return true;
        }
        before = holder;
        millis = longest;
    }
    false
}

/// Which page holds the lock.
async fn holder(locks: &JsValue, name: &str) -> Option<String> {
    let state = method(locks, "query")?.call0(locks).ok()?;
    let state = JsFuture::from(Promise::resolve(&state)).await.ok()?;
    let held = Array::from(&property(&state, "held")?);
    let lock = held
        .iter()
        .find(|lock| property(lock, "name").is_some_and(|known| known == name))?;
    property(&lock, "clientId")?.as_string()
}
