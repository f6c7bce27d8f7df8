//! A process is killed, and then the database, in the middle of the work. What was answered holds.

use std::sync::Arc;

use hallpass_server::Origins;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use super::cluster::Cluster;
use super::pair::{Family, Pair};

const FAMILIES: usize = 240;
const AT_ONCE: usize = 6;
const REFRESHES: usize = 3;

/// When it is killed, counted in answers: of about 350 that there could be for either process.
const END_OF_PROCESS: usize = 60;
const END_OF_DATABASE: usize = 250;

/// What a client knows of its family.
struct Client {
    family: Family,
    /// Which process it asks.
    which: usize,
    signs_out: bool,
    /// The answer to a refresh says that these are spent.
    spent: Vec<String>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The last request was answered, and the session stands.
    Known,
    /// The answer said that the session is over.
    Revoked,
    /// A request was under way.
    Unknown,
}

/// [REL-05] After `kill -9` of a process and of the database no session is back that the user was told
/// is over, no spent token works, and no session is lost that nothing was under way for.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_outlives_the_process_and_the_database() {
    let Some(cluster) = Cluster::start().await else {
        return;
    };
    let mut pair = Pair::start(&cluster).await;
    let clients = Arc::new(Mutex::new(open(&pair).await));
    let (answers, mut answered) = watch::channel(0);
    let answers = Arc::new(answers);
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let origins = [pair.origins(0), pair.origins(1)];
        let (clients, answers) = (Arc::clone(&clients), Arc::clone(&answers));
        workers.spawn(async move {
            let mut done = Vec::new();
            while let Some(mut client) = next(&clients).await {
                client.work(&origins[client.which], &answers).await;
                done.push(client);
            }
            done
        });
    }
    drop(answers);

    let reached = answered.wait_for(|count| *count >= END_OF_PROCESS).await;
    reached.expect("so many answers");
    pair.processes[0].kill();
    let reached = answered.wait_for(|count| *count >= END_OF_DATABASE).await;
    reached.expect("so many answers");
    cluster.kill();

    let mut clients = Vec::new();
    while let Some(done) = workers.join_next().await {
        clients.extend(done.expect("a worker"));
    }
    cluster.ready().await;
    pair.replace(0, &cluster);
    for state in [State::Known, State::Revoked, State::Unknown] {
        let count = clients
            .iter()
            .filter(|client| client.state == state)
            .count();
        assert!(count > 0, "{state:?}: there should be some");
    }
    assert_eq!(clients.len(), FAMILIES);
    for mut client in clients {
        client.check(&pair).await;
    }
}

async fn open(pair: &Pair) -> Vec<Client> {
    let mut clients = Vec::new();
    for number in 0..FAMILIES {
        clients.push(Client {
            family: pair.family().await,
            which: number % 2,
            signs_out: number % 4 < 2,
            spent: Vec::new(),
            state: State::Known,
        });
    }
    clients
}

async fn next(clients: &Mutex<Vec<Client>>) -> Option<Client> {
    clients.lock().await.pop()
}

impl Client {
    /// Some refreshes; half of the clients sign out then. The first request without a good answer is
    /// the last one.
    async fn work(&mut self, at: &Origins, answers: &watch::Sender<usize>) {
        for _ in 0..REFRESHES {
            let token = self.family.refresh_token.clone();
            match self.family.present(at, &token).await {
                Ok(answer) if answer.status == 200 => {
                    self.family.adopt(&answer);
                    self.spent.push(token);
                    answers.send_modify(|count| *count += 1);
                }
                _ => {
                    self.state = State::Unknown;
                    return;
                }
            }
        }
        if self.signs_out {
            self.state = match self.family.revoke(at).await {
                Ok(answer) if answer.status == 200 => State::Revoked,
                _ => State::Unknown,
            };
            answers.send_modify(|count| *count += 1);
        }
    }

    async fn check(&mut self, pair: &Pair) {
        let (here, there) = (pair.origins(0), pair.origins(1));
        let token = self.family.refresh_token.clone();
        let answer = self.family.present(&here, &token).await;
        let status = answer.expect("an answer").status;
        match self.state {
            State::Known => assert_eq!(status, 200, "no session is lost"),
            State::Revoked => {
                assert_eq!(status, 400, "no session is back");
                assert_eq!(self.family.me(&there).await.status, 401);
            }
            // It may have been spent, or the session be over: the client does not know.
            State::Unknown => assert!([200, 400].contains(&status), "{status}"),
        }
        for spent in [&self.spent[..], &[token]].concat() {
            let answer = self.family.present(&there, &spent).await;
            answer.expect("an answer").refused(400, "invalid_grant");
        }
    }
}
