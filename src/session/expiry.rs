//! The life of an access token in this tab: how long it is good, and when the next one is due.

use crate::schedule;
use crate::time::{Deadline, Now, Span, Timestamp};
use crate::tokens::Tokens;

use super::Context;

/// A token that is refused earlier is refused for another reason than its end.
const SETTLED: Span = Span::from_millis(60_000);

#[derive(Clone, Debug)]
pub(super) struct Expiry {
    /// When it ends; `None` where that is not known.
    ends: Option<Deadline>,
    /// When the next refresh is due: by the schedule, or after a failed one by its pause.
    refresh_due: Option<Deadline>,
    /// By how much the token's life is shortened when it is judged.
    leeway: Span,
    /// When the tokens came into this tab; `None` where they were restored from the store.
    arrived: Option<Now>,
    /// The server refused the token before its end: it is not used again.
    is_refused: bool,
    /// The application was shown that: the refresh that followed brought no other token.
    is_known_refused: bool,
    /// Whether a tick has judged the token when it was no longer good.
    judged_stale: bool,
}

impl Expiry {
    /// `arrived`: when the tokens came into this tab; `None` where they were restored from the store. `skew`: how far
    /// the server's clock is ahead.
    pub(super) fn new(
        tokens: &Tokens,
        arrived: Option<Now>,
        context: Context<'_>,
        skew: Span,
    ) -> Self {
        let (now, schedule) = (context.now, &context.config.schedule);
        let lifetime = tokens.lifetime();
        let age = now.wall.since(tokens.received()).max(Span::ZERO);
        let soft = schedule
            .soft_expiry_claim
            .as_ref()
            .and_then(|claim| tokens.until(claim, skew));
        let due = schedule::refresh_after(lifetime, soft, context.dice(), schedule);
        Self {
            ends: tokens
                .remaining(now.wall)
                .map(|left| Deadline::after(now, left)),
            refresh_due: due
                .filter(|_| schedule.proactive)
                .map(|due| Deadline::after(now, due.minus(age))),
            leeway: lifetime.map_or(Span::ZERO, |lifetime| schedule::leeway(lifetime, schedule)),
            arrived,
            is_refused: false,
            is_known_refused: false,
            judged_stale: false,
        }
    }

    /// Whether the token is good for so long from now; the leeway where not said.
    pub(super) fn is_usable(&self, now: Now, min_validity: Option<Span>) -> bool {
        !self.is_refused && self.lives_for(min_validity.unwrap_or(self.leeway), now)
    }

    /// Whether the application is shown a token that is over. A refusal alone is not shown: mostly the next token
    /// comes at once.
    pub(super) fn looks_stale(&self, now: Now) -> bool {
        self.is_known_refused || !self.lives_for(self.leeway, now)
    }

    fn lives_for(&self, needed: Span, now: Now) -> bool {
        self.ends.is_none_or(|ends| ends.remaining(now) > needed)
    }

    /// Whether it is time for the next token.
    pub(super) fn is_due(&self, now: Now) -> bool {
        let due = self.refresh_due.is_some_and(|due| due.has_passed(now));
        due || !self.is_usable(now, None)
    }

    /// How long the tokens have been here, sleep included.
    pub(super) fn age(&self, now: Now) -> Span {
        self.arrived.map_or(Span::from_millis(i64::MAX), |arrived| {
            let awake = now.monotonic.minus(arrived.monotonic);
            awake.max(now.wall.since(arrived.wall))
        })
    }

    /// By how much the server's clock must be ahead of this one at least, if it refused this token because
    /// it has ended; `None` where the token itself shows the skew, or has only just come.
    pub(super) fn contradicted_skew(&self, tokens: &Tokens, now: Now, skew: Span) -> Option<Span> {
        let is_telling = !tokens.show_the_clock(skew) && self.age(now) >= SETTLED;
        let ends = tokens.jwt()?.date("exp").timestamp()?;
        is_telling.then(|| ends.since(now.wall))
    }

    /// Whether this tab does not know by its own clock when the token ends.
    pub(super) const fn is_unmeasured(&self) -> bool {
        self.arrived.is_none() || self.ends.is_none()
    }

    /// The server refused the token: whether it is used no more.
    pub(super) const fn refuse(&mut self, is_refused: bool) {
        self.is_refused = is_refused;
    }

    /// A refresh failed; the next one is due then.
    pub(super) const fn pause(&mut self, until: Deadline) {
        self.refresh_due = Some(until);
        self.is_known_refused = self.is_refused;
    }

    /// When the next refresh is due; `None` where there will be none.
    pub(super) const fn set_due(&mut self, due: Option<Deadline>) {
        self.refresh_due = due;
    }

    /// When the next refresh is due.
    pub(super) const fn refresh_due(&self) -> Option<Deadline> {
        self.refresh_due
    }

    /// A tick has looked at the token, and acts on what it saw.
    pub(super) fn judge(&mut self, now: Now) {
        self.judged_stale = !self.is_usable(now, None);
    }

    /// When the token turns stale. Where `acts` says that a tick will act on it, this stays due until one has, however
    /// late that is.
    pub(super) fn turns_stale(&self, now: Now, acts: bool) -> Option<Deadline> {
        let turns_stale = self.ends.map(|ends| ends.earlier(self.leeway))?;
        let awaits_tick = acts && !self.judged_stale;
        (!turns_stale.has_passed(now) || awaits_tick).then_some(turns_stale)
    }

    /// When the token ends, on the wall clock.
    pub(super) fn ends_at(&self) -> Option<Timestamp> {
        self.ends.map(Deadline::wall)
    }
}
