//! The promises that callers hold.

use std::cell::RefCell;
use std::collections::VecDeque;

use js_sys::Promise;
use wasm_bindgen::JsValue;

use crate::effect::Outcome;
use crate::error::Error;
use crate::event::WaiterId;

use super::convert;
use super::error::to_js;
use super::task::{Settler, deferred};

#[derive(Default)]
pub(super) struct Waiters(RefCell<Book>);

#[derive(Default)]
struct Book {
    last: u32,
    /// In order of arrival, which is nearly always the order of settling.
    open: VecDeque<Waiter>,
}

struct Waiter {
    id: WaiterId,
    settler: Settler,
}

impl Waiters {
    /// A promise, and the name under which to settle it.
    pub(super) fn open(&self) -> (WaiterId, Promise) {
        let (promise, settler) = deferred();
        let mut book = self.0.borrow_mut();
        book.last = book.last.wrapping_add(1);
        let id = WaiterId(book.last);
        book.open.push_back(Waiter { id, settler });
        (id, promise)
    }

    pub(super) fn settle(&self, id: WaiterId, outcome: &Outcome) {
        match outcome {
            Outcome::Done | Outcome::Stands => self.resolve(id, &JsValue::UNDEFINED),
            Outcome::Token { token, sid, key } => {
                self.resolve(id, &convert::token(token, sid, key.as_deref()));
            }
            Outcome::Failed(error) => self.reject(id, error),
        }
    }

    pub(super) fn resolve(&self, id: WaiterId, value: &JsValue) {
        if let Some(waiter) = self.take(id) {
            waiter.settler.resolve(value);
        }
    }

    pub(super) fn reject(&self, id: WaiterId, error: &Error) {
        self.reject_with(id, &to_js(error));
    }

    pub(super) fn reject_with(&self, id: WaiterId, error: &JsValue) {
        if let Some(waiter) = self.take(id) {
            waiter.settler.reject(error);
        }
    }

    pub(super) fn reject_all(&self, error: &Error) {
        let open = std::mem::take(&mut self.0.borrow_mut().open);
        for waiter in open {
            waiter.settler.reject(&to_js(error));
        }
    }

    fn take(&self, id: WaiterId) -> Option<Waiter> {
        let open = &mut self.0.borrow_mut().open;
        let is_meant = |at: &usize| open.get(*at).is_some_and(|waiter| waiter.id == id);
        let position = (0..open.len()).find(is_meant)?;
        open.swap_remove_front(position)
    }
}
