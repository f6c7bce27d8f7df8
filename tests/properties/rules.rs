//! What holds after each step.

use hallpass::effect::{Effect, SignOutReason};
use hallpass::event::Event;
use hallpass::session::{State, View};
use hallpass::time::Span;

use crate::CANARY;
use crate::run::Run;

impl Run {
    pub(crate) fn feed(&mut self, event: Event) -> Vec<Effect> {
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

    pub(crate) fn check(&mut self, before: &State, event: &Event, effects: &[Effect]) {
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
        // At most one timer is ordered a step; none without a session.
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

    pub(crate) fn check_that_it_can_go_on(&self) {
        let View::SignedIn {
            expires_at, stale, ..
        } = self.tab.state.view(self.tab.now)
        else {
            return;
        };
        let is_under_way = self.locking.is_some() || self.asking.is_some();
        assert!(self.waiting.is_none() || self.is_armed, "waits for ever");
        let waits = self.is_offline;
        let is_lazy = !self.tab.config.schedule.proactive;
        if expires_at.is_some() && !stale {
            assert!(self.is_armed, "its end goes unnoticed");
        }
        if stale && !is_lazy && !waits {
            assert!(is_under_way || self.is_armed, "stale for ever");
        }
    }
}
