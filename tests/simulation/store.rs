//! Where a session outlives a reload, as `src/web/storage.rs` uses it.

use hallpass::error::{Error, ErrorKind};
use hallpass::event::{Event, Stored};

use crate::agenda::Task;
use crate::settings::Storage;
use crate::tab::Page;
use crate::world::World;

impl World<'_> {
    pub(crate) fn read_store(&mut self, tab: usize) -> Stored {
        let is_degraded = |page: &Page| page.is_degraded;
        if self.tabs[tab].page.as_ref().is_none_or(is_degraded) {
            return Stored::Unknown;
        }
        Stored::judge(self.stored(tab), self.config.limits.token_bytes)
    }

    /// The text in the store, as this tab sees it.
    pub(crate) fn stored(&self, tab: usize) -> Option<&str> {
        match self.plan.settings.storage {
            Storage::Session => self.tabs[tab].store.as_deref(),
            Storage::Local => {
                let seen = self.local.seen[tab].checked_sub(1)?;
                self.local.writes[seen].as_deref()
            }
        }
    }

    pub(crate) fn write_store(&mut self, tab: usize, text: Option<String>) {
        let page = self.tabs[tab].page.as_ref();
        if page.is_none_or(|page| page.is_degraded) {
            return;
        }
        if text.is_some() && std::mem::take(&mut self.tabs[tab].is_full) {
            let page = self.tabs[tab].page.as_mut();
            page.into_iter().for_each(|page| page.is_degraded = true);
            self.tabs[tab].past.is_tampered = true;
            // What could not be replaced must not come back at the next reload.
            self.overwrite_store(tab, None);
            let error = Error::new(ErrorKind::StorageUnavailable, "the store is full");
            return self.dispatch(tab, Event::StoreFailed { error });
        }
        self.overwrite_store(tab, text);
    }

    pub(crate) fn overwrite_store(&mut self, tab: usize, text: Option<String>) {
        if self.plan.settings.storage == Storage::Session {
            self.tabs[tab].store = text;
            return;
        }
        if let Some(text) = &text {
            self.judge_text(tab, text);
        }
        self.local.writes.push(text);
        let write = self.local.writes.len();
        self.local.seen[tab] = write;
        for other in 0..self.tabs.len() {
            match self.plan.settings.local_lag {
                0 => self.local.seen[other] = write,
                lag => self.soon(lag, Task::Seen { tab: other, write }),
            }
        }
    }
}
