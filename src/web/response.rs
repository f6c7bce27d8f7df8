//! `Response`, and the streams in it.

use js_sys::{Date, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, TextDecodeOptions, TextDecoder};

use crate::answer::{self, Unread};
use crate::reply::{Length, is_redirect};
use crate::time::{Span, Timestamp};

use super::clock::Clock;
use super::global::property;
use super::task::spawn;

// What web-sys has of these takes for granted that they are what they should be. But they come from a `fetch` of the
// application's, or from a polyfill: a member may be missing, and looking at it may throw.
#[wasm_bindgen]
extern "C" {
    /// What answers a request.
    #[derive(Clone)]
    pub(super) type Response;

    #[wasm_bindgen(catch, method, getter)]
    fn status(this: &Response) -> Result<u16, JsValue>;
    #[wasm_bindgen(catch, method, getter, js_name = type)]
    fn kind(this: &Response) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter)]
    fn headers(this: &Response) -> Result<Headers, JsValue>;
    #[wasm_bindgen(catch, method, getter)]
    fn body(this: &Response) -> Result<Option<Stream>, JsValue>;
    #[wasm_bindgen(catch, method, js_name = clone)]
    pub(super) fn copy(this: &Response) -> Result<Response, JsValue>;

    type Stream;
    #[wasm_bindgen(catch, method, js_name = getReader)]
    fn reader(this: &Stream) -> Result<Reader, JsValue>;

    type Reader;
    #[wasm_bindgen(catch, method)]
    fn read(this: &Reader) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn cancel(this: &Reader) -> Result<Promise, JsValue>;

    /// A `Uint8Array` of any window.
    type Bytes;
    #[wasm_bindgen(catch, method, getter, js_name = byteLength)]
    fn length(this: &Bytes) -> Result<u32, JsValue>;
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

impl Reply {
    /// Nothing was sent, for this reason.
    pub(super) const fn none(because: Unread) -> Self {
        Self {
            status: 0,
            retry_after: None,
            date: None,
            body: String::new(),
            unread: Some(because),
            response: None,
        }
    }
}

/// Reads an answer.
pub(super) async fn read(response: &Response, keeps_copy: bool) -> Result<Reply, JsValue> {
    let copy = if keeps_copy {
        Some(response.copy()?)
    } else {
        None
    };
    let status = response.status()?;
    let headers = response.headers()?;
    let is_redirect = is_redirect(&response.kind()?.as_string().unwrap_or_default(), status);
    let body = if is_redirect {
        Err(Unread::Redirect)
    } else {
        text(response).await?.ok_or(Unread::TooLong)
    };
    let retry_after = headers
        .get("Retry-After")?
        .and_then(|header| answer::retry_after(&header, date(&header), Clock::new().now().wall));
    Ok(Reply {
        status,
        retry_after,
        date: headers.get("Date")?.and_then(|header| date(&header)),
        unread: body.as_ref().err().copied(),
        body: body.unwrap_or_default(),
        response: copy,
    })
}

/// The body's text, as `Response.text()` reads it; `None` where it is too long.
async fn text(response: &Response) -> Result<Option<String>, JsValue> {
    let mut text = String::new();
    let Some(stream) = response.body()? else {
        return Ok(Some(text));
    };
    let reader = stream.reader()?;
    let decoder = TextDecoder::new()?;
    let more = TextDecodeOptions::new();
    more.set_stream(true);
    let mut length = Length::default();
    loop {
        let step = JsFuture::from(reader.read()?).await?;
        if property(&step, "done").is_some_and(|done| done.is_truthy()) {
            text.push_str(&decoder.decode()?);
            return Ok(Some(text));
        }
        let bytes: Bytes = property(&step, "value")
            .unwrap_or_default()
            .unchecked_into();
        if !length.grow(bytes.length()?) {
            let cancelled = JsFuture::from(reader.cancel()?);
            spawn(async move {
                let _ = cancelled.await;
            });
            return Ok(None);
        }
        text.push_str(
            &decoder.decode_with_buffer_source_and_options(bytes.unchecked_ref(), &more)?,
        );
    }
}

/// A date as HTTP writes it, by the platform's parser.
fn date(header: &str) -> Option<Timestamp> {
    let date = Date::parse(header);
    date.is_finite()
        .then(|| Timestamp::from_millis(date as i64))
}
