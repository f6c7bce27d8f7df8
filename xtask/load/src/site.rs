//! The server with its users: one call after the other, each by the next of them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::api::{Api, Reply};
use crate::session::Session;

/// What is asked of the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    SignIn,
    Refresh,
    Check,
}

/// How it ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    Served,
    /// With a 503 that says when to come back.
    Refused,
}

pub(crate) struct Site {
    pub(crate) api: Arc<Api>,
    users: Vec<String>,
    turn: AtomicUsize,
    /// For checked requests: an access token stays good when there is a newer one.
    holders: Vec<Session>,
    /// For refreshes: nobody refreshes twice at once.
    idle: Mutex<VecDeque<Session>>,
}

impl Call {
    pub(crate) const ALL: [Self; 3] = [Self::SignIn, Self::Refresh, Self::Check];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Refresh => "refresh",
            Self::Check => "`GET /me`",
        }
    }
}

impl Site {
    pub(crate) fn new(api: Arc<Api>, users: Vec<String>, sessions: Vec<Session>) -> Self {
        Self {
            api,
            users,
            turn: AtomicUsize::new(0),
            holders: sessions.clone(),
            idle: Mutex::new(sessions.into()),
        }
    }

    /// Makes a call. An error is anything that should not be.
    pub(crate) async fn ask(&self, call: Call) -> Result<Ended> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        match call {
            Call::SignIn => {
                let user = &self.users[turn % self.users.len()];
                judge(&self.api.sign_in(user).await?)
            }
            Call::Check => {
                let holder = &self.holders[turn % self.holders.len()];
                judge(&self.api.me(holder).await?)
            }
            Call::Refresh => {
                let session = self.idle().pop_front();
                let session = session.context("no client is left that does not wait already")?;
                let reply = self.api.refresh(&session).await?;
                let ended = judge(&reply)?;
                let next = match ended {
                    Ended::Served => Session::of(&reply.body, session.cookie).context("tokens")?,
                    Ended::Refused => session,
                };
                self.idle().push_back(next);
                Ok(ended)
            }
        }
    }

    /// So many clients; they come back by [`Self::give_back`].
    pub(crate) fn take(&self, count: usize) -> Vec<Session> {
        let mut idle = self.idle();
        let count = count.min(idle.len());
        idle.drain(..count).collect()
    }

    pub(crate) fn give_back(&self, session: Session) {
        self.idle().push_back(session);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, VecDeque<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judge(reply: &Reply) -> Result<Ended> {
    match (reply.status, reply.header("retry-after")) {
        (200, _) => Ok(Ended::Served),
        (503, Some(_)) => Ok(Ended::Refused),
        (status, _) => bail!("answered with {status}: {}", reply.body),
    }
}
