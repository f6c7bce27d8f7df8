//! What all tabs of the browser can read of the last sign-in and sign-out, as `src/web/marks.rs` keeps it; and that a
//! sign-out lasts, for pages to come and for renewals without a caller.

use std::collections::BTreeMap;

use hallpass::event::Event;
use hallpass::group::Group;
use hallpass::mark::{Mark, Marking};
use hallpass::record::Record;
use hallpass::time::Timestamp;

use crate::mutations::Safety;
use crate::settings::Renewal;
use crate::tab::Page;
use crate::trace::name;
use crate::world::World;

/// The common part of localStorage.
#[derive(Default)]
pub(crate) struct Marks {
    text: String,
    pub(crate) active: Option<Timestamp>,
    /// How far the copies of a tab have come.
    generations: BTreeMap<String, u64>,
    /// When all sessions ended last, by the true clock.
    ended: Option<i64>,
}

impl Marks {
    pub(crate) fn read(&self, group: Option<&Group>) -> Event {
        Event::MarkRead {
            mark: Mark::from_text(&self.text),
            last_active: self.active,
            newest: group.map_or(0, |group| self.noted(group)),
        }
    }

    fn noted(&self, group: &Group) -> u64 {
        let noted = self.generations.get(&group.note());
        noted.copied().unwrap_or_default()
    }
}

/// How a token comes into a tab without a sign-in.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum WayIn {
    Restored,
    Renewed,
    Other,
}

impl WayIn {
    pub(crate) const fn of(event: &Event) -> Self {
        match event {
            Event::Restored { .. } => Self::Restored,
            Event::Answered { .. } => Self::Renewed,
            _ => Self::Other,
        }
    }
}

impl World<'_> {
    pub(crate) fn change_mark(&mut self, marking: Marking) {
        self.marks.text = Mark::from_text(&self.marks.text).with(marking).to_text();
        if let Marking::Ended { .. } = marking {
            self.marks.active = None;
            self.marks.ended = Some(self.clock.real());
        }
    }

    pub(crate) fn note_generation(&mut self, record: &Record) {
        if let Some(group) = &record.group
            && self.config.notes_generations()
            && record.generation.refreshes > self.marks.noted(group)
        {
            self.marks
                .generations
                .insert(group.note(), record.generation.refreshes);
        }
    }

    /// A token that came into a tab which had none.
    pub(crate) fn judge_way_in(&mut self, tab: usize, before: Option<&str>, way_in: WayIn) {
        let page = self.tabs[tab].page.as_ref();
        let Some(access) = page.and_then(Page::access).filter(|_| before.is_none()) else {
            return;
        };
        let what = format!("tab {tab} holds {}", name(access));
        let family = self.server.family_of(access);
        let began = family.and_then(|family| self.server.families[family].began);
        let is_over = began.is_some_and(|began| self.marks.ended.is_some_and(|at| began < at));
        let is_sure = self.plan.settings.renewal != Renewal::Cookie;
        if way_in == WayIn::Restored && is_over && is_sure {
            return self.fail("no page restores what was signed out", what);
        }
        if way_in == WayIn::Renewed && Mark::from_text(&self.marks.text).is_signed_out() {
            self.fail("nothing is renewed silently after a sign-out", what);
        }
    }

    /// Mutation: a browser in which no mark is read.
    pub(crate) fn without_mark(&self, event: Event) -> Event {
        match event {
            Event::MarkRead { newest, .. } if self.off == Some(Safety::Mark) => Event::MarkRead {
                mark: Mark::default(),
                last_active: None,
                newest,
            },
            event => event,
        }
    }
}
