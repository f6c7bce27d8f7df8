//! The model: it does what the effects say, and checks that they may.

use hallpass::effect::Effect;
use hallpass::event::{Event, Stored};
use hallpass::record::{Message, Record, Sid};
use hallpass::secret::Secret;

use crate::run::Run;

impl Run {
    /// Does in the model what the effects say, and checks that they may.
    pub(crate) fn follow(&mut self, event: &Event, effects: &[Effect]) {
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
                self.waiting = asking.filter(|_| !is_abandoned);
            }
            Event::WentOffline => self.is_offline = true,
            Event::WentOnline => self.is_offline = false,
            Event::Ticked => self.is_armed = false,
            Event::LockGranted { stored, .. }
            | Event::TokensGiven { stored, .. }
            | Event::Woke { stored } => self.find(stored),
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
                | Effect::Forget
                | Effect::ForgetHere(_)
                | Effect::Mark(_)
                | Effect::NoteActivity(_)
                | Effect::RenewCookie { .. } => {}
            }
        }
        self.waiting = self.waiting.or(granted);
    }

    /// SEC-37: a tab offers nothing but the session that it has.
    fn told(&self, message: &Message) {
        if let Message::Offered { record, .. } = message {
            assert_eq!(self.session.as_ref().map(|(sid, _)| sid), Some(&record.sid));
        }
    }

    /// SEC-38: within a session the generation only goes up, and only an answer writes, tokens that
    /// the application gives, or a sibling's offer where that was asked for; a tab whose refresh token a copy has spent lets go of it.
    fn persisted(&mut self, event: &Event, record: &Record) {
        let may_write = match event {
            Event::Answered { .. } | Event::SignedIn { .. } | Event::TokensGiven { .. } => true,
            Event::PeerSaid(Message::Offered { ask, .. }) => Some(ask) == self.tab.asked.as_ref(),
            Event::LockGranted { .. } | Event::Woke { .. } => true,
            _ => false,
        };
        let present = (record.sid.clone(), record.generation);
        let is_spent =
            self.tab.noted > record.generation.refreshes && self.session == Some(present);
        if is_spent && record.tokens.refresh().is_none() {
            return self.learn(record);
        }
        // What came while loading, or while it was not known whether the user was idle, is done as soon as that is over.
        let was_deferred = self.was_loading || !self.deferred.is_empty();
        assert!(may_write || was_deferred, "written without an answer");
        if let Some((sid, generation)) = &self.session
            && *sid == record.sid
        {
            let is_adopted = match event {
                Event::Answered { stored, .. } | Event::TokensGiven { stored, .. } => {
                    holds(stored, record)
                }
                _ => true,
            };
            let is_newer = record.generation > *generation;
            let is_same = record.generation == *generation;
            assert!(
                is_newer || (is_same && is_adopted),
                "the generation went down"
            );
        }
        self.learn(record);
    }

    /// A record in the store counts where the tab takes it over.
    pub(crate) fn find(&mut self, stored: &Stored) {
        let Stored::Found(record) = stored else {
            return;
        };
        let current = self.tab.state.tokens();
        if current.is_some_and(|tokens| tokens.access() == record.tokens.access()) {
            self.learn(record);
        }
    }

    pub(crate) fn learn(&mut self, record: &Record) {
        if let Some(old) = self.refresh_token_of_session(&record.sid)
            && record.tokens.refresh() != Some(&old)
        {
            self.retired.push(old);
        }
        self.session = Some((record.sid.clone(), record.generation));
        self.last = record.tokens.refresh().cloned();
    }

    pub(crate) fn refresh_token_of_session(&self, sid: &Sid) -> Option<Secret> {
        let (known, _) = self.session.as_ref()?;
        (known == sid).then(|| self.last.clone()).flatten()
    }
}

/// Whether the store holds these very tokens.
fn holds(stored: &Stored, record: &Record) -> bool {
    matches!(stored, Stored::Found(found) if found.tokens.access() == record.tokens.access())
}
