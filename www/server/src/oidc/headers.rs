//! The headers of DPoP (RFC 9449).

/// The proof, with a request.
pub(crate) const DPOP: &str = "dpop";

/// The nonce for the next proof, with an answer.
pub(crate) const DPOP_NONCE: &str = "dpop-nonce";
