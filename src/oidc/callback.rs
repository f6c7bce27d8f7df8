//! The authorization response (RFC 6749, section 4.1.2; RFC 9207): is it ours, and what does it say?

use crate::config::Provider;
use crate::error::{Error, ErrorKind};
use crate::redirect::{expect_no_error, malformed, single};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};

use super::authorization::PendingCode;

/// Accepts the callback, or says why not: its code, and what was remembered. That must have been deleted before, whatever
/// comes out. `params` is what the platform's form parser made of the callback, in order, duplicates and all.
///
/// # Errors
/// In this order: `callback_unsolicited`, `callback_expired`, `callback_state_mismatch`, `provider_mismatch` for another
/// issuer, or none where one is required (RFC 9207, section 2.4), `callback_error`, `callback_malformed`. A parameter that
/// stands there twice is `callback_malformed` in its turn, but for the state.
pub fn accept(
    pending: Option<PendingCode>,
    params: &[(Secret, Secret)],
    provider: &Provider,
    now: Timestamp,
) -> Result<(Secret, PendingCode), Error> {
    let is_for = |pending: &PendingCode| {
        pending.issuer == provider.issuer && pending.client_id == provider.client_id
    };
    let Some(pending) = pending.filter(is_for) else {
        return Err(Error::from(ErrorKind::CallbackUnsolicited));
    };
    let away = now.since(pending.started);
    if away > provider.pending_max_age || away < Span::ZERO {
        return Err(Error::from(ErrorKind::CallbackExpired));
    }
    if single(params, "state").ok().flatten() != Some(&pending.state) {
        return Err(Error::from(ErrorKind::CallbackStateMismatch));
    }
    let is_issuer = match single(params, "iss")? {
        Some(issuer) => issuer.expose() == provider.issuer,
        None => !pending.requires_iss,
    };
    if !is_issuer {
        return Err(Error::new(
            ErrorKind::ProviderMismatch,
            "the callback comes from another provider than the one that was asked: start the sign-in again",
        ));
    }
    expect_no_error(params)?;
    match single(params, "code")? {
        Some(code) if !code.expose().is_empty() => Ok((code.clone(), pending)),
        _ => Err(malformed("the callback holds no code")),
    }
}
