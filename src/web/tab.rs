//! The name of this tab. A duplicated tab, or one that `window.open` made, begins with a copy of
//! sessionStorage and so with the same name: whoever finds it held by another page is the copy.

use std::rc::Rc;

use crate::event::{Event, Stored};
use crate::record::Sid;

use super::driver::Driver;
use super::global::global;
use super::lock::{self, Claim, Patience, Request};
use super::task::spawn;

/// How long to wait for the name: the page before this one in the same tab may not be quite gone, and one
/// in the back/forward cache has to be given up first.
const PATIENCE_MILLIS: u32 = 200;

/// What to do once it is known whether another page holds the name.
type WithVerdict = Box<dyn FnOnce(&Rc<Driver>, bool)>;

impl Driver {
    /// The store was read for the first time.
    pub(super) fn restore(self: &Rc<Self>, stored: Stored) {
        let tab = match &stored {
            Stored::Found(record) if self.config.minds_clones() => record.tab.clone(),
            _ => None,
        };
        self.with_claim(
            tab,
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
        self.with_claim(
            tab,
            Box::new(|driver, is_clone| {
                driver.dispatch(Event::CameBack { is_clone });
                driver.wake();
            }),
        );
    }

    /// Holds a name that nobody else can have.
    pub(super) fn claim_tab(self: &Rc<Self>, tab: Sid) {
        self.with_claim(Some(tab), Box::new(|_, _| ()));
    }

    /// A page that may be frozen any moment holds up nobody.
    pub(super) fn give_locks_back(&self) {
        self.lock.take();
        self.tab.take();
    }

    /// Holds the name, and says whether another page does.
    fn with_claim(self: &Rc<Self>, tab: Option<Sid>, then: WithVerdict) {
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
            let request = lock::acquire(&name, Patience::For(PATIENCE_MILLIS)).await;
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
