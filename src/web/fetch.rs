//! Calls of endpoints. The facade writes the request and reads the answer, both as promises have it; here are
//! what goes along, the deadline, and what the answer comes to.

use gloo_timers::callback::Timeout;
use js_sys::{Date, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Response};

use crate::answer::{self, Unread};
use crate::config::Endpoint;
use crate::secret::Secret;
use crate::time::{Span, Timestamp};

use super::clock::Clock;
use super::deadline::{after, millis};
use super::global::{bare_object, property, set};
use super::hooks::Hooks;

/// What goes along beside the settings.
pub(super) struct Load<'a> {
    /// The application's fields.
    pub(super) fields: Option<&'a JsValue>,
    /// Fields of ours.
    pub(super) own: Vec<(&'a str, &'a str)>,
    /// The access token, for endpoints that want it.
    pub(super) access: Option<&'a Secret>,
    /// Whether the server knows the browser by a cookie.
    pub(super) needs_cookies: bool,
    /// Whether it goes on when the page is left.
    pub(super) keeps_alive: bool,
}

/// An answer that arrived whole.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<Span>,
    /// The `Date` header, where a script may read it.
    pub(super) date: Option<Timestamp>,
    pub(super) body: String,
    /// Why the body is missing, where it is.
    pub(super) unread: Option<Unread>,
    /// A second copy of the answer, where the application wants to see it.
    pub(super) response: Option<Response>,
}

/// No answer arrived: no network, refused by the browser, too late, or given up.
pub(super) struct NoReply;

/// Calls an endpoint. `controller` ends it early.
pub(super) async fn send(
    hooks: &Hooks,
    endpoint: &Endpoint,
    load: Load<'_>,
    controller: &AbortController,
) -> Result<Reply, NoReply> {
    let _deadline = deadline(endpoint.timeout, controller);
    let own = bare_object();
    for (name, value) in load.own {
        set(&own, name, value);
    }
    let access = load.access.filter(|_| endpoint.bearer);
    let init = bare_object();
    set(&init, "own", own);
    set(&init, "fields", load.fields.cloned().unwrap_or_default());
    set(&init, "access", access.map(Secret::expose));
    set(&init, "cookies", load.needs_cookies);
    set(&init, "keepalive", load.keeps_alive);
    set(&init, "signal", controller.signal());
    reply(hooks.send(&endpoint.name, &init)).await
}

/// Reads an answer that the application got.
pub(super) async fn read(hooks: &Hooks, response: &Response) -> Result<Reply, NoReply> {
    reply(hooks.read(response)).await
}

async fn reply(promise: Option<Promise>) -> Result<Reply, NoReply> {
    let reply = JsFuture::from(promise.ok_or(NoReply)?)
        .await
        .map_err(|_| NoReply)?;
    let text = |name| property(&reply, name).and_then(|value| value.as_string());
    let number = |name| property(&reply, name).and_then(|value| value.as_f64());
    let retry_after = text("retryAfter")
        .and_then(|header| answer::retry_after(&header, date(&header), Clock::new().now().wall));
    Ok(Reply {
        status: number("status").unwrap_or_default() as u16,
        retry_after,
        date: text("date").and_then(|header| date(&header)),
        body: text("body").unwrap_or_default(),
        unread: match text("trouble").as_deref() {
            Some("long") => Some(Unread::TooLong),
            Some("redirect") => Some(Unread::Redirect),
            Some("unsent") => Some(Unread::Unsent),
            _ => None,
        },
        response: property(&reply, "response").map(JsCast::unchecked_into),
    })
}

/// A date as HTTP writes it, by the platform's parser.
fn date(header: &str) -> Option<Timestamp> {
    let date = Date::parse(header);
    date.is_finite()
        .then(|| Timestamp::from_millis(date as i64))
}

/// Aborts `controller` after so long, unless dropped before.
pub(super) fn deadline(span: Span, controller: &AbortController) -> Timeout {
    let controller = controller.clone();
    after(millis(span), Box::new(move || controller.abort()))
}
