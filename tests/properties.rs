//! Random runs of the state machine against a small model of the world around it.
//!
//! Whatever happens, in whatever order, at whatever time: the rules of [`Run::check`] hold after each
//! step, and at the end nobody waits. A run is made from its number alone; one that fails prints it,
//! with all events up to there.

mod support;

use std::collections::BTreeSet;

use hallpass::answer::Answer;
use hallpass::effect::{Effect, SignOutReason};
use hallpass::error::{Error, ErrorKind};
use hallpass::event::{AttemptId, Event, Stored, WaiterId};
use hallpass::record::{Message, Record, Sid};
use hallpass::redirect::Callback;
use hallpass::secret::Secret;
use hallpass::session::View;
use hallpass::time::{Span, Timestamp};

use crate::support::*;

const RUNS: u64 = 4_000;
const EVENTS_PER_RUN: usize = 60;

/// Stands in every token, readable, and must be seen nowhere.
const CANARY: &str = "CANARY";

const SETTINGS: &[&str] = &[
    "{}",
    BODY,
    r#"{"refresh":{},"signOut":"function"}"#,
    r#"{"refresh":{},"schedule":{"proactive":false}}"#,
    r#"{"refresh":{"bearer":true},"signOut":"function"}"#,
    r#"{"refresh":"function","schedule":{"onStart":true,"everySeconds":90}}"#,
    r#"{
        "refresh":{"refreshToken":"cookie"},
        "schedule":{"onStart":true},"limits":{"idleSeconds":600,"sessionSeconds":5000}
    }"#,
    r#"{"refresh":{},"fingerprint":{"mode":"server"}}"#,
    r#"{"refresh":{},"tabs":"shared"}"#,
    r#"{
        "refresh":{"refreshToken":"cookie"},
        "tabs":"shared","storage":"local","schedule":{"onStart":true},"limits":{"idleSeconds":600}
    }"#,
];

#[test]
fn whatever_happens_the_rules_hold_and_nobody_waits_for_ever() {
    for seed in 0..RUNS {
        let mut run = Run::new(seed, SETTINGS);
        for _ in 0..EVENTS_PER_RUN {
            run.something_happens();
        }
        run.everything_ends();
    }
}

/// A session that is signed in can always go somewhere: by its timer, by an answer, by the network.
#[test]
fn rel_09_no_session_gets_stuck() {
    for seed in 0..RUNS / 4 {
        let mut run = Run::new(seed, SETTINGS);
        for _ in 0..EVENTS_PER_RUN {
            run.something_happens();
            run.check_that_it_can_go_on();
        }
    }
}

/// Left alone with a healthy server, every session is fresh again, or over.
#[test]
fn after_any_trouble_a_healthy_server_makes_it_fresh_again() {
    let settings = [BODY, SETTINGS[2], SETTINGS[5]];
    for seed in 0..RUNS / 20 {
        let mut run = Run::new(seed, &settings);
        for _ in 0..EVENTS_PER_RUN {
            run.something_happens();
        }
        run.recover();
    }
}

#[test]
fn sec_40_no_debug_text_shows_a_token() {
    let token = "CANARY.a.b";
    let fragments = [token.to_owned(), format!("access_token={token}&x={token}")];
    for fragment in fragments {
        let params = fragment
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (Secret::from(name), Secret::from(value)))
            .collect();
        let callback = Callback::read(&fragment, params, &[]);
        let text = format!("{callback:?}");
        assert!(!text.contains(CANARY), "{text}");
    }
}

// ── The model ──

/// One run: the tab, and what the world around it knows.
struct Run {
    dice: Dice,
    seed: u64,
    tab: Tab,
    /// For the report of a failure.
    trace: Vec<String>,
    /// Callers without an answer yet.
    open: BTreeSet<u32>,
    /// Callers of sign-ins that wait until it is known whether the user was idle.
    deferred: BTreeSet<u32>,
    /// Those among them whom the server's word on a sign-out will answer.
    signing_out: Vec<WaiterId>,
    /// Those whose sign-in is under way, for all they know.
    signing_in: Vec<WaiterId>,
    locking: Option<AttemptId>,
    /// Waiting for the siblings, under the lock.
    waiting: Option<AttemptId>,
    asking: Option<AttemptId>,
    /// The last one that was answered: a tab that doubts whether its session lives has not looked at it yet.
    answered: Option<AttemptId>,
    /// How many there were.
    attempts: u32,
    is_armed: bool,
    is_offline: bool,
    is_left: bool,
    is_restored: bool,
    /// Whether this step began before anything was known.
    was_loading: bool,
    /// What the application was shown last.
    shown: View,
    /// What the last record that was written, or found, says of itself.
    session: Option<(Sid, u64)>,
    /// Its refresh token.
    last: Option<Secret>,
    /// Refresh tokens that were replaced.
    retired: Vec<Secret>,
    names: u32,
}

impl Run {
    fn new(seed: u64, settings: &[&str]) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self {
            tab: Tab::loading(dice.one_of(settings)),
            dice,
            seed,
            trace: Vec::new(),
            open: BTreeSet::new(),
            deferred: BTreeSet::new(),
            signing_out: Vec::new(),
            signing_in: Vec::new(),
            locking: None,
            waiting: None,
            asking: None,
            answered: None,
            attempts: 0,
            is_armed: false,
            is_offline: false,
            is_left: false,
            is_restored: false,
            was_loading: true,
            shown: View::Loading,
            session: None,
            last: None,
            retired: Vec::new(),
            names: 0,
        }
    }

    // ── What happens ──

    fn something_happens(&mut self) {
        self.time_passes();
        let event = self.some_event();
        self.feed(event);
    }

    fn time_passes(&mut self) {
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
    }

    fn some_event(&mut self) -> Event {
        if !self.is_restored && self.dice.below(3) == 0 {
            self.is_restored = true;
            let stored = self.some_store();
            return Event::Restored {
                stored,
                cookie_hash: None,
                is_clone: self.dice.below(4) == 0,
            };
        }
        match self.dice.below(21) {
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
            17 => Event::WentOffline,
            18 => Event::WentOnline,
            19 if self.dice.below(4) == 0 => Event::CameBack {
                is_clone: self.dice.below(3) == 0,
            },
            19 if self.dice.below(4) == 0 => Event::Left,
            _ => Event::Woke {
                stored: self.some_store(),
            },
        }
    }

    /// One begins, or one of those that began is answered: late, or after another.
    fn some_sign_in(&mut self) -> Event {
        if self.signing_in.is_empty() || self.dice.below(3) == 0 {
            let waiter = self.caller();
            self.signing_in.push(waiter);
            return Event::SignInBegan { waiter };
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

    fn caller(&mut self) -> WaiterId {
        let waiter = self.tab.caller();
        self.open.insert(waiter.0);
        waiter
    }

    /// Mostly the right one, else one of long ago.
    fn some_attempt(&mut self, right: Option<AttemptId>) -> AttemptId {
        match right {
            Some(id) if self.dice.below(5) > 0 => id,
            _ => AttemptId(u32::try_from(self.dice.below(u64::from(self.attempts) + 1)).unwrap()),
        }
    }

    fn some_grant(&mut self) -> Grant {
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

    fn some_answer(&mut self) -> Answer {
        match self.dice.below(10) {
            0 => refused(401),
            1 => trouble(503),
            2 => busy(429, 20.0),
            3 => nonsense(200),
            4 => no_network(),
            _ => self.some_grant().answer(),
        }
    }

    fn some_message(&mut self) -> Message {
        let own = self.session.clone().map(|(sid, _)| sid);
        let at = self.tab.now.wall;
        let at = at.plus(Span::from_millis(self.dice.one_of(&[0, 0, -1_000_000])));
        let sid = match self.dice.below(3) {
            0 => other_sid(),
            _ => own.clone().unwrap_or(other_sid()),
        };
        let generation = self.session.as_ref().map_or(1, |(_, number)| *number);
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
                generation,
                spends: self.dice.below(2) == 0,
            },
            5 => Message::Renewed { sid, generation },
            6 => Message::Failed {
                sid: (self.dice.below(2) == 0).then_some(sid),
                generation,
                retry_after: Some(Span::from_millis(self.dice.one_of(&[0, 5_000, i64::MAX]))),
            },
            _ => {
                // Mostly the answer to the open question, else to one that nobody asked.
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
    fn some_store(&mut self) -> Stored {
        match (self.dice.below(12), self.session.clone()) {
            (0, _) => Stored::Empty,
            (1, _) => Stored::Damaged,
            (2..4, _) => Stored::Unknown,
            (4, Some((sid, generation))) => self.some_record(&sid, generation + 1),
            (5, Some((sid, generation))) => self.some_record(&sid, generation.saturating_sub(1)),
            (6, _) => {
                let sid = self.names.to_be_bytes();
                let mut bytes = [0xbb; 16];
                bytes[..4].copy_from_slice(&sid);
                self.some_record(&Sid::new(bytes, 0), 1)
            }
            _ => self.tab.stored(),
        }
    }

    fn some_record(&mut self, sid: &Sid, generation: u64) -> Stored {
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

    fn some_sent(&mut self) -> Secret {
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

    // ── The rules ──

    fn feed(&mut self, event: Event) -> Vec<Effect> {
        self.trace.push(format!("{:?} {event:?}", self.tab.now));
        let before = self.tab.state.clone();
        self.was_loading = self.shown == View::Loading;
        if let Event::SignedIn { waiter, .. } = &event {
            self.deferred.insert(waiter.0);
        }
        let effects = self.tab.step(event.clone());
        self.trace.push(format!("    {effects:?}"));
        self.check(&before, &event, &effects);
        effects
    }

    fn check(&mut self, before: &hallpass::session::State, event: &Event, effects: &[Effect]) {
        self.follow(event, effects);
        let after = &self.tab.state;
        let now = self.tab.now;

        // SEC-40: nothing secret in any text for people.
        for text in [
            format!("{event:?}"),
            format!("{effects:?}"),
            format!("{:?}", self.tab.state),
        ] {
            assert!(!text.contains(CANARY), "{text}");
        }
        // The application always has the present picture.
        assert_eq!(after.view(now), self.shown, "shown to the application");
        // At most one timer is ordered a step; none for nobody.
        let arms = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Arm(_)))
            .count();
        assert!(arms <= 1, "{arms} timers");
        // Until the server has said whether it knows this browser, there is something to do without a session.
        if let View::SignedOut(reason) = after.view(now) {
            let may_wait = reason == SignOutReason::Unreachable;
            assert!(may_wait || !self.is_armed, "a timer without a session");
        }
        if !matches!(after.view(now), View::SignedIn { .. }) {
            assert!(after.tokens().is_none() && after.usable_token(now, None).is_none());
        }
        // SEC-05: an end empties the store.
        let was_in = before.tokens().is_some();
        if was_in && after.tokens().is_none() {
            let forgets =
                |effect: &Effect| matches!(effect, Effect::Forget | Effect::ForgetHere(_));
            assert!(effects.iter().any(forgets), "an end that forgets nothing");
            assert_eq!(self.tab.store, None);
        }
        // REL-47: a 401 alone shows nothing.
        let is_quiet = !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Emit(Some(_))));
        if matches!(event, Event::Unauthorized { .. }) && is_quiet {
            assert_eq!(before.view(now), after.view(now), "a 401 alone");
        }
        // REL-15: no timer is due before now.
        for effect in effects {
            if let Effect::Arm(Some(span)) = effect {
                assert!(*span >= Span::ZERO);
            }
        }
    }

    /// Does in the model what the effects say, and checks that they may.
    fn follow(&mut self, event: &Event, effects: &[Effect]) {
        let mut granted = None;
        match event {
            Event::LockGranted { attempt, .. } | Event::LockUnavailable { attempt }
                if self.locking == Some(*attempt) =>
            {
                granted = self.locking.take();
            }
            _ => {}
        }
        match event {
            Event::Answered {
                attempt, stored, ..
            } if self.asking == Some(*attempt) => {
                self.find(stored);
                // Where the tab goes over to a sibling's tokens it says so, needlessly.
                let is_abandoned = effects.contains(&Effect::Abandon { attempt: *attempt });
                let asking = self.asking.take();
                self.answered = asking;
                self.asking = asking.filter(|_| is_abandoned);
                // A refusal may have to wait for the siblings' word.
                self.waiting = asking.filter(|_| !is_abandoned && self.tab.config.is_shared());
            }
            Event::Left => self.is_left = true,
            Event::CameBack { .. } => self.is_left = false,
            Event::WentOffline => self.is_offline = true,
            Event::WentOnline => self.is_offline = false,
            Event::Ticked => self.is_armed = false,
            Event::LockGranted { stored, .. } | Event::Woke { stored } => self.find(stored),
            Event::PeerSaid(Message::Offered { record, .. }) => {
                self.find(&Stored::Found(record.clone()));
            }
            Event::Restored { stored, .. } => self.find(stored),
            _ => {}
        }
        for effect in effects {
            match effect {
                Effect::AcquireLock { attempt } => {
                    assert_eq!((self.locking, self.asking), (None, None), "two at once");
                    self.waiting = None;
                    self.locking = Some(*attempt);
                    self.attempts = attempt.0;
                }
                Effect::Refresh {
                    attempt, refresh, ..
                } => {
                    let under_lock = granted.take().or(self.waiting.take());
                    assert_eq!(under_lock, Some(*attempt), "without its lock");
                    self.asking = Some(*attempt);
                    for retired in &self.retired {
                        assert_ne!(refresh.as_ref(), Some(retired), "REL-41: sent again");
                    }
                }
                Effect::Abandon { attempt } => {
                    let under_way = [
                        granted.take(),
                        self.locking.take(),
                        self.waiting.take(),
                        self.asking.take(),
                        self.answered.take(),
                    ];
                    assert!(under_way.contains(&Some(*attempt)), "none to abandon");
                }
                Effect::Arm(span) => self.is_armed = span.is_some(),
                Effect::Emit(_) => self.shown = self.tab.state.view(self.tab.now),
                Effect::Persist(record) => self.persisted(event, record),
                Effect::Settle { waiter, .. } => {
                    assert!(self.open.remove(&waiter.0), "{waiter:?} settled twice");
                    self.deferred.remove(&waiter.0);
                }
                Effect::SignOutAtServer { waiter, .. } => self.signing_out.extend(*waiter),
                Effect::ReleaseLock => (self.waiting, granted) = (None, None),
                Effect::Tell(message) => self.told(message),
                Effect::AbandonSignIn { .. }
                | Effect::ClaimTab(_)
                | Effect::Forget
                | Effect::ForgetHere(_)
                | Effect::Mark(_)
                | Effect::NoteActivity(_)
                | Effect::RenewCookie { .. } => {}
            }
        }
        self.waiting = self.waiting.or(granted);
    }

    /// SEC-02: tokens leave the tab only where tabs share their session.
    fn told(&self, message: &Message) {
        let has_tokens = matches!(message, Message::Offered { .. });
        assert!(!has_tokens || self.tab.config.is_shared(), "{message:?}");
    }

    /// SEC-38: within a session the generation only goes up, and only an answer writes, or a sibling's
    /// offer where that was asked for; a copy of a tab writes that it is one.
    fn persisted(&mut self, event: &Event, record: &Record) {
        let may_write = match event {
            Event::Answered { .. } | Event::SignedIn { .. } => true,
            Event::PeerSaid(Message::Offered { ask, .. }) => {
                self.tab.config.is_shared() && Some(ask) == self.tab.asked.as_ref()
            }
            Event::CameBack { is_clone } => *is_clone,
            Event::LockGranted { .. } | Event::Woke { .. } => self.tab.config.is_shared(),
            _ => false,
        };
        let is_copy = match event {
            Event::CameBack { .. } => true,
            Event::Restored {
                stored: Stored::Found(found),
                is_clone,
                ..
            } => *is_clone && found.sid == record.sid && found.generation == record.generation,
            _ => false,
        };
        if is_copy {
            assert_eq!(
                record.tokens.refresh(),
                None,
                "a copy keeps no refresh token"
            );
            return;
        }
        // What came while loading, or while it was not known whether the user was idle, is done as soon as that is over.
        let was_deferred = self.was_loading || !self.deferred.is_empty();
        assert!(may_write || was_deferred, "written without an answer");
        if let Some((sid, generation)) = &self.session
            && *sid == record.sid
        {
            let is_adopted = !matches!(event, Event::Answered { .. });
            let may_be = *generation + u64::from(!is_adopted);
            assert!(record.generation >= may_be, "the generation went down");
        }
        self.learn(record);
    }

    /// A record in the store counts where the tab takes it over.
    fn find(&mut self, stored: &Stored) {
        let Stored::Found(record) = stored else {
            return;
        };
        let current = self.tab.state.tokens();
        if current.is_some_and(|tokens| tokens.access() == record.tokens.access()) {
            self.learn(record);
        }
    }

    fn learn(&mut self, record: &Record) {
        if let Some(old) = self.refresh_token_of_session(&record.sid)
            && record.tokens.refresh() != Some(&old)
        {
            self.retired.push(old);
        }
        self.session = Some((record.sid.clone(), record.generation));
        self.last = record.tokens.refresh().cloned();
    }

    fn refresh_token_of_session(&self, sid: &Sid) -> Option<Secret> {
        let (known, _) = self.session.as_ref()?;
        (known == sid).then(|| self.last.clone()).flatten()
    }

    fn check_that_it_can_go_on(&self) {
        let View::SignedIn {
            expires_at, stale, ..
        } = self.tab.state.view(self.tab.now)
        else {
            return;
        };
        let is_under_way = self.locking.is_some() || self.asking.is_some();
        assert!(self.waiting.is_none() || self.is_armed, "waits for ever");
        let waits = self.is_offline || self.is_left;
        let is_lazy = !self.tab.config.schedule.proactive;
        if expires_at.is_some() && !stale {
            assert!(self.is_armed, "nobody will notice its end");
        }
        if stale && !is_lazy && !waits {
            assert!(is_under_way || self.is_armed, "stale for ever");
        }
    }

    // ── Ends ──

    fn everything_ends(&mut self) {
        if !self.is_restored {
            self.is_restored = true;
            self.feed(Event::Restored {
                stored: Stored::Empty,
                cookie_hash: None,
                is_clone: false,
            });
        }
        let waiter = self.caller();
        self.feed(Event::SignOutAsked { waiter });
        while let Some(waiter) = self.signing_out.pop() {
            self.feed(Event::SignOutAnswered {
                waiter: Some(waiter),
                outcome: Ok(()),
            });
        }
        assert!(self.open.is_empty(), "still waiting: {:?}", self.open);
        assert_eq!((self.locking, self.asking), (None, None), "still under way");
        assert!(!self.is_armed);
        assert_eq!(self.tab.store, None);
    }

    /// Ten minutes with a network and a server that is well.
    fn recover(&mut self) {
        self.feed(Event::CameBack { is_clone: false });
        if !self.is_restored {
            return;
        }
        self.feed(Event::WentOnline);
        for _ in 0..1_200 {
            self.tab.after(0.5);
            if let Some(attempt) = self.locking {
                self.feed(Event::LockUnavailable { attempt });
            }
            if let Some(attempt) = self.asking {
                self.names += 1;
                let answer = grant_with(&format!("A{}", self.names), "").answer();
                self.feed(Event::Answered {
                    attempt,
                    answer,
                    cookie_hash: None,
                    stored: self.tab.stored(),
                });
            }
            if self.is_armed {
                self.feed(Event::Ticked);
            }
        }
        let view = self.tab.state.view(self.tab.now);
        let is_well = match view {
            View::SignedIn { stale, .. } => !stale,
            View::SignedOut(_) => true,
            View::Loading => false,
        };
        assert!(is_well, "{view:?}");
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("run {}:\n{}", self.seed, self.trace.join("\n"));
        }
    }
}

/// SplitMix64: small, good enough, the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

/// The present moment is not the only one: a token's time may be anything.
#[test]
fn rel_07_rel_15_no_date_can_overflow_anything() {
    let extremes = [
        i64::MIN,
        i64::MIN + 1,
        -1,
        0,
        1,
        1 << 53,
        i64::MAX - 1,
        i64::MAX,
    ];
    for wall in extremes {
        for monotonic in [0, 1, i64::MAX] {
            for seconds in [-1e300, -1.0, 0.0, 0.5, 1e300, f64::INFINITY, f64::NAN] {
                let mut tab = Tab::loading(SETTINGS[6]);
                tab.now.wall = Timestamp::from_millis(wall);
                tab.now.monotonic = Span::from_millis(monotonic);
                tab.restored(Stored::Unknown);
                tab.sign_in(&grant("A1").lasting(seconds).and("R1"));
                tab.tick();
                tab.now.wall = Timestamp::from_millis(wall.wrapping_neg());
                tab.wake();
                tab.ask_refresh();
                tab.sign_out();
                assert!(tab.view().starts_with("signed-out"));
            }
        }
    }
}
