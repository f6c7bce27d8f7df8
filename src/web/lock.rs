//! Web Locks: one refresh at a time among the tabs that share a session. `crate::lock_wait` says how long to wait, where,
//! and what a refusal means.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, EventTarget};

use crate::lock_wait::{Fact, LONGEST_LOOK, Line, LockWait, Order};
use crate::time::Span;

use super::deadline::{after, millis, within};
use super::global::{bare_object, global, method, property, set};
use super::task::{Settler, deferred, spawn};

/// The lock, for as long as this lives.
pub(super) struct Held {
    release: Settler,
    broken: Option<EventTarget>,
}

/// Hears of the lock, or that there is none to be had.
pub(super) type WithLock = Box<dyn FnOnce(Option<Held>)>;

/// A wait for a lock. Dropped, it ends, and `then` hears of nothing.
pub(super) struct Wait(Rc<Waiting>);

struct Waiting {
    locks: Option<JsValue>,
    /// The lock of the first line.
    name: String,
    /// Gives back what a core holds that has broken.
    broken: Option<EventTarget>,
    wait: RefCell<LockWait>,
    /// The line in which the page waits, and what ends its request there.
    place: RefCell<Option<(Line, AbortController)>>,
    again: RefCell<Option<Timeout>>,
    look: RefCell<Option<Timeout>>,
    then: RefCell<Option<WithLock>>,
}

/// Waits for the lock of this name, as long as pages that hold it give it back within `longest_hold`.
pub(super) fn acquire(
    name: String,
    longest_hold: Span,
    broken: Option<EventTarget>,
    then: WithLock,
) -> Wait {
    let (wait, order) = LockWait::new(longest_hold);
    let locks = global("navigator").and_then(|navigator| property(&navigator, "locks"));
    let waiting = Rc::new(Waiting {
        locks: locks.filter(|locks| method(locks, "request").is_some()),
        name,
        broken,
        wait: RefCell::new(wait),
        place: RefCell::default(),
        again: RefCell::default(),
        look: RefCell::default(),
        then: RefCell::new(Some(then)),
    });
    waiting.carry_out(order);
    Wait(waiting)
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.then.take();
        self.0.give_up();
    }
}

impl Waiting {
    /// A fact about a line in which the page still waits.
    fn hear(self: &Rc<Self>, line: Line, fact: Fact) {
        if self.is_in(line) {
            let order = self.wait.borrow_mut().hear(fact);
            self.carry_out(order);
        }
    }

    fn carry_out(self: &Rc<Self>, order: Order) {
        match order {
            Order::Enter { line, look_after } => self.enter(line, look_after),
            Order::RequestAgain(pause) => {
                let waiting = self.clone();
                let timer = after(millis(pause), Box::new(move || waiting.request()));
                self.again.replace(Some(timer));
            }
            Order::LookAgain(pause) => {
                let waiting = self.clone();
                let timer = after(millis(pause), Box::new(move || waiting.look()));
                self.look.replace(Some(timer));
            }
            Order::GiveUp => {
                self.give_up();
                self.end(None);
            }
        }
    }

    fn enter(self: &Rc<Self>, line: Line, look_after: Span) {
        self.give_up();
        let (Some(_), Ok(request)) = (&self.locks, AbortController::new()) else {
            return self.end(None);
        };
        self.place.replace(Some((line, request)));
        self.carry_out(Order::LookAgain(look_after));
        self.request();
    }

    fn request(self: &Rc<Self>) {
        let Some((line, controller)) = self.place.borrow().clone() else {
            return;
        };
        let waiting = self.clone();
        spawn(async move {
            let hold = {
                let waiting = waiting.clone();
                Closure::once(move |_lock: JsValue| waiting.granted(line))
            };
            let refusal = match waiting.ask(line, &controller, hold.as_ref()) {
                // It settles when the lock was given back, or was not had.
                Ok(promise) => JsFuture::from(promise).await.err(),
                Err(error) => Some(error),
            };
            let name = refusal
                .and_then(|error| property(&error, "name"))
                .and_then(|name| name.as_string());
            waiting.hear(line, Fact::refused(name.as_deref()));
        });
    }

    fn ask(
        &self,
        line: Line,
        controller: &AbortController,
        hold: &JsValue,
    ) -> Result<Promise, JsValue> {
        let options = bare_object();
        set(&options, "signal", controller.signal());
        let name = line.name(&self.name).into();
        self.call("request", &[name, options.into(), hold.clone()])
    }

    /// The lock is this page's, until the promise settles that is returned. One that comes too late goes back at once.
    fn granted(&self, line: Line) -> JsValue {
        if !self.is_in(line) {
            return JsValue::UNDEFINED;
        }
        self.leave();
        let (released, release) = deferred();
        self.end(Some(Held::new(release, self.broken.clone())));
        released.into()
    }

    fn look(self: &Rc<Self>) {
        let Some((line, _)) = self.place.borrow().clone() else {
            return;
        };
        let waiting = self.clone();
        spawn(async move {
            let holder = waiting.holder(line).await;
            waiting.hear(line, Fact::Looked(holder));
        });
    }

    /// The page that holds it, where that can be known.
    async fn holder(&self, line: Line) -> Option<String> {
        let query = self.call("query", &[]).ok()?;
        let answer = within(millis(LONGEST_LOOK), query).await.ok()?;
        let name = line.name(&self.name);
        let text = |lock: &JsValue, name| property(lock, name)?.as_string();
        Array::from(&property(&answer, "held")?)
            .iter()
            .find(|lock| text(lock, "name").as_deref() == Some(&name))
            .and_then(|lock| text(&lock, "clientId"))
    }

    fn call(&self, name: &str, arguments: &[JsValue]) -> Result<Promise, JsValue> {
        let locks = self.locks.as_ref().ok_or(JsValue::UNDEFINED)?;
        let function = method(locks, name).ok_or(JsValue::UNDEFINED)?;
        let promise = function.apply(locks, &arguments.iter().collect())?;
        Ok(Promise::resolve(&promise))
    }

    fn is_in(&self, line: Line) -> bool {
        let place = self.place.borrow();
        place.as_ref().is_some_and(|(its, _)| *its == line)
    }

    /// Waits in no line any more, and gives up what it was in.
    fn give_up(&self) {
        if let Some(controller) = self.leave() {
            controller.abort();
        }
    }

    fn leave(&self) -> Option<AbortController> {
        self.again.take();
        self.look.take();
        let (_, controller) = self.place.take()?;
        Some(controller)
    }

    fn end(&self, held: Option<Held>) {
        let then = self.then.take();
        if let Some(then) = then {
            then(held);
        }
    }
}

impl Held {
    /// A core that breaks drops nothing: then the signal releases the lock.
    fn new(release: Settler, broken: Option<EventTarget>) -> Self {
        if let (Some(broken), Some(resolve)) = (&broken, release.resolver()) {
            let _ = broken.add_event_listener_with_callback("abort", resolve);
        }
        Self { release, broken }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let (Some(broken), Some(resolve)) = (&self.broken, self.release.resolver()) {
            let _ = broken.remove_event_listener_with_callback("abort", resolve);
        }
        self.release.resolve(&JsValue::UNDEFINED);
    }
}
