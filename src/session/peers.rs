//! What this tab has asked its siblings, and how much it may say to them.

use crate::record::Sid;
use crate::time::{Now, Span};

/// Questions and offers in a second: enough for fifty tabs that all ask at once.
const MOST_ANSWERS: u32 = 256;
/// Everything else in a second, so that the offers keep their share.
const MOST_VOLUNTEERED: u32 = 32;
/// For how long an offer may be on its way to a tab that did not hear of a sign-out.
const OFFERED: Span = Span::from_millis(10_000);

#[derive(Clone, Debug, Default)]
pub(super) struct Peers {
    /// The question to which an offer may come: an offer counts for no other (SEC-37).
    question: Option<Sid>,
    answers: Replies,
    volunteered: Replies,
    /// When a session was last offered to a sibling.
    offered: Option<Span>,
}

impl Peers {
    /// Opens the question `name`; a tab that asks again while an answer is on its way wants that one, too.
    pub(super) fn ask(&mut self, name: impl FnOnce() -> Sid) -> Sid {
        self.question.get_or_insert_with(name).clone()
    }

    /// Whether this is the open question.
    pub(super) fn is_open(&self, question: &Sid) -> bool {
        self.question.as_ref() == Some(question)
    }

    /// Closes the open question with an answer to it. Returns whether it was the open one.
    pub(super) fn close(&mut self, question: &Sid) -> bool {
        self.question.take_if(|open| open == question).is_some()
    }

    /// Whether a question or an offer may be sent because of what others said.
    pub(super) fn may_reply(&mut self, now: Now) -> bool {
        self.answers.admit(now.monotonic, MOST_ANSWERS)
    }

    /// Whether anything else may be sent because of what others said.
    pub(super) fn may_volunteer(&mut self, now: Now) -> bool {
        self.volunteered.admit(now.monotonic, MOST_VOLUNTEERED)
    }

    /// The session is offered to a sibling.
    pub(super) const fn offered(&mut self, now: Now) {
        self.offered = Some(now.monotonic);
    }

    /// Whether an offer may be on its way still. It is retracted once.
    pub(super) fn retracts(&mut self, now: Now) -> bool {
        self.offered
            .take()
            .is_some_and(|offered| now.monotonic.minus(offered) < OFFERED)
    }
}

/// How much a tab says in a second because others said something, so that forged messages cause no storm.
#[derive(Clone, Copy, Debug, Default)]
struct Replies {
    since: Span,
    count: u32,
}

impl Replies {
    const WINDOW: Span = Span::from_millis(1_000);

    fn admit(&mut self, now: Span, limit: u32) -> bool {
        if self.count == 0 || now.minus(self.since) >= Self::WINDOW {
            *self = Self {
                since: now,
                count: 0,
            };
        }
        self.count = self.count.saturating_add(1);
        self.count <= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Now {
        Now::at(0, millis)
    }

    #[test]
    fn sec_37_one_question_is_open_and_one_answer_closes_it() {
        let mut peers = Peers::default();
        let [one, other] = [1, 2].map(|number| Sid::new([7; 16], number));
        assert!(!peers.close(&one));
        assert_eq!(peers.ask(|| one.clone()), one);
        assert_eq!(peers.ask(|| other.clone()), one);
        assert!(peers.is_open(&one) && !peers.is_open(&other));
        assert!(!peers.close(&other));
        assert!(peers.close(&one) && !peers.close(&one));
    }

    #[test]
    fn sec_37_replies_are_bounded_in_each_second() {
        let mut peers = Peers::default();
        let admitted = |peers: &mut Peers, now| (0..500).filter(|_| peers.may_reply(now)).count();
        assert_eq!(admitted(&mut peers, at(0)), 256);
        assert_eq!(admitted(&mut peers, at(999)), 0);
        assert_eq!(admitted(&mut peers, at(1_000)), 256);
        let volunteered = (0..500).filter(|_| peers.may_volunteer(at(1_000)));
        assert_eq!(volunteered.count(), 32);
    }

    #[test]
    fn an_offer_is_retracted_once_and_not_for_ever() {
        let mut peers = Peers::default();
        assert!(!peers.retracts(at(0)));
        peers.offered(at(0));
        assert!(peers.retracts(at(9_999)) && !peers.retracts(at(9_999)));
        peers.offered(at(0));
        assert!(!peers.retracts(at(10_000)));
    }
}
