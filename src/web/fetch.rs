//! `fetch`, with one deadline for all of it and a cap on what is read.

use gloo_timers::callback::Timeout;
use js_sys::{Date, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, Response};

use crate::answer;
use crate::time::{Span, Timestamp};

use super::clock::Clock;
use super::deadline::after;
use super::endpoint::Call;
use super::global::{global, property, set};

/// No answer with tokens in it is longer.
const LONGEST_BODY: usize = 262_144;

/// The platform's `fetch` as it was when the core was loaded (SEC-44).
pub(super) struct Fetch(Option<Function>);

/// An answer that arrived whole.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<Span>,
    /// The `Date` header, where a script may read it.
    pub(super) date: Option<Timestamp>,
    pub(super) body: String,
    /// A second copy of the answer, where somebody wants to see it.
    pub(super) response: Option<Response>,
}

/// No answer arrived: no network, refused by the browser, too late, or given up.
pub(super) struct NoReply;

impl Fetch {
    pub(super) fn capture() -> Self {
        Self(global("fetch").and_then(|fetch| fetch.dyn_into().ok()))
    }

    /// Sends `call` and reads the answer. `controller` ends it early.
    pub(super) async fn send(
        &self,
        call: &Call,
        controller: &AbortController,
        keep_copy: bool,
    ) -> Result<Reply, NoReply> {
        let _deadline = deadline(call.timeout_seconds, controller);
        set(&call.init, "signal", controller.signal());
        let fetch = self.0.as_ref().ok_or(NoReply)?;
        let sent = fetch
            .call2(&js_sys::global(), &call.url.as_str().into(), &call.init)
            .map_err(|_| NoReply)?;
        let response = JsFuture::from(Promise::resolve(&sent))
            .await
            .map_err(|_| NoReply)?;
        read(response.dyn_into().map_err(|_| NoReply)?, keep_copy).await
    }
}

/// Reads a whole answer.
pub(super) async fn read(response: Response, keep_copy: bool) -> Result<Reply, NoReply> {
    let copy = if keep_copy {
        response.clone().ok()
    } else {
        None
    };
    let header = |name| response.headers().get(name).ok().flatten();
    let retry_after = header("Retry-After")
        .and_then(|header| answer::retry_after(&header, date(&header), Clock::new().now().wall));
    Ok(Reply {
        status: response.status(),
        retry_after,
        date: header("Date").and_then(|header| date(&header)),
        body: body(&response).await?,
        response: copy,
    })
}

/// A date as HTTP writes it, by the platform's parser.
fn date(header: &str) -> Option<Timestamp> {
    let date = Date::parse(header);
    date.is_finite()
        .then(|| Timestamp::from_millis(date as i64))
}

/// Aborts `controller` after so many seconds, unless dropped before.
pub(super) fn deadline(seconds: f64, controller: &AbortController) -> Timeout {
    let controller = controller.clone();
    after(millis(seconds), Box::new(move || controller.abort()))
}

/// Seconds as a timer takes them.
pub(super) fn millis(seconds: f64) -> u32 {
    let millis = Span::from_seconds(seconds).as_millis();
    u32::try_from(millis.clamp(0, i64::from(i32::MAX))).unwrap_or(0)
}

/// The body as text; an oversized one is no answer, and one that is not UTF-8 holds no tokens.
async fn body(response: &Response) -> Result<String, NoReply> {
    let Some(stream) = response.body() else {
        return Ok(String::new());
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await.map_err(|_| NoReply)?;
        if Reflect::get(&part, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Ok(String::from_utf8(bytes).unwrap_or_default());
        }
        if let Some(part) =
            property(&part, "value").and_then(|part| part.dyn_into::<Uint8Array>().ok())
        {
            bytes.extend(part.to_vec());
        }
        if bytes.len() > LONGEST_BODY {
            let _cancelled = reader.cancel();
            return Err(NoReply);
        }
    }
}
