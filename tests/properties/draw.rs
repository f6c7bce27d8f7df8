//! What happens next, at random.

use hallpass::answer::Answer;
use hallpass::error::{Error, ErrorKind};
use hallpass::event::{AttemptId, Event, Stored, WaiterId};
use hallpass::generation::Generation;
use hallpass::record::{Message, Record, Sid};
use hallpass::secret::Secret;
use hallpass::time::Span;

use crate::CANARY;
use crate::run::Run;
use crate::support::*;

impl Run {
    pub(crate) fn something_happens(&mut self) {
        self.time_passes();
        let event = self.some_event();
        self.feed(event);
    }

    pub(crate) fn time_passes(&mut self) {
        let seconds = match self.dice.below(10) {
            0..4 => 0.0,
            4..6 => 0.3,
            6 => 30.0,
            7 => 245.0,
            8 => 400.0,
            _ => {
                let jump = self.dice.one_of(&[-86_400.0, -60.0, 60.0, 7_200.0]);
                self.tab.set_clock(jump);
                return;
            }
        };
        self.tab.after(seconds);
        let is_one = self.dice.below(2) == 0;
        self.tab.set_dice(is_one);
        self.tab.noted = self.dice.one_of(&[0, 0, 0, 2, 9]);
    }

    pub(crate) fn some_event(&mut self) -> Event {
        if !self.is_restored && self.dice.below(3) == 0 {
            self.is_restored = true;
            let stored = self.some_store();
            return Event::Restored {
                stored,
                cookie_hash: None,
            };
        }
        match self.dice.below(22) {
            0 => Event::Active,
            1..4 => Event::Answered {
                attempt: self.some_attempt(self.asking),
                answer: self.some_answer(),
                cookie_hash: None,
                stored: self.some_store(),
            },
            4..6 => Event::LockGranted {
                attempt: self.some_attempt(self.locking),
                stored: self.some_store(),
            },
            6 => Event::LockUnavailable {
                attempt: self.some_attempt(self.locking),
            },
            7 | 20 => Event::PeerSaid(self.some_message()),
            8 => Event::RefreshAsked {
                waiter: self.caller(),
            },
            9..11 => self.some_sign_in(),
            11 => match self.signing_out.pop() {
                Some(waiter) => Event::SignOutAnswered {
                    waiter: Some(waiter),
                    outcome: Ok(()),
                },
                None => Event::SignOutAsked {
                    waiter: self.caller(),
                },
            },
            12 => store_failed(),
            13 => Event::Ticked,
            14..16 => Event::TokenNeeded {
                waiter: self.caller(),
                min_validity: self.dice.one_of(&[
                    None,
                    None,
                    Some(Span::ZERO),
                    Some(Span::from_millis(1 << 40)),
                ]),
                sid: self.tab.state.sid().cloned(),
            },
            16 => Event::Unauthorized {
                waiter: self.caller(),
                sent: self.some_sent(),
                sid: match self.dice.below(5) {
                    0 => other_sid(),
                    _ => self.tab.sid_of_now(),
                },
            },
            21 => {
                let found_in = match self.dice.below(4) {
                    0 => None,
                    1 => Some(other_sid()),
                    _ => self.tab.state.sid().cloned(),
                };
                Event::TokensGiven {
                    waiter: self.caller(),
                    set: self.some_grant().set(),
                    sid: found_in,
                    cookie_hash: None,
                    stored: self.some_store(),
                }
            }
            17 => Event::WentOffline,
            18 => Event::WentOnline,
            19 if self.dice.below(4) == 0 => Event::CameBack,
            19 if self.dice.below(4) == 0 => Event::Left,
            _ => Event::Woke {
                stored: self.some_store(),
            },
        }
    }

    /// One begins, or one of those that began is answered: late, or after another.
    pub(crate) fn some_sign_in(&mut self) -> Event {
        if self.signing_in.is_empty() || self.dice.below(3) == 0 {
            let waiter = self.caller();
            self.signing_in.push(waiter);
            return Event::SignInBegan {
                waiter,
                exchanges: false,
            };
        }
        let count = u64::try_from(self.signing_in.len()).unwrap();
        let index = usize::try_from(self.dice.below(count)).unwrap();
        let waiter = self.signing_in.remove(index);
        if self.dice.below(4) == 0 {
            let error = Error::from(ErrorKind::SignInRejected);
            return Event::SignInFailed { waiter, error };
        }
        Event::SignedIn {
            waiter,
            set: self.some_grant().set(),
            cookie_hash: None,
        }
    }

    pub(crate) fn caller(&mut self) -> WaiterId {
        let waiter = self.tab.caller();
        self.open.insert(waiter.0);
        waiter
    }

    /// Mostly the right one, else one of long ago.
    pub(crate) fn some_attempt(&mut self, right: Option<AttemptId>) -> AttemptId {
        match right {
            Some(id) if self.dice.below(5) > 0 => id,
            _ => AttemptId(u32::try_from(self.dice.below(u64::from(self.attempts) + 1)).unwrap()),
        }
    }

    pub(crate) fn some_grant(&mut self) -> Grant {
        self.names += 1;
        let name = format!("A{}", self.names);
        let claims = self.dice.one_of(&[
            r#""sub":"ann","userFingerprint":"ab""#,
            r#""sub":"ann","userFingerprint":"ab""#,
            r#""sub":"bob""#,
            r#""exp":"soon""#,
            r#""iat":1700000000,"exp":1700000300"#,
        ]);
        let seconds = self
            .dice
            .one_of(&[300.0, 300.0, 6.0, 0.0, -5.0, 4e6, 1e300]);
        let mut grant = match self.dice.below(8) {
            0 => opaque(&format!("CANARY{name}")).lasting(seconds),
            1 => grant_with(&name, claims).undated(),
            2 => opaque("CANARY not a token"),
            _ => grant_with(&name, claims).lasting(seconds),
        };
        if self.dice.below(3) > 0 {
            grant = grant.and(&format!("CANARY-R{}", self.names));
        }
        grant.signed(CANARY)
    }

    pub(crate) fn some_answer(&mut self) -> Answer {
        match self.dice.below(10) {
            0 => refused(401),
            1 => trouble(503),
            2 => busy(429, 20.0),
            3 => nonsense(200),
            4 => no_network(),
            _ => self.some_grant().answer(),
        }
    }

    pub(crate) fn some_message(&mut self) -> Message {
        let own = self.session.clone().map(|(sid, _)| sid);
        let at = self.tab.now.wall;
        let at = at.plus(Span::from_millis(self.dice.one_of(&[0, 0, -1_000_000])));
        let sid = match self.dice.below(3) {
            0 => other_sid(),
            _ => own.clone().unwrap_or(other_sid()),
        };
        let generation = self
            .session
            .as_ref()
            .map_or(1, |(_, number)| number.refreshes);
        let generation = match self.dice.below(3) {
            0 => generation.saturating_sub(1),
            1 => generation + 1,
            _ => generation,
        };
        match self.dice.below(10) {
            0 => Message::Active { at },
            1 => Message::SignedOut {
                sid: Some(other_sid()),
                before: None,
            },
            2 => Message::SignedOut {
                sid: own,
                before: Some(at),
            },
            3 => Message::SignedOut {
                sid: None,
                before: Some(at),
            },
            4 => Message::Asked {
                ask: other_sid(),
                sid: (self.dice.below(2) == 0).then_some(sid),
                generation: generation.into(),
                spends: self.dice.below(2) == 0,
            },
            5 => Message::Renewed {
                sid,
                generation: match self.dice.below(3) {
                    0 => Generation::from(generation).slid(),
                    _ => generation.into(),
                },
            },
            6 => Message::Failed {
                sid: (self.dice.below(2) == 0).then_some(sid),
                generation: generation.into(),
                retry_after: Some(Span::from_millis(self.dice.one_of(&[0, 5_000, i64::MAX]))),
            },
            _ => {
                // Mostly the answer to the open question, else to one that was not asked.
                let asked = self.tab.asked.clone().filter(|_| self.dice.below(4) > 0);
                let Stored::Found(record) = self.some_record(&sid, generation) else {
                    unreachable!("some_record makes one");
                };
                Message::Offered {
                    ask: asked.unwrap_or(other_sid()),
                    record,
                }
            }
        }
    }

    /// Mostly what this tab wrote; else what a sibling, a stranger or a vandal left there.
    pub(crate) fn some_store(&mut self) -> Stored {
        match (self.dice.below(12), self.session.clone()) {
            (0, _) => Stored::Empty,
            (1, _) => Stored::Damaged,
            (2..4, _) => Stored::Unknown,
            (4, Some((sid, generation))) => self.some_record(&sid, generation.refreshes + 1),
            (5, Some((sid, generation))) => {
                self.some_record(&sid, generation.refreshes.saturating_sub(1))
            }
            (6, _) => {
                let sid = self.names.to_be_bytes();
                let mut bytes = [0xbb; 16];
                bytes[..4].copy_from_slice(&sid);
                self.some_record(&Sid::new(bytes, 0), 1)
            }
            _ => self.tab.stored(),
        }
    }

    pub(crate) fn some_record(&mut self, sid: &Sid, generation: u64) -> Stored {
        self.names += 1;
        let record: Record = grant_with(
            &format!("A{}", self.names),
            r#""sub":"ann","userFingerprint":"ab""#,
        )
        .and(&format!("CANARY-R{}", self.names))
        .signed(CANARY)
        .record(sid, generation, self.tab.now.wall);
        found(record)
    }

    pub(crate) fn some_sent(&mut self) -> Secret {
        let current = self
            .tab
            .state
            .tokens()
            .map(|tokens| tokens.access().clone());
        match current {
            Some(current) if self.dice.below(3) > 0 => current,
            _ => Secret::from("CANARY-old"),
        }
    }
}
