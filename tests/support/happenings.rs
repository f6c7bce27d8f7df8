//! What can happen to a tab.

use hallpass::answer::Answer;
use hallpass::error::{Error, ErrorKind};
use hallpass::event::{AttemptId, Event, Stored, WaiterId};
use hallpass::record::{Message, Record, Sid};
use hallpass::time::{Span, Timestamp};
use hallpass::tokens::TokenSet;

use super::{Grant, Tab, other_sid};

impl Tab {
    pub(crate) fn restored(&mut self, stored: Stored) -> Vec<String> {
        self.restored_with_cookie(stored, None)
    }

    pub(crate) fn restored_with_cookie(
        &mut self,
        stored: Stored,
        cookie_hash: Option<&str>,
    ) -> Vec<String> {
        self.feed(Event::Restored {
            stored,
            cookie_hash: cookie_hash.map(str::to_owned),
        })
    }

    /// Reads the store for the first time.
    pub(crate) fn open(&mut self) -> Vec<String> {
        let stored = self.stored();
        self.restored(stored)
    }

    pub(crate) fn sign_in(&mut self, grant: &Grant) -> Vec<String> {
        let waiter = self.begin_sign_in();
        self.sign_in_answered(waiter, grant)
    }

    /// A sign-in begins, and waits for the server.
    pub(crate) fn begin_sign_in(&mut self) -> WaiterId {
        let waiter = self.caller();
        assert_eq!(
            self.feed(Event::SignInBegan {
                waiter,
                exchanges: false,
            }),
            [""; 0]
        );
        waiter
    }

    /// A sign-in that has begun brings tokens.
    pub(crate) fn sign_in_answered(&mut self, waiter: WaiterId, grant: &Grant) -> Vec<String> {
        self.feed(Event::SignedIn {
            waiter,
            set: grant.set(),
            cookie_hash: grant.cookie_hash.clone(),
        })
    }

    pub(crate) fn sign_in_failed(&mut self, waiter: WaiterId, error: Error) -> Vec<String> {
        self.feed(Event::SignInFailed { waiter, error })
    }

    pub(crate) fn sign_out(&mut self) -> Vec<String> {
        let waiter = self.caller();
        self.feed(Event::SignOutAsked { waiter })
    }

    /// The application has newer tokens of the session that is here.
    pub(crate) fn given(&mut self, grant: &Grant) -> Vec<String> {
        self.given_set(grant.set(), None)
    }

    /// They stood in an answer of that session.
    pub(crate) fn found_in(&mut self, sid: Sid, grant: &Grant) -> Vec<String> {
        self.given_set(grant.set(), Some(sid))
    }

    pub(crate) fn given_set(&mut self, set: TokenSet, sid: Option<Sid>) -> Vec<String> {
        let stored = self.stored();
        self.given_beside(set, sid, stored)
    }

    /// While this stood in the store.
    pub(crate) fn given_beside(
        &mut self,
        set: TokenSet,
        sid: Option<Sid>,
        stored: Stored,
    ) -> Vec<String> {
        let waiter = self.caller();
        self.feed(Event::TokensGiven {
            waiter,
            set,
            sid,
            cookie_hash: None,
            stored,
        })
    }

    pub(crate) fn need_token(&mut self) -> Vec<String> {
        self.need_token_in(self.state.sid().cloned())
    }

    /// A caller that asked in this session needs a token.
    pub(crate) fn need_token_in(&mut self, sid: Option<Sid>) -> Vec<String> {
        let waiter = self.caller();
        self.feed(Event::TokenNeeded {
            waiter,
            min_validity: None,
            sid,
        })
    }

    pub(crate) fn need_token_for(&mut self, seconds: f64) -> Vec<String> {
        let waiter = self.caller();
        self.feed(Event::TokenNeeded {
            waiter,
            min_validity: Some(Span::from_seconds(seconds)),
            sid: self.state.sid().cloned(),
        })
    }

    pub(crate) fn ask_refresh(&mut self) -> Vec<String> {
        let waiter = self.caller();
        self.feed(Event::RefreshAsked { waiter })
    }

    /// A request with this token of the present session got a 401.
    pub(crate) fn unauthorized(&mut self, sent: &Grant) -> Vec<String> {
        self.unauthorized_in(self.sid_of_now(), sent)
    }

    /// A request with this token of that session got a 401.
    pub(crate) fn unauthorized_in(&mut self, sid: Sid, sent: &Grant) -> Vec<String> {
        let waiter = self.caller();
        self.feed(Event::Unauthorized {
            waiter,
            sent: sent.access(),
            sid,
        })
    }

    /// The present session, or where there is none one that no tab has.
    pub(crate) fn sid_of_now(&self) -> Sid {
        self.state.sid().cloned().unwrap_or_else(other_sid)
    }

    pub(crate) fn tick(&mut self) -> Vec<String> {
        self.feed(Event::Ticked)
    }

    /// The lock is granted, and the store holds what this tab wrote.
    pub(crate) fn locked(&mut self, attempt: u32) -> Vec<String> {
        let stored = self.stored();
        self.locked_with(attempt, stored)
    }

    pub(crate) fn locked_with(&mut self, attempt: u32, stored: Stored) -> Vec<String> {
        self.feed(Event::LockGranted {
            attempt: AttemptId(attempt),
            stored,
        })
    }

    pub(crate) fn no_lock(&mut self, attempt: u32) -> Vec<String> {
        self.feed(Event::LockUnavailable {
            attempt: AttemptId(attempt),
        })
    }

    pub(crate) fn answered(&mut self, attempt: u32, answer: Answer) -> Vec<String> {
        self.answered_with_cookie(attempt, answer, None)
    }

    pub(crate) fn answered_with_cookie(
        &mut self,
        attempt: u32,
        answer: Answer,
        cookie_hash: Option<&str>,
    ) -> Vec<String> {
        let stored = self.stored();
        self.feed(Event::Answered {
            attempt: AttemptId(attempt),
            answer,
            cookie_hash: cookie_hash.map(str::to_owned),
            stored,
        })
    }

    /// Answered while the store holds something else than what this tab wrote.
    pub(crate) fn answered_finding(
        &mut self,
        attempt: u32,
        answer: Answer,
        stored: Stored,
    ) -> Vec<String> {
        self.feed(Event::Answered {
            attempt: AttemptId(attempt),
            answer,
            cookie_hash: None,
            stored,
        })
    }

    /// The page is in front again, and the store holds what this tab wrote.
    pub(crate) fn wake(&mut self) -> Vec<String> {
        let stored = self.stored();
        self.wake_with(stored)
    }

    pub(crate) fn wake_with(&mut self, stored: Stored) -> Vec<String> {
        self.feed(Event::Woke { stored })
    }

    pub(crate) fn came_back(&mut self) -> Vec<String> {
        self.feed(Event::CameBack)
    }

    pub(crate) fn hear(&mut self, message: Message) -> Vec<String> {
        self.feed(Event::PeerSaid(message))
    }

    /// A sibling answers what this tab asked last.
    pub(crate) fn hear_offer(&mut self, record: Record) -> Vec<String> {
        let ask = self.asked.clone().unwrap();
        let record = Box::new(record);
        self.hear(Message::Offered { ask, record })
    }

    pub(crate) fn hear_renewed(&mut self, sid: &Sid, generation: u64) -> Vec<String> {
        let sid = sid.clone();
        self.hear(Message::Renewed {
            sid,
            generation: generation.into(),
        })
    }

    /// A sibling asked the server in vain.
    pub(crate) fn hear_failed(
        &mut self,
        sid: Option<&Sid>,
        generation: u64,
        retry_after: Option<f64>,
    ) -> Vec<String> {
        self.hear(Message::Failed {
            sid: sid.cloned(),
            generation: generation.into(),
            retry_after: retry_after.map(Span::from_seconds),
        })
    }

    /// Another tab asks what it may have missed.
    pub(crate) fn hear_question(&mut self, sid: Option<&Sid>, generation: u64) -> Vec<String> {
        self.hear(Message::Asked {
            ask: other_sid(),
            sid: sid.cloned(),
            generation: generation.into(),
            spends: false,
        })
    }

    /// Of one session, or of all that began before `at`.
    pub(crate) fn hear_sign_out(&mut self, sid: Option<Sid>, at: Timestamp) -> Vec<String> {
        let before = sid.is_none().then_some(at);
        self.feed(Event::PeerSaid(Message::SignedOut { sid, before }))
    }

    /// The server was told about the sign-out of this caller, or was not.
    pub(crate) fn sign_out_answered(&mut self, waiter: u32, is_told: bool) -> Vec<String> {
        let error = Error::new(ErrorKind::SignOutUnavailable, "the server was not told");
        self.feed(Event::SignOutAnswered {
            waiter: Some(WaiterId(waiter)),
            outcome: if is_told {
                Ok(())
            } else {
                Err(error.with_status(Some(503)))
            },
        })
    }
}
