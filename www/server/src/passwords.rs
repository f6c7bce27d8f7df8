//! Password hashing: Argon2id with OWASP's minimum (19 MiB, two passes, one lane).

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::error::ApiError;
use crate::metrics::METRICS;
use crate::queue::{Queue, Turn};
use crate::users::User;

/// Hashes at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;

/// And so many wait for it, which is a second or two. The next are told to come back after as long.
const WAITING: usize = 64;
const RETRY_AFTER_SECONDS: u64 = 2;

/// Checked where there is no such user, so that names cannot be found out by the clock. Random
/// bytes: no user has this password, and a match would not count.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$/Nxy/RvPCAIs9yoyOaHk+Q$n30K/Slv/F4YSqLJwHf98wxKPGaYmbjA1lFRlFN9Yos";

/// Makes and checks password hashes, away from the threads that serve requests.
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    queue: Queue,
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, ApiError> {
        let params =
            Params::new(19 * 1024, 2, 1, None).map_err(|error| ApiError::server(&error))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(Self {
            argon2,
            queue: Queue::new(AT_ONCE, WAITING, RETRY_AFTER_SECONDS, &METRICS.hashes),
        })
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, ApiError> {
        let turn = self.queue.turn().await?;
        let (argon2, password) = (self.argon2.clone(), password.to_owned());
        let work = move || {
            let hash = hash(&argon2, &password);
            drop(turn);
            hash
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| ApiError::server(&error))?
    }

    /// Waits until a password can be checked.
    pub(crate) async fn turn(&self) -> Result<Turn, ApiError> {
        self.queue.turn().await
    }

    /// Is this the user's password? Takes as long where there is no such user.
    pub(crate) async fn check(
        &self,
        turn: Turn,
        user: Option<&User>,
        password: &str,
    ) -> Result<bool, ApiError> {
        let known = user.is_some();
        let hash = user.map_or(DECOY, |user| &user.password_hash).to_owned();
        let (argon2, password) = (self.argon2.clone(), password.to_owned());
        let work = move || {
            let equal = verify(&argon2, &password, &hash);
            drop(turn);
            equal
        };
        let equal = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| ApiError::server(&error))?;
        Ok(known && equal)
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, ApiError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let salt = SaltString::encode_b64(&bytes).map_err(|error| ApiError::server(&error))?;
    argon2
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| ApiError::server(&error))
}

fn verify(argon2: &Argon2<'_>, password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    /// Requests that are abandoned in the middle of a hash, one after the other, would otherwise
    /// have as many hashes under way as they like.
    #[tokio::test]
    async fn a_hash_keeps_its_turn_when_its_request_is_gone() {
        let passwords = Passwords::new().unwrap();
        let moment = Duration::from_millis(1);
        for _ in 0..AT_ONCE {
            let turn = passwords.turn().await.unwrap();
            let check = passwords.check(turn, None, "x");
            assert!(timeout(moment, check).await.is_err(), "still hashing");
        }
        assert_eq!(passwords.queue.free_turns(), 0);
        let turn = passwords.turn().await.unwrap();
        assert!(!passwords.check(turn, None, "x").await.unwrap());
    }

    /// A cheaper decoy would tell unknown names by the clock.
    #[test]
    fn the_decoy_costs_what_a_real_hash_costs() {
        let passwords = Passwords::new().unwrap();
        let real = hash(&passwords.argon2, "x").unwrap();
        let cost = |hash: &str| {
            hash.split('$')
                .take(4)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(cost(DECOY), cost(&real));
        let output = |hash: &str| PasswordHash::new(hash).unwrap().hash.unwrap().len();
        assert_eq!(output(DECOY), output(&real));
    }
}
