//! Events that wait until it is known whether there is a session.

use crate::event::Event;
use crate::record::Message;

/// What waits, in the order in which it will be handled.
#[derive(Clone, Debug, Default)]
pub(super) struct Deferred(pub(super) Vec<Event>);

impl Deferred {
    /// Keeps an event for later, unless it will mean nothing then: an answer or a lock for an attempt that is over, a
    /// wake with what the store held at that time, a tick, and of what siblings say all but sign-outs and new tokens.
    pub(super) fn defer(&mut self, event: Event) {
        let is_past = matches!(
            event,
            Event::Answered { .. }
                | Event::CameBack
                | Event::LockGranted { .. }
                | Event::LockUnavailable { .. }
                | Event::Ticked
                | Event::Woke { .. }
                | Event::PeerSaid(
                    Message::Active { .. } | Message::Asked { .. } | Message::Offered { .. }
                )
        );
        // A sign-out goes before the callers, so that none of them is given a token; but behind a sign-in that came
        // before it.
        let place = match event {
            Event::PeerSaid(Message::SignedOut { .. }) => self
                .0
                .iter()
                .rposition(|other| matches!(other, Event::SignedIn { .. }))
                .map_or(0, |last| last.saturating_add(1)),
            _ => self.0.len(),
        };
        if !is_past {
            self.0.insert(place, event);
        }
    }

    /// Keeps an event for later, whatever it is.
    pub(super) fn keep(&mut self, event: Event) {
        self.0.push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::WaiterId;
    use crate::record::Sid;
    use crate::secret::Secret;
    use crate::tokens::TokenSet;

    #[test]
    fn a_sign_out_waits_in_front_of_callers_and_behind_sign_ins() {
        let waiter = WaiterId(1);
        let sign_out = || {
            let sid = Some(Sid::new([7; 16], 1));
            Event::PeerSaid(Message::SignedOut { sid, before: None })
        };
        let mut deferred = Deferred::default();
        deferred.defer(Event::RefreshAsked { waiter });
        deferred.defer(Event::Ticked);
        deferred.defer(sign_out());
        assert!(matches!(
            deferred.0[..],
            [
                Event::PeerSaid(Message::SignedOut { .. }),
                Event::RefreshAsked { .. }
            ]
        ));
        deferred.keep(Event::SignedIn {
            waiter,
            set: TokenSet {
                access: Secret::from("access"),
                refresh: None,
                expires_in: None,
                date: None,
                profile: None,
                grant: None,
            },
            cookie_hash: None,
        });
        deferred.defer(sign_out());
        assert!(matches!(
            deferred.0[2..],
            [
                Event::SignedIn { .. },
                Event::PeerSaid(Message::SignedOut { .. })
            ]
        ));
    }
}
