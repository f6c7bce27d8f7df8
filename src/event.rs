//! What happened: facts from outside, in the past tense.

use crate::answer::Answer;
use crate::error::Error;
use crate::mark::Mark;
use crate::record::{Message, Record, Sid};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};
use crate::tokens::TokenSet;

/// Names a caller whose promise is open. A later call has a higher number.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct WaiterId(pub u32);

/// Names one attempt to refresh. An answer for another attempt than the one under way is dropped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AttemptId(pub u32);

/// What the store holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Stored {
    /// It cannot tell: there is none, or it failed. What this tab knows counts.
    Unknown,
    /// Nothing.
    Empty,
    /// Something that is not ours.
    Damaged,
    /// A session.
    Found(Box<Record>),
}

impl Stored {
    /// Judges what the store gave back; `limit` is the longest token accepted, in bytes.
    pub fn judge(text: Option<&str>, limit: usize) -> Self {
        match text {
            None => Self::Empty,
            Some(text) => Record::from_text(text, limit)
                .map_or(Self::Damaged, |record| Self::Found(Box::new(record))),
        }
    }
}

/// A fact. Those with a waiter are answered by exactly one
/// [`Effect::Settle`](crate::effect::Effect::Settle).
#[derive(Clone, Debug)]
pub enum Event {
    /// The user did something in this tab.
    Active,
    /// A refresh was answered, or failed to be.
    Answered {
        /// Which one.
        attempt: AttemptId,
        /// With what.
        answer: Answer,
        /// Hash of the cookie that went along, in client mode.
        cookie_hash: Option<String>,
        /// What the store held then: another tab may have been quicker, or have signed out.
        stored: Stored,
    },
    /// The page that was left came back from the browser's back/forward cache: it has heard nothing meanwhile.
    CameBack,
    /// The key is gone to which the tokens of a session are bound (RFC 9449): nothing can be done with them any more.
    KeyLost {
        /// Its name.
        key: String,
    },
    /// The page is left. If it comes back, `CameBack` says so.
    Left,
    /// The lock is ours, and the store was read again under it.
    LockGranted {
        /// For which attempt.
        attempt: AttemptId,
        /// What the store held.
        stored: Stored,
    },
    /// The lock could not be had in time, or does not exist here.
    LockUnavailable {
        /// For which attempt.
        attempt: AttemptId,
    },
    /// What all tabs of this browser can read was read: before everything that depends on it
    /// ([`Event::needs_mark`]).
    MarkRead {
        /// The last sign-in and sign-out.
        mark: Mark,
        /// When the user was last active in any tab, where that is kept.
        last_active: Option<Timestamp>,
        /// The refreshes of this session that a copy of this tab has noted; 0 where none has.
        newest: u64,
    },
    /// Another tab said something.
    PeerSaid(Message),
    /// The application asked for a refresh, whatever time is left.
    RefreshAsked {
        /// The caller that waits for it.
        waiter: WaiterId,
    },
    /// This core takes the place of one that broke while the application was shown a session. Told before the store is
    /// read.
    Restarted,
    /// The store was read for the first time.
    Restored {
        /// What it held.
        stored: Stored,
        /// Hash of this browser's cookie, in client mode.
        cookie_hash: Option<String>,
    },
    /// A sign-in of any kind began. It counts in the order of its waiters: what it brings takes no later one's
    /// place.
    SignInBegan {
        /// The caller that waits for the session.
        waiter: WaiterId,
        /// Whether the user has done their part already, and a code is exchanged for the tokens (RFC 6749, section
        /// 4.1.3): until that has ended it is not known whether a user is here.
        exchanges: bool,
    },
    /// A sign-in that had begun brought nothing.
    SignInFailed {
        /// The caller that waits for the session.
        waiter: WaiterId,
        /// Why.
        error: Error,
    },
    /// A sign-in that had begun brought tokens.
    SignedIn {
        /// The caller that waits for the session.
        waiter: WaiterId,
        /// What came.
        set: TokenSet,
        /// Hash of the cookie that went along, in client mode.
        cookie_hash: Option<String>,
    },
    /// The server was told about a sign-out, or could not be.
    SignOutAnswered {
        /// The caller that waits for it.
        waiter: Option<WaiterId>,
        /// How it went.
        outcome: Result<(), Error>,
    },
    /// The application asked to end the session.
    SignOutAsked {
        /// The caller that waits for it.
        waiter: WaiterId,
    },
    /// Writing to the store failed; from now on it is memory.
    StoreFailed {
        /// Why.
        error: Error,
    },
    /// The timer fired. Early or extra ticks are harmless.
    Ticked,
    /// The application has new tokens of the session that is here: the user has not signed in anew.
    TokensGiven {
        /// The caller that waits for the session.
        waiter: WaiterId,
        /// What came.
        set: TokenSet,
        /// The session in whose answer they were found: they renew no other one. `None` where the application means
        /// the one that is here.
        sid: Option<Sid>,
        /// Hash of this browser's cookie, in client mode.
        cookie_hash: Option<String>,
        /// What the store held then: another tab may have refreshed, or have signed out.
        stored: Stored,
    },
    /// A caller needs the access token.
    TokenNeeded {
        /// Which one.
        waiter: WaiterId,
        /// For how long it must still be good; the leeway where not said.
        min_validity: Option<Span>,
        /// The session in which it asked: no other one serves it. `None` where none was known yet; then it
        /// belongs to the one that comes first.
        sid: Option<Sid>,
    },
    /// A request that carried our token was answered with a 401.
    Unauthorized {
        /// The caller that waits for another token.
        waiter: WaiterId,
        /// The token that it carried.
        sent: Secret,
        /// The session that this token belongs to: in any other one, the answer stands.
        sid: Sid,
    },
    /// The browser says that there is no network.
    WentOffline,
    /// The browser says that there is a network again.
    WentOnline,
    /// The page came back to the front, or from sleep.
    Woke {
        /// What the store held then.
        stored: Stored,
    },
}

impl Event {
    /// Whether the mark has to be read before this: a session is restored, begun, gone on with, renewed or ended.
    pub const fn needs_mark(&self) -> bool {
        matches!(
            self,
            Self::Answered { .. }
                | Self::CameBack
                | Self::LockGranted { .. }
                | Self::Restored { .. }
                | Self::SignedIn { .. }
                | Self::SignOutAsked { .. }
                | Self::Ticked
                | Self::TokensGiven { .. }
                | Self::Woke { .. }
        )
    }
}
