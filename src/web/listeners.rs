//! DOM listeners that go when they are dropped, the events that may mean a wake, and the first showing.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AddEventListenerOptions, Event, EventTarget};

use super::global::{global, property};
use super::task::{deferred, spawn};

/// Listens for as long as it lives.
pub(super) struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// `None` where the target is missing.
    pub(super) fn new(
        target: Option<JsValue>,
        name: &'static str,
        handle: Box<dyn FnMut(Event)>,
    ) -> Option<Self> {
        let target: EventTarget = target?.unchecked_into();
        let closure = Closure::wrap(handle);
        let options = AddEventListenerOptions::new();
        options.set_passive(true);
        options.set_capture(true);
        target
            .add_event_listener_with_callback_and_add_event_listener_options(
                name,
                closure.as_ref().unchecked_ref(),
                &options,
            )
            .ok()?;
        Some(Self {
            target,
            name,
            closure,
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.closure.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback_and_bool(self.name, callback, true);
    }
}

/// What the browser said about the page.
#[derive(Clone, Copy)]
pub(super) enum PageEvent {
    /// Not shown any more; the next wake, if any, is out of the back/forward cache.
    Left,
    Offline,
    Online,
    Woke,
}

/// Listens to everything that may mean: the page is in front again, the machine woke, the network is back.
pub(super) fn page_events(handle: impl Fn(PageEvent) + Clone + 'static) -> Vec<Listener> {
    let window = || Some(js_sys::global().into());
    let document = || global("document");
    let on = |target: Option<JsValue>, name, event| {
        let handle = handle.clone();
        Listener::new(target, name, Box::new(move |_| handle(event)))
    };
    let when_visible = {
        let handle = handle.clone();
        let on_change = move |_| {
            if is_visible() {
                handle(PageEvent::Woke);
            }
        };
        Listener::new(document(), "visibilitychange", Box::new(on_change))
    };
    let mut listeners = Vec::new();
    listeners.extend(when_visible);
    for (target, name, event) in [
        (window(), "pageshow", PageEvent::Woke),
        (document(), "resume", PageEvent::Woke),
        (window(), "pagehide", PageEvent::Left),
        (window(), "focus", PageEvent::Woke),
        (window(), "online", PageEvent::Online),
        (window(), "offline", PageEvent::Offline),
    ] {
        listeners.extend(on(target, name, event));
    }
    listeners
}

/// Calls `then` once the page is shown: now, unless it is prerendered. Such a page works on
/// copies, and its locks wait.
pub(super) fn when_shown(then: Box<dyn FnOnce()>) {
    let document = global("document");
    let is_hidden = document
        .as_ref()
        .and_then(|document| property(document, "prerendering"))
        .is_some_and(|prerendering| prerendering.is_truthy());
    if !is_hidden {
        return then();
    }
    spawn(async move {
        let (shown, show) = deferred();
        let on_change = move |_| show.resolve(&JsValue::UNDEFINED);
        let _listener = Listener::new(document, "prerenderingchange", Box::new(on_change));
        let _shown = JsFuture::from(shown).await;
        then();
    });
}

/// Whether the browser says that there is no network.
pub(super) fn is_offline() -> bool {
    let on_line = global("navigator").and_then(|navigator| property(&navigator, "onLine"));
    on_line.is_some_and(|on_line| on_line == JsValue::FALSE)
}

fn is_visible() -> bool {
    let state = global("document").and_then(|document| property(&document, "visibilityState"));
    state.is_some_and(|state| state == "visible")
}
