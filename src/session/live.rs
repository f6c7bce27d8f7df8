//! A session that lives: its record, and the moments at which something is due.

use crate::config::{Config, RefreshTokenPlace, Supplier};
use crate::effect::{Outcome, SignOutReason};
use crate::record::{Record, Sid};
use crate::schedule;
use crate::time::{Deadline, Now, Span, Timestamp};

use super::{Context, Stage};

/// A token that is refused earlier is refused for another reason than its end.
const SETTLED: Span = Span::from_millis(60_000);

#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) record: Record,
    /// When the access token ends; `None` where that is not known.
    pub(super) expires: Option<Deadline>,
    /// When the next refresh is due: by the schedule, or after a failed one by its pause.
    pub(super) refresh_due: Option<Deadline>,
    /// The server refused the token before its end: it is not used again.
    is_refused: bool,
    /// The application knows: the refresh that followed brought no other.
    is_known_refused: bool,
    /// By how much the token's life is shortened when it is judged.
    leeway: Span,
    /// When the tokens came into this tab; `None` where they were restored from the store.
    arrived: Option<Now>,
    /// Whether a tick has judged the token when it was no longer good.
    judged_stale: bool,
    /// When the session ends, however active the user is.
    ends: Option<Deadline>,
    /// Longest time without activity.
    idle: Option<Span>,
    last_active: Now,
    warned: bool,
    /// Since when this session lives in this page.
    since: Now,
    /// The newest generation that a sibling spoke of.
    pub(super) newest_peer_generation: u64,
    /// When a sibling gave these tokens, by the monotonic clock.
    pub(super) adopted: Option<Span>,
    /// Another tab may hold this session: it was restored, and the tab may have been duplicated before; or a tab spoke
    /// of it.
    pub(super) has_copies: bool,
    /// The newest generation that a copy of this tab has noted.
    pub(super) noted: u64,
    /// They took the place of others of the same generation, which the server had refused: if it refuses
    /// these as well, there are no third ones.
    pub(super) is_fallback_copy: bool,
}

impl Live {
    pub(super) fn new(
        record: Record,
        arrived: Option<Now>,
        context: Context<'_>,
        skew: Span,
    ) -> Self {
        let Context { now, config, .. } = context;
        let tokens = &record.tokens;
        let lifetime = tokens.lifetime();
        let age = now.wall.since(tokens.received()).max(Span::ZERO);
        let soft = config
            .schedule
            .soft_expiry_claim
            .as_ref()
            .and_then(|claim| tokens.until(claim, skew));
        let due = schedule::refresh_after(lifetime, soft, context.dice(), &config.schedule);
        let mut live = Self {
            expires: tokens
                .remaining(now.wall)
                .map(|left| Deadline::after(now, left)),
            refresh_due: due.map(|due| Deadline::after(now, due.minus(age))),
            is_refused: false,
            is_known_refused: false,
            leeway: lifetime.map_or(Span::ZERO, |lifetime| {
                schedule::leeway(lifetime, &config.schedule)
            }),
            arrived,
            judged_stale: false,
            ends: config.limits.session.map(|limit| {
                let age = now.wall.since(record.signed_in_by_clock());
                let age = age.max(Span::ZERO);
                Deadline::after(now, limit.minus(age))
            }),
            idle: config.limits.idle,
            last_active: now,
            warned: false,
            since: now,
            newest_peer_generation: record.generation,
            adopted: None,
            has_copies: arrived.is_none(),
            noted: 0,
            is_fallback_copy: false,
            record,
        };
        // What will not happen is not due.
        if !config.schedule.proactive || !live.can_refresh(now, config) {
            live.refresh_due = None;
        }
        live
    }

    /// Whether the access token is good for so long from now; the leeway where not said.
    pub(super) fn is_usable(&self, now: Now, min_validity: Option<Span>) -> bool {
        !self.is_refused && self.lives_for(min_validity.unwrap_or(self.leeway), now)
    }

    /// Whether the application sees a token that is over. A refusal alone shows nothing: mostly the next
    /// token is here in a moment.
    pub(super) fn looks_stale(&self, now: Now) -> bool {
        self.is_known_refused || !self.lives_for(self.leeway, now)
    }

    fn lives_for(&self, needed: Span, now: Now) -> bool {
        self.expires
            .is_none_or(|expires| expires.remaining(now) > needed)
    }

    /// The access token, for a caller.
    pub(super) fn token(&self) -> Outcome {
        Outcome::Token {
            token: self.record.tokens.access().clone(),
            sid: self.record.sid.clone(),
        }
    }

    pub(super) fn is_due(&self, now: Now) -> bool {
        let due = self.refresh_due.is_some_and(|due| due.has_passed(now));
        due || !self.is_usable(now, None)
    }

    /// Whether there is anything to refresh with.
    pub(super) fn can_refresh(&self, now: Now, config: &Config) -> bool {
        match &config.refresh {
            None => false,
            Some(Supplier::Function) => true,
            Some(Supplier::Endpoint(endpoint)) => {
                endpoint.refresh_token == RefreshTokenPlace::Cookie
                    || self.record.tokens.refresh().is_some()
                    || (endpoint.bearer && self.is_usable(now, Some(Span::ZERO)))
            }
        }
    }

    /// How long these tokens have been here, sleep included.
    pub(super) fn age(&self, now: Now) -> Span {
        self.arrived.map_or(Span::from_millis(i64::MAX), |arrived| {
            let awake = now.monotonic.minus(arrived.monotonic);
            awake.max(now.wall.since(arrived.wall))
        })
    }

    /// By how much the server's clock must be ahead of this one at least, if it refused this token because
    /// it has ended; `None` where the token itself shows the skew, or has only just come.
    pub(super) fn contradicted_skew(&self, now: Now, skew: Span) -> Option<Span> {
        let tokens = &self.record.tokens;
        let is_telling = !tokens.show_the_clock(skew) && self.age(now) >= SETTLED;
        let ends = tokens.jwt()?.date("exp").timestamp()?;
        is_telling.then(|| ends.since(now.wall))
    }

    /// Ends a refused token whose life was not measured, where another can be had.
    pub(super) fn distrust(&mut self, now: Now, config: &Config) {
        if self.arrived.is_none() || self.expires.is_none() {
            self.is_refused = true;
            self.is_refused = self.can_refresh(now, config);
        }
    }

    /// A refresh failed; the next one is due then.
    pub(super) fn pause(&mut self, until: Option<Deadline>) {
        self.refresh_due = until;
        self.is_known_refused = self.is_refused;
    }

    /// Whether `record` holds nothing newer of the same session.
    pub(super) fn knows(&self, record: &Record) -> bool {
        record.sid == self.record.sid && record.generation <= self.record.generation
    }

    /// Whether a sibling that holds this session in this generation holds something newer.
    pub(super) fn misses(&self, sid: &Sid, generation: u64) -> bool {
        *sid == self.record.sid && generation > self.record.generation
    }

    /// Whether a sibling spoke of newer tokens than these.
    pub(super) fn has_heard_of_newer(&self) -> bool {
        self.newest_peer_generation > self.record.generation
    }

    /// Whether a copy of this tab has spent the refresh token that is here.
    pub(super) fn is_behind_a_copy(&self) -> bool {
        self.noted > self.record.generation && self.record.tokens.refresh().is_some()
    }

    /// What is left is the access token, for as long as it was to live.
    pub(super) fn lose_refresh_token(&mut self, context: Context<'_>) {
        self.record.tokens = self.record.tokens.clone().without_refresh();
        if !self.can_refresh(context.now, context.config) {
            self.refresh_due = None;
        }
    }

    /// Whether `record` holds other tokens of the same session and generation: two tabs got them at once,
    /// without a lock.
    pub(super) fn is_other_copy(&self, record: &Record) -> bool {
        record.sid == self.record.sid
            && record.generation == self.record.generation
            && record.tokens.access() != self.record.tokens.access()
    }

    /// Whether a tab that knows this session, or none, in this generation would learn something from us.
    pub(super) fn is_news_to(&self, sid: Option<&Sid>, generation: u64) -> bool {
        self.record.generation > generation && sid.is_none_or(|sid| *sid == self.record.sid)
    }

    /// Whether this session began before the end of all that was at `at`. An end that is younger than this
    /// session's life in this page means it whatever the wall clock was set to between the two.
    pub(super) fn began_before(&self, at: Timestamp, now: Now) -> bool {
        let life = now.monotonic.minus(self.since.monotonic);
        at >= self.record.signed_in || now.wall.since(at) < life
    }

    /// New tokens are neither activity nor another session.
    pub(super) fn inherit(&mut self, older: &Live) {
        self.last_active = older.last_active;
        self.warned = older.warned;
        if self.record.sid == older.record.sid {
            self.since = older.since;
            self.newest_peer_generation = self
                .newest_peer_generation
                .max(older.newest_peer_generation);
            self.has_copies |= older.has_copies;
            self.noted = older.noted;
        }
    }

    pub(super) fn active(&mut self, now: Now) {
        self.last_active = now;
        self.warned = false;
    }

    /// The user was active so long ago, in another tab: word of it may have waited while this one slept.
    pub(super) fn active_since(&mut self, age: Span, now: Now) {
        let then = now.earlier(age.max(Span::ZERO));
        // Each clock by itself: one of them may have slept, or have been set.
        let latest = Now {
            wall: then.wall.max(self.last_active.wall),
            monotonic: then.monotonic.max(self.last_active.monotonic),
        };
        if latest != self.last_active {
            self.active(latest);
        }
    }

    /// When the user was last active in any tab before this page opened; signing in was activity, too.
    pub(super) fn was_active_at(&mut self, at: Timestamp, now: Now) {
        let age = now.wall.since(at.max(self.record.signed_in_by_clock()));
        self.last_active = now.earlier(age.max(Span::ZERO));
    }

    /// A tick looks at the token.
    pub(super) fn judge(&mut self, now: Now) {
        self.judged_stale = !self.is_usable(now, None);
    }

    /// Which limit ends the session now, if any.
    pub(super) fn limit_passed(&self, now: Now) -> Option<SignOutReason> {
        let passed =
            |deadline: Option<Deadline>| deadline.is_some_and(|deadline| deadline.has_passed(now));
        if passed(self.ends) {
            Some(SignOutReason::SessionLimit)
        } else if self.was_idle(now) {
            Some(SignOutReason::Idle)
        } else {
            None
        }
    }

    /// Whether the user has been away for too long.
    pub(super) fn was_idle(&self, now: Now) -> bool {
        self.idle_end().is_some_and(|end| end.has_passed(now))
    }

    /// The user's last sign of life that is known here, where that matters.
    pub(super) fn last_seen(&self) -> Option<Timestamp> {
        self.idle.map(|_| self.last_active.wall)
    }

    /// When the session will end for lack of activity, where it is time to say so for the first time.
    pub(super) fn idle_warning(&mut self, now: Now, before: Span) -> Option<Timestamp> {
        let end = self.idle_end()?;
        if self.warned || !end.earlier(before).has_passed(now) {
            return None;
        }
        self.warned = true;
        Some(end.wall())
    }

    /// The next moment at which anything can become due.
    pub(super) fn next_deadline(
        &self,
        stage: &Stage,
        is_offline: bool,
        context: Context<'_>,
    ) -> Option<Deadline> {
        let Context { now, config, .. } = context;
        let refresh = match stage {
            Stage::Fresh => self.refresh_due,
            Stage::Backoff(backoff) => backoff.due(now, is_offline),
            Stage::Waiting(wait) => Some(wait.until),
            _ => None,
        };
        let turns_stale = self.expires.map(|expires| expires.earlier(self.leeway));
        // Until a tick has acted upon it, a deadline stays due, however late that tick is.
        let awaits_tick = !self.judged_stale && matches!(stage, Stage::Fresh | Stage::Backoff(_));
        let idle_end = self.idle_end();
        let warning = idle_end
            .filter(|_| !self.warned)
            .map(|end| end.earlier(config.limits.idle_warning));
        let deadlines = [
            refresh,
            turns_stale.filter(|deadline| !deadline.has_passed(now) || awaits_tick),
            self.ends,
            idle_end,
            warning,
        ];
        deadlines
            .into_iter()
            .flatten()
            .reduce(|first, other| first.sooner(other, now))
    }

    fn idle_end(&self) -> Option<Deadline> {
        Some(Deadline::after(self.last_active, self.idle?))
    }
}
