//! The core that ships, as many times as there are clients.

use std::collections::VecDeque;

use hallpass::answer::Answer;
use hallpass::config::Config;
use hallpass::effect::{Change, Effect};
use hallpass::event::{AttemptId, Event, Stored, WaiterId};
use hallpass::record::Sid;
use hallpass::secret::Secret;
use hallpass::session::{Context, State, step};
use hallpass::time::{Now, Span, Timestamp};
use hallpass::tokens::TokenSet;

use crate::client::{Fact, Fleet, Kind, LIFETIME_SECONDS, Order};
use crate::dice::Dice;
use crate::settings::config;

/// When the virtual day begins: 2023-11-14T22:13:20Z.
const START: i64 = 1_700_000_000_000;

/// One [`State`] per client. Each has a lock that is free and a store that cannot tell: it is alone.
pub(crate) struct Core {
    kind: Kind,
    config: Config,
    states: Vec<State>,
    pending: VecDeque<Event>,
}

impl Core {
    pub(crate) fn new(kind: Kind, clients: u32) -> Self {
        let jitter = if kind == Kind::WithoutJitter { 0 } else { 30 };
        let options = format!(r#"{{"refresh":{{}},"schedule":{{"jitterSeconds":{jitter}}}}}"#);
        Self {
            kind,
            config: config(&options),
            states: (0..clients).map(|_| State::default()).collect(),
            pending: VecDeque::new(),
        }
    }

    fn event(&self, client: u32, fact: Fact) -> Event {
        let state = &self.states[client as usize];
        match fact {
            Fact::SignedIn => Event::SignedIn {
                waiter: WaiterId(0),
                set: tokens(client, 0),
                cookie_hash: None,
            },
            Fact::TimerFired => Event::Ticked,
            Fact::Answered { attempt, is_served } => Event::Answered {
                attempt: AttemptId(attempt),
                answer: if is_served {
                    Answer::Tokens(tokens(client, attempt))
                } else {
                    Answer::Trouble {
                        status: Some(503),
                        retry_after: None,
                    }
                },
                cookie_hash: None,
                stored: Stored::Unknown,
            },
            Fact::Unauthorized => Event::Unauthorized {
                waiter: WaiterId(0),
                sent: state
                    .tokens()
                    .map_or_else(|| Secret::from("none"), |tokens| tokens.access().clone()),
                sid: state.sid().cloned().unwrap_or_else(|| Sid::new([0; 16], 0)),
            },
        }
    }

    /// What the shell would do with this effect.
    fn carry_out(&mut self, effect: &Effect, orders: &mut Vec<Order>) {
        match effect {
            Effect::AcquireLock { attempt } => self.pending.push_back(Event::LockGranted {
                attempt: *attempt,
                stored: Stored::Unknown,
            }),
            Effect::Refresh { attempt, .. } => orders.push(Order::Refresh { attempt: attempt.0 }),
            Effect::Arm(span) => orders.push(Order::Arm(
                span.map(|span| u64::try_from(span.as_millis()).unwrap_or(0)),
            )),
            Effect::Emit(Some(Change::RefreshFailed { .. }))
                if self.kind == Kind::WithoutBackoff =>
            {
                self.pending.push_back(Event::WentOnline);
            }
            _ => {}
        }
    }
}

impl Fleet for Core {
    fn happens(
        &mut self,
        client: u32,
        fact: Fact,
        now: u64,
        dice: &mut Dice,
        orders: &mut Vec<Order>,
    ) {
        let millis = i64::try_from(now).unwrap_or(i64::MAX);
        let now = Now {
            wall: Timestamp::from_millis(START.saturating_add(millis)),
            monotonic: Span::from_millis(millis),
        };
        if fact == Fact::SignedIn {
            let waiter = WaiterId(0);
            self.pending.push_back(Event::SignInBegan {
                waiter,
                exchanges: false,
            });
            self.pending.push_back(Event::Restored {
                stored: Stored::Empty,
                cookie_hash: None,
            });
        }
        let event = self.event(client, fact);
        self.pending.push_back(event);
        while let Some(event) = self.pending.pop_front() {
            let context = Context {
                now,
                random: match self.kind {
                    // The highest of all throws: the whole pause, every time.
                    Kind::WithoutJitter => [0xff; 16],
                    _ => dice.bytes(),
                },
                secret: None,
                config: &self.config,
            };
            let slot = &mut self.states[client as usize];
            let (state, effects) = step(std::mem::take(slot), event, context);
            *slot = state;
            for effect in &effects {
                self.carry_out(effect, orders);
            }
        }
    }
}

fn tokens(client: u32, attempt: u32) -> TokenSet {
    TokenSet {
        access: Secret::from(format!("a{client}-{attempt}")),
        refresh: Some(Secret::from(format!("r{client}-{attempt}"))),
        expires_in: Some(f64::from(LIFETIME_SECONDS)),
        date: None,
        profile: None,
        grant: None,
    }
}
