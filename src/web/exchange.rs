//! Getting tokens: from an endpoint, or from a function of the application.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::answer::{self, Answer};
use crate::config::{Config, Endpoint};
use crate::request::Load;
use crate::secret::Secret;
use crate::tokens::TokenSet;

use super::fetch::{self, NoReply};
use super::host::{self, Host};
use super::response::Reply;

/// Whether `rejected` has a say: on the refresh endpoint it has, at sign-in it has not.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Purpose {
    Refresh,
    SignIn,
}

/// Calls an endpoint and judges what comes back: that, and its text.
pub(super) async fn by_endpoint(
    host: &Host,
    config: &Config,
    endpoint: &Endpoint,
    load: Load<'_>,
    signal: &AbortSignal,
    purpose: Purpose,
) -> (Answer, String) {
    match fetch::send(host, config, endpoint, load, signal).await {
        Ok(reply) => judge(host, reply, purpose).await,
        Err(NoReply) => (no_answer(), String::new()),
    }
}

/// Calls the application's refresh function and judges what comes back.
pub(super) async fn by_function(
    host: &Host,
    access: Option<Secret>,
    refresh: Option<Secret>,
    signal: &AbortSignal,
) -> Answer {
    let context = host::context(access.as_ref(), refresh.as_ref(), signal);
    let Some(promise) = host.refresh(&context) else {
        return no_answer();
    };
    let Ok(outcome) = JsFuture::from(promise).await else {
        return no_answer();
    };
    match outcome.dyn_into::<web_sys::Response>() {
        Ok(response) => match fetch::read(host, response.unchecked_ref()).await {
            Ok(reply) => judge(host, reply, Purpose::Refresh).await.0,
            Err(NoReply) => no_answer(),
        },
        Err(value) if value.is_null() => Answer::Refused {
            status: None,
            error: None,
        },
        Err(value) => host.answer_of(&value),
    }
}

async fn judge(host: &Host, reply: Reply, purpose: Purpose) -> (Answer, String) {
    let Reply {
        status,
        retry_after,
        date,
        body,
        unread,
        response,
    } = reply;
    let verdict = match &response {
        // The application may read the body; it must not take it away from `readTokens`.
        Some(response) if purpose == Purpose::Refresh => match response.copy() {
            Ok(copy) => host.is_rejected(&copy).await,
            Err(_) => None,
        },
        _ => None,
    };
    let answer = match verdict {
        // Nothing that was read decides; a refusal by the application does.
        verdict
            if verdict != Some(true)
                && let Some(unread) = unread =>
        {
            unread.judge(status, retry_after)
        }
        Some(rejected) => answer::interpret_with(rejected, status, retry_after, &body),
        None => answer::interpret(status, retry_after, &body),
    };
    let answer = match (answer, &response) {
        (answer @ (Answer::Tokens(_) | Answer::Nonsense { .. }), Some(response)) => {
            host.read_tokens(status, &body, response).unwrap_or(answer)
        }
        (answer, _) => answer,
    };
    let answer = match answer {
        Answer::Tokens(set) => Answer::Tokens(TokenSet { date, ..set }),
        answer => answer,
    };
    (answer, body)
}

/// Nothing came that could be judged.
pub(super) fn no_answer() -> Answer {
    Answer::Trouble {
        status: None,
        retry_after: None,
    }
}
