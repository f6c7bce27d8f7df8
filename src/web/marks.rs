//! The mark and the time of the last activity, where every tab of this browser can read them: localStorage, whatever
//! store the session has. Where there is none, a tab knows of a sign-out only what it hears.

use wasm_bindgen::JsCast;
use web_sys::Storage;

use crate::config::Config;
use crate::event::Event;
use crate::mark::{Mark, Marking};
use crate::time::Timestamp;

use super::global::global;

pub(super) struct Marks {
    storage: Option<Storage>,
    mark: String,
    activity: String,
}

impl Marks {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            storage: global("localStorage").map(JsCast::unchecked_into),
            mark: config.key_of("mark"),
            activity: config.key_of("active"),
        }
    }

    /// What all tabs can read now.
    pub(super) fn read(&self) -> Event {
        let last_active = self.text(&self.activity).and_then(|text| text.parse().ok());
        Event::MarkRead {
            mark: self.mark(),
            last_active: last_active.map(Timestamp::from_millis),
        }
    }

    /// Changes what is stored now: another tab may have written it since it was read.
    pub(super) fn change(&self, marking: Marking) {
        self.write(&self.mark, &self.mark().with(marking).to_text());
        if let (Marking::Ended { .. }, Some(storage)) = (marking, &self.storage) {
            let _ = storage.remove_item(&self.activity);
        }
    }

    pub(super) fn note_activity(&self, at: Timestamp) {
        self.write(&self.activity, &at.as_millis().to_string());
    }

    fn mark(&self) -> Mark {
        let text = self.text(&self.mark);
        text.map_or_else(Mark::default, |text| Mark::from_text(&text))
    }

    fn text(&self, key: &str) -> Option<String> {
        self.storage.as_ref()?.get_item(key).ok()?
    }

    /// A browser that denies this keeps no session across pages either, or has one tab less that hears of its end.
    fn write(&self, key: &str, text: &str) {
        if let Some(storage) = &self.storage {
            let _ = storage.set_item(key, text);
        }
    }
}
