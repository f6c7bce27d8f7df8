//! The one timer of a page, as `src/web/timer.rs` sets it.

use hallpass::event::Event;
use hallpass::time::Span;

use crate::agenda::Task;
use crate::mutations::Safety;
use crate::world::World;

/// `LONGEST_HOP_MILLIS` of `src/web/timer.rs`.
const LONGEST_HOP: i64 = 60_000;

/// From here on `setTimeout` fires at once.
const LONGEST_TIMEOUT: i64 = i32::MAX as i64;

impl World<'_> {
    pub(crate) fn arm(&mut self, tab: usize, delay: Option<Span>) {
        self.tickets += 1;
        let number = self.tickets;
        let id = self.page_id(tab);
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        page.timers.clear();
        page.due = i64::MAX;
        let Some(delay) = delay else {
            return;
        };
        page.timers.push(number);
        let millis = match self.off {
            Some(Safety::TimerClamp) => Some(delay.as_millis().max(0))
                .filter(|millis| *millis < LONGEST_TIMEOUT)
                .unwrap_or(0),
            _ => delay.as_millis().clamp(0, LONGEST_HOP),
        };
        page.due = self.clock.awake + millis;
        self.soon(millis + 1, Task::Timer { page: id, number });
    }

    pub(crate) fn timer_fired(&mut self, tab: usize, number: u64) {
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        let armed = page.timers.len();
        page.timers.retain(|timer| *timer != number);
        if page.timers.len() < armed {
            self.judge_tick(tab);
            self.dispatch(tab, Event::Ticked);
        }
    }
}
