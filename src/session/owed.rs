//! A sign-out that the server does not know of yet, because it was made offline or in another tab. It is sent when the
//! network is back, a few times at most.

use crate::error::Error;
use crate::secret::Secret;

/// How often the server is told of one sign-out until it answers.
const MOST_TRIES: u32 = 5;

#[derive(Clone, Debug, Default)]
pub(super) struct Owed(Option<SignOut>);

/// What the server is told.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tokens {
    pub(super) access: Option<Secret>,
    /// `None` where the server knows the session by a cookie.
    pub(super) refresh: Option<Secret>,
    /// For the provider's end-session endpoint.
    pub(super) id_token: Option<Secret>,
}

#[derive(Clone, Debug)]
struct SignOut {
    tokens: Tokens,
    tries: u32,
    is_being_told: bool,
}

impl Owed {
    /// The server has to hear of this one. Returns what to tell it now.
    pub(super) fn owe(&mut self, tokens: Tokens) -> Option<Tokens> {
        self.0 = Some(SignOut {
            tokens,
            tries: 0,
            is_being_told: false,
        });
        self.retry()
    }

    /// The network may be back. Returns what to tell the server again; `None` while an answer is awaited.
    pub(super) fn retry(&mut self) -> Option<Tokens> {
        let owed = self.0.as_mut().filter(|owed| !owed.is_being_told)?;
        owed.tries = owed.tries.saturating_add(1);
        owed.is_being_told = true;
        Some(owed.tokens.clone())
    }

    /// The server was told, or could not be. Returns whether it has heard.
    pub(super) fn answered(&mut self, outcome: &Result<(), Error>) -> bool {
        let has_heard = outcome.as_ref().map_or_else(is_final, |()| true);
        self.0.take_if(|owed| {
            owed.is_being_told = false;
            has_heard || owed.tries >= MOST_TRIES
        });
        has_heard
    }

    /// The server need not be told any more.
    pub(super) fn forgive(&mut self) {
        self.0 = None;
    }
}

/// Whether the server would answer the same again.
fn is_final(error: &Error) -> bool {
    error
        .status()
        .is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 425 | 429))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn tokens() -> Tokens {
        Tokens {
            access: None,
            refresh: Some(Secret::from("refresh")),
            id_token: None,
        }
    }

    fn failed(status: Option<u16>) -> Result<(), Error> {
        Err(Error::from(ErrorKind::RefreshUnavailable).with_status(status))
    }

    #[test]
    fn a_sign_out_is_told_until_the_server_has_heard() {
        for (outcome, has_heard) in [
            (Ok(()), true),
            (failed(Some(400)), true),
            (failed(Some(429)), false),
            (failed(Some(503)), false),
            (failed(None), false),
        ] {
            let mut owed = Owed::default();
            assert_eq!(owed.owe(tokens()), Some(tokens()));
            assert_eq!(owed.retry(), None);
            assert_eq!(owed.answered(&outcome), has_heard, "{outcome:?}");
            assert_eq!(owed.retry().is_none(), has_heard, "{outcome:?}");
        }
    }

    #[test]
    fn it_is_not_told_for_ever() {
        let mut owed = Owed::default();
        owed.owe(tokens());
        for _ in 1..MOST_TRIES {
            owed.answered(&failed(None));
            assert!(owed.retry().is_some());
        }
        owed.answered(&failed(None));
        assert_eq!(owed.retry(), None);
        owed.owe(tokens());
        owed.forgive();
        owed.answered(&failed(None));
        assert_eq!(owed.retry(), None);
    }
}
