//! What takes time: the lock, a sign-in, a refresh, telling the server about a sign-out. Each ends in a fact.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::AbortController;

use crate::answer::{self, Answer, Unread};
use crate::config::{Endpoint, Supplier};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Event, WaiterId};
use crate::secret::Secret;
use crate::tokens::TokenSet;

use super::deadline::{in_time, within};
use super::driver::Driver;
use super::exchange::{self, Purpose};
use super::fetch::{self, Load};
use super::hooks;
use super::lock::{self, Request};
use super::task::spawn;

/// From an answer to what comes of it: judging it, looking again, writing.
const MARGIN_MILLIS: u32 = 1_000;
/// Longest that the application's refresh function may take, with the reading of its answer.
const REFRESH_FUNCTION_MILLIS: u32 = 30_000;
/// Longest that the application's sign-out function may take.
const FUNCTION_PATIENCE_MILLIS: u32 = 10_000;

impl Driver {
    pub(super) fn acquire_lock(self: &Rc<Self>, attempt: AttemptId) {
        self.awaits_lock.set(Some(attempt));
        let name = self.lock_name();
        let driver = self.clone();
        spawn(async move {
            let Request::Granted(held) = driver.acquire_queued(&name).await else {
                return driver.dispatch(Event::LockUnavailable { attempt });
            };
            // Closed while it waited, or another session lives by now, with a lock of its own: this one goes back.
            if driver.is_closed() || driver.awaits_lock.get() != Some(attempt) {
                return;
            }
            driver.lock.replace(Some(held));
            driver.read_store(Box::new(move |driver, stored| {
                driver.dispatch(Event::LockGranted { attempt, stored })
            }));
        });
    }

    /// Where a page that is stuck holds the lock, those that wait for it still go on one by one: they line
    /// up behind a second one.
    async fn acquire_queued(&self, name: &str) -> Request {
        let longest = self.longest_hold_millis();
        match lock::acquire(&self.hooks, name, longest).await {
            Request::Late => lock::acquire(&self.hooks, &[name, ".next"].concat(), longest).await,
            request => request,
        }
    }

    /// Shared with all tabs that would spend what this one spends: a cookie is the whole browser's.
    fn lock_name(&self) -> String {
        let name = [self.config.keys.session.as_str(), ".refresh"].concat();
        let is_common = self.config.is_shared() || !self.config.spends_refresh_token();
        let state = self.state.borrow();
        match state.group().filter(|_| !is_common) {
            Some(group) => [name.as_str(), ".", group.lock().as_str()].concat(),
            None => name,
        }
    }

    /// A page that lives gives the lock back in this time.
    fn longest_hold_millis(&self) -> u32 {
        self.refresh_patience_millis().saturating_add(MARGIN_MILLIS)
    }

    /// Longest that a refresh may take, endpoint or function.
    fn refresh_patience_millis(&self) -> u32 {
        match self.config.refresh_endpoint() {
            Some(endpoint) => fetch::millis(endpoint.timeout).saturating_add(MARGIN_MILLIS),
            None => REFRESH_FUNCTION_MILLIS,
        }
    }

    pub(super) fn refresh(
        self: &Rc<Self>,
        attempt: AttemptId,
        access: Option<Secret>,
        refresh: Option<Secret>,
    ) {
        let Ok(controller) = AbortController::new() else {
            return self.answered(attempt, exchange::no_answer(), None);
        };
        self.under_way.replace(Some((attempt, controller.clone())));
        let driver = self.clone();
        spawn(async move {
            let cookie_hash = driver.client_cookie().and_then(|cookie| cookie.made_hash());
            let asked = driver.ask_for_tokens(access, refresh, cookie_hash.as_deref(), &controller);
            // Functions of the application may never settle, and a replaced `fetch` need not obey its signal.
            let answer = in_time(driver.refresh_patience_millis(), Box::pin(asked)).await;
            let answer = answer.unwrap_or_else(|| {
                controller.abort();
                exchange::no_answer()
            });
            driver.answered(attempt, answer, cookie_hash);
        });
    }

    /// Another tab may have been quicker, or have signed out: then the store has word of it.
    fn answered(self: &Rc<Self>, attempt: AttemptId, answer: Answer, cookie_hash: Option<String>) {
        self.read_store(Box::new(move |driver, stored| {
            driver.dispatch(Event::Answered {
                attempt,
                answer,
                cookie_hash,
                stored,
            });
        }));
    }

    async fn ask_for_tokens(
        &self,
        access: Option<Secret>,
        refresh: Option<Secret>,
        cookie_hash: Option<&str>,
        controller: &AbortController,
    ) -> Answer {
        let Some(Supplier::Endpoint(endpoint)) = &self.config.refresh else {
            return exchange::by_function(&self.hooks, access, refresh, controller).await;
        };
        let mut own = Vec::new();
        own.extend(
            refresh
                .as_ref()
                .map(|token| (endpoint.refresh_token_field.as_str(), token.expose())),
        );
        own.extend(
            self.client_cookie()
                .and_then(|cookie| cookie.field(cookie_hash)),
        );
        let load = Load {
            fields: None,
            own,
            access: access.as_ref(),
            needs_cookies: self.config.needs_cookies(),
            keeps_alive: false,
        };
        exchange::by_endpoint(&self.hooks, endpoint, load, controller, Purpose::Refresh)
            .await
            .0
    }

    /// Ends a refresh whose answer no longer matters: this one, or whichever it is.
    pub(super) fn abandon(&self, attempt: Option<AttemptId>) {
        let mut under_way = self.under_way.borrow_mut();
        let is_meant = under_way
            .as_ref()
            .is_some_and(|(id, _)| attempt.is_none_or(|attempt| attempt == *id));
        let controller = if is_meant { under_way.take() } else { None };
        drop(under_way);
        if let Some((_, controller)) = controller {
            controller.abort();
        }
    }

    /// Asks the sign-in's endpoint.
    pub(super) async fn ask_for_session(
        &self,
        waiter: WaiterId,
        credentials: &JsValue,
        cookie_hash: Option<&str>,
    ) -> Result<TokenSet, Error> {
        let endpoint = self.config.sign_in.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidOption,
                "set options.signIn to sign in with credentials",
            )
        })?;
        let load = Load {
            fields: Some(credentials),
            own: self
                .client_cookie()
                .and_then(|cookie| cookie.field(cookie_hash))
                .into_iter()
                .collect(),
            access: None,
            needs_cookies: self.config.needs_cookies(),
            keeps_alive: false,
        };
        let controller =
            AbortController::new().map_err(|_| Error::from(ErrorKind::CoreUnavailable))?;
        self.keep_sign_in(waiter, controller.clone());
        let (answer, body) =
            exchange::by_endpoint(&self.hooks, endpoint, load, &controller, Purpose::SignIn).await;
        // Not aborted: the application may still be reading a copy of the answer.
        self.take_sign_in(waiter);
        answer::signed_in(answer, body)
    }

    /// A sign-in waits for the server until it is abandoned.
    pub(super) fn keep_sign_in(&self, waiter: WaiterId, controller: AbortController) {
        self.signing_in.borrow_mut().push((waiter, controller));
    }

    /// Ends a sign-in whose answer no longer matters.
    pub(super) fn abandon_sign_in(&self, waiter: WaiterId) {
        if let Some(controller) = self.take_sign_in(waiter) {
            controller.abort();
        }
    }

    fn take_sign_in(&self, waiter: WaiterId) -> Option<AbortController> {
        let mut open = self.signing_in.borrow_mut();
        let position = open.iter().position(|(other, _)| *other == waiter)?;
        Some(open.swap_remove(position).1)
    }

    pub(super) fn sign_out(
        self: &Rc<Self>,
        waiter: Option<WaiterId>,
        access: Option<Secret>,
        refresh: Option<Secret>,
    ) {
        let driver = self.clone();
        spawn(async move {
            let status = match &driver.config.sign_out {
                Some(Supplier::Endpoint(endpoint)) => {
                    driver
                        .tell_endpoint(endpoint, access.as_ref(), refresh.as_ref())
                        .await
                }
                Some(Supplier::Function) | None => {
                    driver
                        .tell_function(access.as_ref(), refresh.as_ref())
                        .await
                }
            };
            let outcome = match status {
                Some(status) if exchange::was_told(status) => Ok(()),
                status => Err(Error::from(ErrorKind::SignOutUnavailable).with_status(status)),
            };
            driver.dispatch(Event::SignOutAnswered { waiter, outcome });
        });
    }

    async fn tell_endpoint(
        &self,
        endpoint: &Endpoint,
        access: Option<&Secret>,
        refresh: Option<&Secret>,
    ) -> Option<u16> {
        // What the refresh endpoint would send: the refresh token under its name there.
        let field = self
            .config
            .refresh_endpoint()
            .unwrap_or(endpoint)
            .refresh_token_field
            .as_str();
        let load = Load {
            fields: None,
            own: refresh
                .map(|token| (field, token.expose()))
                .into_iter()
                .collect(),
            access,
            needs_cookies: self.config.needs_cookies(),
            keeps_alive: true,
        };
        let controller = AbortController::new().ok()?;
        let reply = fetch::send(&self.hooks, endpoint, load, &controller)
            .await
            .ok()?;
        Some(reply.status).filter(|_| reply.unread != Some(Unread::Unsent))
    }

    /// A function that resolves has told the server, as far as anyone can know.
    async fn tell_function(
        &self,
        access: Option<&Secret>,
        refresh: Option<&Secret>,
    ) -> Option<u16> {
        let controller = AbortController::new().ok()?;
        let context = hooks::context(access, refresh, &controller.signal());
        let promise = self.hooks.sign_out(&context)?;
        let outcome = within(FUNCTION_PATIENCE_MILLIS, promise).await;
        controller.abort();
        outcome.ok().map(|_| 204)
    }
}
