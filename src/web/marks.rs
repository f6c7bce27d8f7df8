//! The mark, the time of the last activity and how far the copies of a tab have come, where every tab of this browser
//! can read them: localStorage, whatever store the session has. Where there is none, a tab knows of the others only
//! what it hears.

use wasm_bindgen::JsCast;
use web_sys::Storage;

use crate::config::Config;
use crate::event::Event;
use crate::fingerprint::is_hex;
use crate::group::Group;
use crate::mark::{Mark, Marking};
use crate::record::Record;
use crate::time::{Span, Timestamp};

use super::global::global;

pub(super) struct Marks {
    storage: Option<Storage>,
    mark: String,
    activity: String,
    /// Where sessions of single tabs note their generations: the key without the session's part.
    notes: Option<String>,
}

/// For how long a note is kept: no browser restores a tab after that.
const NOTED: Span = Span::from_millis(30 * 86_400_000);

impl Marks {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            storage: global("localStorage").map(JsCast::unchecked_into),
            mark: config.keys.mark.clone(),
            activity: config.keys.activity.clone(),
            notes: config
                .notes_generations()
                .then(|| config.keys.generations.clone()),
        }
    }

    /// What all tabs can read now.
    pub(super) fn read(&self, group: Option<&Group>) -> Event {
        let last_active = self.text(&self.activity).and_then(|text| text.parse().ok());
        Event::MarkRead {
            mark: self.mark(),
            last_active: last_active.map(Timestamp::from_millis),
            newest: group
                .and_then(|group| self.note_of(group))
                .map_or(0, |key| self.noted(&key)),
        }
    }

    /// Changes what is stored now: another tab may have written it since it was read.
    pub(super) fn change(&self, marking: Marking) {
        self.write(&self.mark, &self.mark().with(marking).to_text());
        match (marking, &self.storage) {
            (Marking::Ended { .. }, Some(storage)) => {
                let _ = storage.remove_item(&self.activity);
                self.remove_notes(storage, |_| true);
            }
            (Marking::Began { at, .. }, Some(storage)) => {
                self.remove_notes(storage, |noted| at.since(noted) > NOTED);
            }
            _ => {}
        }
    }

    /// The refresh token of the generation before is spent: a copy of this tab that wakes alone finds out here.
    pub(super) fn note_generation(&self, record: &Record) {
        let Some(key) = record.group.as_ref().and_then(|group| self.note_of(group)) else {
            return;
        };
        if record.generation.refreshes > self.noted(&key).max(1) {
            let generation = record.generation.refreshes.to_string();
            let at = record.tokens.received().as_millis().to_string();
            self.write(&key, &[generation.as_str(), " ", at.as_str()].concat());
        }
    }

    /// Where the sessions of this group note their generations, if they do.
    fn note_of(&self, group: &Group) -> Option<String> {
        let notes = self.notes.as_ref()?;
        Some([notes.as_str(), group.note().as_str()].concat())
    }

    fn noted(&self, key: &str) -> u64 {
        let text = self.text(key).unwrap_or_default();
        let (generation, _) = text.split_once(' ').unwrap_or_default();
        generation.parse().unwrap_or_default()
    }

    /// Removes the notes of these times. Where nothing else can be read from one, it is of no use.
    fn remove_notes(&self, storage: &Storage, is_over: impl Fn(Timestamp) -> bool) {
        let Some(notes) = &self.notes else {
            return;
        };
        let count = storage.length().unwrap_or_default();
        let keys: Vec<String> = (0..count)
            .filter_map(|index| storage.key(index).ok()?)
            .filter(|key| {
                key.strip_prefix(notes.as_str())
                    .is_some_and(|hash| is_hex(hash, 32))
            })
            .collect();
        for key in keys {
            let text = self.text(&key).unwrap_or_default();
            let at = text.split_once(' ').and_then(|(_, at)| at.parse().ok());
            if at.is_none_or(|at| is_over(Timestamp::from_millis(at))) {
                let _ = storage.remove_item(&key);
            }
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
