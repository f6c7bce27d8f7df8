//! Between the core and the browser: the event queue.
//!
//! 1. A fact arrives: a call, an answer, a timer, a message. It is put into the queue.
//! 2. If the queue is being emptied already, that is all: the code that called back from inside goes on, and
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
use web_sys::AbortController;

use crate::config::Config;
use crate::effect::Effect;
use crate::error::{Error, ErrorKind};
use crate::event::{AttemptId, Event, WaiterId};
use crate::fingerprint;
use crate::record::{Message, Sid};
use crate::session::{Context, State, step};
use crate::time::{Now, Span};

use super::channels::Channels;
use super::client_cookie::ClientCookie;
use super::clock::Clock;
use super::host::Host;
use super::listeners::{Listener, PageEvent};
use super::location::Away;
use super::lock::{Held, Wait};
use super::marks::Marks;
use super::random::Random;
use super::storage::Store;
use super::timer::Timer;
use super::waiters::Waiters;
use super::{activity, convert, listeners};

pub(super) struct Driver {
    pub(super) config: Config,
    pub(super) away: Away,
    pub(super) waiters: Waiters,
    pub(super) host: Host,
    pub(super) clock: Clock,
    pub(super) store: Store,
    pub(super) marks: Marks,
    pub(super) timer: Timer,
    pub(super) state: RefCell<State>,
    random: Random,
    queue: RefCell<VecDeque<Event>>,
    is_draining: Cell<bool>,
    is_closed: Cell<bool>,
    /// When a person gave the last sign, by the monotonic clock.
    last_sign: Cell<Option<Span>>,
    /// The page was left and did not come back yet.
    pub(super) is_left: Cell<bool>,
    pub(super) under_way: RefCell<Option<(AttemptId, AbortController)>>,
    /// Sign-ins that wait for the server.
    pub(super) signing_in: RefCell<Vec<(WaiterId, AbortController)>>,
    /// The wait for the lock of the last attempt that wanted one.
    pub(super) lock_wait: RefCell<Option<Wait>>,
    pub(super) lock: RefCell<Option<Held>>,
    /// The access token with its session as JavaScript has them, so that handing it out again costs nothing; gone with every
    /// change that is shown.
    pub(super) token: RefCell<Option<JsValue>>,
    pub(super) subscriptions: RefCell<Option<Subscriptions>>,
}

/// Everything that listens; dropped when the driver closes.
pub(super) struct Subscriptions {
    channels: Channels,
    _listeners: Vec<Listener>,
}

impl Driver {
    pub(super) fn new(config: Config, host: Host) -> Result<Rc<Self>, Error> {
        let key = config.keys.session.clone();
        let (store, opened) = Store::open(config.storage, host.storage.clone(), key);
        let driver = Rc::new(Self {
            away: Away::new(config.keys.pending.clone()),
            waiters: Waiters::default(),
            random: Random::new()?,
            clock: Clock::new(),
            marks: Marks::new(&config),
            store,
            timer: Timer::default(),
            state: RefCell::default(),
            queue: RefCell::default(),
            is_draining: Cell::new(false),
            is_closed: Cell::new(false),
            last_sign: Cell::default(),
            is_left: Cell::new(false),
            under_way: RefCell::default(),
            signing_in: RefCell::default(),
            lock_wait: RefCell::default(),
            lock: RefCell::default(),
            token: RefCell::default(),
            subscriptions: RefCell::default(),
            config,
            host,
        });
        driver.listen();
        if listeners::is_offline() {
            driver.dispatch(Event::WentOffline);
        }
        driver.store_outcome(opened);
        Ok(driver)
    }

    /// Reads the store: what it holds, and what was called before, makes the first session.
    pub(super) fn start(self: &Rc<Self>, is_restarted: bool) {
        if is_restarted {
            self.dispatch(Event::Restarted);
        }
        let begin = with(&Rc::downgrade(self), |driver, ()| {
            driver.read_store(Box::new(|driver, stored| {
                let cookie_hash = driver.client_cookie().and_then(|cookie| cookie.hash());
                driver.dispatch(Event::Restored {
                    stored,
                    cookie_hash,
                });
            }));
        });
        listeners::when_shown(Box::new(move || begin(())));
    }

    // ── In ──

    /// Steps 1 to 4 of the module's description.
    pub(super) fn dispatch(self: &Rc<Self>, event: Event) {
        if self.is_closed.get() {
            return;
        }
        if event.needs_mark() {
            let mark_read = self.marks.read(self.state.borrow().group());
            self.queue.borrow_mut().push_back(mark_read);
        }
        self.queue.borrow_mut().push_back(event);
        if self.is_draining.replace(true) {
            return;
        }
        let _done = Draining(&self.is_draining);
        while let Some(event) = self.next_event() {
            let key_before = self.key();
            let effects = self.step(event);
            self.meet_copies();
            for effect in effects {
                self.carry_out(effect);
            }
            self.host.key_changed(self.key(), key_before);
        }
    }

    /// Asks for something that a caller waits for.
    pub(super) fn ask(self: &Rc<Self>, event: impl FnOnce(WaiterId) -> Event) -> Promise {
        let (waiter, promise) = self.open_waiter();
        self.dispatch(event(waiter));
        promise
    }

    /// A caller begins to wait: its name, and the promise; after the end it is rejected already.
    pub(super) fn open_waiter(&self) -> (WaiterId, Promise) {
        let (waiter, promise) = self.waiters.open();
        if self.is_closed.get() {
            self.waiters.reject(waiter, &closed());
        }
        (waiter, promise)
    }

    /// The access token with its session, where it is good now: no queue, no promise.
    pub(super) fn current(&self, min_validity: Option<Span>) -> Option<JsValue> {
        let state = self.state.borrow();
        let (token, sid) = state.usable_token(self.clock.now(), min_validity)?;
        let mut cached = self.token.borrow_mut();
        Some(
            cached
                .get_or_insert_with(|| convert::token(token, sid, state.key()))
                .clone(),
        )
    }

    /// The session of now, for what is asked in it.
    pub(super) fn sid(&self) -> Option<Sid> {
        self.state.borrow().sid().cloned()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// A sign-in begins: its waiter, and the promise. `exchanges`: with a code.
    pub(super) fn begin_sign_in(self: &Rc<Self>, exchanges: bool) -> (WaiterId, Promise) {
        let (waiter, promise) = self.open_waiter();
        self.dispatch(Event::SignInBegan { waiter, exchanges });
        (waiter, promise)
    }

    pub(super) fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        self.random.bytes()
    }

    pub(super) fn now(&self) -> Now {
        self.clock.now()
    }

    /// The fingerprint cookie, in client mode.
    pub(super) fn client_cookie(&self) -> Option<ClientCookie<'_>> {
        let options = self.config.fingerprint.as_ref();
        let options = options.filter(|_| fingerprint::is_made_here(options))?;
        Some(ClientCookie::new(options, &self.random))
    }

    /// The page is in front again, or may be.
    pub(super) fn wake(self: &Rc<Self>) {
        self.read_store(Box::new(|driver, stored| {
            driver.dispatch(Event::Woke { stored })
        }));
    }

    /// A sign of a person. More than one a second says nothing more.
    pub(super) fn active(self: &Rc<Self>) {
        let now = self.clock.now().monotonic;
        let last = self.last_sign.get();
        if last.is_none_or(|last| now.minus(last) >= Span::from_millis(1_000)) {
            self.last_sign.set(Some(now));
            self.dispatch(Event::Active);
        }
    }

    /// Ends everything but the stored session.
    pub(super) fn close(&self) {
        if self.is_closed.replace(true) {
            return;
        }
        self.timer.arm(None, Box::new(|| ()));
        self.subscriptions.take();
        self.lock_wait.take();
        self.lock.take();
        self.token.take();
        self.abandon(None);
        self.state.take();
        self.waiters.reject_all(&closed());
    }

    /// The name of the key to which the session's tokens are bound.
    fn key(&self) -> Option<String> {
        self.state.borrow().key().map(str::to_owned)
    }

    fn next_event(&self) -> Option<Event> {
        self.queue.borrow_mut().pop_front()
    }

    fn step(&self, event: Event) -> Vec<Effect> {
        let context = Context {
            now: self.clock.now(),
            // Worked when the driver started; a browser that takes it away later gets no new session names.
            random: self.random.bytes().unwrap_or_default(),
            secret: self.random.bytes().ok(),
            config: &self.config,
        };
        let (state, effects) = step(self.state.take(), event, context);
        self.state.replace(state);
        effects
    }

    /// The page is left, and may be frozen: it holds up no other tab.
    fn leave(self: &Rc<Self>) {
        self.is_left.set(true);
        self.lock.take();
        self.dispatch(Event::Left);
    }

    pub(super) fn tell(&self, message: &Message) {
        if let Some(subscriptions) = self.subscriptions.borrow().as_ref() {
            subscriptions.channels.tell(message);
        }
    }

    fn meet_copies(&self) {
        if let Some(subscriptions) = self.subscriptions.borrow_mut().as_mut() {
            subscriptions.channels.meet(self.state.borrow().group());
        }
    }

    fn listen(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let channels = Channels::join(
            &self.config,
            with(&weak, |driver, message| {
                driver.dispatch(Event::PeerSaid(message))
            }),
        );
        let on_page_event = with(&weak, |driver: &Rc<Self>, event| match event {
            PageEvent::Left => driver.leave(),
            PageEvent::Offline => driver.dispatch(Event::WentOffline),
            PageEvent::Online => driver.dispatch(Event::WentOnline),
            PageEvent::Woke if driver.is_left.take() => {
                driver.dispatch(Event::CameBack);
                driver.wake();
            }
            PageEvent::Woke => driver.wake(),
        });
        let mut listeners = listeners::page_events(on_page_event);
        if self.config.limits.idle.is_some() {
            let on_sign = with(&weak, |driver, ()| driver.active());
            listeners.extend(activity::activity(move || on_sign(())));
        }
        self.subscriptions.replace(Some(Subscriptions {
            channels,
            _listeners: listeners,
        }));
    }
}

fn closed() -> Error {
    Error::from(ErrorKind::Closed)
}

/// Ends the draining however the loop ends.
struct Draining<'a>(&'a Cell<bool>);

impl Drop for Draining<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// A closure that does nothing once the driver is gone.
pub(super) fn with<T>(
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
