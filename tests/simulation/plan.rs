//! What happens in a run: drawn from its seed before it begins, so that parts can be left out.

use std::fmt;

use crate::dice::Dice;
use crate::settings::Settings;

/// One run.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) settings: Settings,
    /// What happens, and when: milliseconds of the machine being awake.
    pub(crate) ops: Vec<(i64, Op)>,
}

/// Something that happens to a tab, to the machine or to the network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Op {
    // What people and applications do
    SignIn {
        tab: usize,
        user: u8,
    },
    SignOut {
        tab: usize,
    },
    Token {
        tab: usize,
        min: Option<i64>,
    },
    Fetch {
        tab: usize,
        times: u8,
    },
    Refresh {
        tab: usize,
    },
    Active {
        tab: usize,
    },
    Focus {
        tab: usize,
    },
    // The life of a tab
    Open {
        tab: usize,
    },
    /// A tab that was closed, by the browser's own "reopen closed tab".
    Reopen {
        tab: usize,
    },
    Close {
        tab: usize,
    },
    Reload {
        tab: usize,
    },
    Duplicate {
        from: usize,
        to: usize,
    },
    Kill {
        tab: usize,
    },
    Freeze {
        tab: usize,
        millis: i64,
    },
    /// To another site and back, out of the back/forward cache.
    Leave {
        tab: usize,
        millis: i64,
    },
    // Its store
    Clear {
        tab: usize,
    },
    Tamper {
        tab: usize,
    },
    Fill {
        tab: usize,
    },
    // The machine
    Sleep {
        millis: i64,
    },
    Clock {
        millis: i64,
    },
    Offline {
        millis: i64,
    },
    // The network and the server
    Condition {
        condition: Condition,
        millis: i64,
    },
    Revoke {
        user: u8,
    },
    /// The callback with which a tab came back from the provider is opened again, there or in another tab.
    CallbackAgain {
        from: usize,
        to: usize,
    },
    /// Requests are made and held, and another user signs in meanwhile.
    Switch {
        tab: usize,
        user: u8,
    },
}

/// Trouble that lasts for a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Condition {
    /// Answers get lost, after the server has done what it was asked.
    Lost,
    /// Answers take seconds, some longer than any caller waits.
    Late,
    /// The page hears answers twice.
    Twice,
    /// Requests reach the server twice.
    Resent,
    /// 503.
    Broken,
    /// 429 with Retry-After.
    Busy,
    /// A success that holds no tokens, or none that can be used.
    Nonsense,
    /// Tokens that hardly live.
    Short,
    /// Messages between tabs get lost.
    Deaf,
    /// Messages between tabs take seconds and overtake each other.
    Slow,
    /// The application's own server holds requests for seconds, and refuses them in the end.
    Held,
    /// The provider gives ID tokens of other users.
    Mixed,
}

pub(crate) const CONDITIONS: usize = Condition::Mixed as usize + 1;

impl Op {
    /// Whether it is a fault, and no ordinary use.
    pub(crate) const fn is_fault(self) -> bool {
        !matches!(
            self,
            Self::SignIn { .. }
                | Self::SignOut { .. }
                | Self::Token { .. }
                | Self::Fetch { .. }
                | Self::Refresh { .. }
                | Self::Active { .. }
                | Self::Focus { .. }
                | Self::Open { .. }
        )
    }
}

/// Kinds of trouble; each run has some of them, so that none hides another.
const TROUBLES: usize = 18;

impl Plan {
    pub(crate) fn draw(seed: u64, tabs: usize) -> Self {
        let mut dice = Dice::new(seed, [1, tabs as u64, 0]);
        let mut settings = Settings::draw(tabs, &mut dice);
        settings.refuses_locks = Dice::new(seed, [4, 0, 0]).one_in(4);
        settings.slides = Dice::new(seed, [5, 0, 0]).one_in(5);
        let mut troubles = Vec::new();
        for trouble in 0..TROUBLES {
            if dice.one_in(4) {
                troubles.push(trouble);
            }
        }
        let mut draft = Draft {
            at: 0,
            tabs,
            lifetime: settings.lifetime.min(3_600_000),
            troubles,
            ops: Vec::new(),
            dice,
        };
        draft.opening();
        for _ in 0..40 + 4 * tabs {
            draft.pause();
            draft.something();
        }
        Self {
            seed,
            settings,
            ops: draft.ops,
        }
    }
}

struct Draft {
    at: i64,
    tabs: usize,
    lifetime: i64,
    troubles: Vec<usize>,
    ops: Vec<(i64, Op)>,
    dice: Dice,
}

impl Draft {
    fn push(&mut self, op: Op) {
        self.ops.push((self.at, op));
    }

    /// Tabs open, and most of them sign in.
    fn opening(&mut self) {
        let user = self.user();
        for tab in 0..self.tabs {
            self.push(Op::Open { tab });
            self.at += self.dice.between(0, 400);
            if !self.dice.one_in(4) {
                self.push(Op::SignIn { tab, user });
                self.at += self.dice.between(0, 400);
            }
        }
    }

    fn pause(&mut self) {
        self.at += match self.dice.below(20) {
            0..6 => self.dice.between(0, 20),
            6..12 => self.dice.between(0, 2_000),
            12..16 => self.dice.between(2_000, 30_000),
            16..18 => self.dice.between(0, self.lifetime / 4),
            18 => self.lifetime * 8 / 10,
            _ => self.lifetime + self.dice.between(-5_000, 5_000),
        };
    }

    fn something(&mut self) {
        let op = if !self.troubles.is_empty() && self.dice.one_in(3) {
            let trouble = self.dice.one_of(&self.troubles);
            self.trouble(trouble)
        } else {
            self.ordinary()
        };
        self.push(op);
    }

    fn ordinary(&mut self) -> Op {
        let tab = self.tab();
        match self.dice.below(24) {
            0..3 => Op::SignIn {
                tab,
                user: self.user(),
            },
            3..5 => Op::SignOut { tab },
            5..9 => Op::Token {
                tab,
                min: self
                    .dice
                    .one_of(&[None, None, Some(0), Some(30_000), Some(1 << 40)]),
            },
            9..14 => Op::Fetch {
                tab,
                times: self.dice.one_of(&[1, 1, 3]),
            },
            14..17 => Op::Refresh { tab },
            17..19 => Op::Active { tab },
            19 => Op::Focus { tab },
            20 => Op::Reload { tab },
            21 => Op::Close { tab },
            _ => Op::Open { tab },
        }
    }

    fn trouble(&mut self, trouble: usize) -> Op {
        let tab = self.tab();
        match trouble {
            0 => Op::Duplicate {
                from: tab,
                to: self.tab(),
            },
            1 if self.dice.one_in(2) => Op::Reopen { tab },
            1 => Op::Kill { tab },
            2 => Op::Freeze {
                tab,
                millis: self.while_(),
            },
            3 => match self.dice.below(4) {
                0 => Op::Fill { tab },
                1 => Op::Tamper { tab },
                _ => Op::Clear { tab },
            },
            4 => {
                let hours = self.dice.one_of(&[0, 0, 1, 10]);
                let millis = self.dice.between(1_000, 2 * self.lifetime);
                Op::Sleep {
                    millis: millis + hours * 3_600_000,
                }
            }
            5 => {
                let steps = [-86_400, -3_600, -300, -10, 10, 300, 3_600, 86_400];
                Op::Clock {
                    millis: 1_000 * self.dice.one_of(&steps),
                }
            }
            6 => Op::Offline {
                millis: self.while_(),
            },
            7 => self.condition(&[Condition::Lost]),
            8 => self.condition(&[Condition::Late]),
            9 => self.condition(&[Condition::Twice, Condition::Resent]),
            10 => self.condition(&[Condition::Broken, Condition::Busy, Condition::Nonsense]),
            11 => self.condition(&[Condition::Short]),
            12 => self.condition(&[Condition::Deaf, Condition::Slow]),
            13 => Op::Leave {
                tab,
                millis: self.while_(),
            },
            14 => Op::Switch {
                tab,
                user: self.user(),
            },
            15 => Op::Revoke { user: self.user() },
            16 => self.condition(&[Condition::Mixed]),
            _ => {
                let other = self.tab();
                Op::CallbackAgain {
                    from: self.dice.one_of(&[tab, other]),
                    to: tab,
                }
            }
        }
    }

    fn condition(&mut self, kinds: &[Condition]) -> Op {
        Op::Condition {
            condition: self.dice.one_of(kinds),
            millis: self.while_(),
        }
    }

    fn while_(&mut self) -> i64 {
        let longest = self.dice.one_of(&[1_000, 10_000, 60_000, 200_000]);
        self.dice.between(100, longest)
    }

    fn tab(&mut self) -> usize {
        self.dice.index(self.tabs)
    }

    fn user(&mut self) -> u8 {
        self.dice.one_of(&[0, 0, 0, 1, 2])
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
