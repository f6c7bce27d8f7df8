//! Carrying out what the core orders. What takes time is a task of its own, in `calls`.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::config::StorageKind;
use crate::effect::{Change, Effect, Outcome};
use crate::error::Error;
use crate::event::{Event, Stored, WaiterId};
use crate::profile::Profile;
use crate::record::Sid;
use crate::secret::Secret;

use super::calls::Ended;
use super::convert;
use super::driver::{Driver, with};
use super::error::parse;
use super::storage::Reading;
use super::task::spawn;

/// What to do with what the store holds. Boxed, as every closure that waits: the code around it is there once.
pub(super) type WithStored = Box<dyn FnOnce(&Rc<Driver>, Stored)>;

impl Driver {
    pub(super) fn carry_out(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::AcquireLock { attempt } => self.acquire_lock(attempt),
            Effect::Abandon { attempt } => self.abandon(Some(attempt)),
            Effect::AbandonSignIn { waiter } => self.abandon_sign_in(waiter),
            Effect::Arm(delay) => {
                let tick = with(&Rc::downgrade(self), |driver, ()| {
                    driver.dispatch(Event::Ticked)
                });
                self.timer.arm(delay, Box::new(move || tick(())));
            }
            Effect::Emit(change) => self.emit(change.as_ref()),
            Effect::Forget => self.forget(),
            Effect::ForgetHere(sid) => self.forget_here(sid),
            Effect::Mark(marking) => self.marks.change(marking),
            Effect::NoteActivity(at) => self.marks.note_activity(at),
            Effect::Persist(record) => {
                let text = record.to_text(self.config.stores_refresh_token());
                self.write_store(text.as_ref().map(Secret::expose));
                self.marks.note_generation(&record);
            }
            Effect::Refresh {
                attempt,
                access,
                refresh,
            } => self.refresh(attempt, access, refresh),
            Effect::ReleaseLock => self.release_lock(),
            Effect::RenewCookie { lifetime } => {
                if let Some(cookie) = self.client_cookie() {
                    cookie.renew(lifetime);
                }
            }
            Effect::Settle { waiter, outcome } => self.settle(waiter, outcome),
            Effect::SignOutAtServer {
                waiter,
                access,
                refresh,
                id_token,
            } => self.sign_out(
                waiter,
                Ended {
                    access,
                    refresh,
                    id_token,
                },
            ),
            Effect::Tell(message) => self.tell(&message),
        }
    }

    fn emit(&self, change: Option<&Change>) {
        self.token.take();
        let (view, claims, profile) = {
            let state = self.state.borrow();
            let jwt = state.tokens().and_then(|tokens| tokens.jwt());
            (
                state.view(self.clock.now()),
                jwt.map(|jwt| Secret::from(jwt.claims())),
                state.profile().cloned(),
            )
        };
        let parsed = |json: Option<&str>| json.map_or(JsValue::NULL, parse);
        let claims = parsed(claims.as_ref().map(Secret::expose));
        let profile = parsed(profile.as_ref().map(Profile::as_json));
        let session = convert::snapshot(view, &claims, &profile);
        self.host
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

    /// Not before what was written under the lock can be read under it.
    fn release_lock(self: &Rc<Self>) {
        let held = self.lock.take();
        if held.is_some() && self.config.storage == StorageKind::Custom {
            let driver = self.clone();
            spawn(async move {
                driver.store.settled().await;
                drop(held);
            });
        }
    }

    fn forget_here(self: &Rc<Self>, sid: Sid) {
        self.token.take();
        self.away.forget();
        if !self.config.has_common_store() {
            return self.write_store(None);
        }
        self.read_store(Box::new(move |driver, stored| {
            if matches!(stored, Stored::Found(record) if record.sid == sid) {
                driver.write_store(None);
            }
        }));
    }

    fn forget(self: &Rc<Self>) {
        self.token.take();
        self.away.forget();
        self.write_store(None);
        if let Some(cookie) = self.client_cookie() {
            cookie.remove();
        }
    }

    pub(super) fn read_store(self: &Rc<Self>, then: WithStored) {
        let driver = self.clone();
        self.store.read(Box::new(move |reading, outcome| {
            driver.store_outcome(outcome);
            let stored = match reading {
                Reading::Unknown => Stored::Unknown,
                Reading::Text(text) => {
                    Stored::judge(text.as_deref(), driver.config.limits.token_bytes)
                }
            };
            then(&driver, stored);
        }));
    }

    fn write_store(self: &Rc<Self>, text: Option<&str>) {
        let driver = self.clone();
        self.store
            .write(text, Box::new(move |outcome| driver.store_outcome(outcome)));
    }

    pub(super) fn store_outcome(self: &Rc<Self>, outcome: Result<(), Error>) {
        if let Err(error) = outcome {
            self.dispatch(Event::StoreFailed { error });
        }
    }
}
