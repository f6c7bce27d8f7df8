//! The class that the package's facade talks to. Every method takes `&self` and is a few lines long.
#![expect(unreachable_pub, reason = "wasm-bindgen exports public items only")]

use std::rc::Rc;

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::answer;
use crate::claims::Jwt;
use crate::config::{Config, Redirect};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::fingerprint;
use crate::json::{Members, Writer};
use crate::origins::Target;
use crate::record::Sid;
use crate::redirect::{self, Memory, Pending};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};
use crate::tokens::TokenSet;

use super::driver::Driver;
use super::error::to_js;
use super::global::set;
use super::host::Host;
use super::provider_functions::ProviderFunctions;
use super::task::spawn;
use super::{convert, location};

/// Reads a JWT without verifying it: `{ header, claims, expiresAt }`, as the text of one object. The facade parses it:
/// one crossing less, and each member that is set from here is three.
///
/// # Errors
/// `malformed_token`, `token_too_large`.
#[wasm_bindgen(js_name = decodeToken)]
pub fn decode_token(token: &str, max_bytes: f64) -> Result<String, JsValue> {
    if token.len() as f64 > max_bytes {
        return Err(to_js(&ErrorKind::TokenTooLarge.into()));
    }
    let jwt = Jwt::read_texts(token).map_err(|error| to_js(&error))?;
    let expires = match jwt.date("exp") {
        crate::claims::NumericDate::Malformed => {
            let message = "the exp claim is not a number";
            return Err(to_js(&Error::new(ErrorKind::MalformedToken, message)));
        }
        date => date.timestamp(),
    };
    let decoded = Writer::default()
        .json("header", jwt.header())
        .json("claims", jwt.claims())
        .integer("expiresAt", expires.map(Timestamp::as_millis));
    Ok(decoded.finish())
}

/// A session manager.
#[wasm_bindgen]
pub struct Core {
    pub(super) driver: Rc<Driver>,
}

#[wasm_bindgen]
impl Core {
    /// Does nothing before `start`, but may be called: a callback that is finished before the store is read
    /// is in the first session.
    ///
    /// `options`: as the facade has resolved them, one JSON text. A member that crosses by itself costs a call for its
    /// name, its type and its value, ten times as much as all of this.
    ///
    /// # Errors
    /// `core_unavailable`; `invalid_option` where the text is not well-formed.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, host: &JsValue) -> Result<Core, JsValue> {
        let options =
            Members::parse(options).ok_or_else(|| to_js(&ErrorKind::InvalidOption.into()))?;
        let config = Config::from(options);
        ProviderFunctions::check(host).map_err(|error| to_js(&error))?;
        let host = Host::new(host, config.limits.token_bytes);
        let driver = Driver::new(config, host).map_err(|error| to_js(&error))?;
        Ok(Self { driver })
    }

    /// Reads the store, then tells `host.onChange`. Once. `is_restarted`: the core before this one broke, and the
    /// application was shown a session.
    pub fn start(&self, is_restarted: bool) {
        self.driver.start(is_restarted);
    }

    /// The access token where it is good for so long from now: `{ text, session }`, one object for as long as
    /// the token stays; synchronous.
    pub fn current(&self, min_validity_ms: Option<f64>) -> Option<Object> {
        self.driver
            .current(min_validity_ms.map(span))
            .map(JsCast::unchecked_into)
    }

    /// The same, refreshed first where needed. It comes from the session in which this was called, or not at
    /// all; while that is loading, from the first that there is.
    pub fn token(&self, min_validity_ms: Option<f64>) -> Promise {
        let min_validity = min_validity_ms.map(span);
        let sid = self.driver.sid();
        self.driver.ask(|waiter| Event::TokenNeeded {
            waiter,
            min_validity,
            sid,
        })
    }

    /// Whether a URL with these parts may carry the token.
    pub fn allows(&self, protocol: &str, host: &str, pathname: &str) -> bool {
        self.driver.config.origins.allow(Target {
            protocol,
            host,
            pathname,
        })
    }

    /// `"include"` where requests to allowed origins need cookies.
    #[wasm_bindgen(getter)]
    pub fn credentials(&self) -> Option<String> {
        self.driver
            .config
            .needs_cookies()
            .then(|| "include".to_owned())
    }

    /// The token to replay a request with, once, or `undefined` where its answer shall stand. `text` and
    /// `session` are the token that it carried.
    pub fn recover(
        &self,
        status: u16,
        www_authenticate: Option<String>,
        text: String,
        session: &str,
    ) -> Promise {
        let sent = Secret::from(text);
        match Sid::parse(session) {
            Some(sid) if answer::wants_new_token(status, www_authenticate.as_deref()) => self
                .driver
                .ask(|waiter| Event::Unauthorized { waiter, sent, sid }),
            _ => Promise::resolve(&JsValue::UNDEFINED),
        }
    }

    /// Posts the credentials, a JSON object, and starts a session from the answer.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self, credentials: String) -> Promise {
        let credentials = Secret::from(credentials);
        let (waiter, promise) = self.driver.begin_sign_in(false);
        let driver = self.driver.clone();
        spawn(async move {
            let cookie_hash = driver.client_cookie().and_then(|cookie| cookie.made_hash());
            let asked = driver.ask_for_session(waiter, &credentials, cookie_hash.as_deref());
            let event = match asked.await {
                Ok(set) => Event::SignedIn {
                    waiter,
                    set,
                    cookie_hash,
                },
                Err(error) => Event::SignInFailed { waiter, error },
            };
            driver.dispatch(event);
        });
        promise
    }

    /// Starts a session with tokens that the application has.
    pub fn accept(&self, tokens: &JsValue) -> Promise {
        match self.token_set(tokens) {
            Ok(set) => self.signed_in(set),
            Err(error) => Promise::reject(&to_js(&error)),
        }
    }

    /// Goes on with the session that is there. `session`: the one in whose answer the tokens were found.
    pub fn renew(&self, tokens: &JsValue, session: Option<String>) -> Promise {
        let set = match self.token_set(tokens) {
            Ok(set) => set,
            Err(error) => return Promise::reject(&to_js(&error)),
        };
        let sid = session.as_deref().and_then(Sid::parse);
        self.driver.give(set, sid)
    }

    /// Remembers that this tab leaves to sign in, and gives the URL to go to. `page` is this page's URL.
    ///
    /// # Errors
    /// `invalid_option`, `storage_unavailable`.
    #[wasm_bindgen(js_name = startRedirect)]
    pub fn start_redirect(
        &self,
        page: &str,
        return_to: Option<String>,
        params: JsValue,
    ) -> Result<String, JsValue> {
        let departure = || {
            let options = self.redirect()?;
            let params = convert::parameters(params);
            let state = match &options.state_param {
                Some(_) => Some(Secret::from(fingerprint::hex(&self.driver.random::<32>()?))),
                None => None,
            };
            let url = location::departure(options, page, state.as_ref(), &params)?;
            let memory = Memory::Pending(Pending {
                state,
                return_to: location::path_here(return_to.as_deref(), page),
                started: self.driver.now().wall,
                to: options.url.clone(),
            });
            self.driver.away.remember(&memory.to_text())?;
            Ok(url)
        };
        departure().map_err(|error: Error| to_js(&error))
    }

    /// Finishes a redirect sign-in from what the facade took out of the address bar; `null` where that was
    /// no callback. `pending`: what the page before a popup remembers. Resolves with `{ returnTo, reload }` or `null`.
    #[wasm_bindgen(js_name = completeRedirect)]
    pub fn complete_redirect(&self, fragment: Option<String>, pending: Option<String>) -> Promise {
        match fragment {
            None => Promise::resolve(&self.returned()),
            Some(fragment) if self.driver.config.provider.is_some() => {
                self.complete_at_provider(&fragment, pending)
            }
            Some(fragment) => match self.accept_callback(&fragment) {
                Err(error) => Promise::reject(&to_js(&error)),
                Ok((set, return_to)) => self.come_back(self.signed_in(set), return_to),
            },
        }
    }

    /// Refreshes now.
    pub fn refresh(&self) -> Promise {
        self.driver.ask(|waiter| Event::RefreshAsked { waiter })
    }

    /// Ends the session here, in every tab, and then at the server.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self) -> Promise {
        self.driver.ask(|waiter| Event::SignOutAsked { waiter })
    }

    /// The application has seen a person do something.
    #[wasm_bindgen(js_name = reportActivity)]
    pub fn report_activity(&self) {
        self.driver.active();
    }

    /// The application came to the front.
    pub fn wake(&self) {
        self.driver.wake();
    }

    /// Ends timers, listeners and channels; the stored session stays.
    pub fn close(&self) {
        self.driver.close();
    }
}

impl Core {
    /// A sign-in that brings its tokens at once.
    fn signed_in(&self, set: TokenSet) -> Promise {
        let (waiter, promise) = self.driver.begin_sign_in(false);
        let cookie_hash = self.driver.client_cookie().and_then(|cookie| cookie.hash());
        self.driver.dispatch(Event::SignedIn {
            waiter,
            set,
            cookie_hash,
        });
        promise
    }

    fn token_set(&self, tokens: &JsValue) -> Result<TokenSet, Error> {
        let limit = self.driver.config.limits.token_bytes;
        convert::token_set(tokens, limit).ok_or_else(|| {
            Error::new(
                ErrorKind::MalformedToken,
                "tokens are { accessToken: string, refreshToken?: string | null, expiresIn?: number, profile?: object | null }",
            )
        })
    }

    fn redirect(&self) -> Result<&Redirect, Error> {
        let redirect = self.driver.config.redirect.as_ref();
        redirect.ok_or_else(|| ErrorKind::InvalidOption.into())
    }

    /// The result of a callback, once its session stands.
    pub(super) fn come_back(&self, session: Promise, return_to: String) -> Promise {
        let (waiter, promise) = self.driver.waiters.open();
        let driver = self.driver.clone();
        spawn(async move {
            match wasm_bindgen_futures::JsFuture::from(session).await {
                Ok(_) => driver.waiters.resolve(waiter, &finish(&driver, &return_to)),
                Err(error) => driver.waiters.reject_with(waiter, &error),
            }
        });
        promise
    }

    fn accept_callback(&self, fragment: &str) -> Result<(TokenSet, String), Error> {
        let options = self.redirect()?;
        // Deleted on first use, whatever comes out (SEC-09).
        let memory = self.driver.away.take();
        redirect::accept(
            memory.and_then(|memory| Memory::from_text(memory.expose())),
            location::callback(fragment, options),
            self.driver.now().wall,
            options,
            self.driver.config.limits.token_bytes,
        )
    }

    /// The result of a callback after which the page was loaded once more.
    fn returned(&self) -> JsValue {
        let memory = self.driver.away.peek();
        match memory.and_then(|memory| Memory::from_text(memory.expose())) {
            Some(Memory::Returned { return_to }) => {
                self.driver.away.forget();
                result(&return_to, false)
            }
            _ => JsValue::NULL,
        }
    }
}

fn finish(driver: &Driver, return_to: &str) -> JsValue {
    let hard_clean = driver
        .config
        .redirect
        .as_ref()
        .is_some_and(|options| options.hard_clean);
    let returned = Memory::Returned {
        return_to: return_to.to_owned(),
    };
    let reload = hard_clean && driver.away.remember(&returned.to_text()).is_ok();
    result(return_to, reload)
}

fn result(return_to: &str, reload: bool) -> JsValue {
    let result = Object::new();
    set(&result, "returnTo", location::path_again(return_to));
    set(&result, "reload", reload);
    result.into()
}

fn span(millis: f64) -> Span {
    Span::from_seconds(millis / 1000.0)
}
