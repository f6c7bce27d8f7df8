//! What is there before anything is measured: accounts, and sessions of theirs.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::api::{Api, PASSWORD};
use crate::process::Process;
use crate::session::Session;

/// So many that requests of one seldom meet, as with real ones.
const USERS: usize = 64;
const SESSIONS: usize = 4000;

/// As many at once as the server likes.
const AT_ONCE: usize = 16;

/// Adds accounts, by a server with knobs, which is not the one that is measured.
pub(crate) async fn users(program: &Path, database: &str) -> Result<Vec<String>> {
    let process = Process::start(program, database, &["--faults"])?;
    let api = process.api()?;
    let names: Vec<_> = (0..USERS).map(|number| format!("user-{number}")).collect();
    for name in &names {
        api.add_user(name).await?;
    }
    Ok(names)
}

/// Opens sessions, in turn one of each account.
pub(crate) async fn sessions(api: &Arc<Api>, users: &[String]) -> Result<Vec<Session>> {
    let mut logins = Vec::new();
    for user in users {
        logins.push(Arc::new(api.log_in(user, PASSWORD).await?));
    }
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut opening = JoinSet::new();
    for login in logins.iter().cycle().take(SESSIONS) {
        let (api, login) = (Arc::clone(api), Arc::clone(login));
        let place = Arc::clone(&places).acquire_owned().await?;
        opening.spawn(async move {
            let session = api.open(&login).await;
            drop(place);
            session
        });
    }
    opening.join_all().await.into_iter().collect()
}
