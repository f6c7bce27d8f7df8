//! Signs of a person: pointer, keys, touch, scroll.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::Event;

use super::global::global;
use super::listeners::Listener;

/// At most one sign a second is worth telling.
const QUIET_MILLIS: f64 = 1_000.0;

/// Calls `handle` when there is a sign of a person.
pub(super) fn activity(handle: impl Fn() + Clone + 'static) -> Vec<Listener> {
    let last = Rc::new(Cell::new(0.0));
    let mut listeners = Vec::new();
    for name in ["pointerdown", "keydown", "touchstart", "scroll"] {
        let (handle, last) = (handle.clone(), last.clone());
        let on_sign = move |event: Event| {
            let at = event.time_stamp();
            if at - last.get() >= QUIET_MILLIS {
                last.set(at);
                handle();
            }
        };
        listeners.extend(Listener::new(global("document"), name, Box::new(on_sign)));
    }
    listeners
}
