//! How long things live, and what this server offers: set by flags, changed by tests.

use std::sync::{PoisonError, RwLock};

use serde::Deserialize;

/// The rules that tokens and sessions follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Policy {
    /// Life of an access token; tests may make it negative.
    pub(crate) access_seconds: i64,
    /// Life of an unused refresh token.
    pub(crate) refresh_seconds: i64,
    /// May a valid access token be exchanged for a new one?
    pub(crate) sliding: bool,
    /// When the claim `softexp` falls, counted from issue.
    pub(crate) soft_expiry_seconds: Option<i64>,
    /// Age at which a session ends, whatever happened in it.
    pub(crate) reauth_seconds: Option<i64>,
    /// Is an account with a second factor asked for a code?
    pub(crate) second_factor: bool,
    /// Must authorization requests be pushed (RFC 9126)?
    pub(crate) require_par: bool,
    /// Must DPoP proofs have a nonce of ours (RFC 9449, 8)?
    pub(crate) dpop_nonce: bool,
    /// Tests: leave out `exp` and `expires_in`.
    pub(crate) omit_expiry: bool,
    /// Tests: leave out `expires_in` only.
    pub(crate) omit_expires_in: bool,
    /// Tests: leave out the claim `userFingerprint`.
    pub(crate) omit_fingerprint: bool,
}

impl Policy {
    /// About a century: longer spans are mistakes, and this keeps every sum far from overflow.
    pub(crate) const LONGEST: i64 = 100 * 366 * 24 * 3600;

    /// When a session that began at `created_at` must end.
    pub(crate) fn deadline(&self, created_at: i64) -> Option<i64> {
        self.reauth_seconds
            .map(|seconds| created_at.saturating_add(seconds))
    }
}

/// What `PUT /faults/policy` may change; fields that are left out stay as they are.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct PolicyPatch {
    access_seconds: Option<i64>,
    refresh_seconds: Option<i64>,
    sliding: Option<bool>,
    soft_expiry_seconds: Option<i64>,
    reauth_hours: Option<f64>,
    second_factor: Option<bool>,
    require_par: Option<bool>,
    dpop_nonce: Option<bool>,
    omit_expiry: Option<bool>,
    omit_expires_in: Option<bool>,
    omit_fingerprint: Option<bool>,
}

/// The policy in force.
pub(crate) struct PolicyCell {
    from_flags: Policy,
    now: RwLock<Policy>,
}

impl PolicyCell {
    pub(crate) fn new(policy: Policy) -> Self {
        Self {
            from_flags: policy,
            now: RwLock::new(policy),
        }
    }

    pub(crate) fn get(&self) -> Policy {
        *self.now.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to what the flags said.
    pub(crate) fn reset(&self) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = self.from_flags;
    }

    pub(crate) fn patch(&self, patch: PolicyPatch) {
        let span = |seconds: i64| seconds.clamp(-Policy::LONGEST, Policy::LONGEST);
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        *now = Policy {
            access_seconds: patch.access_seconds.map_or(now.access_seconds, span),
            refresh_seconds: patch.refresh_seconds.map_or(now.refresh_seconds, span),
            sliding: patch.sliding.unwrap_or(now.sliding),
            soft_expiry_seconds: patch
                .soft_expiry_seconds
                .map(span)
                .or(now.soft_expiry_seconds),
            reauth_seconds: patch
                .reauth_hours
                .map(hours_to_seconds)
                .or(now.reauth_seconds),
            second_factor: patch.second_factor.unwrap_or(now.second_factor),
            require_par: patch.require_par.unwrap_or(now.require_par),
            dpop_nonce: patch.dpop_nonce.unwrap_or(now.dpop_nonce),
            omit_expiry: patch.omit_expiry.unwrap_or(now.omit_expiry),
            omit_expires_in: patch.omit_expires_in.unwrap_or(now.omit_expires_in),
            omit_fingerprint: patch.omit_fingerprint.unwrap_or(now.omit_fingerprint),
        };
    }
}

/// Within what a policy allows.
pub(crate) fn hours_to_seconds(hours: f64) -> i64 {
    // A float that does not fit saturates; NaN becomes 0.
    ((hours * 3600.0) as i64).clamp(0, Policy::LONGEST)
}
