//! Functions of the application: they stay in JavaScript, and whatever they throw is contained here.

use js_sys::{Array, Function, JSON, Object, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Response};

use crate::answer::Answer;
use crate::secret::Secret;
use crate::tokens::TokenSet;

use super::convert;
use super::global::{bare_object, own_property, set};

/// What the facade hands over beside the plain options.
pub(super) struct Hooks {
    on_change: Option<Function>,
    read_tokens: Option<Function>,
    rejected: Option<Function>,
    refresh: Option<Function>,
    sign_out: Option<Function>,
    pub(super) storage: Option<JsValue>,
}

impl Hooks {
    pub(super) fn new(host: &JsValue) -> Self {
        let function = |name| own_property(host, name).and_then(|value| value.dyn_into().ok());
        Self {
            on_change: function("onChange"),
            read_tokens: function("readTokens"),
            rejected: function("rejected"),
            refresh: function("refresh"),
            sign_out: function("signOut"),
            storage: own_property(host, "storage"),
        }
    }

    /// Shows a snapshot to the facade, which keeps what listeners throw to itself.
    pub(super) fn changed(&self, session: &JsValue, change: &JsValue) {
        if let Some(on_change) = &self.on_change {
            let _ = on_change.call2(&JsValue::UNDEFINED, session, change);
        }
    }

    /// Whether `rejected` or `readTokens` want to see the answer itself.
    pub(super) fn want_response(&self) -> bool {
        self.rejected.is_some() || self.read_tokens.is_some()
    }

    /// What the application says about an answer; `None` where it does not decide.
    pub(super) async fn is_rejected(&self, response: &Response) -> Option<bool> {
        let verdict = self
            .rejected
            .as_ref()?
            .call1(&JsValue::UNDEFINED, response)
            .ok()?;
        let verdict = JsFuture::from(Promise::resolve(&verdict)).await.ok()?;
        Some(verdict.is_truthy())
    }

    /// The tokens that the application finds in a good answer; `None` where it does not look by itself.
    pub(super) fn read_tokens(
        &self,
        status: u16,
        body: &str,
        response: &Response,
    ) -> Option<Answer> {
        let read_tokens = self.read_tokens.as_ref()?;
        let body = JSON::parse(body).unwrap_or_else(|_| body.into());
        let found = read_tokens.call2(&JsValue::UNDEFINED, &body, response).ok();
        let set = found.and_then(|found| convert::token_set(&found));
        Some(set.map_or(
            Answer::Nonsense {
                status: Some(status),
            },
            Answer::Tokens,
        ))
    }

    /// Asks the application's own refresh function.
    pub(super) fn refresh(&self, context: &JsValue) -> Option<Promise> {
        call(self.refresh.as_ref()?, context)
    }

    /// Calls the application's own sign-out function.
    pub(super) fn sign_out(&self, context: &JsValue) -> Option<Promise> {
        call(self.sign_out.as_ref()?, context)
    }
}

/// What a function of the application gets to see.
pub(super) fn context(
    access: Option<&Secret>,
    refresh: Option<&Secret>,
    signal: &AbortSignal,
) -> Object {
    let text =
        |secret: Option<&Secret>| secret.map_or(JsValue::NULL, |secret| secret.expose().into());
    let context = bare_object();
    set(&context, "accessToken", text(access));
    set(&context, "refreshToken", text(refresh));
    set(&context, "signal", signal);
    context
}

/// Tokens that the application gave.
pub(super) fn answer_of(tokens: Option<TokenSet>) -> Answer {
    tokens.map_or(Answer::Nonsense { status: None }, Answer::Tokens)
}

/// Calls now; a function that throws is a promise that rejects.
fn call(function: &Function, context: &JsValue) -> Option<Promise> {
    let outcome = function.apply(&JsValue::UNDEFINED, &Array::of1(context));
    Some(outcome.map_or_else(
        |error| Promise::reject(&error),
        |value| Promise::resolve(&value),
    ))
}
