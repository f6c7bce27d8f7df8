//! The core that ships, as a client: facts in, orders out. What its orders say is done for real, by HTTP and by
//! the clock. It is alone: its lock is free, and its store cannot tell.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use hallpass::answer::{Answer, interpret, retry_after};
use hallpass::config::Config;
use hallpass::effect::{Change, Effect};
use hallpass::event::{AttemptId, Event, Stored, WaiterId};
use hallpass::request::{Load, Request};
use hallpass::secret::Secret;
use hallpass::session::{Context, State, step};
use hallpass::time::{Now, Span, Timestamp};
use hallpass::tokens::TokenSet;
use serde_json::json;
use tokio::time::{Duration, sleep_until, timeout};

use crate::api::{Api, CLIENT_ID, TOKEN_ENDPOINT};
use crate::dice::Dice;
use crate::life::{Counts, End};
use crate::session::Session;
use crate::settings::config;

const WAITER: WaiterId = WaiterId(0);

/// Longer than anything that is measured: no token ends by itself.
const LIFETIME_SECONDS: f64 = 86_400.0;

/// What all of them have in common.
pub(crate) struct Common {
    api: Arc<Api>,
    config: Config,
    began: Instant,
}

impl Common {
    pub(crate) fn new(api: &Arc<Api>) -> Self {
        // As an application writes it, in `createAuth`.
        let body = json!({ "grant_type": "refresh_token", "client_id": CLIENT_ID });
        let endpoint = json!({
            "url": api.url(TOKEN_ENDPOINT), "encoding": "form", "body": body.to_string(),
        });
        Self {
            api: Arc::clone(api),
            config: config(&json!({ "refresh": endpoint }).to_string()),
            began: Instant::now(),
        }
    }

    fn now(&self) -> Now {
        let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        Now {
            wall: Timestamp::from_millis(millis(wall.unwrap_or_default())),
            monotonic: Span::from_millis(millis(self.began.elapsed())),
        }
    }

    /// What the shell does with `Effect::Refresh`: the core writes the request and judges the answer.
    async fn ask(&self, refresh: &Secret, cookie: &str) -> Result<Answer> {
        let endpoint = self.config.refresh_endpoint().context("no endpoint")?;
        let load = Load {
            refresh: Some((&endpoint.refresh_token_field, refresh)),
            ..Load::default()
        };
        let request = Request::write(&self.config, endpoint, load, "");
        let request = request.ok().context("it fits into no header")?;
        let headers = request.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.expose()));
        let headers: Vec<_> = headers.chain([("cookie", cookie)]).collect();
        let body = request.body.as_ref().map(Secret::expose);
        let sent = self
            .api
            .fetch(request.method, &endpoint.url, &headers, body);
        let patience = u64::try_from(endpoint.timeout.as_millis())?;
        Ok(match timeout(Duration::from_millis(patience), sent).await {
            Ok(Ok(reply)) => {
                let wait = reply.header("retry-after");
                let wait = wait.and_then(|wait| retry_after(wait, None, self.now().wall));
                interpret(reply.status, wait, &reply.body)
            }
            // No network, or no answer in time.
            Ok(Err(_)) | Err(_) => Answer::Trouble {
                status: None,
                retry_after: None,
            },
        })
    }
}

struct Client<'a> {
    common: &'a Common,
    state: State,
    dice: Dice,
    pending: VecDeque<Event>,
    /// What is to be sent.
    order: Option<(AttemptId, Secret)>,
    timer: Option<tokio::time::Instant>,
    end: Option<End>,
}

/// A client that is signed in hears that its token is not good any more, and is well again or signed out in the
/// end. With its tokens then.
pub(crate) async fn live(
    common: &Common,
    session: Session,
    seed: u64,
    counts: &Counts,
) -> Result<(End, Session)> {
    let mut client = Client::signed_in(common, &session, seed);
    let sid = client.state.sid().cloned().context("it is not signed in")?;
    client.happens(Event::Unauthorized {
        waiter: WAITER,
        sent: Secret::from(session.access.as_str()),
        sid,
    });
    loop {
        if let Some(end) = client.end {
            return Ok((end, client.session(session)));
        }
        if let Some((attempt, refresh)) = client.order.take() {
            let answer = common.ask(&refresh, &session.cookie).await?;
            counts.note(matches!(answer, Answer::Tokens(_)));
            client.happens(Event::Answered {
                attempt,
                answer,
                cookie_hash: None,
                stored: Stored::Unknown,
            });
            continue;
        }
        let at = client.timer.take().context("it waits for nothing")?;
        sleep_until(at).await;
        client.happens(Event::Ticked);
    }
}

impl<'a> Client<'a> {
    fn signed_in(common: &'a Common, session: &Session, seed: u64) -> Self {
        let mut client = Self {
            common,
            state: State::default(),
            dice: Dice::new(seed, [0; 3]),
            pending: VecDeque::new(),
            order: None,
            timer: None,
            end: None,
        };
        client.happens(Event::SignInBegan {
            waiter: WAITER,
            exchanges: false,
        });
        client.happens(Event::Restored {
            stored: Stored::Empty,
            cookie_hash: None,
        });
        client.happens(Event::SignedIn {
            waiter: WAITER,
            set: TokenSet {
                access: Secret::from(session.access.as_str()),
                refresh: Some(Secret::from(session.refresh.as_str())),
                expires_in: Some(LIFETIME_SECONDS),
                date: None,
                profile: None,
                grant: None,
            },
            cookie_hash: None,
        });
        // What there was before the sign-in is no end.
        client.end = None;
        client
    }

    fn happens(&mut self, event: Event) {
        self.pending.push_back(event);
        while let Some(event) = self.pending.pop_front() {
            let context = Context {
                now: self.common.now(),
                random: self.dice.bytes(),
                secret: None,
                config: &self.common.config,
            };
            let (state, effects) = step(std::mem::take(&mut self.state), event, context);
            self.state = state;
            for effect in effects {
                self.carry_out(effect);
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::AcquireLock { attempt } => self.pending.push_back(Event::LockGranted {
                attempt,
                stored: Stored::Unknown,
            }),
            Effect::Refresh {
                attempt,
                refresh: Some(refresh),
                ..
            } => self.order = Some((attempt, refresh)),
            Effect::Abandon { .. } => self.order = None,
            Effect::Arm(span) => {
                let wait = span.map(|span| u64::try_from(span.as_millis()).unwrap_or(0));
                let at = |wait| tokio::time::Instant::now() + Duration::from_millis(wait);
                self.timer = wait.map(at);
            }
            Effect::Emit(Some(Change::Refreshed { .. })) => self.end = Some(End::Refreshed),
            Effect::Emit(Some(Change::SignedOut { .. })) => self.end = Some(End::SignedOut),
            _ => {}
        }
    }

    /// What it holds now.
    fn session(&self, before: Session) -> Session {
        let tokens = self.state.tokens();
        let held = tokens.and_then(|tokens| Some((tokens.access(), tokens.refresh()?)));
        match held {
            Some((access, refresh)) => Session {
                access: access.expose().to_owned(),
                refresh: refresh.expose().to_owned(),
                ..before
            },
            None => before,
        }
    }
}
