//! Which tokens of a session are newer.

/// Counts the changes of tokens within a session. A refresh may have replaced the refresh token, so what it brought is
/// newer than any renewal that left it as it was (`sliding`): of two tabs, the one that goes on with the old refresh
/// token has the older tokens, however often its own were renewed.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Generation {
    /// Refreshes, the sign-in counted as the first; 0: there are no tokens yet.
    pub refreshes: u64,
    /// Renewals since the last of them that left the refresh token as it was.
    pub slides: u64,
}

impl Generation {
    /// The tokens of a sign-in.
    pub const FIRST: Self = Self {
        refreshes: 1,
        slides: 0,
    };

    /// After a refresh, or other tokens with a refresh token among them.
    #[must_use]
    pub const fn refreshed(self) -> Self {
        Self {
            refreshes: self.refreshes.saturating_add(1),
            slides: 0,
        }
    }

    /// After a renewal that left the refresh token as it was.
    ///
    /// ```
    /// # use hallpass::generation::Generation;
    /// let first = Generation::FIRST;
    /// assert!(first < first.slid() && first.slid().slid() < first.refreshed());
    /// ```
    #[must_use]
    pub const fn slid(self) -> Self {
        Self {
            refreshes: self.refreshes,
            slides: self.slides.saturating_add(1),
        }
    }

    /// The newest that is older than all with this refresh token.
    #[must_use]
    pub const fn before(self) -> Self {
        Self {
            refreshes: self.refreshes.saturating_sub(1),
            slides: u64::MAX,
        }
    }
}

impl From<u64> for Generation {
    fn from(refreshes: u64) -> Self {
        Self {
            refreshes,
            slides: 0,
        }
    }
}
