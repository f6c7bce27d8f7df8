//! Where a session outlives a reload. A store that throws, or that does not settle, becomes memory; the
//! core hears of it and tells the application once.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Storage;

use crate::config::StorageKind;
use crate::error::{Error, ErrorKind};

use super::deadline::within;
use super::global::{global, method};
use super::task::{deferred, spawn};

/// A custom store that takes longer has failed.
const PATIENCE_MILLIS: u32 = 5_000;

/// What the store gave back.
pub(super) enum Reading {
    /// It cannot tell.
    Unknown,
    /// Its text, where there is one.
    Text(Option<String>),
}

/// One key of one store.
#[derive(Clone)]
pub(super) struct Store {
    key: String,
    backend: Rc<RefCell<Backend>>,
    /// Counts writes: what a slow store read before one of them is no longer true.
    writes: Rc<Cell<u32>>,
}

#[derive(Clone)]
enum Backend {
    Memory,
    Web(Storage),
    Custom { store: JsValue, tail: Promise },
}

impl Store {
    /// Opens the store; `Err` where the browser denies it, and the store is memory then.
    pub(super) fn open(
        kind: StorageKind,
        custom: Option<JsValue>,
        key: String,
    ) -> (Self, Result<(), Error>) {
        let backend = match (kind, custom) {
            (StorageKind::Session, _) => web_storage("sessionStorage"),
            (StorageKind::Local, _) => web_storage("localStorage"),
            (StorageKind::Custom, Some(store)) => Ok(Backend::Custom {
                store,
                tail: Promise::resolve(&JsValue::UNDEFINED),
            }),
            (StorageKind::Memory | StorageKind::Custom, _) => Ok(Backend::Memory),
        };
        let (backend, outcome) = backend.map_or_else(
            |error| (Backend::Memory, Err(error)),
            |backend| (backend, Ok(())),
        );
        let backend = Rc::new(RefCell::new(backend));
        let writes = Rc::default();
        (
            Self {
                key,
                backend,
                writes,
            },
            outcome,
        )
    }

    /// Reads; a store of the browser's own answers at once. `done` hears of a failure, too.
    pub(super) fn read(&self, done: Box<dyn FnOnce(Reading, Result<(), Error>)>) {
        let backend = self.backend.borrow().clone();
        match backend {
            Backend::Memory => done(Reading::Unknown, Ok(())),
            Backend::Web(storage) => match storage.get_item(&self.key) {
                Ok(text) => done(Reading::Text(text), Ok(())),
                Err(_) => done(Reading::Unknown, Err(self.degrade())),
            },
            Backend::Custom { store, .. } => {
                let this = self.clone();
                let writes = self.writes.get();
                self.in_turn(Box::pin(async move {
                    match call(&store, "get", &[this.key.as_str()]).await {
                        Ok(_) if writes != this.writes.get() => done(Reading::Unknown, Ok(())),
                        Ok(text) => done(Reading::Text(text.as_string()), Ok(())),
                        Err(()) => done(Reading::Unknown, Err(this.degrade())),
                    }
                }));
            }
        }
    }

    /// Writes the whole text, or removes it; `done` hears how it went.
    pub(super) fn write(&self, text: Option<&str>, done: Box<dyn FnOnce(Result<(), Error>)>) {
        self.writes.set(self.writes.get().wrapping_add(1));
        let backend = self.backend.borrow().clone();
        match backend {
            Backend::Memory => done(Ok(())),
            Backend::Web(storage) => {
                let outcome = match text {
                    Some(text) => storage.set_item(&self.key, text),
                    None => storage.remove_item(&self.key),
                };
                done(outcome.map_err(|_| {
                    // What could not be replaced must not come back at the next reload.
                    let _ = storage.remove_item(&self.key);
                    self.degrade()
                }));
            }
            Backend::Custom { store, .. } => {
                let this = self.clone();
                let text = text.map(str::to_owned);
                self.in_turn(Box::pin(async move {
                    let outcome = match &text {
                        Some(text) => {
                            call(&store, "set", &[this.key.as_str(), text.as_str()]).await
                        }
                        None => call(&store, "remove", &[this.key.as_str()]).await,
                    };
                    done(outcome.map(|_| ()).map_err(|()| this.degrade()));
                }));
            }
        }
    }

    /// Resolves when everything that was asked of a custom store is done.
    pub(super) async fn settled(&self) {
        let tail = match &*self.backend.borrow() {
            Backend::Custom { tail, .. } => Some(tail.clone()),
            Backend::Memory | Backend::Web(_) => None,
        };
        if let Some(tail) = tail {
            let _ = JsFuture::from(tail).await;
        }
    }

    /// One call of a custom store at a time, in order.
    fn in_turn(&self, task: Pin<Box<dyn Future<Output = ()>>>) {
        if let Backend::Custom { tail, .. } = &mut *self.backend.borrow_mut() {
            let (next, done) = deferred();
            let previous = std::mem::replace(tail, next);
            spawn(async move {
                let _ = JsFuture::from(previous).await;
                task.await;
                done.resolve(&JsValue::UNDEFINED);
            });
        }
    }

    fn degrade(&self) -> Error {
        self.backend.replace(Backend::Memory);
        Error::from(ErrorKind::StorageUnavailable)
    }
}

fn web_storage(name: &str) -> Result<Backend, Error> {
    let storage = global(name).map(JsCast::unchecked_into).map(Backend::Web);
    storage.ok_or_else(|| Error::from(ErrorKind::StorageUnavailable))
}

async fn call(store: &JsValue, name: &str, arguments: &[&str]) -> Result<JsValue, ()> {
    let method = method(store, name).ok_or(())?;
    let arguments = arguments
        .iter()
        .map(|argument| JsValue::from_str(argument))
        .collect();
    let result = method.apply(store, &arguments).map_err(drop)?;
    within(PATIENCE_MILLIS, Promise::resolve(&result))
        .await
        .map_err(drop)
}
