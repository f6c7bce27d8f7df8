//! The name of this tab. A duplicated tab, or one that `window.open` made, begins with a copy of
//! sessionStorage and so with the same name: whoever finds it held by another page is the copy.
//!
//! A page that is left says so beside its session: who finds that is the next page of the same tab, which
//! on a busy machine may have to wait for the name until the page before it is gone.

use std::cell::RefCell;
use std::rc::Rc;

use crate::event::{Event, Stored};
use crate::record::Sid;

use super::driver::Driver;
use super::global::global;
use super::lock::{self, Claim, Patience, Request};
use super::storage::Reading;
use super::task::spawn;

/// How long to wait for the name of a page that was left.
const LEFT_MILLIS: u32 = 10_000;
/// The same where nobody left it: a copy waits in vain, the heir of a page that crashed for a moment.
const NOT_LEFT_MILLIS: u32 = 1_000;

/// What to do once it is known whether another page holds the name.
type WithVerdict = Box<dyn FnOnce(&Rc<Driver>, bool)>;

impl Driver {
    /// The store was read for the first time.
    pub(super) fn restore(self: &Rc<Self>, stored: Stored) {
        let tab = match &stored {
            Stored::Found(record) if self.config.minds_clones() => record.tab.clone(),
            _ => None,
        };
        let patience = self.patience(tab.as_ref());
        self.with_claim(
            tab,
            patience,
            Box::new(|driver, is_clone| {
                let cookie_hash = driver.client_cookie().and_then(|cookie| cookie.hash());
                driver.dispatch(Event::Restored {
                    stored,
                    cookie_hash,
                    is_clone,
                });
            }),
        );
    }

    pub(super) fn came_back(self: &Rc<Self>) {
        let tab = self.state.borrow().tab().cloned();
        let patience = self.patience(tab.as_ref());
        self.with_claim(
            tab,
            patience,
            Box::new(|driver, is_clone| {
                driver.dispatch(Event::CameBack { is_clone });
                driver.wake();
            }),
        );
    }

    /// Holds a name that nobody else can have.
    pub(super) fn claim_tab(self: &Rc<Self>, tab: Sid) {
        self.with_claim(
            Some(tab),
            LEFT_MILLIS,
            Box::new(|driver, is_clone| {
                // A copy was quicker, while our request was refused: the refresh token is its own now.
                if is_clone && !driver.is_left.get() && driver.tab.borrow().is_none() {
                    driver.dispatch(Event::CameBack { is_clone });
                }
            }),
        );
    }

    /// The page is left, and may be frozen: it holds up nobody, least of all the next one of this tab.
    pub(super) fn leave(self: &Rc<Self>) {
        let is_held = self.tab.borrow().is_some();
        let tab = {
            let state = self.state.borrow();
            let tab = state.tokens().and_then(|_| state.tab().cloned());
            tab.filter(|_| is_held)
        };
        if let Some(tab) = tab {
            self.left.write(Some(tab.as_str()), Box::new(|_| ()));
        }
        self.is_left.set(true);
        self.give_locks_back();
        self.dispatch(Event::Left);
    }

    /// How long to wait for this name. What a page left behind is taken away: no copy shall find it.
    fn patience(&self, tab: Option<&Sid>) -> u32 {
        let left = Rc::new(RefCell::new(None));
        let found = left.clone();
        self.left.read(Box::new(move |reading, _| {
            if let Reading::Text(text) = reading {
                found.replace(text);
            }
        }));
        let Some(left) = left.take() else {
            return NOT_LEFT_MILLIS;
        };
        self.left.write(None, Box::new(|_| ()));
        if tab.is_some_and(|tab| tab.as_str() == left) {
            LEFT_MILLIS
        } else {
            NOT_LEFT_MILLIS
        }
    }

    pub(super) fn give_locks_back(&self) {
        self.lock.take();
        self.tab.take();
    }

    /// Holds the name, and says whether another page does.
    fn with_claim(self: &Rc<Self>, tab: Option<Sid>, patience_millis: u32, then: WithVerdict) {
        let mark = ["hallpass.", self.config.name.as_str(), ".tab"].concat();
        let tab = tab.filter(|tab| {
            // Two managers in one page share its store, and so its name; that makes no copy of either.
            let here = global(&mark).and_then(|here| here.as_string());
            here.as_deref() != Some(tab.as_str())
        });
        let Some(tab) = tab else {
            return then(self, false);
        };
        let driver = self.clone();
        spawn(async move {
            let name = [mark.as_str(), ".", tab.as_str()].concat();
            let request = lock::acquire(&driver.hooks, &name, Patience::For(patience_millis)).await;
            let is_clone = matches!(request, Request::Late);
            if let Request::Granted(held) = request
                && !driver.is_closed()
            {
                // First the old one goes, and its mark with it.
                driver.tab.take();
                driver
                    .tab
                    .replace(Some(Claim::new(mark, tab.as_str(), held)));
            }
            then(&driver, is_clone);
        });
    }
}
