//! The store is read for the first time, or a code is exchanged. Until it is known whether a session is there, what
//! comes waits and is handled afterwards.

use crate::effect::{Change, Effect, SignOutReason};
use crate::event::{Event, Stored, WaiterId};
use crate::fingerprint;
use crate::record::Record;
use crate::time::Span;

use super::active::Active;
use super::deferred::Deferred;
use super::errors::signed_out;
use super::loading_state::{Known, Loading};
use super::next::{End, Next};
use super::refresh::{Attempt, Refresh};
use super::state::Phase;
use super::turn::Turn;

impl Turn<'_> {
    /// One event while the store is read or a code exchanged.
    pub(super) fn while_loading(&mut self, mut loading: Box<Loading>, event: Event) -> Phase {
        match (event, &loading.known) {
            (
                Event::Restored {
                    stored,
                    cookie_hash,
                },
                _,
            ) => {
                loading.known = Some(Known::Stored {
                    stored,
                    cookie_hash,
                });
            }
            // There is a session now: another exchange is not waited for.
            (event @ Event::SignedIn { .. }, Some(_)) => {
                let phase = self.leave_loading(*loading);
                return self.before_others(phase, event);
            }
            // The user wants no session: what an exchange brings counts no more.
            (event @ Event::SignOutAsked { waiter }, Some(_)) => {
                let exchanging = self.tab.sign_ins.exchanging();
                let is_void = |other: WaiterId| other < waiter && exchanging.contains(&other);
                self.void_sign_ins(is_void, &signed_out());
                let phase = self.leave_loading(*loading);
                return self.before_others(phase, event);
            }
            (event, _) => loading.deferred.defer(event),
        }
        Phase::Loading(loading)
    }

    /// Handles an event before those that have waited.
    fn before_others(&mut self, phase: Phase, event: Event) -> Phase {
        match phase {
            Phase::SignedOut(reason) => self.while_signed_out(reason, event),
            phase => {
                self.queue.push_front(event);
                phase
            }
        }
    }

    /// Goes on where enough is known: the store was read, and no code is being exchanged.
    pub(super) fn settle_loading(&mut self, phase: Phase) -> Phase {
        match phase {
            Phase::Loading(loading) if !self.tab.sign_ins.is_exchanging() => {
                self.leave_loading(*loading)
            }
            Phase::SignedOut(reason) if self.tab.sign_ins.is_exchanging() => {
                let before = self.effects.len();
                let is_end = |effect: &Effect| {
                    matches!(effect, Effect::Emit(Some(Change::SignedOut { .. })))
                };
                self.effects.retain(|effect| !is_end(effect));
                let is_told = self.effects.len() == before;
                Phase::Loading(Box::new(Loading {
                    deferred: Deferred::default(),
                    known: Some(Known::SignedOut { reason, is_told }),
                }))
            }
            phase => phase,
        }
    }

    fn leave_loading(&mut self, loading: Loading) -> Phase {
        let Loading { deferred, known } = loading;
        match known {
            None => Phase::Loading(Box::new(Loading { deferred, known })),
            Some(Known::Stored {
                stored,
                cookie_hash,
            }) => self.open(deferred, stored, cookie_hash.as_deref()),
            Some(Known::SignedOut { reason, is_told }) => {
                self.replay(deferred);
                if !is_told {
                    self.emit(Change::SignedOut { reason });
                }
                Phase::SignedOut(reason)
            }
        }
    }

    fn open(&mut self, deferred: Deferred, stored: Stored, cookie_hash: Option<&str>) -> Phase {
        // Where a silent renewal follows, most of it waits on; a sign-in does not.
        self.replay(deferred);
        self.tell_what_was_owed();
        match stored {
            Stored::Found(record) => self.restored(*record, cookie_hash),
            Stored::Damaged => self.end_stored(End::here(SignOutReason::Storage)),
            Stored::Empty | Stored::Unknown => self.renew_silently(),
        }
    }

    fn restored(&mut self, record: Record, cookie_hash: Option<&str>) -> Phase {
        let (now, config) = (self.context.now, self.context.config);
        let is_over = self.tab.sign_outs.include(&record);
        let mut active = self.activate(record, None);
        if is_over {
            // It ended while the tab was closed, frozen or copied: the server may not have heard of its refresh token.
            let is_unheard = active.record.tokens.refresh().is_some();
            return self.go_on(active, Next::End(End::by_other_tab(is_unheard)));
        }
        if let Some(at) = self.tab.activity.last() {
            active.was_active_at(at, now);
        }
        // In client mode the cookie lives no longer than the token, so an old token may have lost it.
        let is_judged = active.is_usable(now, Some(Span::ZERO));
        let options = config.fingerprint.as_ref();
        if is_judged && fingerprint::check(&active.record.tokens, options, cookie_hash).is_err() {
            return self.end_stored(End::here(SignOutReason::Fingerprint));
        }
        if let Some(reason) = active.limit_passed(now) {
            return self.go_on(active, Next::End(End::by_limit(reason)));
        }
        if let Some(reason) = active.rejection_reason(now, config) {
            return self.end_stored(End::here(reason));
        }
        self.emit(Change::Restored);
        self.ask_about(&active, false);
        let next = self.first_step(&active);
        self.go_on(active, next)
    }

    fn first_step(&self, active: &Active) -> Next {
        let config = self.context.config;
        if config.schedule.on_start && active.can_refresh(self.context.now, config) {
            return Next::Refresh(Attempt::default());
        }
        Next::Tick
    }

    /// Ends what was stored, before it lived.
    fn end_stored(&mut self, end: End) -> Phase {
        self.end(None, &mut Refresh::Idle, Vec::new(), end)
    }
}
