//! The keys that sign tokens, and how they follow one another.
//!
//! The database has them, and says since when each one signs: so all processes change at the same second,
//! by their clocks. A new key is published well before, for others keep a key set for a while. An old one
//! stays published until the last token that it has signed is over, and a day longer. What is left of it
//! then is the public key of ID tokens: one that has ended may still come back, to say whose session it was
//! (OpenID Connect Core 1.0, 3.1.2.1).

use std::sync::{Arc, PoisonError, RwLock};

use hallpass_axum::{BoxError, BoxFuture, KeySet, Keys};
use serde_json::json;
use sqlx::{query, query_as};

use crate::db::{Db, Failed, Tx, transaction};
use crate::error::ApiError;
use crate::events::Event;
use crate::oidc::id_token::{self, Hint, HintKey, IdTokenKey};
use crate::oidc::jwk::PublicKey;
use crate::policy::PolicyCell;
use crate::tokens::Signer;

/// So long before its first signature a key is there to be seen: `hallpass/server` keeps a set for ten
/// minutes, and each process here looks once a minute.
const AHEAD: i64 = 15 * 60;

/// So long an old key stays after its last token: for clocks that differ, and for sign-outs by a token
/// that has just ended.
const A_DAY: i64 = 24 * 3600;

/// The algorithm of each kind of token.
const ACCESS: &str = "EdDSA";
const ID: &str = "ES256";

const DAMAGED: &str = "a key is damaged";

/// A key for access tokens and one for ID tokens, so that neither is taken for the other.
pub(crate) struct Pair {
    since: i64,
    pub(crate) access: Signer,
    pub(crate) id_token: IdTokenKey,
}

/// The pairs that are known at one moment, oldest first.
struct Ring {
    pairs: Vec<Arc<Pair>>,
    /// By these nothing is known but hints.
    former: Vec<HintKey>,
    /// What checks access tokens.
    checks: Arc<KeySet>,
}

/// The keys of this server.
pub(crate) struct Keyring {
    db: Arc<Db>,
    policy: Arc<PolicyCell>,
    /// A pair signs for so many seconds; `None`: for good, unless another process changes it.
    rotate_seconds: Option<i64>,
    ring: RwLock<Arc<Ring>>,
}

impl Keyring {
    /// Finds the keys, or makes the first ones.
    pub(crate) async fn open(
        db: Arc<Db>,
        policy: Arc<PolicyCell>,
        rotate_seconds: Option<i64>,
        now: i64,
    ) -> Result<Self, ApiError> {
        let ring = load(&db, &policy, rotate_seconds, now).await?;
        Ok(Self {
            db,
            policy,
            rotate_seconds,
            ring: RwLock::new(Arc::new(ring)),
        })
    }

    /// Makes what is due, forgets what is over, and takes over what other processes have made.
    pub(crate) async fn refresh(&self, now: i64) -> Result<(), ApiError> {
        let ring = load(&self.db, &self.policy, self.rotate_seconds, now).await?;
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    /// The pair that signs now.
    pub(crate) fn signing(&self, now: i64) -> Result<Arc<Pair>, ApiError> {
        let ring = self.ring();
        let begun = ring.pairs.iter().rfind(|pair| pair.since <= now);
        // A clock that runs behind the one by which the first was made.
        let pair = begun.or(ring.pairs.first()).map(Arc::clone);
        pair.ok_or_else(|| ApiError::server(&"there is no key to sign with"))
    }

    /// All pairs whose tokens may still be about.
    pub(crate) fn all(&self) -> Vec<Arc<Pair>> {
        self.ring().pairs.clone()
    }

    /// Reads an ID token that comes back as a hint, whichever of the keys has signed it.
    pub(crate) fn read_hint(&self, token: &str) -> Option<Hint> {
        let ring = self.ring();
        let pairs = ring.pairs.iter().rev();
        pairs
            .map(|pair| pair.id_token.public())
            .chain(&ring.former)
            .find_map(|key| key.read(token))
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The keyring as access tokens are checked by it.
pub(crate) struct Checks(pub(crate) Arc<Keyring>);

impl Keys for Checks {
    fn key_set<'a>(&'a self, _: Option<&'a str>) -> BoxFuture<'a, Result<Arc<KeySet>, BoxError>> {
        Box::pin(async { Ok(Arc::clone(&self.0.ring().checks)) })
    }
}

impl Pair {
    fn new((since, access, id_token): (i64, Vec<u8>, Vec<u8>)) -> Result<Self, String> {
        let seed = |bytes: Vec<u8>| bytes.try_into().map_err(|_| DAMAGED.to_owned());
        Ok(Self {
            since,
            access: Signer::new(&seed(access)?)?,
            id_token: IdTokenKey::new(seed(id_token)?)?,
        })
    }

    /// For those who check tokens: of ID tokens, and of access tokens.
    pub(crate) fn public(&self) -> [PublicKey<'_>; 2] {
        [
            PublicKey::new(self.id_token.jwk(), ID),
            PublicKey::new(self.access.jwk(), ACCESS),
        ]
    }
}

impl Ring {
    fn new(
        rows: Vec<(i64, Vec<u8>, Vec<u8>)>,
        former: Vec<(Vec<u8>,)>,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let pairs = rows.into_iter().map(|row| Pair::new(row).map(Arc::new));
        let pairs: Vec<_> = pairs.collect::<Result<_, _>>()?;
        let public =
            |pair: &Arc<Pair>| serde_json::to_value(PublicKey::new(pair.access.jwk(), ACCESS));
        let keys: Vec<_> = pairs.iter().map(public).collect::<Result<_, _>>()?;
        let checks = Arc::new(KeySet::from_json(&json!({ "keys": keys }))?);
        let former = former.iter().map(|(key,)| HintKey::new(key));
        Ok(Self {
            pairs,
            former: former.collect::<Result<_, _>>()?,
            checks,
        })
    }
}

async fn load(
    db: &Db,
    policy: &PolicyCell,
    rotate_seconds: Option<i64>,
    now: i64,
) -> Result<Ring, ApiError> {
    let (mut access, mut id) = ([0; 32], [0; 32]);
    getrandom::fill(&mut access)?;
    getrandom::fill(&mut id)?;
    let policy = policy.get();
    let life = policy.access_seconds.max(id_token::LIFE_SECONDS);
    let hints_until = now.saturating_add(policy.refresh_seconds);
    let db = db.unqueued();
    let (rows, former) = transaction!(db, |tx| {
        // Of several processes one makes the next keys, and the others find them. The number is
        // "signkeys" in ASCII.
        tx.hold(query("SELECT pg_advisory_xact_lock(8316291910862207347)"))
            .await?;
        let since = query_as("SELECT since FROM signing_keys ORDER BY since");
        let times: Vec<(i64,)> = tx.all(since).await?;
        let times: Vec<_> = times.into_iter().map(|(since,)| since).collect();
        for over in over(&times, life, now) {
            retire(tx, over, hints_until).await?;
        }
        tx.execute(query("DELETE FROM former_keys WHERE expires_at <= $1").bind(now))
            .await?;
        if let Some(since) = due(&times, rotate_seconds, now) {
            add(tx, since, &access, &id).await?;
        }
        let select = "SELECT since, access_token, id_token FROM signing_keys ORDER BY since";
        let rows = tx.all(query_as(select)).await?;
        let former = query_as("SELECT id_token FROM former_keys ORDER BY expires_at DESC");
        Ok((rows, tx.all(former).await?))
    })?;
    Ring::new(rows, former).map_err(|error| ApiError::server(&error))
}

/// Takes a pair away. A client gets a new ID token with each refresh, so it has none that is older than a
/// refresh token lives.
async fn retire(tx: &mut Tx, since: i64, hints_until: i64) -> Result<(), ApiError> {
    let select = query_as("SELECT id_token FROM signing_keys WHERE since = $1").bind(since);
    if let Some((seed,)) = tx.one::<(Vec<u8>,)>(select).await? {
        let seed = seed.try_into().map_err(|_| DAMAGED);
        let key = seed.map_err(str::to_owned).and_then(IdTokenKey::new);
        let key = key.map_err(|error| ApiError::server(&error))?;
        let insert = query("INSERT INTO former_keys (id_token, expires_at) VALUES ($1, $2)");
        tx.execute(insert.bind(key.public().bytes()).bind(hints_until))
            .await?;
    }
    let delete = query("DELETE FROM signing_keys WHERE since = $1").bind(since);
    tx.execute(delete).await?;
    Ok(())
}

async fn add(tx: &mut Tx, since: i64, access: &[u8], id: &[u8]) -> Result<(), Failed> {
    let insert =
        query("INSERT INTO signing_keys (since, access_token, id_token) VALUES ($1, $2, $3)");
    tx.execute(insert.bind(since).bind(access).bind(id)).await?;
    let name = "signing".to_owned();
    tx.note(Event::KeyMade { name });
    Ok(())
}

/// When the keys sign that must be made now. One pair waits at most.
fn due(times: &[i64], rotate_seconds: Option<i64>, now: i64) -> Option<i64> {
    let Some(newest) = times.last() else {
        return Some(now);
    };
    let end = newest.saturating_add(rotate_seconds?);
    let soon = now.saturating_add(AHEAD);
    (*newest <= now && end <= soon).then_some(soon)
}

/// The keys whose last token is over.
fn over(times: &[i64], life: i64, now: i64) -> Vec<i64> {
    let followed = times.iter().zip(times.iter().skip(1));
    let kept = life.saturating_add(A_DAY);
    followed
        .filter(|(_, next)| next.saturating_add(kept) <= now)
        .map(|(since, _)| *since)
        .collect()
}

#[cfg(test)]
mod tests {
    use axum::extract::State;
    use axum::http::HeaderMap;
    use base64ct::{Base64UrlUnpadded, Encoding};
    use clap::Parser;
    use serde_json::Value;

    use super::*;
    use crate::args::Args;
    use crate::grant;
    use crate::oidc::jwks;
    use crate::origins::Origins;
    use crate::state::{App, DEMO_USER, Shared};
    use crate::users;

    const AN_HOUR: i64 = 3600;
    /// What `--rotate-keys-hours 48` means.
    const PERIOD: i64 = 48 * AN_HOUR;

    #[test]
    fn keys_follow_one_another() {
        let every = Some(PERIOD);
        assert_eq!(due(&[], None, 7), Some(7), "the first pair");
        assert_eq!(due(&[0], None, i64::MAX), None, "for good");
        assert_eq!(due(&[0], every, PERIOD - AHEAD - 1), None);
        assert_eq!(due(&[0], every, PERIOD - AHEAD), Some(PERIOD));
        assert_eq!(due(&[0, 60], Some(60), 59), None, "one waits already");
        let late = 9 * PERIOD;
        assert_eq!(due(&[0], every, late), Some(late + AHEAD), "seen before");
    }

    #[test]
    fn a_key_stays_a_day_longer_than_its_last_token() {
        let end = 100 + AN_HOUR + A_DAY;
        assert!(over(&[0, 100], AN_HOUR, end - 1).is_empty());
        assert_eq!(over(&[0, 100], AN_HOUR, end), [0]);
        assert!(over(&[0], AN_HOUR, i64::MAX).is_empty(), "it signs");
    }

    async fn process(db: &str, flags: &[&str]) -> Shared {
        let origins = Origins {
            app: "http://localhost:1".to_owned(),
            api: "http://localhost:2".to_owned(),
            foreign: "http://localhost:3".to_owned(),
            docs: None,
        };
        let args = ["server", "--db", db]
            .into_iter()
            .chain(flags.iter().copied());
        App::new(&Args::parse_from(args), origins).await.unwrap()
    }

    async fn token(app: &App) -> String {
        let grant = transaction!(app.db, |tx| {
            let user = users::by_name(tx, DEMO_USER).await?.unwrap();
            grant::open_session(app, tx, &user, &HeaderMap::new(), None).await
        });
        grant.unwrap().tokens.access_token
    }

    async fn is_good(app: &App, token: &str) -> bool {
        app.verifier
            .verify_token(token, app.clock.now())
            .await
            .is_ok()
    }

    async fn published(app: &Shared) -> usize {
        key_set(app).await.len()
    }

    async fn key_set(app: &Shared) -> Vec<Value> {
        let set = jwks::show(State(app.clone())).await;
        set.0["keys"].as_array().unwrap().clone()
    }

    /// The key that a token names, among those that are published.
    async fn named(app: &Shared, token: &str) -> Option<Value> {
        let header = Base64UrlUnpadded::decode_vec(token.split('.').next()?).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        let set = key_set(app).await;
        set.into_iter().find(|key| key["kid"] == header["kid"])
    }

    fn id_token(app: &App) -> String {
        let claims = json!({ "sub": DEMO_USER, "sid": "s", "aud": "spa" });
        let claims = claims.as_object().unwrap().clone();
        let pair = app.keys.signing(app.clock.now()).unwrap();
        pair.id_token.sign(claims, None).unwrap()
    }

    /// Only one of them is told to change keys; the other one follows.
    #[tokio::test]
    async fn two_processes_change_keys_together() {
        let path = std::env::temp_dir().join(format!("hallpass-keys-{}", std::process::id()));
        let path = path.to_str().unwrap();
        let both = [
            process(path, &["--rotate-keys-hours", "48"]).await,
            process(path, &[]).await,
        ];
        let [one, other] = &both;
        let go_to = async |offset: i64| {
            for app in &both {
                app.clock.set_offset(offset);
                app.keys.refresh(app.clock.now()).await.unwrap();
            }
        };
        let old = token(one).await;
        assert!(is_good(other, &old).await);
        let first = one.keys.signing(one.clock.now()).unwrap().since;

        // The next pair is there to be seen, and does not sign yet.
        go_to(PERIOD - 60).await;
        assert_eq!((published(one).await, published(other).await), (4, 4));
        assert_eq!(one.keys.signing(one.clock.now()).unwrap().since, first);
        let last = token(one).await;
        let hint = id_token(one);

        // It signs, at both, and what the old one has signed is as good as ever.
        one.clock.set_offset(PERIOD + AHEAD);
        other.clock.set_offset(PERIOD + AHEAD);
        let now = one.clock.now();
        let (mine, theirs) = (
            one.keys.signing(now).unwrap(),
            other.keys.signing(now).unwrap(),
        );
        assert!(mine.since > first);
        assert_eq!(mine.since, theirs.since);
        let new = token(other).await;
        assert!(is_good(one, &new).await);

        // Each token names its key.
        let names = [named(one, &last).await, named(one, &new).await];
        assert!(names.iter().flatten().all(|key| key["alg"] == ACCESS));
        assert!(names[0].is_some() && names[1].is_some() && names[0] != names[1]);
        assert!(
            one.verifier
                .verify_token(&last, now - AHEAD - 30)
                .await
                .is_ok()
        );

        // A day later the old pair is gone.
        go_to(PERIOD + AHEAD + A_DAY + AN_HOUR + 60).await;
        assert_eq!((published(one).await, published(other).await), (2, 2));
        assert!(one.verifier.verify_token(&last, 0).await.is_err());
        assert!(one.verifier.verify_token(&new, 0).await.is_ok());

        // But an ID token of its may come back for as long as a client has it.
        let is_known = |hint: &str| {
            both.each_ref()
                .map(|app| app.keys.read_hint(hint).is_some())
        };
        assert_eq!(is_known(&hint), [true, true]);
        let life = one.policy.get().refresh_seconds;
        go_to(PERIOD + AHEAD + A_DAY + AN_HOUR + life).await;
        assert_eq!(
            is_known(&hint),
            [true, true],
            "the clean-up came a minute late"
        );
        go_to(PERIOD + AHEAD + A_DAY + AN_HOUR + life + 60).await;
        assert_eq!(is_known(&hint), [false, false]);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{path}{end}"));
        }
    }
}
