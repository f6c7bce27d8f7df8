//! What is asked of access tokens and of proofs. `hallpass_axum` carries it out.

use std::sync::Arc;

use hallpass_axum::{
    Algorithm, BoxError, BoxFuture, DpopCheck, FingerprintCheck, Nonces, Proof, Replays,
    SpanNonces, Verifier, VerifierOptions,
};

use crate::db::{Db, transaction};
use crate::keyring::{Checks, Keyring};
use crate::oidc::{endpoints, proofs};
use crate::origins::Origins;
use crate::policy::PolicyCell;

/// What every access token must be. Its session may be looked at after that.
pub(crate) fn verifier(
    origins: &Origins,
    keys: &Arc<Keyring>,
    dpop: &DpopCheck,
) -> Result<Verifier, Box<dyn std::error::Error>> {
    let keys = Checks(Arc::clone(keys));
    Ok(Verifier::new(VerifierOptions {
        // Which tokens may lack one is looked at later: `AccessClaims::lack_fingerprint`.
        fingerprint: Some(FingerprintCheck {
            required: false,
            ..FingerprintCheck::default()
        }),
        dpop: Some(dpop.clone()),
        algorithms: Some(vec![Algorithm::EdDsa]),
        // Times in a token are whole seconds, rounded down: this gives a token its full life back.
        clock_tolerance_seconds: 1,
        token_bytes: 8 * 1024,
        // Tests may ask for tokens that do not say when they end. Their session does.
        allow_endless: true,
        ..VerifierOptions::new(endpoints::issuer(origins), &origins.api, keys)
    })?)
}

/// The same proofs at the API and at the provider's endpoints: ES256, with a nonce where the policy asks for one.
pub(crate) fn dpop(
    origins: &Origins,
    policy: &Arc<PolicyCell>,
    db: &Arc<Db>,
    nonce_key: &[u8; 32],
) -> DpopCheck {
    let nonces = PolicyNonces {
        policy: Arc::clone(policy),
        nonces: SpanNonces::new(nonce_key),
    };
    DpopCheck {
        required: false,
        nonce: Some(Arc::new(nonces)),
        seen: Arc::new(UsedProofs(Arc::clone(db))),
        algorithms: vec![Algorithm::Es256],
        ..DpopCheck::new(&origins.api)
    }
}

struct PolicyNonces {
    policy: Arc<PolicyCell>,
    nonces: SpanNonces,
}

impl Nonces for PolicyNonces {
    fn current(&self, now: i64) -> Option<String> {
        let is_asked = self.policy.get().dpop_nonce;
        self.nonces.current(now).filter(|_| is_asked)
    }

    fn is_good(&self, nonce: &str, now: i64) -> bool {
        self.nonces.is_good(nonce, now)
    }
}

/// The proofs that the database remembers.
struct UsedProofs(Arc<Db>);

impl Replays for UsedProofs {
    fn seen<'a>(&'a self, proof: &'a Proof, now: i64) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async move {
            let spent = transaction!(self.0, |tx| Ok(proofs::spend(tx, proof, now).await?));
            // The operator has been told why.
            spent
                .map(|spent| !spent)
                .map_err(|refusal| refusal.reason().into())
        })
    }
}
