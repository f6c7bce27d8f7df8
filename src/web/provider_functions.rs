//! The functions of `hallpass/oidc`: it sends what goes to a provider, for it knows the endpoints and has the DPoP key.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

use super::global::{call, method, own_property};

/// An application that names the core's file itself has named the other one.
const MISSING: &str = "options.provider needs the other core: give load() hallpass/hallpass-provider.wasm, not hallpass/hallpass.wasm";

pub(super) struct ProviderFunctions {
    token: Function,
    user_info: Function,
    sign_out: Function,
    key_changed: Function,
}

impl ProviderFunctions {
    /// # Errors
    /// `core_unavailable`: the core without sign-in at a provider is asked for it.
    pub(super) fn check(host: &JsValue) -> Result<(), Error> {
        if cfg!(feature = "provider") || own_property(host, "provider").is_none() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::CoreUnavailable, MISSING))
    }

    /// What the facade hands over beside the plain options.
    pub(super) fn read(host: &JsValue) -> Option<Self> {
        let provider = own_property(host, "provider").filter(|_| cfg!(feature = "provider"))?;
        Some(Self {
            token: method(&provider, "token")?,
            user_info: method(&provider, "userInfo")?,
            sign_out: method(&provider, "signOut")?,
            key_changed: method(&provider, "keyChanged")?,
        })
    }

    /// Posts a form to the token endpoint, with a proof by the key of this name. Resolves with a `Response`.
    pub(super) fn token(&self, form: &Secret, key: Option<&str>, signal: &AbortSignal) -> Promise {
        call(
            &self.token,
            &[form.expose().into(), or_null(key), signal.into()],
        )
    }

    /// Resolves with the text of the userinfo endpoint's answer, or with `null`.
    pub(super) fn user_info(
        &self,
        access: &Secret,
        key: Option<&str>,
        signal: &AbortSignal,
    ) -> Promise {
        call(
            &self.user_info,
            &[access.expose().into(), or_null(key), signal.into()],
        )
    }

    /// Tells the provider that a session has ended.
    pub(super) fn sign_out(&self, context: &JsValue) -> Promise {
        call(&self.sign_out, std::slice::from_ref(context))
    }

    /// The session that stands has another key from now on, or none.
    pub(super) fn key_changed(&self, now: Option<&str>, before: Option<&str>) {
        let _ = self
            .key_changed
            .call2(&JsValue::UNDEFINED, &or_null(now), &or_null(before));
    }
}

fn or_null(name: Option<&str>) -> JsValue {
    name.map_or(JsValue::NULL, JsValue::from)
}
