//! A herd: all clients need new tokens, and come for them faster than the server can give them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::api::Api;
use crate::core_client::{self, Common};
use crate::life::{Counts, End};
use crate::session::Session;
use crate::site::Site;

/// Who is not well by then will not be.
const PATIENCE: Duration = Duration::from_secs(60);

/// They come within this time, unless there are too few of them.
const RUSH_SECONDS: f64 = 5.0;

/// What they do when they are refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Ask again at once, as a loop without a pause does.
    AtOnce,
    /// What the core says.
    Hallpass,
}

/// What came of it.
pub(crate) struct Herd {
    pub(crate) kind: Kind,
    pub(crate) clients: usize,
    pub(crate) refreshed: usize,
    pub(crate) signed_out: usize,
    pub(crate) requests: u64,
    pub(crate) refused: u64,
    /// From the first client's coming to the last one's end.
    pub(crate) lasted: Duration,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AtOnce => "again at once",
            Self::Hallpass => "hallpass",
        }
    }
}

/// Clients come at this rate, each once.
pub(crate) async fn run(kind: Kind, site: &Arc<Site>, rate: f64) -> Result<Herd> {
    let sessions = site.take((rate * RUSH_SECONDS) as usize);
    let (clients, began) = (sessions.len(), Instant::now());
    let common = Arc::new(Common::new(&site.api));
    let counts = Arc::new(Counts::default());
    let mut living = JoinSet::new();
    for (number, session) in (0_u32..).zip(sessions) {
        let (api, common, counts) = (site.api.clone(), common.clone(), counts.clone());
        living.spawn(async move {
            sleep_until(began + Duration::from_secs_f64(f64::from(number) / rate)).await;
            let life = async {
                match kind {
                    Kind::AtOnce => again_at_once(&api, session, &counts).await,
                    Kind::Hallpass => {
                        core_client::live(&common, session, number.into(), &counts).await
                    }
                }
            };
            timeout(PATIENCE, life).await
        });
    }
    let mut ends = Vec::new();
    while let Some(life) = living.join_next().await {
        // Who is still waiting counts as neither.
        if let Ok(life) = life? {
            let (end, session) = life?;
            site.give_back(session);
            ends.push(end);
        }
    }
    let count = |of| ends.iter().filter(|end| **end == of).count();
    Ok(Herd {
        kind,
        clients,
        refreshed: count(End::Refreshed),
        signed_out: count(End::SignedOut),
        requests: counts.requests.load(Ordering::Relaxed),
        refused: counts.refused.load(Ordering::Relaxed),
        lasted: began.elapsed(),
    })
}

async fn again_at_once(api: &Api, session: Session, counts: &Counts) -> Result<(End, Session)> {
    loop {
        let reply = api.refresh(&session).await?;
        counts.note(reply.status == 200);
        match reply.status {
            200 => {
                let next = Session::of(&reply.body, session.cookie).context("no tokens")?;
                return Ok((End::Refreshed, next));
            }
            400 | 401 => return Ok((End::SignedOut, session)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use hallpass_server::{Args, DEMO_PASSWORD, DEMO_USER, start};

    use super::*;

    const CLIENTS: usize = 60;

    /// The server has one place before its database, and all clients come in the same moment.
    #[tokio::test(flavor = "multi_thread")]
    async fn rel_10_clients_of_an_overloaded_server_are_all_well_in_the_end() {
        let ports = ["--app-port", "0", "--api-port", "0", "--foreign-port", "0"];
        let flags = ["server", "--db-queue", "1"].into_iter().chain(ports);
        let server = start(Args::parse_from(flags)).await.unwrap();
        let addresses = &server.addresses;
        let api = Arc::new(Api::new(&addresses.api, &addresses.app).unwrap());
        let login = api.log_in(DEMO_USER, DEMO_PASSWORD).await.unwrap();
        let mut sessions = Vec::new();
        for _ in 0..CLIENTS {
            sessions.push(api.open(&login).await.unwrap());
        }
        let site = Arc::new(Site::new(api.clone(), Vec::new(), sessions));

        let herd = run(Kind::Hallpass, &site, 1e6).await.unwrap();
        assert_eq!((herd.clients, herd.refreshed), (CLIENTS, CLIENTS));
        assert!(herd.refused > 0, "it was no overload");
        assert_eq!(herd.requests, herd.refused + CLIENTS as u64);

        // What they hold is what the server has given them.
        for session in site.take(CLIENTS) {
            assert_eq!(api.me(&session).await.unwrap().status, 200);
            assert_eq!(api.refresh(&session).await.unwrap().status, 200);
        }
    }
}
