//! Calls of endpoints, by the application's `fetch` or the platform's.

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers};

use crate::answer::Unread;
use crate::config::{Config, Endpoint};
use crate::request::{CACHE, Load, REDIRECT, Request};

use super::cookie;
use super::global::{bare_object, set};
use super::host::Host;
use super::response::{self, Reply, Response};

/// No answer arrived: no network, refused by the browser, or given up.
pub(super) struct NoReply;

impl From<JsValue> for NoReply {
    /// What was thrown may hold anything.
    fn from(_: JsValue) -> Self {
        Self
    }
}

/// Calls an endpoint. `signal` ends it early.
pub(super) async fn send(
    host: &Host,
    config: &Config,
    endpoint: &Endpoint,
    load: Load<'_>,
    signal: &AbortSignal,
) -> Result<Reply, NoReply> {
    let cookies = endpoint.csrf.as_ref().and_then(|_| cookie::read());
    let Ok(request) = Request::write(config, endpoint, load, &cookies.unwrap_or_default()) else {
        return Ok(Reply::none(Unread::Unsent));
    };
    let init = init(&request, signal)?;
    drop(request);
    let answer = JsFuture::from(host.fetch(&endpoint.url, &init).ok_or(NoReply)?).await?;
    read(host, answer.unchecked_ref()).await
}

/// Reads an answer, of a call or of the application's own.
pub(super) async fn read(host: &Host, response: &Response) -> Result<Reply, NoReply> {
    Ok(response::read(response, host.wants_copies()).await?)
}

/// What `fetch` is given: without a prototype, so that a polluted one changes nothing (SEC-35). `RequestInit::new`
/// makes one that has it.
fn init(request: &Request<'_>, signal: &AbortSignal) -> Result<Object, JsValue> {
    let headers = bare_object();
    for (name, value) in &request.headers {
        set(&headers, name, value.expose());
    }
    let init = bare_object();
    set(&init, "method", request.method);
    set(
        &init,
        "headers",
        Headers::new_with_record_from_str_to_str(&headers)?,
    );
    set(
        &init,
        "body",
        request.body.as_ref().map(|body| body.expose()),
    );
    set(&init, "credentials", request.credentials);
    set(&init, "cache", CACHE);
    set(&init, "redirect", REDIRECT);
    set(&init, "keepalive", request.keeps_alive);
    set(&init, "signal", signal);
    Ok(init)
}
