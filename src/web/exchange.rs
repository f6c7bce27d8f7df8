//! Getting tokens: from an endpoint, or from a function of the application.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Response};

use crate::answer::{self, Answer};
use crate::config::Endpoint;
use crate::secret::Secret;
use crate::tokens::TokenSet;

use super::fetch::{self, Load, NoReply, Reply};
use super::hooks::{self, Hooks};

/// Whether `rejected` has a say: on the refresh endpoint it has, at sign-in it has not.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Purpose {
    Refresh,
    SignIn,
}

/// Calls an endpoint and judges what comes back: that, and its text.
pub(super) async fn by_endpoint(
    hooks: &Hooks,
    endpoint: &Endpoint,
    load: Load<'_>,
    controller: &AbortController,
    purpose: Purpose,
) -> (Answer, String) {
    match fetch::send(hooks, endpoint, load, controller).await {
        Ok(reply) => judge(hooks, reply, purpose).await,
        Err(NoReply) => (no_answer(), String::new()),
    }
}

/// Calls the application's refresh function and judges what comes back.
pub(super) async fn by_function(
    hooks: &Hooks,
    access: Option<Secret>,
    refresh: Option<Secret>,
    controller: &AbortController,
) -> Answer {
    let context = hooks::context(access.as_ref(), refresh.as_ref(), &controller.signal());
    let Some(promise) = hooks.refresh(&context) else {
        return no_answer();
    };
    let Ok(outcome) = JsFuture::from(promise).await else {
        return no_answer();
    };
    match outcome.dyn_into::<Response>() {
        Ok(response) => match fetch::read(hooks, &response).await {
            Ok(reply) => judge(hooks, reply, Purpose::Refresh).await.0,
            Err(NoReply) => no_answer(),
        },
        Err(value) if value.is_null() => Answer::Refused {
            status: None,
            error: None,
        },
        Err(value) => hooks.answer_of(&value),
    }
}

async fn judge(hooks: &Hooks, reply: Reply, purpose: Purpose) -> (Answer, String) {
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
        Some(response) if purpose == Purpose::Refresh => match response.clone() {
            Ok(copy) => hooks.is_rejected(&copy).await,
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
            hooks.read_tokens(status, &body, response).unwrap_or(answer)
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

/// Whether the server was told: any success, a server that says the session is over already, or one that
/// leads on to a page of its own, as a redirect does: browsers show its status as zero.
pub(super) fn was_told(status: u16) -> bool {
    matches!(status, 0 | 200..=299 | 301..=303 | 307 | 308 | 401)
}
