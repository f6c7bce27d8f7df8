//! Signs of a person: pointer, keys, touch, wheel.
//!
//! Scrolling itself is none: a script scrolls, too, and nothing tells the two apart. A user who scrolls does
//! so by what is listened to here.

use std::cell::Cell;

use wasm_bindgen::JsValue;
use web_sys::Event;

use super::global::{global, property};
use super::listeners::Listener;

const SIGNS: [&str; 6] = [
    "pointerdown",
    "pointermove",
    "keydown",
    "touchstart",
    "touchmove",
    "wheel",
];

/// Calls `handle` when there is a sign of a person.
pub(super) fn activity(handle: impl Fn() + Clone + 'static) -> Vec<Listener> {
    let mut listeners = Vec::new();
    for name in SIGNS {
        let handle = handle.clone();
        let place = Cell::new(None);
        let on_sign = move |event: Event| {
            // Scripts make events as well, without a user.
            if event.is_trusted() && (name != "pointermove" || has_moved(&event, &place)) {
                handle();
            }
        };
        listeners.extend(Listener::new(global("document"), name, Box::new(on_sign)));
    }
    listeners
}

/// Whether the pointer is elsewhere than before: where the page moves under one that rests, browsers say
/// that it has moved.
fn has_moved(event: &JsValue, place: &Cell<Option<(f64, f64)>>) -> bool {
    let number = |name| property(event, name).and_then(|value| value.as_f64());
    let now = number("screenX").zip(number("screenY"));
    let before = place.replace(now);
    before.is_some() && before != now
}
