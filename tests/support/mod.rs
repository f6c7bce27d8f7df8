//! A tab without a browser: it feeds events to the core, keeps the time, does what its store is told,
//! and writes every effect down as one line of text.
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

#![allow(dead_code, reason = "each test file uses its part")]

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::answer::Answer;
use hallpass::claims::Jwt;
use hallpass::config::Config;
use hallpass::effect::{Change, Effect, Outcome, Refresher};
use hallpass::error::{Error, ErrorKind};
use hallpass::event::{AttemptId, Event, Stored, WaiterId};
use hallpass::json::Json;
use hallpass::mark::Mark;
use hallpass::record::{Message, Record, Sid};
use hallpass::secret::Secret;
use hallpass::session::{Context, State, View, step};
use hallpass::time::{Now, Span, Timestamp};
use hallpass::tokens::{TokenSet, Tokens};

/// The moment at which every tab opens: 2023-11-14T22:13:20Z.
pub(crate) const START: i64 = 1_700_000_000_000;

/// A refresh token kept beside the access token: the most common settings.
pub(crate) const BODY: &str = r#"{"refresh":{}}"#;

/// Settings from JSON, as the facade hands them over.
pub(crate) fn config(options: &str) -> Config {
    Config::new(Json::parse(options).unwrap()).unwrap()
}

pub(crate) struct Tab {
    pub(crate) state: State,
    pub(crate) now: Now,
    pub(crate) config: Config,
    /// What the store holds.
    pub(crate) store: Option<Record>,
    /// What all tabs of this browser can read.
    pub(crate) mark: Mark,
    pub(crate) last_active: Option<Timestamp>,
    dice: [u8; 4],
    draws: u32,
    callers: u32,
    sids: Vec<Sid>,
    tabs: Vec<Sid>,
    /// The question that this tab asked last.
    pub(crate) asked: Option<Sid>,
}

// ── Beginning ──

impl Tab {
    /// A tab that has just opened and has not read its store yet. Its dice always fall on 0.0.
    pub(crate) fn loading(options: &str) -> Self {
        Self {
            state: State::default(),
            now: Now {
                wall: Timestamp::from_millis(START),
                monotonic: Span::ZERO,
            },
            config: config(options),
            store: None,
            mark: Mark::default(),
            last_active: None,
            dice: [0; 4],
            draws: 0,
            callers: 0,
            sids: Vec::new(),
            tabs: Vec::new(),
            asked: None,
        }
    }

    /// A tab in which nobody is signed in.
    pub(crate) fn signed_out(options: &str) -> Self {
        let mut tab = Self::loading(options);
        tab.restored(Stored::Empty);
        tab
    }

    /// A tab in which somebody is; that was `w1`.
    pub(crate) fn signed_in(options: &str, grant: &Grant) -> Self {
        let mut tab = Self::signed_out(options);
        tab.sign_in(grant);
        tab
    }

    /// The same with a refresh under way at the server: attempt 1, begun by the schedule.
    pub(crate) fn refreshing(options: &str, grant: &Grant) -> Self {
        let mut tab = Self::signed_in(options, grant);
        assert_eq!(tab.after(240.0).tick().first().unwrap(), "lock #1");
        tab.locked(1);
        tab
    }

    /// A new tab at the same time with the same store: a reload.
    pub(crate) fn reloaded(&self, options: &str) -> Self {
        let mut tab = Self::loading(options);
        tab.now.wall = self.now.wall;
        tab.store.clone_from(&self.store);
        (tab.mark, tab.last_active) = (self.mark, self.last_active);
        tab
    }

    /// From now on the dice fall on 0.0 or 1.0.
    pub(crate) fn set_dice(&mut self, one: bool) {
        self.dice = [if one { 0xff } else { 0 }; 4];
    }
}

// ── Time ──

impl Tab {
    /// Later, awake.
    pub(crate) fn after(&mut self, seconds: f64) -> &mut Self {
        let span = Span::from_seconds(seconds);
        self.now.monotonic = self.now.monotonic.plus(span);
        self.set_clock(seconds)
    }

    /// The wall clock goes on, or is set, while the monotonic clock stands still.
    pub(crate) fn set_clock(&mut self, seconds: f64) -> &mut Self {
        self.now.wall = self.now.wall.plus(Span::from_seconds(seconds));
        self
    }
}

// ── What happens ──

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
            is_clone: false,
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
        assert_eq!(self.feed(Event::SignInBegan { waiter }), [""; 0]);
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

    pub(crate) fn need_token(&mut self) -> Vec<String> {
        self.need_token_in(self.state.sid().cloned())
    }

    /// Somebody who asked in this session needs a token.
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

    /// The present session, or where there is none one that nobody has.
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

    /// Opens as a duplicate of a tab that lives.
    pub(crate) fn open_as_copy(&mut self) -> Vec<String> {
        let stored = self.stored();
        self.feed(Event::Restored {
            stored,
            cookie_hash: None,
            is_clone: true,
        })
    }

    pub(crate) fn came_back(&mut self, is_clone: bool) -> Vec<String> {
        self.feed(Event::CameBack { is_clone })
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
        self.hear(Message::Renewed { sid, generation })
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
            generation,
            retry_after: retry_after.map(Span::from_seconds),
        })
    }

    /// Another tab asks what it may have missed.
    pub(crate) fn hear_question(&mut self, sid: Option<&Sid>, generation: u64) -> Vec<String> {
        self.hear(Message::Asked {
            ask: other_sid(),
            sid: sid.cloned(),
            generation,
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

    /// One event; what it leads to, line by line.
    pub(crate) fn feed(&mut self, event: Event) -> Vec<String> {
        let mut effects = Vec::new();
        if event.needs_mark() {
            let (mark, last_active) = (self.mark, self.last_active);
            effects.extend(self.step(Event::MarkRead { mark, last_active }));
        }
        effects.extend(self.step(event));
        effects
            .iter()
            .filter(|effect| !matches!(effect, Effect::Mark(_) | Effect::NoteActivity(_)))
            .map(|effect| self.line(effect))
            .collect()
    }

    /// One event; what it leads to.
    pub(crate) fn step(&mut self, event: Event) -> Vec<Effect> {
        let context = Context {
            now: self.now,
            random: self.draw(),
            config: &self.config,
        };
        let (state, effects) = step(std::mem::take(&mut self.state), event, context);
        self.state = state;
        for effect in &effects {
            match effect {
                Effect::Persist(record) => self.store = Some(record.as_ref().clone()),
                Effect::Forget | Effect::ForgetHere(_) => self.store = None,
                Effect::Mark(marking) => self.mark = self.mark.with(*marking),
                Effect::NoteActivity(at) => self.last_active = Some(*at),
                Effect::Tell(Message::Asked { ask, .. }) => self.asked = Some(ask.clone()),
                _ => {}
            }
        }
        effects
    }

    /// A name for the next caller.
    pub(crate) fn caller(&mut self) -> WaiterId {
        self.callers += 1;
        WaiterId(self.callers)
    }

    fn draw(&mut self) -> [u8; 16] {
        self.draws += 1;
        let mut random = [0; 16];
        random[..4].copy_from_slice(&self.dice);
        random[12..].copy_from_slice(&self.draws.to_be_bytes());
        random
    }
}

// ── What is seen ──

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
                format!("{token} generation {generation} ends {ends} refresh {due}{stale}")
            }
        }
    }

    fn line(&mut self, effect: &Effect) -> String {
        match effect {
            Effect::AcquireLock { attempt } => format!("lock #{}", attempt.0),
            Effect::ClaimTab(tab) => format!("claim {}", number('t', &mut self.tabs, tab)),
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
                format!("persist {sid}.{} {tokens}", record.generation)
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
                    Some(sid) => format!("ask {}.{generation}{last}", self.sid(sid)),
                    None => "ask for any".to_owned(),
                }
            }
            Effect::Tell(Message::Offered { record, .. }) => {
                let tokens = pair(Some(record.tokens.access()), record.tokens.refresh());
                format!(
                    "offer {}.{} {tokens}",
                    self.sid(&record.sid),
                    record.generation
                )
            }
            Effect::Tell(Message::Failed {
                sid,
                generation,
                retry_after,
            }) => {
                let whose = match sid {
                    Some(sid) => format!("{}.{generation}", self.sid(sid)),
                    None => "any".to_owned(),
                };
                let wait = retry_after.map_or(String::new(), |wait| {
                    format!(" retry after {}", seconds(wait))
                });
                format!("tell failed {whose}{wait}")
            }
            Effect::Tell(Message::Renewed { sid, generation }) => {
                format!("tell renewed {}.{generation}", self.sid(sid))
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

// ── Tokens ──

/// What a server grants.
#[derive(Clone)]
pub(crate) struct Grant {
    access: String,
    refresh: Option<String>,
    expires_in: Option<f64>,
    cookie_hash: Option<String>,
}

/// A token of this name for Ann that lives for five minutes, without a refresh token.
pub(crate) fn grant(name: &str) -> Grant {
    grant_with(name, r#""sub":"ann""#)
}

/// A token with these claims (`"sub":"ann","exp":5`) that lives for five minutes.
pub(crate) fn grant_with(name: &str, claims: &str) -> Grant {
    let comma = if claims.is_empty() { "" } else { "," };
    Grant {
        access: jwt(&format!(r#"{{"jti":"{name}"{comma}{claims}}}"#)),
        refresh: None,
        expires_in: Some(300.0),
        cookie_hash: None,
    }
}

/// A token that is no JWT.
pub(crate) fn opaque(name: &str) -> Grant {
    Grant {
        access: name.to_owned(),
        refresh: None,
        expires_in: Some(300.0),
        cookie_hash: None,
    }
}

impl Grant {
    /// With a refresh token.
    pub(crate) fn and(mut self, refresh: &str) -> Self {
        self.refresh = Some(refresh.to_owned());
        self
    }

    /// With this signature, where it is a JWT.
    pub(crate) fn signed(mut self, signature: &str) -> Self {
        if self.access.ends_with('.') {
            self.access.push_str(signature);
        }
        self
    }

    /// With this `expires_in`.
    pub(crate) const fn lasting(mut self, seconds: f64) -> Self {
        self.expires_in = Some(seconds);
        self
    }

    /// Without `expires_in`.
    pub(crate) const fn undated(mut self) -> Self {
        self.expires_in = None;
        self
    }

    /// Obtained with a cookie of this hash, in client mode.
    pub(crate) fn with_cookie(mut self, hash: &str) -> Self {
        self.cookie_hash = Some(hash.to_owned());
        self
    }

    pub(crate) fn access(&self) -> Secret {
        Secret::from(self.access.as_str())
    }

    pub(crate) fn set(&self) -> TokenSet {
        TokenSet {
            access: self.access(),
            refresh: self.refresh.as_deref().map(Secret::from),
            expires_in: self.expires_in,
            date: None,
        }
    }

    /// As the answer to a refresh.
    pub(crate) fn answer(&self) -> Answer {
        Answer::Tokens(self.set())
    }

    /// As another tab of this name would have stored it, received at `at`.
    pub(crate) fn record(&self, sid: &Sid, generation: u64, at: Timestamp) -> Record {
        Record {
            sid: sid.clone(),
            generation,
            tokens: Tokens::receive(self.set(), at, Span::ZERO, 16_384).unwrap(),
            signed_in: at,
            tab: None,
            ahead: Span::ZERO,
            set_back: Span::ZERO,
        }
    }
}

/// An unsigned JWT around this payload.
pub(crate) fn jwt(payload: &str) -> String {
    jwt_of_bytes(payload.as_bytes())
}

/// An unsigned JWT with this header and no claims.
pub(crate) fn jwt_with_header(header: &str) -> String {
    format!(
        "{}.e30.",
        Base64UrlUnpadded::encode_string(header.as_bytes())
    )
}

pub(crate) fn jwt_of_bytes(payload: &[u8]) -> String {
    let payload = Base64UrlUnpadded::encode_string(payload);
    format!("eyJhbGciOiJub25lIn0.{payload}.")
}

pub(crate) fn found(record: Record) -> Stored {
    Stored::Found(Box::new(record))
}

/// The name of a session that no tab here has made.
pub(crate) fn other_sid() -> Sid {
    Sid::new([0xee; 16], 0)
}

// ── Answers ──

pub(crate) const fn refused(status: u16) -> Answer {
    Answer::Refused {
        status: Some(status),
    }
}

pub(crate) const fn trouble(status: u16) -> Answer {
    Answer::Trouble {
        status: Some(status),
        retry_after: None,
    }
}

/// A busy server that wants to be left alone.
pub(crate) fn busy(status: u16, seconds: f64) -> Answer {
    Answer::Trouble {
        status: Some(status),
        retry_after: Some(Span::from_seconds(seconds)),
    }
}

/// No answer at all.
pub(crate) const fn no_network() -> Answer {
    Answer::Trouble {
        status: None,
        retry_after: None,
    }
}

pub(crate) const fn nonsense(status: u16) -> Answer {
    Answer::Nonsense {
        status: Some(status),
    }
}

pub(crate) fn store_failed() -> Event {
    Event::StoreFailed {
        error: Error::new(ErrorKind::StorageUnavailable, "the store is full"),
    }
}
