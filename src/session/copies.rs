//! What other tabs hold of this session.

use crate::generation::Generation;
use crate::time::{Now, Span};

/// For so long a tab that got the tokens from a sibling leaves it to that one to pass them on, or every tab would
/// answer every other. Not where a tab is about to spend old ones: the sibling may be gone.
const SECOND_HAND: Span = Span::from_millis(500);

#[derive(Clone, Debug, Default)]
pub(super) struct Copies {
    /// Another tab may hold this session: it was restored, and the tab may have been duplicated before; or a tab spoke
    /// of it.
    pub(super) exist: bool,
    /// How many refreshes a copy of this tab has noted: it has spent the refresh tokens of those before.
    pub(super) noted: u64,
    /// The newest generation that a sibling spoke of.
    newest_peer_generation: Generation,
    /// When a sibling gave these tokens, by the monotonic clock.
    adopted: Option<Span>,
    /// They took the place of others of the same generation, which the server had refused. If it refuses these, too,
    /// no others are looked for.
    pub(super) is_fallback_copy: bool,
}

impl Copies {
    /// `exist`: whether another tab may hold this session.
    pub(super) fn new(exist: bool) -> Self {
        Self {
            exist,
            ..Self::default()
        }
    }

    /// A sibling spoke of newer tokens.
    pub(super) fn hear_of(&mut self, generation: Generation) {
        self.newest_peer_generation = self.newest_peer_generation.max(generation);
    }

    /// Whether a sibling spoke of newer tokens than those of `generation`.
    pub(super) fn have_newer(&self, generation: Generation) -> bool {
        self.newest_peer_generation > generation
    }

    /// A sibling gave these tokens.
    pub(super) const fn adopt(&mut self, now: Now) {
        self.adopted = Some(now.monotonic);
    }

    /// Whether the sibling that gave these tokens passes them on.
    pub(super) fn pass_on(&self, now: Now) -> bool {
        self.adopted
            .is_some_and(|adopted| now.monotonic.minus(adopted) < SECOND_HAND)
    }

    /// New tokens of the same session.
    pub(super) fn inherit(&mut self, older: &Self) {
        self.hear_of(older.newest_peer_generation);
        self.exist |= older.exist;
        self.noted = older.noted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Now {
        Now::at(0, millis)
    }

    #[test]
    fn new_tokens_keep_what_was_heard_and_not_how_the_old_ones_came() {
        let mut older = Copies {
            exist: true,
            noted: 3,
            is_fallback_copy: true,
            ..Copies::default()
        };
        older.hear_of(5.into());
        older.hear_of(4.into());
        older.adopt(at(0));
        let mut next = Copies::default();
        next.inherit(&older);
        assert!(next.exist && next.noted == 3 && !next.is_fallback_copy);
        assert!(next.have_newer(4.into()) && !next.have_newer(5.into()));
        assert!(older.pass_on(at(499)) && !older.pass_on(at(500)) && !next.pass_on(at(0)));
    }
}
