//! Sign-in at a provider, as `src/web/auth_provider.rs` and `src/web/provider.rs` carry it out: what `hallpass::oidc` says
//! to ask, and what it makes of the answers.

use hallpass::answer::Answer;
use hallpass::error::Error;
use hallpass::event::Event;
use hallpass::oidc::authorization::{self, Entropy, PendingCode};
use hallpass::oidc::callback;
use hallpass::oidc::grant::Grant;
use hallpass::oidc::token::{self, Clock, HttpAnswer};
use hallpass::secret::Secret;
use hallpass::time::Span;
use hallpass::tokens::TokenSet;

use crate::agenda::Task;
use crate::authorization::{denied, field};
use crate::dice::Dice;
use crate::mutations::Safety;
use crate::network::{Kind, Reply, no_answer};
use crate::tab::{PageId, Waiter};
use crate::trace;
use crate::world::World;

/// How wrong a clock may be that nothing was measured by.
const UNMEASURED: Span = Span::from_millis(300_000);

/// What stands in the address of a callback.
pub(crate) type Parameters = Vec<(Secret, Secret)>;

/// A user is at the provider, in a tab or in a window.
#[derive(Clone)]
pub(crate) struct Visit {
    /// What the provider was asked.
    url: String,
    user: u8,
}

/// A window that was opened for a sign-in: what is pending for it stays in the opener's memory.
pub(crate) struct Popup {
    number: u64,
    pending: String,
    visit: Visit,
}

impl World<'_> {
    // ── Out ──

    /// Two in three by a window.
    pub(crate) fn sign_in_at_provider(&mut self, tab: usize, user: u8) {
        self.visits += 1;
        let mut dice = Dice::new(self.plan.seed, [8, self.visits, 0]);
        let mut bytes = || [dice.bytes(), dice.bytes()].concat().try_into().unwrap();
        let entropy = Entropy {
            state: bytes(),
            nonce: bytes(),
            verifier: bytes(),
        };
        let now = self.now(tab).wall;
        let (Some(provider), Some(metadata)) = (&self.config.provider, &self.metadata) else {
            return;
        };
        let order =
            authorization::request(provider, metadata, &entropy, now, "/".to_owned(), &[], None);
        let order = order.unwrap();
        let visit = Visit {
            url: order.url,
            user,
        };
        let verifier = order.pending.verifier.expose().to_owned();
        self.tabs[tab].verifiers.insert(verifier);
        self.judge_text(tab, &visit.url);
        let pending = order.pending.to_json().expose().to_owned();
        if dice.one_in(3) {
            self.remember(tab, Some(pending));
            self.unload(tab);
            self.visit(tab, visit);
            return;
        }
        // The window gets a copy of sessionStorage.
        self.remember(tab, None);
        let number = self.visits;
        let page = self.page_id(tab);
        if let Some(page) = &mut self.tabs[tab].page {
            page.popup = Some(Popup {
                number,
                pending,
                visit,
            });
        }
        let millis = time_at_provider(&mut dice);
        self.soon(millis, Task::PopupReturns { page, number });
    }

    /// The tab is at the provider, until the user is done there.
    pub(crate) fn visit(&mut self, tab: usize, visit: Visit) {
        self.tabs[tab].away = Some(visit);
        let page = self.page_id(tab);
        let millis = time_at_provider(&mut self.dice_of_visit(page));
        self.soon(millis, Task::Returns { page });
    }

    // ── Back ──

    pub(crate) fn returns(&mut self, from: PageId) {
        let tab = &mut self.tabs[from.tab];
        let Some(visit) = tab.away.take_if(|_| tab.life == from.life && !self.is_calm) else {
            return;
        };
        let mut dice = self.dice_of_visit(from);
        dice.one_in(2);
        let callback = match dice.below(10) {
            // The user goes back.
            0 => return self.load(from.tab),
            1 => self
                .config
                .provider
                .as_ref()
                .map(|provider| denied(&visit.url, provider)),
            _ => self.code_for(&visit),
        };
        let other = dice.index(self.tabs.len());
        let is_elsewhere = dice.one_in(8) && other != from.tab && self.is_awake(other);
        let to = if is_elsewhere {
            // As by a link in a mail; and a user who has left goes back.
            self.load(from.tab);
            self.unload(other);
            other
        } else {
            from.tab
        };
        self.begin_page(to);
        let is_read_first = dice.one_in(2);
        if is_read_first {
            self.restore(to);
        }
        self.tabs[to].callback = callback;
        self.complete(to, to, None);
        if !is_read_first {
            self.restore(to);
        }
    }

    pub(crate) fn popup_returns(&mut self, tab: usize, number: u64) {
        let Some(page) = &mut self.tabs[tab].page else {
            return;
        };
        let Some(popup) = page.popup.take_if(|popup| popup.number == number) else {
            return;
        };
        self.tabs[tab].callback = self.code_for(&popup.visit);
        self.complete(tab, tab, Some(popup.pending));
    }

    fn code_for(&mut self, Visit { url, user }: &Visit) -> Option<Parameters> {
        let provider = self.config.provider.as_ref()?;
        Some(self.server.codes.give(url, *user, provider))
    }

    /// A page hears of the callback with which a tab came back.
    pub(crate) fn complete(&mut self, tab: usize, from: usize, popup: Option<String>) {
        let Some(callback) = self.tabs[from].callback.clone() else {
            return;
        };
        // Deleted on first use, whatever comes out.
        let pending = popup.or_else(|| self.take_pending(tab));
        let pending = pending.and_then(|pending| PendingCode::from_json(&pending));
        let callback = self.without_state_check(callback, pending.as_ref());
        let Some(provider) = &self.config.provider else {
            return;
        };
        let accepted = callback::accept(pending, &callback, provider, self.now(tab).wall);
        let (code, pending) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                return self.note(|| format!("tab {tab} takes no callback: {}", error.code()));
            }
        };
        let form = token::exchange_form(provider, &pending, &code);
        let Some(waiter) = self.open_waiter(tab, Waiter::Exchange) else {
            return;
        };
        self.dispatch(
            tab,
            Event::SignInBegan {
                waiter,
                exchanges: true,
            },
        );
        let form = form.expose().to_owned();
        self.judge_exchange(tab, &form);
        let kind = Kind::Exchange {
            waiter,
            form,
            pending: Box::new(pending),
            asked: self.clock.real(),
        };
        let call = self.send(tab, kind);
        self.note(|| {
            format!(
                "tab {tab}     call {call} leaves with code {}",
                code.expose()
            )
        });
    }

    /// Mutation: whatever comes back is what was asked for.
    fn without_state_check(
        &self,
        callback: Parameters,
        pending: Option<&PendingCode>,
    ) -> Parameters {
        let (Some(Safety::State), Some(pending)) = (self.off, pending) else {
            return callback;
        };
        let blind = |(name, value): (Secret, Secret)| match name.expose() {
            "state" => (name, pending.state.clone()),
            _ => (name, value),
        };
        callback.into_iter().map(blind).collect()
    }

    // ── What the answers mean ──

    pub(crate) fn exchanged(
        &self,
        tab: usize,
        reply: Option<&Reply>,
        pending: &PendingCode,
    ) -> Result<TokenSet, Error> {
        let (Some(reply), Some(provider)) = (reply, &self.config.provider) else {
            return Err(trace::not_signed_in());
        };
        let set = token::exchanged(
            &http(reply),
            provider,
            pending,
            self.server_clock(tab, reply),
        )?;
        Ok(TokenSet {
            date: reply.date,
            ..set
        })
    }

    pub(crate) fn refreshed(&self, reply: &Reply, known: Option<&Grant>) -> Answer {
        let Some(provider) = &self.config.provider else {
            return no_answer();
        };
        let known = known.filter(|_| self.off != Some(Safety::Subject));
        match token::refreshed(&http(reply), provider, known) {
            Answer::Tokens(set) => Answer::Tokens(TokenSet {
                date: reply.date,
                ..set
            }),
            answer => answer,
        }
    }

    fn server_clock(&self, tab: usize, reply: &Reply) -> Clock {
        let wall = self.now(tab).wall;
        let page = self.tabs[tab].page.as_ref();
        let (now, is_measured) = page.map_or((wall, false), |page| {
            page.state.server_time(wall, reply.date)
        });
        let tolerance = if is_measured {
            self.config.schedule.leeway
        } else {
            UNMEASURED
        };
        Clock { now, tolerance }
    }

    // ── What a tab remembers ──

    fn remember(&mut self, tab: usize, pending: Option<String>) {
        *self.pending(tab) = pending;
    }

    fn take_pending(&mut self, tab: usize) -> Option<String> {
        if self.off == Some(Safety::OneUse) {
            return self.pending(tab).clone();
        }
        self.pending(tab).take()
    }

    /// In sessionStorage, for that is the tab's own.
    pub(crate) fn pending(&mut self, tab: usize) -> &mut Option<String> {
        if self.off == Some(Safety::OwnPending) {
            return &mut self.common_pending;
        }
        &mut self.tabs[tab].pending
    }

    fn dice_of_visit(&self, page: PageId) -> Dice {
        let name = (page.tab as u64) << 32 | u64::from(page.life);
        Dice::new(self.plan.seed, [9, name, 0])
    }
}

/// Some users take longer than the callback counts.
fn time_at_provider(dice: &mut Dice) -> i64 {
    let longest = dice.one_of(&[1_000, 1_000, 5_000, 5_000, 60_000, 1_200_000]);
    dice.between(200, longest)
}

fn http(reply: &Reply) -> HttpAnswer<'_> {
    HttpAnswer {
        status: reply.status,
        retry_after: reply.retry_after,
        body: &reply.body,
    }
}

/// The token that a form names.
pub(crate) fn token_in(form: &Secret, name: &str) -> Option<String> {
    field(form.expose(), name).map(str::to_owned)
}
