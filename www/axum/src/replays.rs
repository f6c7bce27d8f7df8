//! Which proofs were used: each is good once (RFC 9449, section 11.1).

use std::collections::HashSet;
use std::sync::Mutex;

use subtle::ConstantTimeEq;

use crate::error::{BoxError, BoxFuture};

/// A proof that is good, if it is not used already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Thumbprint of the key that has signed it (RFC 7638).
    pub key: String,
    /// Its name, chosen by who made it: of two keys, each may choose the same.
    pub jti: String,
    /// For how long it could be used again.
    pub seconds: i64,
}

impl Proof {
    /// Is it signed by the key of this thumbprint? Takes the same time either way.
    pub fn is_by(&self, key: &str) -> bool {
        self.key.as_bytes().ct_eq(key.as_bytes()).into()
    }
}

/// The memory of used proofs. For servers of several processes: a store that all of them share.
pub trait Replays: Send + Sync {
    /// Was this proof used before? If not, it is remembered for its `seconds`, in the same step. An error is answered
    /// with a 503.
    fn seen<'a>(&'a self, proof: &'a Proof, now: i64) -> BoxFuture<'a, Result<bool, BoxError>>;
}

/// The memory of this process: at least as long as a proof is good, at most twice that. It is bounded by how many proofs
/// pass in that time.
#[derive(Default)]
pub struct MemoryReplays(Mutex<Spans>);

#[derive(Default)]
struct Spans {
    current: HashSet<(String, String)>,
    before: HashSet<(String, String)>,
    started: i64,
}

/// As long as any proof is good: sixty seconds either way, and one.
const SPAN_SECONDS: i64 = 121;

impl Spans {
    fn seen(&mut self, proof: &Proof, now: i64) -> bool {
        let age = now.saturating_sub(self.started);
        if age > SPAN_SECONDS {
            let last = std::mem::take(&mut self.current);
            self.before = match age > SPAN_SECONDS.saturating_mul(2) {
                true => HashSet::new(),
                false => last,
            };
            self.started = now;
        }
        let name = (proof.key.clone(), proof.jti.clone());
        self.before.contains(&name) || !self.current.insert(name)
    }
}

impl Replays for MemoryReplays {
    fn seen<'a>(&'a self, proof: &'a Proof, now: i64) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async move {
            let mut spans = self.0.lock().map_err(|_| "a thread panicked here")?;
            Ok(spans.seen(proof, now))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_so_long_for_proofs_of_any_moment_and_not_for_ever() {
        let mut spans = Spans::default();
        let mut seen = |jti: &str, now| {
            let (key, jti) = ("key".to_owned(), jti.to_owned());
            spans.seen(
                &Proof {
                    key,
                    jti,
                    seconds: 121,
                },
                now,
            )
        };
        assert_eq!([seen("first", 1000), seen("first", 1000)], [false, true]);
        assert_eq!([seen("late", 1120), seen("first", 1121)], [false, true]);
        assert_eq!([seen("next", 1122), seen("late", 1122)], [false, true]);
        assert_eq!([seen("late", 1241), seen("first", 1241)], [true, true]);
        assert_eq!([seen("late", 1600), seen("next", 1600)], [false, false]);
    }

    #[test]
    fn each_key_has_names_of_its_own() {
        let mut spans = Spans::default();
        let proof = |key: &str| Proof {
            key: key.to_owned(),
            jti: "chosen by both".to_owned(),
            seconds: 61,
        };
        assert!(!spans.seen(&proof("one"), 0) && !spans.seen(&proof("other"), 0));
        assert!(spans.seen(&proof("one"), 0) && spans.seen(&proof("other"), 0));
    }
}
