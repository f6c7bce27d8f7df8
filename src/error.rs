//! What can go wrong, by stable code.

use std::borrow::Cow;

use crate::secret::Secret;

/// The longest answer that is kept for the application, in bytes.
const LONGEST_ANSWER: usize = 65_536;

/// Which failure it is. [`ErrorKind::code`] is the one table from here to the codes of the package.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ErrorKind {
    /// The provider answered the sign-in with an error of its own.
    CallbackError,
    /// The answer came later than `redirect.maxAgeSeconds` after leaving.
    CallbackExpired,
    /// The callback names no usable token.
    CallbackMalformed,
    /// The `state` is missing, repeated or not the one that this tab sent (RFC 6749, section 10.12).
    CallbackStateMismatch,
    /// This tab did not ask for a sign-in.
    CallbackUnsolicited,
    /// The session manager was closed.
    Closed,
    /// The browser lacks something that the core cannot do without.
    CoreUnavailable,
    /// The token carries no fingerprint claim, or another browser's.
    FingerprintMissing,
    /// A setting is wrong.
    InvalidOption,
    /// A sign-in was answered, but not with tokens.
    InvalidResponse,
    /// Not a compact JWS with a JSON object inside (RFC 7519, section 7.2).
    MalformedToken,
    /// The metadata, the callback, the tokens or the ID token are for another issuer, audience, nonce or user than asked
    /// for, or the provider lacks what was asked of it.
    ProviderMismatch,
    /// The provider's metadata cannot be had for now.
    ProviderUnavailable,
    /// Too many automatic refreshes in a short time.
    RefreshLoop,
    /// The server ended the session.
    RefreshRejected,
    /// The refresh failed for now, or there is no way to refresh.
    RefreshUnavailable,
    /// The server said no to the credentials.
    SignInRejected,
    /// The sign-in did not reach the server, or the server is in trouble.
    SignInUnavailable,
    /// Signed out here, but the server could not be told.
    SignOutUnavailable,
    /// There is no session.
    SignedOut,
    /// The browser refused to store something that must be stored.
    StorageUnavailable,
    /// Longer than `limits.tokenBytes`.
    TokenTooLarge,
}

impl ErrorKind {
    /// The stable code, one of `AuthErrorCode` in the package's types.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CallbackError => "callback_error",
            Self::CallbackExpired => "callback_expired",
            Self::CallbackMalformed => "callback_malformed",
            Self::CallbackStateMismatch => "callback_state_mismatch",
            Self::CallbackUnsolicited => "callback_unsolicited",
            Self::Closed => "closed",
            Self::CoreUnavailable => "core_unavailable",
            Self::FingerprintMissing => "fingerprint_missing",
            Self::InvalidOption => "invalid_option",
            Self::InvalidResponse => "invalid_response",
            Self::MalformedToken => "malformed_token",
            Self::ProviderMismatch => "provider_mismatch",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::RefreshLoop => "refresh_loop",
            Self::RefreshRejected => "refresh_rejected",
            Self::RefreshUnavailable => "refresh_unavailable",
            Self::SignInRejected => "sign_in_rejected",
            Self::SignInUnavailable => "sign_in_unavailable",
            Self::SignOutUnavailable => "sign_out_unavailable",
            Self::SignedOut => "signed_out",
            Self::StorageUnavailable => "storage_unavailable",
            Self::TokenTooLarge => "token_too_large",
        }
    }
}

/// A failure: its kind, what caused it, and a sentence for people that names the remedy, where there is one that is
/// more exact than what the facade says of the kind. None of its parts ever holds a secret, but for the server's own answer,
/// which nothing shows that is not asked for it.
///
/// ```
/// # use hallpass::error::{Error, ErrorKind};
/// let error = Error::from(ErrorKind::SignedOut).with_status(Some(401));
/// assert_eq!((error.code(), error.retryable()), ("signed_out", false));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Error(Box<Parts>);

/// Behind one pointer: failures travel through nearly every result, event and effect, and moving six
/// words each time costs users bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Parts {
    kind: ErrorKind,
    message: Cow<'static, str>,
    status: Option<u16>,
    oauth_error: Option<String>,
    answer: Option<Secret>,
    cause: Option<Error>,
}

impl From<ErrorKind> for Error {
    /// A failure of which its kind says everything.
    fn from(kind: ErrorKind) -> Self {
        Self::of(kind, Cow::Borrowed(""))
    }
}

impl Error {
    /// A failure of this kind; `message` is for people.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(kind, message.into())
    }

    #[inline(never)]
    fn of(kind: ErrorKind, message: Cow<'static, str>) -> Self {
        Self(Box::new(Parts {
            kind,
            message,
            status: None,
            oauth_error: None,
            answer: None,
            cause: None,
        }))
    }

    /// With the HTTP status of the answer behind it.
    #[must_use]
    pub fn with_status(mut self, status: Option<u16>) -> Self {
        self.0.status = status;
        self
    }

    /// With the `error` of an OAuth answer or callback (RFC 6749, sections 4.1.2.1 and 5.2), where it is one: 1 to 64
    /// letters, digits, `_`, `.` and `-`, as all registered codes are. What has spaces in it may be a sentence.
    #[must_use]
    pub fn with_oauth_error(mut self, code: &str) -> Self {
        let is_code = (1..=64).contains(&code.len())
            && code
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        self.0.oauth_error = is_code.then(|| code.to_owned());
        self
    }

    /// With what the server said: the body of its answer, for the application.
    #[must_use]
    pub fn with_answer(mut self, body: String) -> Self {
        let fits = (1..=LONGEST_ANSWER).contains(&body.len());
        let body = Secret::from(body);
        self.0.answer = fits.then_some(body);
        self
    }

    /// With the failure behind it.
    #[must_use]
    pub fn because(mut self, cause: Error) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// Which failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// The sentence for people; empty where the facade has one for the kind.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// HTTP status of the answer that caused it.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The `error` of an OAuth answer or callback.
    pub fn oauth_error(&self) -> Option<&str> {
        self.0.oauth_error.as_deref()
    }

    /// What the server said.
    pub fn answer(&self) -> Option<&Secret> {
        self.0.answer.as_ref()
    }

    /// The failure behind it.
    pub fn cause(&self) -> Option<&Error> {
        self.0.cause.as_ref()
    }

    /// Whether trying again by itself may help: the network or the server is the trouble, not the session.
    pub fn retryable(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::ProviderUnavailable
                | ErrorKind::RefreshLoop
                | ErrorKind::RefreshUnavailable
                | ErrorKind::SignInUnavailable
                | ErrorKind::SignOutUnavailable
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_oauth_error_is_of_its_own_alphabet() {
        let with = |code: &str| Error::from(ErrorKind::SignInRejected).with_oauth_error(code);
        for code in ["invalid_grant", "login_required", "E-1.a", &"e".repeat(64)] {
            assert_eq!(with(code).oauth_error(), Some(code));
        }
        for none in [
            "",
            "a b",
            "!",
            "~",
            "a\"b",
            "a\\b",
            "a\nb",
            "ä",
            "\u{7f}",
            &"e".repeat(65),
        ] {
            assert_eq!(with(none).oauth_error(), None, "{none:?}");
        }
    }

    #[test]
    fn sec_40_an_answer_is_bounded_and_shown_by_no_debug() {
        let with = |body: String| Error::from(ErrorKind::SignInRejected).with_answer(body);
        let error = with("a secret of the server's".to_owned());
        assert_eq!(
            error.answer().map(Secret::expose),
            Some("a secret of the server's")
        );
        assert!(!format!("{error:?}").contains("server"));
        assert!(with("a".repeat(LONGEST_ANSWER)).answer().is_some());
        for none in [String::new(), "a".repeat(LONGEST_ANSWER + 1)] {
            assert_eq!(with(none).answer(), None);
        }
    }
}
