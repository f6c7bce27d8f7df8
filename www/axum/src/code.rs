//! Why a request is refused: the codes of `hallpass/server`, and its sentences.

/// The stable code of an [`Unauthorized`](crate::Unauthorized).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each has its sentence below")]
pub enum UnauthorizedCode {
    TokenMissing,
    TokenTooLarge,
    MalformedToken,
    AlgorithmRefused,
    UnknownKey,
    SignatureInvalid,
    TokenTypeMismatch,
    TokenExpired,
    TokenNotActive,
    IssuerMismatch,
    AudienceMismatch,
    ClaimMissing,
    FingerprintMissing,
    FingerprintMismatch,
    BindingUnchecked,
    KeyBindingMissing,
    KeyBindingMismatch,
    ProofMissing,
    ProofInvalid,
    ProofOutdated,
    ProofReplayed,
    NonceNeeded,
    KeysUnavailable,
}

/// Code, the `error` of RFC 6750, section 3.1, and RFC 9449, section 7.1, and the sentence that goes with it.
///
/// No error: the request had no token at all, and the challenge says no more (RFC 6750, section 3.1); or it is not the
/// request's fault. The sentences are fixed: nothing of the request is in them, and they fit into a quoted string.
type Words = (&'static str, Option<&'static str>, &'static str);

const TOKEN: Option<&str> = Some("invalid_token");
const PROOF: Option<&str> = Some("invalid_dpop_proof");

impl UnauthorizedCode {
    /// As `hallpass/server` writes it: `"token_expired"`.
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    /// What the challenge calls it, where it calls it anything: `"invalid_token"`, `"invalid_dpop_proof"`,
    /// `"use_dpop_nonce"`.
    pub fn error(self) -> Option<&'static str> {
        self.words().1
    }

    /// A sentence for people.
    pub fn description(self) -> &'static str {
        self.words().2
    }

    #[rustfmt::skip]
    fn words(self) -> Words {
        match self {
            Self::TokenMissing => ("token_missing", None, "An access token is needed."),
            Self::TokenTooLarge => ("token_too_large", TOKEN, "The token is too long."),
            Self::MalformedToken => ("malformed_token", TOKEN, "The token is not well-formed."),
            Self::AlgorithmRefused => ("algorithm_refused", TOKEN, "The token is signed with an algorithm that is not allowed."),
            Self::UnknownKey => ("unknown_key", TOKEN, "The token is signed with a key that is not known."),
            Self::SignatureInvalid => ("signature_invalid", TOKEN, "The signature of the token is wrong."),
            Self::TokenTypeMismatch => ("token_type_mismatch", TOKEN, "The token is no access token."),
            Self::TokenExpired => ("token_expired", TOKEN, "The token expired."),
            Self::TokenNotActive => ("token_not_active", TOKEN, "The token is not valid yet."),
            Self::IssuerMismatch => ("issuer_mismatch", TOKEN, "The token is from another issuer."),
            Self::AudienceMismatch => ("audience_mismatch", TOKEN, "The token is for another server."),
            Self::ClaimMissing => ("claim_missing", TOKEN, "The token lacks a claim."),
            Self::FingerprintMissing => ("fingerprint_missing", TOKEN, "The fingerprint of the token, or its cookie, is missing."),
            Self::FingerprintMismatch => ("fingerprint_mismatch", TOKEN, "The token is bound to another browser."),
            Self::BindingUnchecked => ("binding_unchecked", TOKEN, "The token is bound to a key, which is not checked here."),
            Self::KeyBindingMissing => ("key_binding_missing", TOKEN, "The token is not bound to a key, or came as a bearer token."),
            Self::KeyBindingMismatch => ("key_binding_mismatch", TOKEN, "The token is bound to another key."),
            Self::ProofMissing => ("proof_missing", PROOF, "A proof of the key is needed: one."),
            Self::ProofInvalid => ("proof_invalid", PROOF, "The proof is not for this request, or not well-formed."),
            Self::ProofOutdated => ("proof_outdated", PROOF, "The proof is too old, or from the future."),
            Self::ProofReplayed => ("proof_replayed", PROOF, "The proof was used before."),
            Self::NonceNeeded => ("nonce_needed", Some("use_dpop_nonce"), "The proof needs the nonce of this answer."),
            Self::KeysUnavailable => ("keys_unavailable", None, "The keys of the issuer cannot be had at the moment."),
        }
    }
}
