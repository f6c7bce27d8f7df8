//! What an answer of a token endpoint means.
//!
//! Interpreting is kept apart from fetching, so that every status and every body has a test here.

use crate::error::{Error, ErrorKind};
use crate::json::{Json, Members};
use crate::secret::Secret;
use crate::time::{self, Span, Timestamp};
use crate::token_set;
use crate::tokens::TokenSet;

/// The longest that a `Retry-After` may make us wait.
pub const LONGEST_RETRY_AFTER: Span = Span::from_millis(3_600_000);

/// How many names of an answer are told, and how long each may be.
const MOST_NAMES: usize = 12;
const LONGEST_NAME: usize = 24;

/// An answer, judged.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// New tokens.
    Tokens(TokenSet),
    /// The server ended the session (or refused the credentials).
    Refused {
        /// HTTP status.
        status: Option<u16>,
        /// The `error` of an OAuth answer (RFC 6749, section 5.2), where there is one.
        error: Option<String>,
    },
    /// It will pass: no network, a busy server, an answer that is none.
    Trouble {
        /// HTTP status, where there was an answer.
        status: Option<u16>,
        /// How long the server wants to be left alone.
        retry_after: Option<Span>,
    },
    /// A success without usable tokens in it.
    Nonsense {
        /// HTTP status.
        status: Option<u16>,
    },
    /// An answer that was not read, and will not be another time: the server has to change.
    Unread {
        /// HTTP status, where it can be seen.
        status: Option<u16>,
        /// Why not.
        because: Unread,
    },
    /// Of this one more is known than its status says.
    Unusable {
        /// What callers hear.
        error: Error,
        /// What becomes of the session.
        outlook: Outlook,
        /// The refresh token in it: it has replaced the one that was sent (RFC 6749, section 6).
        rotated: Option<Secret>,
    },
}

/// What an answer that cannot be used means for the session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outlook {
    /// It has ended: the answer is another user's, or another client's.
    Over,
    /// It will pass.
    Passing,
    /// It will not pass by itself: the server, or what it knows of the client, has to change.
    Lasting,
}

/// Why an answer was not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unread {
    /// Longer than any answer with tokens in it.
    TooLong,
    /// A redirect: following it would carry credentials elsewhere.
    Redirect,
    /// There is none: the CSRF cookie's value fits into no header.
    Unsent,
}

impl Unread {
    /// The answer, where nothing else has said what its status means.
    pub fn judge(self, status: u16, retry_after: Option<Span>) -> Answer {
        match (self, status) {
            (Self::Redirect | Self::Unsent, _) | (_, 200..=299) => Answer::Unread {
                status: Some(status).filter(|status| *status != 0),
                because: self,
            },
            (Self::TooLong, _) => interpret(status, retry_after, ""),
        }
    }

    /// The failure that the application hears of.
    pub fn error(self, status: Option<u16>) -> Error {
        let (kind, message) = match self {
            Self::TooLong => (
                ErrorKind::InvalidResponse,
                "the answer is longer than 262144 bytes, the limit for answers with tokens",
            ),
            Self::Redirect => (
                ErrorKind::InvalidResponse,
                "the answer is a redirect, which is not followed: the endpoint should answer with tokens, or with 401",
            ),
            Self::Unsent => (
                ErrorKind::InvalidOption,
                "the CSRF cookie's value fits into no header: name a field of the body in csrf instead",
            ),
        };
        Error::new(kind, message).with_status(status)
    }
}

impl Answer {
    /// Whether it shows that there is a network: no answer at all is trouble, or nonsense, without a status.
    pub fn came_over_network(&self) -> bool {
        match self {
            Self::Tokens(_) => true,
            Self::Unread { because, .. } => !matches!(because, Unread::Unsent),
            Self::Unusable { error, .. } => error.status().is_some(),
            Self::Refused { status, .. }
            | Self::Trouble { status, .. }
            | Self::Nonsense { status } => status.is_some(),
        }
    }
}

/// Judges a whole answer: refused are 401, 403, and 400 with `invalid_grant` (RFC 6749, section 5.2);
/// a 2xx must hold tokens; all else passes.
pub fn interpret(status: u16, retry_after: Option<Span>, body: &str) -> Answer {
    match status {
        200..=299 => token_set::find(body).map_or(
            Answer::Nonsense {
                status: Some(status),
            },
            Answer::Tokens,
        ),
        400 if error_code(body).as_deref() == Some("invalid_grant") => refused(status, body),
        401 | 403 => refused(status, body),
        _ => trouble(status, retry_after),
    }
}

/// The same where the application decides what counts as refused.
pub fn interpret_with(
    rejected: bool,
    status: u16,
    retry_after: Option<Span>,
    body: &str,
) -> Answer {
    match (rejected, status) {
        (true, _) => refused(status, body),
        (false, 200..=299) => interpret(status, retry_after, body),
        (false, _) => trouble(status, retry_after),
    }
}

/// How long `Retry-After` asks for (RFC 9110, section 10.2.3), capped. `date` is what the platform's date
/// parser made of the header, for its other form.
pub fn retry_after(header: &str, date: Option<Timestamp>, now: Timestamp) -> Option<Span> {
    let header = header.trim_ascii();
    let wait = match time::whole_seconds(header) {
        Some(seconds) => Span::from_seconds(seconds),
        None => date?.since(now),
    };
    Some(wait.clamp(Span::ZERO, LONGEST_RETRY_AFTER))
}

/// Whether an answer to a request with our token means that the token is no longer good: a 401, unless
/// the server says that another token of the same user would not help (RFC 6750, section 3.1).
pub fn wants_new_token(status: u16, www_authenticate: Option<&str>) -> bool {
    let scope = b"insufficient_scope";
    let is_scope = |challenge: &str| {
        challenge
            .as_bytes()
            .windows(scope.len())
            .any(|window| window == scope)
    };
    status == 401 && !www_authenticate.is_some_and(is_scope)
}

/// The same answer as the outcome of a sign-in. What the server said goes with the error: why, or what it wants next (a
/// second factor).
///
/// # Errors
/// `sign_in_rejected`, `sign_in_unavailable` or `invalid_response`.
pub fn signed_in(answer: Answer, body: String) -> Result<TokenSet, Error> {
    let says_more = matches!(answer, Answer::Unread { .. } | Answer::Unusable { .. });
    let error = match sign_in_outcome(answer) {
        Err(error) if !says_more => error,
        outcome => return outcome,
    };
    let found = names(&body).filter(|_| error.kind() == ErrorKind::InvalidResponse);
    let error = match found {
        Some(found) => Error::new(ErrorKind::InvalidResponse, ["the answer has no usable tokens under the usual names (see options.readTokens); its names: ", &found].concat()).with_status(error.status()),
        None => error,
    };
    let code = error_code(&body).unwrap_or_default();
    Err(error.with_oauth_error(&code).with_answer(body))
}

/// The same by nothing but its kind and status.
///
/// # Errors
/// `sign_in_rejected`, `sign_in_unavailable` or `invalid_response`.
pub fn sign_in_outcome(answer: Answer) -> Result<TokenSet, Error> {
    let (kind, status) = match answer {
        Answer::Tokens(set) => return Ok(set),
        Answer::Refused { status, .. } => (ErrorKind::SignInRejected, status),
        // Here a 4xx is about what was sent; trying the same again cannot help.
        Answer::Trouble {
            status: status @ Some(400 | 404 | 405 | 406 | 409 | 410 | 413 | 415 | 422),
            ..
        } => (ErrorKind::SignInRejected, status),
        Answer::Trouble { status, .. } => (ErrorKind::SignInUnavailable, status),
        Answer::Nonsense { status } => (ErrorKind::InvalidResponse, status),
        Answer::Unread { status, because } => return Err(because.error(status)),
        Answer::Unusable { error, .. } => return Err(error),
    };
    Err(Error::from(kind).with_status(status))
}

/// Why a server did not do what a sign-in asked of it. What it says beside its code stays unread.
pub fn rejected(status: u16, body: &str) -> Error {
    let answer = match interpret(status, None, body) {
        Answer::Tokens(_) => Answer::Nonsense {
            status: Some(status),
        },
        answer => answer,
    };
    let error = match sign_in_outcome(answer) {
        Ok(_) => Error::from(ErrorKind::InvalidResponse),
        Err(error) => error,
    };
    error.with_oauth_error(&error_code(body).unwrap_or_default())
}

/// The names in an answer, and those one level below: never what stands there. What looks like no name is left out, for
/// it may be a token.
fn names(body: &str) -> Option<String> {
    let mut found = Vec::new();
    let named = |(name, _): &(String, Json)| is_name(name);
    for (name, value) in Members::parse(body)?.into_pairs().into_iter().filter(named) {
        let below = Members::of(value).map(Members::into_pairs);
        let below = below.into_iter().flatten().filter(named);
        let below: Vec<_> = below
            .map(|(inner, _)| [name.as_str(), ".", inner.as_str()].concat())
            .collect();
        found.push(name);
        found.extend(below);
    }
    found.truncate(MOST_NAMES);
    Some(if found.is_empty() {
        "none".to_owned()
    } else {
        found.join(", ")
    })
}

fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn refused(status: u16, body: &str) -> Answer {
    Answer::Refused {
        status: Some(status),
        error: error_code(body),
    }
}

fn trouble(status: u16, retry_after: Option<Span>) -> Answer {
    Answer::Trouble {
        status: Some(status),
        retry_after,
    }
}

/// The `error` of an OAuth answer (RFC 6749, section 5.2).
pub fn error_code(body: &str) -> Option<String> {
    Members::parse(body)?.text("error").ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(body: &str) -> (String, Option<String>, Option<f64>) {
        match interpret(200, None, body) {
            Answer::Tokens(set) => (
                set.access.expose().to_owned(),
                set.refresh.map(|token| token.expose().to_owned()),
                set.expires_in,
            ),
            other => panic!("{other:?} for {body}"),
        }
    }

    #[test]
    fn tokens_are_found_under_the_usual_names() {
        let full = ("a".to_owned(), Some("r".to_owned()), Some(60.0));
        for body in [
            r#"{"access_token":"a","refresh_token":"r","expires_in":60,"token_type":"bearer"}"#,
            r#"{"accessToken":"a","refreshToken":"r","expiresIn":60}"#,
            r#"{"tokens":{"access_token":"a","refreshToken":"r","expires_in":60}}"#,
            r#"{"data":{"token":"a","refresh_token":"r","expires_in":60},"ok":true}"#,
            r#"{"token":{"accessToken":"a","refresh_token":"r","expires_in":60}}"#,
            r#"{"access":"a","refresh":"r","expires_in":60}"#,
            r#"{"access":"a","refresh_token":"r","refresh":7,"expires_in":60}"#,
            r#"{"tokens":{"access":"a","refresh":"r","expires_in":60}}"#,
            r#"{"user":{"email":"x","token":"a","refreshToken":"r","expiresIn":60}}"#,
        ] {
            assert_eq!(found(body), full, "{body}");
        }
        for body in [
            r#"{"token":"a"}"#,
            r#"{"jwt":"a","refresh_token":null}"#,
            r#"{"user":{},"authorisation":{"token":"a","type":"bearer"}}"#,
            r#"{"key":"a"}"#,
            r#"{"access":"a","refresh":"","user":{"pk":1}}"#,
            r#"{"access_token":"a","refresh_token":""}"#,
            r#"{"token":"a","refresh":3600,"access":"admin","key":"k"}"#,
            r#"{"user":{"token":"a","refresh":"x"}}"#,
            r#"{"user":{"token":"u"},"data":{"token":"a"}}"#,
        ] {
            assert_eq!(found(body), ("a".to_owned(), None, None), "{body}");
        }
    }

    #[test]
    fn rel_13_an_answer_that_is_not_read_is_no_trouble_that_passes() {
        let long = |status| Unread::TooLong.judge(status, None);
        assert!(matches!(long(401), Answer::Refused { .. }));
        assert!(matches!(long(400), Answer::Trouble { .. }));
        assert!(matches!(long(503), Answer::Trouble { .. }));
        let error = signed_in(long(200), String::new()).unwrap_err();
        assert_eq!(
            (error.code(), error.status(), error.retryable()),
            ("invalid_response", Some(200), false)
        );
        assert!(error.message().contains("262144"));
        // A browser shows nothing of a redirect, not even its status.
        for (status, shown) in [(0, None), (302, Some(302))] {
            let error = signed_in(Unread::Redirect.judge(status, None), String::new()).unwrap_err();
            assert_eq!(
                (error.code(), error.status(), error.retryable()),
                ("invalid_response", shown, false)
            );
            assert!(error.message().contains("redirect"));
        }
        let error = signed_in(Unread::Unsent.judge(0, None), String::new()).unwrap_err();
        assert_eq!((error.code(), error.status()), ("invalid_option", None));
    }

    #[test]
    fn a_sign_in_without_tokens_tells_what_was_found_and_what_the_server_said() {
        let said = |status, body: &str| {
            signed_in(interpret(status, None, body), body.to_owned()).unwrap_err()
        };
        let error = said(
            200,
            r#"{"ticket":"t-0-p","mfa":{"kind":"totp"},"eyJhbGciOiJIUzI1NiJ9.e30.s":1,"a b":2,"":3}"#,
        );
        assert_eq!(error.code(), "invalid_response");
        assert!(
            error
                .message()
                .ends_with("its names: ticket, mfa, mfa.kind"),
            "{}",
            error.message()
        );
        assert!(error.answer().is_some());
        assert!(said(200, "{}").message().ends_with("its names: none"));
        assert_eq!(said(200, "<html>").message(), "");
        let many: Vec<_> = (0..100)
            .map(|index| format!(r#""name-{index}":1"#))
            .collect();
        let error = said(200, &format!("{{{}}}", many.join(",")));
        assert_eq!(error.message().matches("name-").count(), MOST_NAMES);

        let error = said(400, r#"{"error":"mfa_required","mfa_token":"m"}"#);
        assert_eq!(
            (error.code(), error.oauth_error()),
            ("sign_in_rejected", Some("mfa_required"))
        );
        assert_eq!(error.message(), "");
        let error = said(401, r#"{"error":{"why":1},"message":"no"}"#);
        assert_eq!(
            (error.code(), error.oauth_error()),
            ("sign_in_rejected", None)
        );
        assert!(
            error
                .answer()
                .is_some_and(|body| body.expose().contains("message"))
        );
        assert_eq!(said(503, "").answer(), None);
    }

    #[test]
    fn a_lifetime_may_be_a_text_and_what_is_no_number_says_nothing() {
        for (written, seconds) in [
            (r#""3600""#, Some(3600.0)),
            (r#"" 3600 ""#, Some(3600.0)),
            (r#""3600.0""#, Some(3600.0)),
            (r#""0""#, Some(0.0)),
            ("3600", Some(3600.0)),
            (r#""""#, None),
            (r#""soon""#, None),
            (r#""-5""#, None),
            (r#""1h""#, None),
            (r#""2026-01-01T00:00:00Z""#, None),
            ("null", None),
            ("true", None),
            ("[60]", None),
        ] {
            for body in [
                format!(r#"{{"access_token":"a","expires_in":{written}}}"#),
                format!(r#"{{"data":{{"accessToken":"a","expiresIn":{written}}}}}"#),
            ] {
                assert_eq!(found(&body), ("a".to_owned(), None, seconds), "{body}");
            }
        }
        let both = r#"{"access_token":"a","expires_in":"never","expiresIn":"60"}"#;
        assert_eq!(found(both).2, Some(60.0));
    }

    #[test]
    fn rel_14_a_success_without_usable_tokens_is_nonsense() {
        let deep = "[".repeat(100_000);
        for body in [
            "",
            "<html>",
            "null",
            "[]",
            "1",
            r#""a""#,
            "{}",
            "\u{feff}{}",
            deep.as_str(),
            r#"{"access_token":5}"#,
            r#"{"access_token":null}"#,
            r#"{"access_token":"a","refresh_token":5}"#,
            r#"{"access_token":"a","token_type":"mac"}"#,
            r#"{"access":"a","refresh":5}"#,
            r#"{"user":{"key":"a"}}"#,
            r#"{"user":{"access":"admin"}}"#,
            r#"{"data":{"key":"a"}}"#,
            r#"{"profile":{"token":"a"}}"#,
            r#"{"access_token":"a","token_type":7}"#,
            r#"{"access_token":"a""#,
        ] {
            let nonsense = Answer::Nonsense { status: Some(200) };
            assert_eq!(interpret(200, None, body), nonsense, "{body:.60}");
        }
    }

    #[test]
    fn rel_13_every_status_has_one_meaning() {
        let invalid_grant = r#"{"error":"invalid_grant"}"#;
        for status in [401, 403] {
            assert!(
                matches!(interpret(status, None, ""), Answer::Refused { .. }),
                "{status}"
            );
        }
        assert_eq!(
            interpret(400, None, invalid_grant),
            Answer::Refused {
                status: Some(400),
                error: Some("invalid_grant".to_owned()),
            }
        );
        for body in [
            "",
            "{}",
            r#"{"error":"invalid_client"}"#,
            r#"{"error":5}"#,
            "[1]",
        ] {
            assert!(
                matches!(interpret(400, None, body), Answer::Trouble { .. }),
                "{body}"
            );
        }
        for status in [0, 304, 404, 408, 425, 429, 500, 502, 503, 504] {
            assert!(
                matches!(
                    interpret(status, None, invalid_grant),
                    Answer::Trouble { .. }
                ),
                "{status}"
            );
        }
        assert!(matches!(
            interpret_with(true, 419, None, ""),
            Answer::Refused { .. }
        ));
        assert!(matches!(
            interpret_with(false, 401, None, ""),
            Answer::Trouble { .. }
        ));
    }

    #[test]
    fn rel_10_retry_after_in_both_forms_and_capped() {
        let now = Timestamp::from_millis(1_000);
        let date = Some(Timestamp::from_millis(31_000));
        assert_eq!(retry_after("2", None, now), Some(Span::from_millis(2_000)));
        assert_eq!(
            retry_after(" 2 ", None, now),
            Some(Span::from_millis(2_000))
        );
        assert_eq!(
            retry_after("Thu, 01 Jan 1970 00:00:31 GMT", date, now),
            Some(Span::from_millis(30_000))
        );
        assert_eq!(
            retry_after("1".repeat(400).as_str(), None, now),
            Some(LONGEST_RETRY_AFTER)
        );
        assert_eq!(
            retry_after("yesterday", Some(Timestamp::from_millis(0)), now),
            Some(Span::ZERO)
        );
        assert_eq!(retry_after("soon", None, now), None);
        assert_eq!(retry_after("", None, now), None);
    }

    #[test]
    fn rel_18_only_a_plain_401_wants_another_token() {
        assert!(wants_new_token(401, None));
        assert!(wants_new_token(
            401,
            Some(r#"Bearer error="invalid_token""#)
        ));
        assert!(!wants_new_token(
            401,
            Some(r#"Bearer error="insufficient_scope""#)
        ));
        assert!(!wants_new_token(403, None));
        assert!(!wants_new_token(200, None));
    }
}
