//! Answers without tokens, and a store that fails.

use hallpass::answer::Answer;
use hallpass::error::{Error, ErrorKind};
use hallpass::event::Event;
use hallpass::time::Span;

pub(crate) const fn refused(status: u16) -> Answer {
    Answer::Refused {
        status: Some(status),
        error: None,
    }
}

pub(crate) const fn trouble(status: u16) -> Answer {
    Answer::Trouble {
        status: Some(status),
        retry_after: None,
    }
}

/// A busy server that wants to be left alone.
pub(crate) fn busy(status: u16, seconds: f64) -> Answer {
    Answer::Trouble {
        status: Some(status),
        retry_after: Some(Span::from_seconds(seconds)),
    }
}

/// No answer at all.
pub(crate) const fn no_network() -> Answer {
    Answer::Trouble {
        status: None,
        retry_after: None,
    }
}

pub(crate) const fn nonsense(status: u16) -> Answer {
    Answer::Nonsense {
        status: Some(status),
    }
}

pub(crate) fn store_failed() -> Event {
    Event::StoreFailed {
        error: Error::new(ErrorKind::StorageUnavailable, "the store is full"),
    }
}
