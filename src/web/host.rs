//! Functions of the application: they stay in JavaScript, and whatever they throw is contained here.

use std::slice;

use js_sys::{Function, JSON, Object, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, EventTarget};

use crate::answer::Answer;
use crate::secret::Secret;

use super::convert;
use super::global::{bare_object, call, own_property, set};
use super::provider_functions::ProviderFunctions;
use super::response::Response;

/// What the facade hands over beside the plain options.
pub(super) struct Host {
    on_change: Option<Function>,
    read_tokens: Option<Function>,
    rejected: Option<Function>,
    refresh: Option<Function>,
    sign_out: Option<Function>,
    fetch: Option<Function>,
    provider: Option<ProviderFunctions>,
    pub(super) storage: Option<JsValue>,
    /// An `AbortSignal`, aborted where this core breaks.
    pub(super) broken: Option<EventTarget>,
    /// The longest token accepted, in bytes.
    token_bytes: usize,
}

impl Host {
    pub(super) fn new(host: &JsValue, token_bytes: usize) -> Self {
        let function = |name| own_property(host, name).and_then(|value| value.dyn_into().ok());
        Self {
            on_change: function("onChange"),
            read_tokens: function("readTokens"),
            rejected: function("rejected"),
            refresh: function("refresh"),
            sign_out: function("signOut"),
            fetch: function("fetch"),
            provider: ProviderFunctions::read(host),
            storage: own_property(host, "storage"),
            broken: own_property(host, "broken").map(JsCast::unchecked_into),
            token_bytes,
        }
    }

    /// What `hallpass/oidc` does, where there is a provider. Never in the core without that half, as the compiler sees.
    pub(super) fn provider(&self) -> Option<&ProviderFunctions> {
        self.provider
            .as_ref()
            .filter(|_| cfg!(feature = "provider"))
    }

    /// Shows a snapshot to the facade, which keeps what listeners throw to itself.
    pub(super) fn changed(&self, session: &JsValue, change: &JsValue) {
        if let Some(on_change) = &self.on_change {
            let _ = on_change.call2(&JsValue::UNDEFINED, session, change);
        }
    }

    /// Sends a request, by the application's `fetch` where it has one of its own.
    pub(super) fn fetch(&self, url: &str, init: &JsValue) -> Option<Promise> {
        Some(call(self.fetch.as_ref()?, &[url.into(), init.clone()]))
    }

    /// Whether the application looks at answers itself.
    pub(super) const fn wants_copies(&self) -> bool {
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
        let set = found.and_then(|found| convert::token_set(&found, self.token_bytes));
        Some(set.map_or(
            Answer::Nonsense {
                status: Some(status),
            },
            Answer::Tokens,
        ))
    }

    /// Asks the application's own refresh function.
    pub(super) fn refresh(&self, context: &JsValue) -> Option<Promise> {
        Some(call(self.refresh.as_ref()?, slice::from_ref(context)))
    }

    /// Tokens that the application gave.
    pub(super) fn answer_of(&self, value: &JsValue) -> Answer {
        let tokens = convert::token_set(value, self.token_bytes);
        tokens.map_or(Answer::Nonsense { status: None }, Answer::Tokens)
    }

    /// The session that stands has this key now, and had that one before.
    pub(super) fn key_changed(&self, now: Option<String>, before: Option<String>) {
        if let Some(provider) = self.provider()
            && now != before
        {
            provider.key_changed(now.as_deref(), before.as_deref());
        }
    }

    /// Calls the application's own sign-out function.
    pub(super) fn sign_out(&self, context: &JsValue) -> Option<Promise> {
        Some(call(self.sign_out.as_ref()?, slice::from_ref(context)))
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

/// The same for the sign-out at a provider.
pub(super) fn with_provider(context: &Object, id_token: Option<&Secret>, is_asked: bool) {
    let id_token = id_token.map_or(JsValue::NULL, |token| token.expose().into());
    set(context, "idToken", id_token);
    set(context, "isAsked", is_asked);
}
