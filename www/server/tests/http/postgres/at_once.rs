//! What comes to two processes at the same moment.

use std::sync::Arc;

use futures_util::future::join;
use tokio::task::JoinSet;

use super::cluster::Cluster;
use super::pair::Pair;

const FAMILIES: usize = 1000;
const AT_ONCE: usize = 8;

/// [REL-01] Each refresh token is presented twice, to different processes: one wins, and since there
/// is a copy of the token the family ends. Each tenth family is left alone: it stays.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_token_presented_to_both_processes_one_wins_and_its_family_ends() {
    let Some(cluster) = Cluster::start().await else {
        return;
    };
    let pair = Arc::new(Pair::start(&cluster).await);
    let mut workers = JoinSet::new();
    for worker in 0..AT_ONCE {
        let pair = Arc::clone(&pair);
        workers.spawn(async move {
            for number in (worker..FAMILIES).step_by(AT_ONCE) {
                present_twice(&pair).await;
                if number % 10 == 0 {
                    leave_alone(&pair).await;
                }
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.expect("a worker");
    }

    // The first one is that of the sign-in with the password.
    let alone = 1 + i64::try_from(FAMILIES / 10).expect("a number");
    let ended = i64::try_from(FAMILIES).expect("a number");
    for (select, expected) in [
        ("SELECT count(*) FROM sessions WHERE revoked = 1", ended),
        ("SELECT count(*) FROM sessions WHERE revoked = 0", alone),
        // One at the beginning, and one for the one that has won.
        (
            "SELECT count(*) FROM refresh_tokens WHERE spent = 1",
            ended + alone - 1,
        ),
        (
            "SELECT count(*) FROM refresh_tokens WHERE spent = 0",
            ended + alone,
        ),
    ] {
        assert_eq!(cluster.count(select).await, expected, "{select}");
    }
}

async fn present_twice(pair: &Pair) {
    let mut family = pair.family().await;
    let (here, there) = (pair.origins(0), pair.origins(1));
    let token = family.refresh_token.clone();
    let (one, other) = join(
        family.present(&here, &token),
        family.present(&there, &token),
    )
    .await;
    let answers = [one.expect("an answer"), other.expect("an answer")];
    let won: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    let statuses = [answers[0].status, answers[1].status];
    assert_eq!(won.len(), 1, "{statuses:?}");
    let lost = answers.iter().find(|answer| answer.status != 200);
    lost.expect("the other").refused(400, "invalid_grant");

    family.adopt(won[0]);
    family.me(&here).await.refused(401, "invalid_token");
    let again = family.present(&there, &family.refresh_token).await;
    again.expect("an answer").refused(400, "invalid_grant");
}

async fn leave_alone(pair: &Pair) {
    let mut family = pair.family().await;
    let answer = family
        .present(&pair.origins(0), &family.refresh_token)
        .await;
    family.adopt(&answer.expect("an answer"));
    assert_eq!(family.me(&pair.origins(1)).await.status, 200);
}
