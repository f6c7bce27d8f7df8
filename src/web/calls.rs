//! What takes time: the lock, a sign-in, a refresh, telling the server about a sign-out. Each ends in a fact.

use std::pin::Pin;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use crate::answer::{self, Answer, Unread};
use crate::config::{Endpoint, Supplier};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Event, WaiterId};
use crate::lock_wait;
use crate::record::Sid;
use crate::reply;
use crate::request::Load;
use crate::secret::Secret;
use crate::tokens::TokenSet;

use super::deadline::{TIMEOUT, in_time};
use super::driver::{Driver, with};
use super::exchange::{self, Purpose};
use super::task::spawn;
use super::{fetch, host, lock};

/// The tokens of a session that has ended.
pub(super) struct Ended {
    pub(super) access: Option<Secret>,
    pub(super) refresh: Option<Secret>,
    pub(super) id_token: Option<Secret>,
}

impl Driver {
    /// One that comes for an earlier attempt goes back: the wait for it ends here.
    pub(super) fn acquire_lock(self: &Rc<Self>, attempt: AttemptId) {
        let name = lock_wait::name(&self.config, self.state.borrow().group());
        let then = with(&Rc::downgrade(self), move |driver, held| match held {
            // Closed while this effect was carried out: the lock goes back.
            _ if driver.is_closed() => {}
            Some(held) => {
                driver.lock.replace(Some(held));
                driver.read_store(Box::new(move |driver, stored| {
                    driver.dispatch(Event::LockGranted { attempt, stored })
                }));
            }
            None => driver.dispatch(Event::LockUnavailable { attempt }),
        });
        let wait = lock::acquire(
            name,
            lock_wait::longest_hold(&self.config),
            self.host.broken.clone(),
            Box::new(then),
        );
        self.lock_wait.replace(Some(wait));
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
            let signal = controller.signal();
            let asked = driver.ask_for_tokens(access, refresh, cookie_hash.as_deref(), &signal);
            let patience = lock_wait::refresh_patience(&driver.config);
            let answer = in_time(patience, &controller, Box::pin(asked)).await;
            let answer = answer.unwrap_or_else(exchange::no_answer);
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
        signal: &AbortSignal,
    ) -> Answer {
        let endpoint = match &self.config.refresh {
            Some(Supplier::Endpoint(endpoint)) => endpoint,
            Some(Supplier::Provider) => {
                let known = self.state.borrow().grant().cloned();
                return self.refresh_at_provider(refresh, known, signal).await;
            }
            Some(Supplier::Function) | None => {
                return exchange::by_function(&self.host, access, refresh, signal).await;
            }
        };
        let refresh = refresh.as_ref();
        let load = Load {
            refresh: refresh.map(|token| (endpoint.refresh_token_field.as_str(), token)),
            fingerprint: self.fingerprint_field(cookie_hash),
            access: access.as_ref(),
            ..Load::default()
        };
        self.ask_endpoint(endpoint, load, signal, Purpose::Refresh)
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
        credentials: &Secret,
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
            fingerprint: self.fingerprint_field(cookie_hash),
            ..Load::default()
        };
        let controller =
            AbortController::new().map_err(|_| Error::from(ErrorKind::CoreUnavailable))?;
        self.keep_sign_in(waiter, controller.clone());
        let signal = controller.signal();
        let asked = self.ask_endpoint(endpoint, load, &signal, Purpose::SignIn);
        let answered = in_time(endpoint.timeout, &controller, Box::pin(asked)).await;
        let (answer, body) = answered.unwrap_or_else(|| (exchange::no_answer(), String::new()));
        // Not aborted: the application may still be reading a copy of the answer.
        self.take_sign_in(waiter);
        answer::signed_in(answer, body)
    }

    /// What comes back of a call, and its text.
    async fn ask_endpoint(
        &self,
        endpoint: &Endpoint,
        load: Load<'_>,
        signal: &AbortSignal,
        purpose: Purpose,
    ) -> (Answer, String) {
        exchange::by_endpoint(&self.host, &self.config, endpoint, load, signal, purpose).await
    }

    /// The body field that tells the server the hash of the fingerprint's cookie, in client mode.
    fn fingerprint_field<'a>(&'a self, hash: Option<&'a str>) -> Option<(&'a str, &'a str)> {
        let options = self.config.fingerprint.as_ref()?;
        Some((options.field.as_str(), hash?))
    }

    /// The application has newer tokens. Another tab may have refreshed, or have signed out: then the store has word of it.
    pub(super) fn give(self: &Rc<Self>, set: TokenSet, sid: Option<Sid>) -> Promise {
        let (waiter, promise) = self.open_waiter();
        let cookie_hash = self.client_cookie().and_then(|cookie| cookie.hash());
        self.read_store(Box::new(move |driver, stored| {
            driver.dispatch(Event::TokensGiven {
                waiter,
                set,
                sid,
                cookie_hash,
                stored,
            });
        }));
        promise
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

    pub(super) fn take_sign_in(&self, waiter: WaiterId) -> Option<AbortController> {
        let mut open = self.signing_in.borrow_mut();
        let position = open.iter().position(|(other, _)| *other == waiter)?;
        Some(open.swap_remove(position).1)
    }

    pub(super) fn sign_out(self: &Rc<Self>, waiter: Option<WaiterId>, ended: Ended) {
        let driver = self.clone();
        spawn(async move {
            let status = driver.tell_server(&ended, waiter.is_some()).await;
            let outcome = match status {
                Some(status) if reply::was_told(status) => Ok(()),
                status => Err(Error::from(ErrorKind::SignOutUnavailable).with_status(status)),
            };
            driver.dispatch(Event::SignOutAnswered { waiter, outcome });
        });
    }

    /// `is_asked`: by the user, whom a provider may lead away for it.
    async fn tell_server(&self, ended: &Ended, is_asked: bool) -> Option<u16> {
        let controller = AbortController::new().ok()?;
        let signal = controller.signal();
        let (patience, told): (_, Pin<Box<dyn Future<Output = Option<u16>>>>) =
            match &self.config.sign_out {
                Some(Supplier::Endpoint(endpoint)) => {
                    let told = self.tell_endpoint(endpoint, ended, &signal);
                    (endpoint.timeout, Box::pin(told))
                }
                supplier => {
                    let context =
                        host::context(ended.access.as_ref(), ended.refresh.as_ref(), &signal);
                    let told = if matches!(supplier, Some(Supplier::Provider)) {
                        host::with_provider(&context, ended.id_token.as_ref(), is_asked);
                        self.host.provider()?.sign_out(&context)
                    } else {
                        self.host.sign_out(&context)?
                    };
                    (TIMEOUT, Box::pin(tell_function(told)))
                }
            };
        in_time(patience, &controller, told).await.flatten()
    }

    async fn tell_endpoint(
        &self,
        endpoint: &Endpoint,
        ended: &Ended,
        signal: &AbortSignal,
    ) -> Option<u16> {
        // What the refresh endpoint would send: the refresh token under its name there.
        let field = self
            .config
            .refresh_endpoint()
            .unwrap_or(endpoint)
            .refresh_token_field
            .as_str();
        let load = Load {
            refresh: ended.refresh.as_ref().map(|token| (field, token)),
            access: ended.access.as_ref(),
            keeps_alive: true,
            ..Load::default()
        };
        let sent = fetch::send(&self.host, &self.config, endpoint, load, signal);
        let reply = sent.await.ok()?;
        Some(reply.status).filter(|_| reply.unread != Some(Unread::Unsent))
    }
}

/// A function that resolves has told the server, as far as anyone can know.
async fn tell_function(told: Promise) -> Option<u16> {
    JsFuture::from(told).await.ok().map(|_| 204)
}
