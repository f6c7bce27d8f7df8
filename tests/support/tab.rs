//! A tab without a browser.

use hallpass::config::Config;
use hallpass::effect::Effect;
use hallpass::event::{Event, Stored, WaiterId};
use hallpass::mark::Mark;
use hallpass::record::{Message, Record, Sid};
use hallpass::session::{Context, State, step};
use hallpass::time::{Now, Span, Timestamp};

use super::{Grant, config};

/// The moment at which every tab opens: 2023-11-14T22:13:20Z.
pub(crate) const START: i64 = 1_700_000_000_000;

/// A refresh token kept beside the access token: the most common settings.
pub(crate) const BODY: &str = r#"{"refresh":{}}"#;

pub(crate) struct Tab {
    pub(crate) state: State,
    pub(crate) now: Now,
    pub(crate) config: Config,
    /// What the store holds.
    pub(crate) store: Option<Record>,
    /// What all tabs of this browser can read.
    pub(crate) mark: Mark,
    pub(crate) last_active: Option<Timestamp>,
    /// The newest generation that a copy of this tab has noted.
    pub(crate) noted: u64,
    dice: [u8; 4],
    draws: u32,
    callers: u32,
    pub(super) sids: Vec<Sid>,
    /// The question that this tab asked last.
    pub(crate) asked: Option<Sid>,
}

// ── Beginning ──

impl Tab {
    /// A tab that has just opened and has not read its store yet. Its dice always fall on 0.0.
    pub(crate) fn loading(options: &str) -> Self {
        Self {
            state: State::default(),
            now: Now {
                wall: Timestamp::from_millis(START),
                monotonic: Span::ZERO,
            },
            config: config(options),
            store: None,
            mark: Mark::default(),
            last_active: None,
            noted: 0,
            dice: [0; 4],
            draws: 0,
            callers: 0,
            sids: Vec::new(),
            asked: None,
        }
    }

    /// A tab without a session.
    pub(crate) fn signed_out(options: &str) -> Self {
        let mut tab = Self::loading(options);
        tab.restored(Stored::Empty);
        tab
    }

    /// A tab with a session; the sign-in was `w1`.
    pub(crate) fn signed_in(options: &str, grant: &Grant) -> Self {
        let mut tab = Self::signed_out(options);
        tab.sign_in(grant);
        tab
    }

    /// The same with a refresh under way at the server: attempt 1, begun by the schedule.
    pub(crate) fn refreshing(options: &str, grant: &Grant) -> Self {
        let mut tab = Self::signed_in(options, grant);
        assert_eq!(tab.after(240.0).tick().first().unwrap(), "lock #1");
        tab.locked(1);
        tab
    }

    /// A new tab at the same time with the same store: a reload.
    pub(crate) fn reloaded(&self, options: &str) -> Self {
        let mut tab = Self::loading(options);
        tab.now.wall = self.now.wall;
        tab.store.clone_from(&self.store);
        (tab.mark, tab.last_active) = (self.mark, self.last_active);
        tab
    }

    /// From now on the dice fall on 0.0 or 1.0.
    pub(crate) fn set_dice(&mut self, one: bool) {
        self.dice = [if one { 0xff } else { 0 }; 4];
    }
}

// ── Time ──

impl Tab {
    /// Later, awake.
    pub(crate) fn after(&mut self, seconds: f64) -> &mut Self {
        let span = Span::from_seconds(seconds);
        self.now.monotonic = self.now.monotonic.plus(span);
        self.set_clock(seconds)
    }

    /// The wall clock goes on, or is set, while the monotonic clock stands still.
    pub(crate) fn set_clock(&mut self, seconds: f64) -> &mut Self {
        self.now.wall = self.now.wall.plus(Span::from_seconds(seconds));
        self
    }
}

// ── Steps ──

impl Tab {
    /// One event; what it leads to, line by line.
    pub(crate) fn feed(&mut self, event: Event) -> Vec<String> {
        let mut effects = Vec::new();
        if event.needs_mark() {
            let (mark, last_active) = (self.mark, self.last_active);
            effects.extend(self.step(Event::MarkRead {
                mark,
                last_active,
                newest: self.noted,
            }));
        }
        effects.extend(self.step(event));
        effects
            .iter()
            .filter(|effect| !matches!(effect, Effect::Mark(_) | Effect::NoteActivity(_)))
            .map(|effect| self.line(effect))
            .collect()
    }

    /// One event; what it leads to.
    pub(crate) fn step(&mut self, event: Event) -> Vec<Effect> {
        let context = Context {
            now: self.now,
            random: self.draw(),
            secret: Some([self.draws.to_be_bytes()[3]; 16]),
            config: &self.config,
        };
        let (state, effects) = step(std::mem::take(&mut self.state), event, context);
        self.state = state;
        for effect in &effects {
            match effect {
                Effect::Persist(record) => self.store = Some(record.as_ref().clone()),
                Effect::Forget | Effect::ForgetHere(_) => self.store = None,
                Effect::Mark(marking) => self.mark = self.mark.with(*marking),
                Effect::NoteActivity(at) => self.last_active = Some(*at),
                Effect::Tell(Message::Asked { ask, .. }) => self.asked = Some(ask.clone()),
                _ => {}
            }
        }
        effects
    }

    /// A name for the next caller.
    pub(crate) fn caller(&mut self) -> WaiterId {
        self.callers += 1;
        WaiterId(self.callers)
    }

    fn draw(&mut self) -> [u8; 16] {
        self.draws += 1;
        let mut random = [0; 16];
        random[..4].copy_from_slice(&self.dice);
        random[12..].copy_from_slice(&self.draws.to_be_bytes());
        random
    }
}
