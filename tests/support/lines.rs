//! Effects and the session, each as one line of text.
//!
//! | Line | Effect |
//! |---|---|
//! | `persist s1.2 A2 R2` | store session 1 in generation 2 with these tokens (`-`: none) |
//! | `lock #1`, `release`, `abandon #1` | the lock for attempt 1, giving it back, dropping its answer |
//! | `abandon w3` | dropping what the third caller's sign-in brings |
//! | `refresh #1 A1 R1` | ask the server for new tokens |
//! | `w3 token A2`, `w3 done`, `w3 stands`, `w3 failed CODE(STATUS) < CAUSE` | settle the third caller |
//! | `emit CHANGE`, `show` | tell the application what changed, or only how things stand |
//! | `arm 240s`, `arm never` | the one timer |
//! | `tell signed-out s1`, `tell signed-out all`, `tell active`, `tell renewed s1.2` | hints to other tabs |
//! | `ask s1.2`, `ask for any`, `offer s1.2 A2 R2` | a question to other tabs, and the answer to one |
//! | `claim t1` | hold the first name of a tab that is seen |
//! | `forget`, `forget here`, `cookie 300s`, `sign out at server w3 A1 R1` | what they say |
//!
//! Callers are counted as they come: the first event with a caller is `w1`. Sessions are counted as they
//! are first seen. Tokens go by the name in their `jti` claim, opaque ones by their text.

use hallpass::claims::Jwt;
use hallpass::effect::{Change, Effect, Outcome, Refresher};
use hallpass::error::Error;
use hallpass::event::Stored;
use hallpass::record::{Message, Record, Sid};
use hallpass::secret::Secret;
use hallpass::session::View;
use hallpass::time::{Span, Timestamp};

use super::generation::shown;
use super::{Tab, found};

impl Tab {
    pub(crate) fn stored(&self) -> Stored {
        self.store.clone().map_or(Stored::Empty, found)
    }

    /// The record of the session that is in the store.
    pub(crate) fn record(&self) -> Record {
        self.store.clone().unwrap()
    }

    /// The present session, as one line.
    pub(crate) fn view(&self) -> String {
        match self.state.view(self.now) {
            View::Loading => "loading".to_owned(),
            View::SignedOut(reason) => format!("signed-out {}", reason.as_str()),
            View::SignedIn {
                generation,
                expires_at,
                refresh_at,
                stale,
            } => {
                let token = self
                    .state
                    .tokens()
                    .map_or_else(String::new, |t| name(t.access()));
                let stale = if stale { " stale" } else { "" };
                let (ends, due) = (self.until(expires_at), self.until(refresh_at));
                let generation = shown(generation);
                format!("{token} generation {generation} ends {ends} refresh {due}{stale}")
            }
        }
    }

    pub(super) fn line(&mut self, effect: &Effect) -> String {
        match effect {
            Effect::AcquireLock { attempt } => format!("lock #{}", attempt.0),
            Effect::Abandon { attempt } => format!("abandon #{}", attempt.0),
            Effect::AbandonSignIn { waiter } => format!("abandon w{}", waiter.0),
            Effect::Arm(Some(span)) => format!("arm {}", seconds(*span)),
            Effect::Arm(None) => "arm never".to_owned(),
            Effect::Emit(None) => "show".to_owned(),
            Effect::Emit(Some(change)) => format!("emit {}", self.change(change)),
            Effect::Forget => "forget".to_owned(),
            Effect::ForgetHere(_) => "forget here".to_owned(),
            Effect::Mark(_) | Effect::NoteActivity(_) => unreachable!("no line tells these"),
            Effect::Persist(record) => {
                let sid = self.sid(&record.sid);
                let tokens = pair(Some(record.tokens.access()), record.tokens.refresh());
                format!("persist {sid}.{} {tokens}", shown(record.generation))
            }
            Effect::Refresh {
                attempt,
                access,
                refresh,
            } => {
                let tokens = pair(access.as_ref(), refresh.as_ref());
                format!("refresh #{} {tokens}", attempt.0)
            }
            Effect::ReleaseLock => "release".to_owned(),
            Effect::RenewCookie { lifetime } => {
                format!("cookie {}", lifetime.map_or("-".to_owned(), seconds))
            }
            Effect::Settle { waiter, outcome } => format!("w{} {}", waiter.0, settled(outcome)),
            Effect::SignOutAtServer {
                waiter,
                access,
                refresh,
                ..
            } => {
                let tokens = pair(access.as_ref(), refresh.as_ref());
                let waiter = waiter.map_or(String::new(), |waiter| format!("w{} ", waiter.0));
                format!("sign out at server {waiter}{tokens}")
            }
            Effect::Tell(Message::SignedOut { sid, before }) => {
                let sid = sid.as_ref().map(|sid| self.sid(sid));
                match before {
                    Some(at) => {
                        assert!(*at >= self.now.wall, "a sign-out is told with its time");
                        "tell signed-out all".to_owned()
                    }
                    None => format!("tell signed-out {}", sid.expect("an end names its session")),
                }
            }
            Effect::Tell(Message::Active { at }) => {
                assert_eq!(*at, self.now.wall, "activity is told with its time");
                "tell active".to_owned()
            }
            Effect::Tell(Message::Asked {
                sid,
                generation,
                spends,
                ..
            }) => {
                let last = if *spends { " once more" } else { "" };
                match sid {
                    Some(sid) => format!("ask {}.{}{last}", self.sid(sid), shown(*generation)),
                    None => "ask for any".to_owned(),
                }
            }
            Effect::Tell(Message::Offered { record, .. }) => {
                let tokens = pair(Some(record.tokens.access()), record.tokens.refresh());
                format!(
                    "offer {}.{} {tokens}",
                    self.sid(&record.sid),
                    shown(record.generation)
                )
            }
            Effect::Tell(Message::Failed {
                sid,
                generation,
                retry_after,
            }) => {
                let whose = match sid {
                    Some(sid) => format!("{}.{}", self.sid(sid), shown(*generation)),
                    None => "any".to_owned(),
                };
                let wait = retry_after.map_or(String::new(), |wait| {
                    format!(" retry after {}", seconds(wait))
                });
                format!("tell failed {whose}{wait}")
            }
            Effect::Tell(Message::Renewed { sid, generation }) => {
                format!("tell renewed {}.{}", self.sid(sid), shown(*generation))
            }
        }
    }

    fn change(&self, change: &Change) -> String {
        match change {
            Change::IdleWarning { sign_out_at } => {
                format!("idle-warning, sign-out {}", self.until(Some(*sign_out_at)))
            }
            Change::RefreshFailed { error, retry_at } => {
                format!(
                    "refresh-failed {}, retry {}",
                    failure(error),
                    self.until(*retry_at)
                )
            }
            Change::Refreshed {
                by: Refresher::ThisTab,
            } => "refreshed by this-tab".to_owned(),
            Change::Refreshed {
                by: Refresher::OtherTab,
            } => "refreshed by other-tab".to_owned(),
            Change::Restored => "restored".to_owned(),
            Change::SignedIn => "signed-in".to_owned(),
            Change::SignedOut { reason } => format!("signed-out {}", reason.as_str()),
            Change::StorageDegraded { error } => format!("storage-degraded {}", failure(error)),
        }
    }

    fn until(&self, moment: Option<Timestamp>) -> String {
        match moment {
            Some(moment) => format!("in {}", seconds(moment.since(self.now.wall))),
            None => "never".to_owned(),
        }
    }

    fn sid(&mut self, sid: &Sid) -> String {
        number('s', &mut self.sids, sid)
    }
}

/// Names are random: they go by the order in which they are seen.
fn number(letter: char, names: &mut Vec<Sid>, name: &Sid) -> String {
    let known = names.iter().position(|known| known == name);
    let index = known.unwrap_or_else(|| {
        names.push(name.clone());
        names.len() - 1
    });
    format!("{letter}{}", index + 1)
}

fn settled(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "done".to_owned(),
        Outcome::Failed(error) => format!("failed {}", failure(error)),
        Outcome::Stands => "stands".to_owned(),
        Outcome::Token { token, .. } => format!("token {}", name(token)),
    }
}

fn failure(error: &Error) -> String {
    let status = error.status().map_or(String::new(), |s| format!("({s})"));
    let cause = error
        .cause()
        .map_or(String::new(), |cause| format!(" < {}", failure(cause)));
    format!("{}{status}{cause}", error.code())
}

fn pair(access: Option<&Secret>, refresh: Option<&Secret>) -> String {
    let name = |token: Option<&Secret>| token.map_or("-".to_owned(), name);
    format!("{} {}", name(access), name(refresh))
}

/// The name that a test gave a token.
fn name(token: &Secret) -> String {
    let jwt = Jwt::read(token.expose()).ok();
    let name = jwt.as_ref().and_then(|jwt| jwt.text("jti"));
    name.unwrap_or(token.expose()).to_owned()
}

fn seconds(span: Span) -> String {
    format!("{}s", span.as_millis() as f64 / 1000.0)
}
