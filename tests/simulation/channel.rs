//! What tabs say to each other: late, twice, out of order, or not at all.

use std::rc::Rc;

use hallpass::event::Event;
use hallpass::record::Message;

use crate::agenda::{Letter, Task};
use crate::dice::Dice;
use crate::mutations::Safety;
use crate::plan::Condition;
use crate::world::World;

impl World<'_> {
    pub(crate) fn tell(&mut self, tab: usize, message: &Message) {
        if !self.plan.settings.has_channel {
            return;
        }
        let sign_out = match message {
            Message::SignedOut {
                before: Some(at), ..
            } => Some(self.true_time_of(at.as_millis())),
            _ => None,
        };
        let is_offer = matches!(message, Message::Offered { .. });
        let text = message.to_text().expose().to_owned();
        self.judge_text(tab, &text);
        let page = self.tabs[tab].page.as_ref();
        let group = page.and_then(|page| page.state.group()).cloned();
        let letter = Rc::new(Letter {
            for_copies_of: group.filter(|_| is_offer && !self.config.is_shared()),
            text,
            sign_out,
        });
        for other in 0..self.tabs.len() {
            if other == tab || self.tabs[other].page.is_none() {
                continue;
            }
            self.letters += 1;
            let mut dice = Dice::new(self.plan.seed, [4, self.letters, 0]);
            let copies = match () {
                () if self.is(Condition::Deaf) && dice.one_in(2) => 0,
                () if dice.one_in(20) => 2,
                () => 1,
            };
            for _ in 0..copies {
                let mut delay = dice.between(0, 10);
                if self.is(Condition::Slow) {
                    delay += dice.between(0, 8_000);
                }
                let page = self.page_id(other);
                let letter = letter.clone();
                self.soon(delay, Task::Message { page, letter });
            }
            if copies == 0 {
                self.tabs[other].past.is_deaf = true;
            }
        }
    }

    /// When a sign-out was that the wall clock dates so: it may be told again, long after.
    fn true_time_of(&mut self, wall: i64) -> i64 {
        let real = self.clock.real();
        *self.sign_outs.entry(wall).or_insert(real)
    }

    pub(crate) fn message(&mut self, tab: usize, letter: &Letter) {
        let page = self.tabs[tab].page.as_ref();
        let group = page.and_then(|page| page.state.group());
        let is_private = letter.for_copies_of.is_some();
        if is_private
            && (group != letter.for_copies_of.as_ref() || self.off == Some(Safety::CopiesChannel))
        {
            return;
        }
        let Some(message) = Message::from_text(&letter.text, self.config.limits.token_bytes) else {
            return;
        };
        self.dispatch(tab, Event::PeerSaid(message));
        if let Some(at) = letter.sign_out {
            self.judge_sign_out(tab, at);
        }
    }
}
