//! The invariants of sign-in at a provider.

use hallpass::effect::Effect;
use hallpass::record::Sid;
use hallpass::session::View;

use crate::authorization::{field, subject};
use crate::tab::{Page, Waiter};
use crate::world::World;

/// Whose session a tab has, by the ID token.
pub(crate) type Identity = (Sid, Option<String>);

impl Page {
    pub(crate) fn identity(&self) -> Option<Identity> {
        let grant = self.state.grant();
        let subject = grant.and_then(|grant| grant.subject.clone());
        Some((self.state.sid()?.clone(), subject))
    }
}

impl World<'_> {
    /// A code leaves for the token endpoint.
    pub(crate) fn judge_exchange(&mut self, tab: usize, form: &str) {
        let (Some(code), Some(verifier)) = (field(form, "code"), field(form, "code_verifier"))
        else {
            return;
        };
        if !self.tabs[tab].verifiers.contains(verifier) {
            let what = format!("tab {tab} sends another's, with code {code}");
            return self.fail("a verifier never leaves its tab", what);
        }
        if self.server.codes.find(form).is_none() {
            let what = format!("tab {tab} sends code {code}, which another sign-in got");
            return self.fail("a code goes with its own verifier", what);
        }
        let is_first = self.sent_codes.insert(code.to_owned());
        // A browser that duplicates a tab copies what is pending in it.
        if !is_first && !self.tabs[tab].past.is_copied {
            let what = format!("tab {tab} sends code {code} again");
            self.fail("a code is sent at most once", what);
        }
    }

    /// A text leaves a tab, or stands where another one can read it.
    pub(crate) fn judge_text(&mut self, tab: usize, text: &str) {
        let verifiers = &self.tabs[tab].verifiers;
        if verifiers.iter().any(|verifier| text.contains(verifier)) {
            self.fail("a verifier never leaves its tab", format!("tab {tab}"));
        }
    }

    /// After each step: whose session it is now.
    pub(crate) fn judge_identity(&mut self, tab: usize, before: Option<&Identity>) {
        let Some(page) = &self.tabs[tab].page else {
            return;
        };
        let Some((sid, Some(named))) = page.identity() else {
            return;
        };
        let what = || format!("tab {tab} has a session of {named}");
        if let Some((old, Some(before))) = before
            && *old == sid
            && *before != named
        {
            let what = format!("{}, which was {before}'s", what());
            return self.fail("an ID token of another user never replaces a session", what);
        }
        let family = page
            .access()
            .and_then(|access| self.server.family_of(access));
        let user = family.map(|family| subject(self.server.families[family].user));
        if user.as_ref().is_some_and(|user| *user != named) {
            let what = format!("{} with tokens of {}", what(), user.unwrap_or_default());
            self.fail("no session begins with another user's ID token", what);
        }
    }

    /// After each step: no application is told that there is no session while a code is exchanged for one.
    pub(crate) fn judge_loading(&mut self, tab: usize, effects: &[Effect]) {
        let Some(page) = &self.tabs[tab].page else {
            return;
        };
        let is_settled = |number: u32| {
            effects
                .iter()
                .any(|effect| matches!(effect, Effect::Settle { waiter, .. } if waiter.0 == number))
        };
        let mut waiters = page.waiters.iter();
        let is_exchanging = waiters
            .any(|(number, waiter)| matches!(waiter, Waiter::Exchange) && !is_settled(*number));
        let view = page.state.view(self.now(tab));
        if is_exchanging && matches!(view, View::SignedOut(_)) {
            let what = format!("tab {tab} shows {view:?}");
            self.fail("a page loads while a code is exchanged", what);
        }
    }
}
