//! What outlives this page: the session in its store, and for all tabs of this browser the mark and the last activity.
//!
//! A message reaches the tabs that are open and awake. The others read the mark, before a session is restored, begun,
//! renewed or gone on with.

use crate::effect::Effect;
use crate::error::Error;
use crate::fingerprint;
use crate::generation::Generation;
use crate::mark::Marking;
use crate::oidc::grant::Grant;
use crate::profile::Profile;
use crate::record::Record;
use crate::time::{Now, Span, Timestamp};
use crate::tokens::{TokenSet, Tokens};

use super::active::Active;
use super::turn::Turn;

/// What came with an answer, each part checked.
pub(super) struct Received {
    pub(super) tokens: Tokens,
    pub(super) profile: Option<Profile>,
    pub(super) grant: Option<Grant>,
}

impl Turn<'_> {
    /// Checks what came; `read` makes the tokens of it, from the time, the server's skew and the longest token
    /// accepted.
    pub(super) fn check_received(
        &self,
        mut set: TokenSet,
        read: impl FnOnce(TokenSet, Timestamp, Span, usize) -> Result<Tokens, Error>,
    ) -> Result<Received, Error> {
        let limit = self.context.config.limits.token_bytes;
        let profile = set.profile.take().map(Profile::check).transpose()?;
        let grant = set.take_grant(limit);
        let tokens = read(set, self.context.now.wall, self.tab.clock.skew(), limit)?;
        Ok(Received {
            tokens,
            profile,
            grant,
        })
    }

    /// A session that lives from this record. `arrived`: when the tokens came into this tab; `None` where they were
    /// restored.
    pub(super) fn activate(&mut self, record: Record, arrived: Option<Now>) -> Box<Active> {
        self.tab.clock.read_record(&record, self.context.now);
        Active::new(record, arrived, self.context, self.tab.clock.skew())
    }

    /// The session goes on with newer tokens; what came without a refresh token (RFC 6749, section 6), a profile or a
    /// grant keeps the one that it has.
    pub(super) fn activate_renewed(
        &mut self,
        active: &Active,
        newer: Received,
        generation: Generation,
    ) -> Box<Active> {
        let older = &active.record;
        let record = Record {
            generation,
            tokens: newer.tokens.keeping_refresh_of(&older.tokens),
            profile: newer.profile.or_else(|| older.profile.clone()),
            grant: newer.grant.or_else(|| older.grant.clone()),
            set_back: self.tab.clock.set_back(),
            ..older.clone()
        };
        let mut next = self.activate(record, Some(self.context.now));
        next.inherit(active);
        // Before the lock is given back: the tab that gets it next looks for these.
        self.keep(&next);
        next
    }

    /// Stores new tokens, remembers what they say about the server's clock, and lets siblings know.
    pub(super) fn keep(&mut self, active: &Active) {
        let tokens = &active.record.tokens;
        self.tab.clock.measure_skew(tokens.skew());
        self.persist(active);
        if fingerprint::is_made_here(self.context.config.fingerprint.as_ref()) {
            let lifetime = tokens.lifetime();
            self.effects.push(Effect::RenewCookie { lifetime });
        }
        self.tell_renewed(active);
    }

    /// Stores the session.
    pub(super) fn persist(&mut self, active: &Active) {
        let record = self.record_for_others(active);
        self.effects.push(Effect::Persist(record));
    }

    /// Stores what a sibling gave, unless the sibling has done so in the store that all share.
    pub(super) fn persist_own(&mut self, active: &Active) {
        if !self.context.config.has_common_store() {
            self.persist(active);
        }
    }

    /// Whether a sibling's tokens may not be used. In client mode the server has judged the cookie's hash
    /// for the tab that got them.
    pub(super) fn lacks_fingerprint(&self, tokens: &Tokens) -> bool {
        let options = self.context.config.fingerprint.as_ref();
        !fingerprint::is_made_here(options) && fingerprint::check(tokens, options, None).is_err()
    }

    /// A session began, or was renewed for a browser that the server knows.
    pub(super) fn mark_begin(&mut self, active: &Active) {
        let is_known = self.context.config.refreshes_without_tokens();
        let at = active.record.signed_in;
        let since = is_known.then(|| active.record.signed_in_by_clock());
        self.effects
            .push(Effect::Mark(Marking::Began { at, since }));
        if let Some(at) = active.idle.last_seen() {
            self.note_activity(at);
        }
    }

    /// The user was active: kept for other pages of this browser, also those to come.
    pub(super) fn note_activity_in_time(&mut self, active: &Active) {
        let idle = self.context.config.limits.idle;
        if let Some((idle, at)) = idle.zip(active.idle.last_seen())
            && self.tab.activity.is_due(at, idle)
        {
            self.note_activity(at);
        }
    }

    /// The page is left: what it has not written yet is lost otherwise.
    pub(super) fn note_last_activity(&mut self, active: &Active) {
        if let Some(at) = active.idle.last_seen()
            && self.tab.activity.is_news(at)
        {
            self.note_activity(at);
        }
    }

    fn note_activity(&mut self, at: Timestamp) {
        self.tab.activity.note(at);
        self.effects.push(Effect::NoteActivity(at));
    }
}
