//! What the package's `hallpass/oidc` asks of the core.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::config::Provider;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::oidc::authorization::{self, Entropy, Key, PendingCode};
use crate::oidc::callback;
use crate::oidc::dpop::{self, Proof, PublicKey};
use crate::oidc::metadata::{self, Metadata};
use crate::oidc::sign_out;
use crate::secret::Secret;

use super::auth::Core;
use super::error::to_js;
use super::global::{bare_object, own_property, set};
use super::task::spawn;
use super::{convert, location};

#[wasm_bindgen]
impl Core {
    /// Checks a metadata document, and gives it as the other methods take it.
    ///
    /// # Errors
    /// `provider_unavailable`, `provider_mismatch`.
    #[wasm_bindgen(js_name = providerMetadata)]
    pub fn provider_metadata(&self, document: &str) -> Result<String, JsValue> {
        let (_, metadata) = self
            .provider_with(document)
            .map_err(|error| to_js(&error))?;
        Ok(metadata.to_json())
    }

    /// What to ask the provider: `{ url, pushed, pending, state }`. Remembers the sign-in, or gives what is to be
    /// remembered.
    ///
    /// # Errors
    /// `invalid_option`, `storage_unavailable`.
    pub fn authorize(&self, request: &JsValue) -> Result<JsValue, JsValue> {
        self.authorization(request).map_err(|error| to_js(&error))
    }

    /// Where to go once the request was pushed, and answered so.
    ///
    /// # Errors
    /// `sign_in_rejected`, `sign_in_unavailable`, `invalid_response`.
    #[wasm_bindgen(js_name = pushedUrl)]
    pub fn pushed_url(&self, metadata: &str, status: u16, body: &str) -> Result<String, JsValue> {
        let url = |(provider, metadata): (&Provider, _)| {
            authorization::pushed_url(provider, &metadata, status, body)
        };
        let url = self.provider_with(metadata).and_then(url);
        url.map_err(|error| to_js(&error))
    }

    /// What the signature of a DPoP proof is made over; the key is `x` and `y`.
    pub fn proof(
        &self,
        method: &str,
        url: &str,
        x: &str,
        y: &str,
        access_token: Option<String>,
        nonce: Option<String>,
    ) -> Result<String, JsValue> {
        let driver = &self.driver;
        let jti = driver.random::<16>().map_err(|error| to_js(&error))?;
        let (issued_at, _) = driver.state.borrow().server_time(driver.now().wall, None);
        let access_token = access_token.map(Secret::from);
        Ok(dpop::proof(&Proof {
            method,
            url,
            issued_at,
            jti: &jti,
            access_token: access_token.as_ref(),
            nonce: nonce.as_deref(),
            key: PublicKey { x, y },
        }))
    }

    /// The thumbprint of a key (RFC 7638).
    pub fn thumbprint(&self, x: &str, y: &str) -> String {
        PublicKey { x, y }.thumbprint()
    }

    /// The form for the revocation endpoint; empty where there is nothing to revoke.
    pub fn revocation(
        &self,
        access_token: Option<String>,
        refresh_token: Option<String>,
    ) -> String {
        let (access, refresh) = (
            access_token.map(Secret::from),
            refresh_token.map(Secret::from),
        );
        let provider = self.driver.config.provider.as_ref();
        let form = provider.and_then(|provider| {
            sign_out::revocation_form(provider, access.as_ref(), refresh.as_ref())
        });
        form.map(|form| form.expose().to_owned())
            .unwrap_or_default()
    }

    /// Where to go to end the provider's session; empty where it has no such endpoint. Remembers that this tab comes back
    /// from there.
    #[wasm_bindgen(js_name = endSessionUrl)]
    pub fn end_session_url(
        &self,
        metadata: &str,
        id_token: Option<String>,
    ) -> Result<String, JsValue> {
        let url = || {
            let (provider, metadata) = self.provider_with(metadata)?;
            let state = crate::fingerprint::hex(&self.driver.random::<16>()?);
            let id_token = id_token.map(Secret::from);
            let url = sign_out::end_session_url(provider, &metadata, id_token.as_ref(), &state);
            if url.is_some() {
                // Where nothing can be remembered, the state stays in the address bar when the user comes back.
                let _ = self.driver.away.remember(&Secret::from(sign_out::MARK));
            }
            Ok(url.unwrap_or_default())
        };
        url().map_err(|error: Error| to_js(&error))
    }

    /// The key of this name is gone.
    #[wasm_bindgen(js_name = keyLost)]
    pub fn key_lost(&self, name: String) {
        self.driver.dispatch(Event::KeyLost { key: name });
    }

    /// A key is in memory only: the session does not outlive this page.
    #[wasm_bindgen(js_name = keyInMemory)]
    pub fn key_in_memory(&self) {
        let message = "the DPoP key cannot be kept in IndexedDB: the session ends with this page";
        self.driver.dispatch(Event::StoreFailed {
            error: Error::new(ErrorKind::StorageUnavailable, message),
        });
    }
}

impl Core {
    fn authorization(&self, request: &JsValue) -> Result<JsValue, Error> {
        let text = |name| own_property(request, name).and_then(|value| value.as_string());
        let metadata = text("metadata").unwrap_or_default();
        let (provider, metadata) = self.provider_with(&metadata)?;
        let driver = &self.driver;
        let entropy = Entropy {
            state: driver.random()?,
            nonce: driver.random()?,
            verifier: driver.random()?,
        };
        let params = convert::parameters(own_property(request, "params").unwrap_or_default());
        let names = text("keyName").zip(text("keyThumbprint"));
        let key = names
            .as_ref()
            .map(|(name, thumbprint)| Key { name, thumbprint });
        let page = text("page").unwrap_or_default();
        let return_to = location::path_here(text("returnTo").as_deref(), &page);
        let now = driver.now().wall;
        let order =
            authorization::request(provider, &metadata, &entropy, now, return_to, &params, key)?;
        let pending = order.pending.to_json();
        let is_popup = own_property(request, "isPopup").is_some_and(|flag| flag.is_truthy());
        if !is_popup {
            driver.away.remember(&pending)?;
        }
        let or_null =
            |text: Option<&Secret>| text.map_or(JsValue::NULL, |text| text.expose().into());
        let object = bare_object();
        set(&object, "url", order.url);
        set(&object, "pushed", or_null(order.pushed.as_ref()));
        set(&object, "pending", or_null(is_popup.then_some(&pending)));
        set(&object, "state", order.pending.state.expose());
        Ok(object.into())
    }

    /// A callback of the provider's: its code is exchanged, once.
    pub(super) fn complete_at_provider(&self, parameters: &str, popup: Option<String>) -> Promise {
        let driver = &self.driver;
        // Deleted on first use, whatever comes out (SEC-09).
        let pending = popup.map(Secret::from).or_else(|| driver.away.take());
        if pending
            .as_ref()
            .is_some_and(|pending| pending.expose() == sign_out::MARK)
        {
            return Promise::resolve(&JsValue::NULL);
        }
        let pending = pending.and_then(|pending| PendingCode::from_json(pending.expose()));
        let accepted = self.provider().and_then(|provider| {
            let params = location::parameters(parameters);
            callback::accept(pending, &params, provider, driver.now().wall)
        });
        let (code, pending) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => return Promise::reject(&to_js(&error)),
        };
        let return_to = pending.return_to.clone();
        let (waiter, session) = driver.begin_sign_in(true);
        let exchanging = driver.clone();
        spawn(async move {
            let event = match exchanging.exchange(waiter, code, pending).await {
                Ok(set) => Event::SignedIn {
                    waiter,
                    set,
                    cookie_hash: None,
                },
                Err(error) => Event::SignInFailed { waiter, error },
            };
            exchanging.dispatch(event);
        });
        self.come_back(session, return_to)
    }

    fn provider(&self) -> Result<&Provider, Error> {
        let provider = self.driver.config.provider.as_ref();
        provider.ok_or_else(|| ErrorKind::InvalidOption.into())
    }

    fn provider_with(&self, metadata: &str) -> Result<(&Provider, Metadata), Error> {
        let provider = self.provider()?;
        Ok((provider, metadata::interpret(metadata, provider)?))
    }
}
