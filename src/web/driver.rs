//! Between the core and the browser: the event queue.
//!
//! 1. A fact arrives: a call, an answer, a timer, a message. It is put into the queue.
//! 2. If the queue is being emptied already, that is all: whoever called back from inside goes on, and
//!    the fact is handled when its turn comes.
//! 3. Otherwise facts are taken out one by one. The state is borrowed for the core's `step` only, which
//!    calls nothing outside.
//! 4. The effects of the step are carried out in order. Only now JavaScript runs, with nothing borrowed:
//!    it may call anything of the package again, which leads to 1.
//! 5. What takes time becomes a task of its own that ends in a fact: 1.
//!
//! Nothing is held over an await. Closures hold the driver weakly, so that closing it ends everything.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use crate::answer::Answer;
use crate::config::{Config, FingerprintMode, RefreshTokenPlace, Supplier};
use crate::effect::{Change, Effect, Outcome};
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Event, Stored, WaiterId};
use crate::fingerprint;
use crate::secret::Secret;
use crate::session::{Context, State, step};
use crate::time::Span;

use super::channel::Channel;
use super::clock::Clock;
use super::endpoint::{self, Load};
use super::error::parse;
use super::exchange::{self, Purpose};
use super::fetch::Fetch;
use super::hooks::{self, Hooks};
use super::listeners::{Listener, PageEvent};
use super::location::Away;
use super::lock::{self, Held};
use super::random::Random;
use super::storage::{Reading, Store};
use super::task::spawn;
use super::timer::Timer;
use super::waiters::Waiters;
use super::{activity, convert, cookie, listeners};

pub(super) struct Driver {
    pub(super) config: Config,
    pub(super) away: Away,
    pub(super) waiters: Waiters,
    pub(super) hooks: Hooks,
    pub(super) bodies: Bodies,
    pub(super) fetch: Fetch,
    random: Random,
    clock: Clock,
    store: Store,
    timer: Timer,
    state: RefCell<State>,
    queue: RefCell<VecDeque<Event>>,
    is_draining: Cell<bool>,
    is_closed: Cell<bool>,
    under_way: RefCell<Option<(AttemptId, AbortController)>>,
    lock: RefCell<Option<Held>>,
    /// The access token as JavaScript has it, so that handing it out again costs nothing; gone with every
    /// change that is shown.
    token: RefCell<Option<JsValue>>,
    ears: RefCell<Option<Ears>>,
}

/// Fields that the settings add to every call; they stay in JavaScript.
#[derive(Default)]
pub(super) struct Bodies {
    pub(super) sign_in: Option<JsValue>,
    pub(super) refresh: Option<JsValue>,
    pub(super) sign_out: Option<JsValue>,
}

/// Everything that listens; dropped when the driver closes.
struct Ears {
    channel: Channel,
    _listeners: Vec<Listener>,
}

impl Driver {
    pub(super) fn start(config: Config, hooks: Hooks, bodies: Bodies) -> Result<Rc<Self>, Error> {
        let key = ["hallpass.", config.name.as_str()].concat();
        let (store, opened) = Store::open(config.storage, hooks.storage.clone(), key.clone());
        let driver = Rc::new(Self {
            away: Away::new([key.as_str(), ".pending"].concat()),
            waiters: Waiters::default(),
            fetch: Fetch::capture(),
            random: Random::new()?,
            clock: Clock::new(),
            store,
            timer: Timer::default(),
            state: RefCell::default(),
            queue: RefCell::default(),
            is_draining: Cell::new(false),
            is_closed: Cell::new(false),
            under_way: RefCell::default(),
            lock: RefCell::default(),
            token: RefCell::default(),
            ears: RefCell::default(),
            config,
            hooks,
            bodies,
        });
        driver.listen(&key);
        if listeners::is_offline() {
            driver.dispatch(Event::WentOffline);
        }
        driver.store_outcome(opened);
        driver.read_store(|driver, stored| {
            let cookie_hash = driver.cookie_hash();
            driver.dispatch(Event::Restored {
                stored,
                cookie_hash,
            });
        });
        Ok(driver)
    }

    // ── In ──

    /// Steps 1 to 4 of the module's description.
    pub(super) fn dispatch(self: &Rc<Self>, event: Event) {
        if self.is_closed.get() {
            return;
        }
        self.queue.borrow_mut().push_back(event);
        if self.is_draining.replace(true) {
            return;
        }
        let _done = Draining(&self.is_draining);
        while let Some(event) = self.next_event() {
            for effect in self.step(event) {
                self.carry_out(effect);
            }
        }
    }

    /// Asks for something that a caller waits for.
    pub(super) fn ask(self: &Rc<Self>, event: impl FnOnce(WaiterId) -> Event) -> Promise {
        let (waiter, promise) = self.waiters.open();
        self.dispatch(event(waiter));
        promise
    }

    /// The access token where it is good now: no queue, no promise.
    pub(super) fn current(&self, min_validity: Option<Span>) -> Option<JsValue> {
        let state = self.state.borrow();
        let token = state.usable_token(self.clock.now(), min_validity)?;
        let mut cached = self.token.borrow_mut();
        Some(cached.get_or_insert_with(|| token.expose().into()).clone())
    }

    pub(super) fn epoch(&self) -> u32 {
        self.state.borrow().epoch()
    }

    pub(super) fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        self.random.bytes()
    }

    pub(super) fn now(&self) -> crate::time::Now {
        self.clock.now()
    }

    /// The page is in front again, or may be.
    pub(super) fn wake(self: &Rc<Self>) {
        self.read_store(|driver, stored| driver.dispatch(Event::Woke { stored }));
    }

    /// Ends everything but the stored session.
    pub(super) fn close(&self) {
        if self.is_closed.replace(true) {
            return;
        }
        self.timer.arm(None, || ());
        self.ears.take();
        self.lock.take();
        self.token.take();
        self.abandon(None);
        self.state.take();
        self.waiters.reject_all(&Error::new(
            ErrorKind::Closed,
            "this session manager was closed: create another",
        ));
    }

    fn next_event(&self) -> Option<Event> {
        self.queue.borrow_mut().pop_front()
    }

    fn step(&self, event: Event) -> Vec<Effect> {
        let context = Context {
            now: self.clock.now(),
            // Worked when the driver started; a browser that takes it away later gets no new session names.
            random: self.random.bytes().unwrap_or_default(),
            config: &self.config,
        };
        let (state, effects) = step(self.state.take(), event, context);
        self.state.replace(state);
        effects
    }

    fn listen(self: &Rc<Self>, key: &str) {
        let weak = Rc::downgrade(self);
        let channel = Channel::join(
            key,
            with(&weak, |driver, message| {
                driver.dispatch(Event::PeerSaid(message))
            }),
        );
        let on_page_event = with(&weak, |driver: &Rc<Self>, event| match event {
            PageEvent::Offline => driver.dispatch(Event::WentOffline),
            PageEvent::Online => driver.dispatch(Event::WentOnline),
            PageEvent::Woke => driver.wake(),
        });
        let mut listeners = listeners::page_events(on_page_event);
        if self.config.limits.idle.is_some() {
            let on_sign = with(&weak, |driver, ()| driver.dispatch(Event::Active));
            listeners.extend(activity::activity(move || on_sign(())));
        }
        self.ears.replace(Some(Ears {
            channel,
            _listeners: listeners,
        }));
    }

    // ── Out ──

    fn carry_out(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::AcquireLock { attempt } => self.acquire_lock(attempt),
            Effect::Abandon { attempt } => self.abandon(Some(attempt)),
            Effect::Arm(delay) => {
                let tick = with(&Rc::downgrade(self), |driver, ()| {
                    driver.dispatch(Event::Ticked)
                });
                self.timer.arm(delay, move || tick(()));
            }
            Effect::Emit(change) => self.emit(change.as_ref()),
            Effect::Forget => self.forget(),
            Effect::Persist(record) => {
                let with_refresh = self
                    .config
                    .refresh_endpoint()
                    .is_none_or(|endpoint| endpoint.refresh_token != RefreshTokenPlace::Memory);
                let text = record.to_text(with_refresh);
                self.write_store(text.as_ref().map(Secret::expose));
            }
            Effect::Refresh {
                attempt,
                access,
                refresh,
            } => self.refresh(attempt, access, refresh),
            Effect::ReleaseLock => drop(self.lock.take()),
            Effect::RenewCookie { lifetime } => self.renew_cookie(lifetime),
            Effect::Settle { waiter, outcome } => self.settle(waiter, outcome),
            Effect::SignOutAtServer {
                waiter,
                access,
                refresh,
            } => self.sign_out(waiter, access, refresh),
            Effect::Tell(message) => {
                if let Some(ears) = &*self.ears.borrow() {
                    ears.channel.tell(&message);
                }
            }
        }
    }

    fn emit(&self, change: Option<&Change>) {
        self.token.take();
        let (view, claims) = {
            let state = self.state.borrow();
            let jwt = state.tokens().and_then(|tokens| tokens.jwt());
            (
                state.view(self.clock.now()),
                jwt.map(|jwt| Secret::from(jwt.claims())),
            )
        };
        let claims = claims.map_or(JsValue::NULL, |claims| parse(claims.expose()));
        let session = convert::snapshot(view, &claims);
        self.hooks
            .changed(&session, &change.map_or(JsValue::NULL, convert::change));
    }

    fn settle(self: &Rc<Self>, waiter: WaiterId, outcome: Outcome) {
        match outcome {
            // A custom store may still be writing what the caller will look for.
            Outcome::Done => {
                let driver = self.clone();
                spawn(async move {
                    driver.store.settled().await;
                    driver.waiters.settle(waiter, &Outcome::Done);
                });
            }
            outcome => self.waiters.settle(waiter, &outcome),
        }
    }

    fn forget(self: &Rc<Self>) {
        self.token.take();
        self.away.forget();
        self.write_store(None);
        if let Some(options) = self.client_fingerprint() {
            let is_https = cookie::is_https();
            let name = fingerprint::cookie_name(options, is_https);
            cookie::write(&fingerprint::cookie(name, "", is_https, Some(Span::ZERO)));
        }
    }

    fn acquire_lock(self: &Rc<Self>, attempt: AttemptId) {
        let driver = self.clone();
        spawn(async move {
            let name = ["hallpass.", driver.config.name.as_str(), ".refresh"].concat();
            let Some(held) = lock::acquire(&name).await else {
                return driver.dispatch(Event::LockUnavailable { attempt });
            };
            driver.lock.replace(Some(held));
            driver.read_store(move |driver, stored| {
                driver.dispatch(Event::LockGranted { attempt, stored })
            });
        });
    }

    fn refresh(
        self: &Rc<Self>,
        attempt: AttemptId,
        access: Option<Secret>,
        refresh: Option<Secret>,
    ) {
        let Ok(controller) = AbortController::new() else {
            return;
        };
        self.under_way.replace(Some((attempt, controller.clone())));
        let driver = self.clone();
        spawn(async move {
            let cookie_hash = driver.made_cookie_hash();
            let answer = driver
                .ask_for_tokens(access, refresh, cookie_hash.as_deref(), &controller)
                .await;
            driver.dispatch(Event::Answered {
                attempt,
                answer,
                cookie_hash,
            });
        });
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
        own.extend(self.fingerprint_field(cookie_hash));
        let load = Load {
            fixed: self.bodies.refresh.as_ref(),
            fields: None,
            own,
            access: access.as_ref(),
        };
        let call = endpoint::call(endpoint, &self.config, load);
        exchange::by_endpoint(&self.fetch, &self.hooks, call, controller, Purpose::Refresh).await
    }

    /// Ends a refresh whose answer no longer matters: this one, or whichever it is.
    fn abandon(&self, attempt: Option<AttemptId>) {
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

    fn sign_out(self: &Rc<Self>, waiter: WaiterId, access: Secret, refresh: Option<Secret>) {
        let driver = self.clone();
        spawn(async move {
            let status = match &driver.config.sign_out {
                Some(Supplier::Endpoint(endpoint)) => {
                    driver
                        .tell_endpoint(endpoint, &access, refresh.as_ref())
                        .await
                }
                Some(Supplier::Function) | None => {
                    driver.tell_function(&access, refresh.as_ref()).await
                }
            };
            let outcome = match status {
                Some(status) if exchange::was_told(status) => Ok(()),
                status => Err(Error::new(
                    ErrorKind::SignOutUnavailable,
                    "signed out here, but the server was not told: its side of the session ends by itself",
                )
                .with_status(status)),
            };
            driver.dispatch(Event::SignOutAnswered { waiter, outcome });
        });
    }

    async fn tell_endpoint(
        &self,
        endpoint: &crate::config::Endpoint,
        access: &Secret,
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
            fixed: self.bodies.sign_out.as_ref(),
            fields: None,
            own: refresh
                .map(|token| (field, token.expose()))
                .into_iter()
                .collect(),
            access: Some(access),
        };
        let call = endpoint::call(endpoint, &self.config, load)?;
        super::global::set(&call.init, "keepalive", true);
        let controller = AbortController::new().ok()?;
        let reply = self.fetch.send(&call, &controller, false).await.ok()?;
        Some(reply.status)
    }

    /// A function that resolves has told the server, as far as anyone can know.
    async fn tell_function(&self, access: &Secret, refresh: Option<&Secret>) -> Option<u16> {
        let controller = AbortController::new().ok()?;
        let context = hooks::context(Some(access), refresh, &controller.signal());
        let promise = self.hooks.sign_out(&context)?;
        let _deadline = super::fetch::deadline(10.0, &controller);
        JsFuture::from(promise).await.ok().map(|_| 204)
    }

    // ── Store ──

    fn read_store(self: &Rc<Self>, then: impl FnOnce(&Rc<Self>, Stored) + 'static) {
        let driver = self.clone();
        self.store.read(move |reading, outcome| {
            driver.store_outcome(outcome);
            let stored = match reading {
                Reading::Unknown => Stored::Unknown,
                Reading::Text(text) => {
                    Stored::judge(text.as_deref(), driver.config.limits.token_bytes)
                }
            };
            then(&driver, stored);
        });
    }

    fn write_store(self: &Rc<Self>, text: Option<&str>) {
        let driver = self.clone();
        self.store
            .write(text, move |outcome| driver.store_outcome(outcome));
    }

    fn store_outcome(self: &Rc<Self>, outcome: Result<(), Error>) {
        if let Err(error) = outcome {
            self.dispatch(Event::StoreFailed { error });
        }
    }

    // ── Fingerprint, client mode ──

    /// The hash of the cookie that this browser has.
    pub(super) fn cookie_hash(&self) -> Option<String> {
        let options = self.client_fingerprint()?;
        let value = cookie::read(fingerprint::cookie_name(options, cookie::is_https()))?;
        Some(fingerprint::hash(&value))
    }

    /// The same; makes the cookie where there is none yet.
    pub(super) fn made_cookie_hash(&self) -> Option<String> {
        let options = self.client_fingerprint()?;
        if self.cookie_hash().is_none() {
            let value = fingerprint::hex(&self.random.bytes::<32>().ok()?);
            let is_https = cookie::is_https();
            cookie::write(&fingerprint::cookie(
                fingerprint::cookie_name(options, is_https),
                &value,
                is_https,
                None,
            ));
        }
        self.cookie_hash()
    }

    /// The body field that tells the server the hash.
    pub(super) fn fingerprint_field<'a>(
        &'a self,
        cookie_hash: Option<&'a str>,
    ) -> Option<(&'a str, &'a str)> {
        Some((self.client_fingerprint()?.field.as_str(), cookie_hash?))
    }

    fn renew_cookie(&self, lifetime: Option<Span>) {
        let Some(options) = self.client_fingerprint() else {
            return;
        };
        let is_https = cookie::is_https();
        let name = fingerprint::cookie_name(options, is_https);
        if let Some(value) = cookie::read(name) {
            cookie::write(&fingerprint::cookie(name, &value, is_https, lifetime));
        }
    }

    fn client_fingerprint(&self) -> Option<&crate::config::Fingerprint> {
        self.config
            .fingerprint
            .as_ref()
            .filter(|options| options.mode == FingerprintMode::Client)
    }
}

/// Ends the draining however the loop ends.
struct Draining<'a>(&'a Cell<bool>);

impl Drop for Draining<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// A closure that does nothing once the driver is gone.
fn with<T>(
    driver: &Weak<Driver>,
    handle: impl Fn(&Rc<Driver>, T) + Clone + 'static,
) -> impl Fn(T) + Clone + 'static {
    let driver = driver.clone();
    move |fact| {
        if let Some(driver) = driver.upgrade() {
            handle(&driver, fact);
        }
    }
}
