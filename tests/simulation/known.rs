//! What the simulation has found and what is not mended yet: each constant leaves one thing out, and goes
//! when it is mended.

/// Nobody is given a token that was expired when it came, from the server or from another tab. What is left:
/// a wall clock that was set back makes a sibling's old token look young to the tab that takes it (seed 2790).
pub(crate) const EXPIRED_TOKENS_ARE_KEPT_BACK: bool = false;

/// A session whose cookie now belongs to another user ends, and does not try for ever.
pub(crate) const STRANGERS_COOKIES_END_SESSIONS: bool = true;

/// A refresh that proves itself by the access token is not sent when that ended while it waited for the
/// lock.
pub(crate) const BEARERS_ARE_JUDGED_AFTER_WAITING: bool = true;

/// A wake sets the timer anew: after a sleep it would fire too late by as long as that was.
pub(crate) const WAKES_SET_TIMERS: bool = true;

/// Who asks about a session that has ended is told of that session: a sign-out of all is judged by wall
/// clocks where the tab was away, and those may have been set.
pub(crate) const ENDED_SESSIONS_ARE_RETOLD_BY_NAME: bool = false;

/// Who has offered its session and then hears that it was signed out tells so again: the tab that took the
/// offer may not have been there to hear.
pub(crate) const OFFERS_ARE_TAKEN_BACK: bool = false;

/// A page that comes back from the cache knows that it gave the lock back, and takes it again before it
/// asks the server.
pub(crate) const PAGES_THAT_COME_BACK_LOCK_AGAIN: bool = false;

/// Tabs that all ask at once get an answer in time: five where signs of activity take their share of what a
/// tab may say in a second, twenty in any case.
pub(crate) const CROWDS_ARE_ANSWERED: bool = false;

/// An offer does not end a refresh that is at the server already: the cookie of its answer would be lost.
pub(crate) const OFFERS_WAIT_FOR_ANSWERS: bool = false;
