//! What a call of an endpoint consists of: URL, headers, body, as the settings say.

use js_sys::{JSON, Object};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Headers, UrlSearchParams};

use crate::config::{Config, Encoding, Endpoint};
use crate::secret::Secret;

use super::cookie;
use super::global::{bare_object, property, set};

/// A call, ready to be sent.
pub(super) struct Call {
    pub(super) url: String,
    pub(super) init: Object,
    pub(super) timeout_seconds: f64,
}

/// What goes along beside the settings.
#[derive(Default)]
pub(super) struct Load<'a> {
    /// Fields sent with every call of this endpoint.
    pub(super) fixed: Option<&'a JsValue>,
    /// The application's fields.
    pub(super) fields: Option<&'a JsValue>,
    /// Fields of ours.
    pub(super) own: Vec<(&'a str, &'a str)>,
    /// The access token, for endpoints that want it.
    pub(super) access: Option<&'a Secret>,
}

/// Puts a call together; `None` where the fields cannot be written as text.
pub(super) fn call(endpoint: &Endpoint, config: &Config, load: Load<'_>) -> Option<Call> {
    let headers = Headers::new().ok()?;
    headers.set("Accept", "application/json").ok()?;
    for (name, value) in &endpoint.headers {
        headers.set(name, value).ok()?;
    }
    if let Some(access) = load.access.filter(|_| endpoint.bearer) {
        headers
            .set("Authorization", &["Bearer ", access.expose()].concat())
            .ok()?;
    }
    let csrf = endpoint
        .csrf
        .as_ref()
        .and_then(|csrf| Some((csrf, cookie::read(&csrf.cookie)?)));
    let mut own = load.own;
    if let Some((csrf, value)) = &csrf {
        if let Some(header) = &csrf.header {
            headers.set(header, value).ok()?;
        }
        own.extend(csrf.field.as_deref().map(|field| (field, value.as_str())));
    }
    let init = bare_object();
    set(&init, "method", endpoint.method.as_str());
    set(&init, "credentials", credentials(endpoint, config));
    // An answer with tokens in it must not be kept, and a redirect must not carry them elsewhere (SEC-26).
    set(&init, "cache", "no-store");
    set(&init, "redirect", "error");
    if !matches!(
        endpoint.method.to_ascii_uppercase().as_str(),
        "GET" | "HEAD"
    ) {
        let (kind, body) = body(endpoint.encoding, [load.fixed, load.fields], &own)?;
        headers.set("Content-Type", kind).ok()?;
        set(&init, "body", body);
    }
    set(&init, "headers", headers);
    Some(Call {
        url: endpoint.url.clone(),
        init,
        timeout_seconds: endpoint.timeout_seconds,
    })
}

fn credentials<'a>(endpoint: &'a Endpoint, config: &Config) -> &'a str {
    match &endpoint.credentials {
        Some(credentials) => credentials,
        None if config.needs_cookies() => "include",
        None => "same-origin",
    }
}

fn body(
    encoding: Encoding,
    sources: [Option<&JsValue>; 2],
    own: &[(&str, &str)],
) -> Option<(&'static str, String)> {
    let fields = bare_object();
    for source in sources.into_iter().flatten() {
        copy(source, &fields);
    }
    for (name, value) in own {
        set(&fields, name, *value);
    }
    match encoding {
        Encoding::Json => Some(("application/json", JSON::stringify(&fields).ok()?.into())),
        Encoding::Form => {
            let form = UrlSearchParams::new().ok()?;
            for pair in Object::entries(&fields) {
                let (name, value) = (
                    js_sys::Reflect::get_u32(&pair, 0).ok()?,
                    js_sys::Reflect::get_u32(&pair, 1).ok()?,
                );
                if !value.is_undefined() && !value.is_null() {
                    form.append(&name.as_string()?, &text(&value)?);
                }
            }
            Some(("application/x-www-form-urlencoded", form.to_string().into()))
        }
    }
}

/// Own enumerable properties only.
fn copy(from: &JsValue, to: &Object) {
    // Not `instanceof`: an object without a prototype, or of another realm, is one all the same.
    if from.is_object() {
        for name in Object::keys(from.unchecked_ref::<Object>())
            .iter()
            .filter_map(|name| name.as_string())
        {
            set(to, &name, property(from, &name).unwrap_or(JsValue::NULL));
        }
    }
}

/// Strings as they are, all else as JSON writes it.
fn text(value: &JsValue) -> Option<String> {
    value
        .as_string()
        .or_else(|| JSON::stringify(value).ok()?.as_string())
}
