//! A run in words. Tokens go by their numbers: `A7` is the access token that the server gave seventh.

use hallpass::answer::Answer;
use hallpass::effect::{Change, Effect, Outcome};
use hallpass::error::{Error, ErrorKind};
use hallpass::event::{Event, Stored};
use hallpass::record::{Message, Record, Sid};
use hallpass::secret::Secret;

use crate::support_generation::shown;

pub(crate) fn event(event: &Event) -> String {
    match event {
        Event::Answered {
            attempt,
            answer,
            stored,
            ..
        } => format!(
            "answered #{} {}, {}",
            attempt.0,
            answered(answer),
            held(stored)
        ),
        Event::LockGranted { attempt, stored } => {
            format!("lock granted #{}, {}", attempt.0, held(stored))
        }
        Event::LockUnavailable { attempt } => format!("no lock #{}", attempt.0),
        Event::PeerSaid(message) => format!("a tab said: {}", said(message)),
        Event::RefreshAsked { waiter } => format!("w{} asks for a refresh", waiter.0),
        Event::Restored { stored, .. } => format!("restored, {}", held(stored)),
        Event::SignedIn { waiter, set, .. } => format!(
            "w{} signed in with {}",
            waiter.0,
            pair(Some(&set.access), set.refresh.as_ref())
        ),
        Event::SignOutAsked { waiter } => format!("w{} signs out", waiter.0),
        Event::TokenNeeded {
            waiter,
            min_validity,
            ..
        } => match min_validity {
            None => format!("w{} needs a token", waiter.0),
            Some(min) => format!("w{} needs a token for {} ms", waiter.0, min.as_millis()),
        },
        Event::Unauthorized { waiter, sent, .. } => {
            format!("w{} got a 401 for {}", waiter.0, token(sent))
        }
        Event::Woke { stored } => format!("woke, {}", held(stored)),
        other => format!("{other:?}"),
    }
}

pub(crate) fn effect(effect: &Effect) -> String {
    match effect {
        Effect::AcquireLock { attempt } => format!("lock #{}", attempt.0),
        Effect::Abandon { attempt } => format!("abandon #{}", attempt.0),
        Effect::AbandonSignIn { waiter } => format!("abandon w{}", waiter.0),
        Effect::Arm(Some(span)) => format!("arm {} ms", span.as_millis()),
        Effect::Arm(None) => "arm never".to_owned(),
        Effect::Emit(None) => "show".to_owned(),
        Effect::Emit(Some(Change::RefreshFailed { error, .. })) => {
            format!("emit refresh-failed {}", error.code())
        }
        Effect::Emit(Some(change)) => format!("emit {change:?}"),
        Effect::Persist(record) => format!("persist {}", named(record)),
        Effect::Refresh {
            attempt,
            access,
            refresh,
        } => format!(
            "refresh #{} with {}",
            attempt.0,
            pair(access.as_ref(), refresh.as_ref())
        ),
        Effect::ReleaseLock => "release".to_owned(),
        Effect::Settle { waiter, outcome } => match outcome {
            Outcome::Done => format!("w{} done", waiter.0),
            Outcome::Failed(error) => format!("w{} failed {}", waiter.0, error.code()),
            Outcome::Stands => format!("w{} keeps its answer", waiter.0),
            Outcome::Token { token: access, .. } => {
                format!("w{} gets {}", waiter.0, token(access))
            }
        },
        Effect::Tell(message) => format!("tell {}", said(message)),
        other => format!("{other:?}"),
    }
}

/// A hop of the timer, and nothing else.
pub(crate) fn is_dull(event: &str, effects: &[Effect]) -> bool {
    event == "Ticked"
        && effects
            .iter()
            .all(|effect| matches!(effect, Effect::Arm(_)))
}

pub(crate) fn heard(call: usize, status: Option<u16>) -> String {
    match status {
        Some(status) => format!("      call {call} answered {status}"),
        None => format!("      call {call} got no answer"),
    }
}

pub(crate) fn not_told() -> Error {
    Error::new(ErrorKind::SignOutUnavailable, "the server was not told")
}

pub(crate) fn not_signed_in() -> Error {
    Error::from(ErrorKind::SignInUnavailable)
}

/// The number of a token: its last part.
pub(crate) fn name(token: &str) -> String {
    let name = token.rsplit('.').next().unwrap_or(token);
    let (kind, number) = name.split_at(1);
    [kind, number.trim_start_matches('0')].concat()
}

fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Tokens(set) => pair(Some(&set.access), set.refresh.as_ref()),
        other => format!("{other:?}"),
    }
}

fn held(stored: &Stored) -> String {
    match stored {
        Stored::Found(record) => format!("stored {}", named(record)),
        other => format!("stored {other:?}"),
    }
}

fn named(record: &Record) -> String {
    let tokens = pair(Some(record.tokens.access()), record.tokens.refresh());
    format!(
        "{}.{} {tokens}",
        session(&record.sid),
        shown(record.generation)
    )
}

fn said(message: &Message) -> String {
    match message {
        Message::SignedOut { sid, before } => {
            let sid = sid.as_ref().map(session).unwrap_or_default();
            match before {
                Some(at) => format!("signed out {sid}, and all before {}", at.as_millis()),
                None => format!("signed out {sid}"),
            }
        }
        Message::Asked {
            ask,
            sid,
            generation,
            spends,
        } => {
            let sid = sid.as_ref().map_or("nobody".to_owned(), session);
            let last = if *spends { " once more" } else { "" };
            format!(
                "ask {} for more than {sid}.{}{last}",
                session(ask),
                shown(*generation)
            )
        }
        Message::Offered { ask, record } => {
            format!("offer to ask {}: {}", session(ask), named(record))
        }
        Message::Renewed { sid, generation } => {
            format!("renewed {}.{}", session(sid), shown(*generation))
        }
        other => format!("{other:?}"),
    }
}

fn session(sid: &Sid) -> String {
    format!("s{}", &sid.as_str()[..4])
}

fn pair(access: Option<&Secret>, refresh: Option<&Secret>) -> String {
    let [access, refresh] = [access, refresh].map(|secret| secret.map_or("-".to_owned(), token));
    format!("{access} {refresh}")
}

fn token(secret: &Secret) -> String {
    name(secret.expose())
}
