//! The global object of a page, a worker or a server, and looking things up without trust.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A property of the global object; `None` where it is missing, or where even looking throws, as
/// `sessionStorage` does in a sandboxed frame.
pub(super) fn global(name: &str) -> Option<JsValue> {
    property(&js_sys::global(), name)
}

/// A property of `object`, own or inherited.
pub(super) fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// An own property of `object`: a polluted prototype gives nothing.
pub(super) fn own_property(object: &JsValue, name: &str) -> Option<JsValue> {
    let is_own =
        object.is_object() && Object::has_own(object.unchecked_ref::<Object>(), &name.into());
    is_own.then(|| property(object, name)).flatten()
}

/// A method of `object`.
pub(super) fn method(object: &JsValue, name: &str) -> Option<Function> {
    property(object, name)?.dyn_into().ok()
}

/// Sets a property on an object that we made ourselves: cannot fail.
pub(super) fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &name.into(), &value.into());
}

/// An object without a prototype.
pub(super) fn bare_object() -> Object {
    Object::create(JsValue::NULL.unchecked_ref())
}

/// Calls now; a function that throws is a promise that rejects.
pub(super) fn call(function: &Function, arguments: &[JsValue]) -> Promise {
    let outcome = function.apply(&JsValue::UNDEFINED, &arguments.iter().collect());
    outcome.map_or_else(
        |error| Promise::reject(&error),
        |value| Promise::resolve(&value),
    )
}
