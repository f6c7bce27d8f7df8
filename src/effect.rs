//! What shall be done: orders to the shell, in the imperative. They are carried out in order.

use crate::error::Error;
use crate::event::{AttemptId, WaiterId};
use crate::mark::Marking;
use crate::record::{Message, Record, Sid};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};

/// An order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Get the lock for an attempt; answer with `LockGranted` or, after a bounded wait, `LockUnavailable`.
    AcquireLock {
        /// For which attempt.
        attempt: AttemptId,
    },
    /// The answer to this attempt no longer matters.
    Abandon {
        /// Which one.
        attempt: AttemptId,
    },
    /// What this sign-in brings no longer matters: neither its answer nor a cookie that comes with it.
    AbandonSignIn {
        /// The caller that waited for it.
        waiter: WaiterId,
    },
    /// Send a tick after this time, instead of what was armed before; `None`: no tick.
    Arm(Option<Span>),
    /// Show the application the present session, and say what changed where there is a word for it.
    Emit(Option<Change>),
    /// Remove everything that this package ever wrote.
    Forget,
    /// Remove what this tab wrote of this session. Where tabs share the store, the tab that ended the session has
    /// removed it there, if it could, and a newer session may stand there by now: that one stays.
    ForgetHere(Sid),
    /// Write down for all tabs what changed in the mark.
    Mark(Marking),
    /// Write down for all tabs when the user was last active.
    NoteActivity(Timestamp),
    /// Store the session.
    Persist(Box<Record>),
    /// Ask the server for new tokens; answer with `Answered`.
    Refresh {
        /// For which attempt.
        attempt: AttemptId,
        /// The access token.
        access: Option<Secret>,
        /// The refresh token, where a script may see it.
        refresh: Option<Secret>,
    },
    /// Give the lock back, for whatever attempt it is held.
    ReleaseLock,
    /// In client mode: let the fingerprint cookie live as long as the new token.
    RenewCookie {
        /// How long that is; `None` where that is not known.
        lifetime: Option<Span>,
    },
    /// Settle a caller's promise.
    Settle {
        /// Whose.
        waiter: WaiterId,
        /// How.
        outcome: Outcome,
    },
    /// Tell the server about the sign-out; answer with `SignOutAnswered`.
    SignOutAtServer {
        /// The caller that waits for it.
        waiter: Option<WaiterId>,
        /// The access token of the session that ended, where there was one.
        access: Option<Secret>,
        /// Its refresh token, where a script may see it.
        refresh: Option<Secret>,
        /// Its ID token, where its provider wants to see that.
        id_token: Option<Secret>,
    },
    /// Say something to the other tabs.
    Tell(Message),
}

/// How a caller's promise ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Done.
    Done,
    /// It failed.
    Failed(Error),
    /// The answer that the caller has shall stand.
    Stands,
    /// The access token, and the session that it belongs to: what comes back of it names both.
    Token {
        /// The token.
        token: Secret,
        /// Its session.
        sid: Sid,
        /// The name of the key that it is bound to (RFC 9449).
        key: Option<String>,
    },
}

/// What changed, as the application hears it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The session will end for lack of activity.
    IdleWarning {
        /// When.
        sign_out_at: Timestamp,
    },
    /// A refresh failed; the session stays.
    RefreshFailed {
        /// Why.
        error: Error,
        /// When the next one is due.
        retry_at: Option<Timestamp>,
    },
    /// There are new tokens.
    Refreshed {
        /// The tab that got them.
        by: Refresher,
    },
    /// The stored session is back.
    Restored,
    /// A session began.
    SignedIn,
    /// The session is over.
    SignedOut {
        /// Why.
        reason: SignOutReason,
    },
    /// The store failed; the session lives in memory.
    StorageDegraded {
        /// Why.
        error: Error,
    },
}

/// The tab that refreshed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refresher {
    /// This tab.
    ThisTab,
    /// A sibling.
    OtherTab,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignOutReason {
    /// The token ended, and there is no way to refresh.
    Expired,
    /// The token carries no fingerprint, or another one.
    Fingerprint,
    /// No activity.
    Idle,
    /// There was none.
    NeverSignedIn,
    /// Signed out in another tab.
    OtherTab,
    /// The server refused the refresh.
    Rejected,
    /// `limits.sessionSeconds` are over.
    SessionLimit,
    /// The stored session was removed or damaged.
    Storage,
    /// The server, which may know this browser, cannot be reached.
    Unreachable,
    /// `signOut()` here.
    User,
}

impl SignOutReason {
    /// Whether the user or a limit ended it: a sign-in under way is void then.
    pub const fn voids_pending_sign_in(self) -> bool {
        matches!(
            self,
            Self::User | Self::OtherTab | Self::Idle | Self::SessionLimit
        )
    }

    /// The word for it in the package's types.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Fingerprint => "fingerprint",
            Self::Idle => "idle",
            Self::NeverSignedIn => "never-signed-in",
            Self::OtherTab => "other-tab",
            Self::Rejected => "rejected",
            Self::SessionLimit => "session-limit",
            Self::Storage => "storage",
            Self::Unreachable => "unreachable",
            Self::User => "user",
        }
    }
}
