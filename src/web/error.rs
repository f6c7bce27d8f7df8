//! The core's errors as the package's `AuthError`, a real subclass of `Error`.
#![expect(unreachable_pub, reason = "wasm-bindgen exports public items only")]

use std::cell::RefCell;

use js_sys::{Array, Function};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Error;
use crate::secret::Secret;

/// What the facade lends to the core once, when the module has been loaded.
struct Facade {
    make_error: Function,
    parse: Function,
}

thread_local! {
    static FACADE: RefCell<Option<Facade>> = const { RefCell::new(None) };
}

/// Called once after loading. `make_error(code, message, retryable, status, cause, oauthError, answer)` makes an
/// `AuthError`; `parse(json)` makes a frozen object without prototypes from a JSON text.
#[wasm_bindgen]
pub fn install(make_error: Function, parse: Function) {
    FACADE.set(Some(Facade { make_error, parse }));
}

/// The error as JavaScript sees it.
pub(super) fn to_js(error: &Error) -> JsValue {
    let cause = error.cause().map_or(JsValue::UNDEFINED, to_js);
    let arguments = Array::of5(
        &error.code().into(),
        &error.message().into(),
        &error.retryable().into(),
        &error.status().into(),
        &cause,
    );
    arguments.push(&error.oauth_error().into());
    arguments.push(&error.answer().map(Secret::expose).into());
    let make_error =
        FACADE.with_borrow(|facade| facade.as_ref().map(|facade| facade.make_error.clone()));
    make_error
        .and_then(|make_error| make_error.apply(&JsValue::UNDEFINED, &arguments).ok())
        .unwrap_or_else(|| js_sys::Error::new(error.message()).into())
}

/// A JSON text that the core has found to be an object, as an object.
pub(super) fn parse(json: &str) -> JsValue {
    let parse = FACADE.with_borrow(|facade| facade.as_ref().map(|facade| facade.parse.clone()));
    parse
        .and_then(|parse| parse.call1(&JsValue::UNDEFINED, &json.into()).ok())
        .unwrap_or(JsValue::NULL)
}
