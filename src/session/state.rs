//! The phase of the session, and what may be asked about it.

use crate::effect::SignOutReason;
use crate::group::Group;
use crate::oidc::grant::Grant;
use crate::profile::Profile;
use crate::record::Sid;
use crate::secret::Secret;
use crate::time::{Now, Span, Timestamp};
use crate::tokens::Tokens;

use super::active::Active;
use super::loading_state::Loading;
use super::silent_renewal::SilentRenewal;
use super::turn::TabState;
use super::view::View;

/// Everything that the core knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(super) phase: Phase,
    pub(super) tab: TabState,
}

/// Each phase holds only what is valid in it.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// The store is being read, or a code is being exchanged. What comes meanwhile waits.
    Loading(Box<Loading>),
    /// Nothing was stored, but siblings may have a session, or the server may know this browser by a cookie.
    SilentRenewal(Box<SilentRenewal>),
    /// No user is here.
    SignedOut(SignOutReason),
    /// A user is, or was until a limit passed while this tab slept.
    Active(Box<Active>),
}

impl Default for Phase {
    fn default() -> Self {
        Self::Loading(Box::default())
    }
}

impl State {
    /// The session as the application sees it at `now`.
    pub fn view(&self, now: Now) -> View {
        match &self.phase {
            Phase::Loading(_) => View::Loading,
            Phase::SilentRenewal(renewal) => renewal.view(),
            Phase::SignedOut(reason) => View::SignedOut(*reason),
            Phase::Active(active) => active.view(now),
        }
    }

    /// What this tab and its copies share.
    pub fn group(&self) -> Option<&Group> {
        self.active()?.record.group.as_ref()
    }

    /// The tokens of the session, where there is one.
    pub fn tokens(&self) -> Option<&Tokens> {
        Some(&self.active()?.record.tokens)
    }

    /// What the application keeps of the user, where there is something.
    pub fn profile(&self) -> Option<&Profile> {
        self.active()?.record.profile.as_ref()
    }

    /// What the session keeps of its provider, where it has one.
    pub fn grant(&self) -> Option<&Grant> {
        self.active()?.record.grant.as_ref()
    }

    /// The name of the key to which its tokens are bound (RFC 9449).
    pub fn dpop_key(&self) -> Option<&str> {
        self.active()?.record.key()
    }

    /// What the server's clock shows, and whether that was measured: by tokens before, or by the `Date` of its answer.
    pub fn server_time(&self, now: Timestamp, date: Option<Timestamp>) -> (Timestamp, bool) {
        let measured = date.or_else(|| Some(now.plus(self.tab.clock.measured_skew()?)));
        (measured.unwrap_or(now), measured.is_some())
    }

    /// The name of the session, where there is one.
    pub fn sid(&self) -> Option<&Sid> {
        Some(&self.active()?.record.sid)
    }

    /// The access token and its session, where it is good for so long from now (the leeway where not said).
    pub fn usable_token(&self, now: Now, min_validity: Option<Span>) -> Option<(&Secret, &Sid)> {
        let active = self.active()?;
        let is_usable = active.is_usable(now, min_validity)
            && active.limit_passed(now).is_none()
            && active.idle.confirming().is_none();
        is_usable.then(|| (active.record.tokens.access(), &active.record.sid))
    }

    fn active(&self) -> Option<&Active> {
        match &self.phase {
            Phase::Active(active) => Some(active),
            Phase::Loading(_) | Phase::SilentRenewal(_) | Phase::SignedOut(_) => None,
        }
    }
}
