//! What the grants of the token endpoint have in common.

use axum::http::HeaderMap;
use hallpass_axum::Proof;

use super::params::Params;
use crate::faults::changes::Changes;
use crate::state::App;

/// A request to the token endpoint.
pub(crate) struct TokenRequest<'a> {
    pub(crate) app: &'a App,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) params: &'a Params,
    /// Checked, and noted as used.
    pub(crate) proof: Option<&'a Proof>,
    /// What a test has asked for.
    pub(crate) changes: Option<&'a Changes>,
}

impl TokenRequest<'_> {
    /// Thumbprint of the key that the proof is signed by.
    pub(crate) fn jkt(&self) -> Option<&str> {
        self.proof.map(|proof| proof.key.as_str())
    }
}
