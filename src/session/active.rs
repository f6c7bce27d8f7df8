//! A session: its record, the token's life, the limits, the refresh under way.

use crate::config::{Config, RefreshTokenPlace, Supplier};
use crate::effect::{Outcome, SignOutReason};
use crate::event::WaiterId;
use crate::generation::Generation;
use crate::record::{Record, Sid};
use crate::time::{Deadline, Now, Span, Timestamp};

use super::Context;
use super::copies::Copies;
use super::expiry::Expiry;
use super::idle::Idle;
use super::refresh::{Refresh, Waiter, Wants};
use super::view::View;

#[derive(Clone, Debug)]
pub(super) struct Active {
    pub(super) record: Record,
    pub(super) expiry: Expiry,
    pub(super) idle: Idle,
    pub(super) copies: Copies,
    pub(super) refresh: Refresh,
    /// The callers that wait for the attempt under way.
    pub(super) waiters: Vec<Waiter>,
    /// When the session ends, however active the user is.
    ends: Option<Deadline>,
    /// Since when it is in this page.
    since: Now,
}

impl Active {
    /// `arrived`: when the tokens came into this tab; `None` where they were restored from the store. `skew`: how far
    /// the server's clock is ahead.
    pub(super) fn new(
        record: Record,
        arrived: Option<Now>,
        context: Context<'_>,
        skew: Span,
    ) -> Box<Self> {
        let Context { now, config, .. } = context;
        let age = now.wall.since(record.signed_in_by_clock()).max(Span::ZERO);
        let limits = &config.limits;
        let mut active = Box::new(Self {
            expiry: Expiry::new(&record.tokens, arrived, context, skew),
            idle: Idle::new(limits.idle, now),
            copies: Copies::new(arrived.is_none()),
            refresh: Refresh::Idle,
            waiters: Vec::new(),
            ends: limits
                .session
                .map(|limit| Deadline::after(now, limit.minus(age))),
            since: now,
            record,
        });
        active.drop_due_refresh(context);
        active
    }

    /// New tokens are neither activity nor another session.
    pub(super) fn inherit(&mut self, older: &Self) {
        self.idle.inherit(&older.idle);
        if self.record.sid == older.record.sid {
            self.since = older.since;
            self.copies.inherit(&older.copies);
        }
    }

    // ── The token ──

    /// Whether the access token is good for so long from now; the leeway where not said.
    pub(super) fn is_usable(&self, now: Now, min_validity: Option<Span>) -> bool {
        self.expiry.is_usable(now, min_validity)
    }

    /// The access token, for a caller.
    pub(super) fn token(&self) -> Outcome {
        Outcome::Token {
            token: self.record.tokens.access().clone(),
            sid: self.record.sid.clone(),
            key: self.record.key().map(str::to_owned),
        }
    }

    /// Whether there is anything to refresh with.
    pub(super) fn can_refresh(&self, now: Now, config: &Config) -> bool {
        match &config.refresh {
            None => false,
            Some(Supplier::Function) => true,
            Some(Supplier::Provider) => self.record.tokens.refresh().is_some(),
            Some(Supplier::Endpoint(endpoint)) => {
                endpoint.refresh_token == RefreshTokenPlace::Cookie
                    || self.record.tokens.refresh().is_some()
                    || (endpoint.bearer && self.is_usable(now, Some(Span::ZERO)))
            }
        }
    }

    /// Uses a refused token no more, where its end was not measured by this tab's clock and another token can be had.
    pub(super) fn distrust(&mut self, now: Now, config: &Config) {
        if self.expiry.is_unmeasured() {
            // Set before `can_refresh` is asked: a renewal that the token itself authorizes needs a good one.
            self.expiry.refuse(true);
            let can_refresh = self.can_refresh(now, config);
            self.expiry.refuse(can_refresh);
        }
    }

    /// From now on there is the access token alone.
    pub(super) fn lose_refresh_token(&mut self, context: Context<'_>) {
        self.record.tokens = self.record.tokens.clone().without_refresh();
        self.drop_due_refresh(context);
    }

    fn drop_due_refresh(&mut self, context: Context<'_>) {
        if !self.can_refresh(context.now, context.config) {
            self.expiry.set_due(None);
        }
    }

    /// A caller waits for the attempt under way, or for the one that begins now.
    pub(super) fn enqueue(&mut self, id: WaiterId, wants: Wants) {
        self.waiters.push(Waiter { id, wants });
    }

    // ── Other tabs ──

    /// Whether `record` holds nothing newer of the same session.
    pub(super) fn knows(&self, record: &Record) -> bool {
        record.sid == self.record.sid && record.generation <= self.record.generation
    }

    /// Whether `record` is another session's, or newer than what a refresh with the tokens that are here brings. A
    /// sibling that renewed the access token alone has nothing newer.
    pub(super) fn is_outdated_by(&self, record: &Record) -> bool {
        record.sid != self.record.sid
            || record.generation.refreshes > self.record.generation.refreshes
    }

    /// Whether a sibling with session `sid` in `generation` has newer tokens of this session.
    pub(super) fn misses(&self, sid: &Sid, generation: Generation) -> bool {
        *sid == self.record.sid && generation > self.record.generation
    }

    /// Whether a sibling spoke of newer tokens than these.
    pub(super) fn has_heard_of_newer(&self) -> bool {
        self.copies.have_newer(self.record.generation)
    }

    /// Whether a copy of this tab has spent the refresh token that is here.
    pub(super) const fn is_behind_a_copy(&self) -> bool {
        self.copies.noted > self.record.generation.refreshes
            && self.record.tokens.refresh().is_some()
    }

    /// Whether another tab may hold this session.
    pub(super) fn is_shared(&self, config: &Config) -> bool {
        self.copies.exist || self.is_behind_a_copy() || config.is_shared()
    }

    /// Whether `record` holds other tokens of the same session and generation: two tabs got them at once,
    /// without a lock.
    pub(super) fn is_other_copy(&self, record: &Record) -> bool {
        record.sid == self.record.sid
            && record.generation == self.record.generation
            && record.tokens.access() != self.record.tokens.access()
    }

    /// Whether a tab with session `sid`, or none, in `generation` lacks the tokens that are here.
    pub(super) fn is_news_to(&self, sid: Option<&Sid>, generation: Generation) -> bool {
        self.record.generation > generation && sid.is_none_or(|sid| *sid == self.record.sid)
    }

    /// Whether this session began before the end of all at `at`. An end that came while this session was in this page
    /// concerns it, whatever the wall clock was set to in between.
    pub(super) fn began_before(&self, at: Timestamp, now: Now) -> bool {
        let life = now.monotonic.minus(self.since.monotonic);
        at >= self.record.signed_in || now.wall.since(at) < life
    }

    // ── Limits ──

    /// When the user was last active in any tab before this page opened; signing in was activity, too.
    pub(super) fn was_active_at(&mut self, at: Timestamp, now: Now) {
        let at = at.max(self.record.signed_in_by_clock());
        self.idle.was_active(now.wall.since(at), now);
    }

    /// Which limit ends the session now, if any.
    pub(super) fn limit_passed(&self, now: Now) -> Option<SignOutReason> {
        if self.ends.is_some_and(|ends| ends.has_passed(now)) {
            Some(SignOutReason::SessionLimit)
        } else if self.idle.is_over(now) {
            Some(SignOutReason::Idle)
        } else {
            None
        }
    }

    /// Why a session that comes from outside may not live on.
    pub(super) fn rejection_reason(&self, now: Now, config: &Config) -> Option<SignOutReason> {
        let may_live = self.is_usable(now, None) || self.can_refresh(now, config);
        self.limit_passed(now)
            .or((!may_live).then_some(SignOutReason::Expired))
    }

    // ── Seen from outside ──

    /// The next moment at which anything can become due.
    pub(super) fn next_deadline(&self, is_offline: bool, context: Context<'_>) -> Option<Deadline> {
        let Context { now, config, .. } = context;
        if let Some(until) = self.idle.confirming() {
            return Some(until);
        }
        let refresh = match &self.refresh {
            Refresh::Idle => self.expiry.refresh_due(),
            Refresh::Backoff(backoff) => Some(backoff.due(now, is_offline)),
            Refresh::Waiting(wait) => Some(wait.until),
            Refresh::Locking(_) | Refresh::InFlight(_) => None,
        };
        let deadlines = [
            refresh,
            self.expiry.turns_stale(now, !self.refresh.is_under_way()),
            self.ends,
            self.idle.ends(),
            self.idle.warns(config.limits.idle_warning),
        ];
        Deadline::soonest(deadlines, now)
    }

    /// The moments were computed when the tokens came, or the pause began: they stay the same when the clocks are set
    /// or rounded meanwhile, or each step would show the application another session.
    pub(super) fn view(&self, now: Now) -> View {
        View::SignedIn {
            generation: self.record.generation,
            expires_at: self.expiry.ends_at(),
            refresh_at: self.expiry.refresh_due().map(Deadline::wall),
            stale: self.expiry.looks_stale(now),
        }
    }
}
