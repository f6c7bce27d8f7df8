//! What an answer of a token endpoint means.
//!
//! Interpreting is kept apart from fetching, so that every status and every body has a test here.

use crate::error::{Error, ErrorKind};
use crate::json::{Json, Members, WrongType};
use crate::secret::Secret;
use crate::time::{self, Span, Timestamp};
use crate::tokens::TokenSet;

/// The longest that a `Retry-After` may make us wait.
pub const LONGEST_RETRY_AFTER: Span = Span::from_millis(3_600_000);

/// An answer, judged.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// New tokens.
    Tokens(TokenSet),
    /// The server ended the session (or refused the credentials).
    Refused {
        /// HTTP status.
        status: Option<u16>,
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
    pub const fn came_over_network(&self) -> bool {
        match self {
            Self::Tokens(_) => true,
            Self::Unread { because, .. } => !matches!(because, Unread::Unsent),
            Self::Refused { status } | Self::Trouble { status, .. } | Self::Nonsense { status } => {
                status.is_some()
            }
        }
    }
}

/// Judges a whole answer: refused are 401, 403, and 400 with `invalid_grant` (RFC 6749, section 5.2);
/// a 2xx must hold tokens; all else passes.
pub fn interpret(status: u16, retry_after: Option<Span>, body: &str) -> Answer {
    match status {
        200..=299 => tokens(body).map_or(
            Answer::Nonsense {
                status: Some(status),
            },
            Answer::Tokens,
        ),
        400 if error_code(body).as_deref() == Some("invalid_grant") => refused(status),
        401 | 403 => refused(status),
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
        (true, _) => refused(status),
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

/// The same answer as the outcome of a sign-in.
///
/// # Errors
/// `sign_in_rejected`, `sign_in_unavailable` or `invalid_response`.
pub fn signed_in(answer: Answer) -> Result<TokenSet, Error> {
    let (kind, status) = match answer {
        Answer::Tokens(set) => return Ok(set),
        Answer::Refused { status } => (ErrorKind::SignInRejected, status),
        // Here a 4xx is about what was sent; trying the same again cannot help.
        Answer::Trouble {
            status: status @ Some(400 | 404 | 405 | 406 | 409 | 410 | 413 | 415 | 422),
            ..
        } => (ErrorKind::SignInRejected, status),
        Answer::Trouble { status, .. } => (ErrorKind::SignInUnavailable, status),
        Answer::Nonsense { status } => (ErrorKind::InvalidResponse, status),
        Answer::Unread { status, because } => return Err(because.error(status)),
    };
    Err(Error::from(kind).with_status(status))
}

fn refused(status: u16) -> Answer {
    Answer::Refused {
        status: Some(status),
    }
}

fn trouble(status: u16, retry_after: Option<Span>) -> Answer {
    Answer::Trouble {
        status: Some(status),
        retry_after,
    }
}

fn error_code(body: &str) -> Option<String> {
    Members::parse(body)?.text("error").ok()?
}

/// Finds the tokens at the top level or one of the usual levels below it.
fn tokens(body: &str) -> Option<TokenSet> {
    let mut top = Members::parse(body)?;
    if access_token(&top).is_some() {
        return token_set(top);
    }
    for name in ["token", "tokens", "data", "authorisation"] {
        let members = top.take(name).and_then(Members::of).unwrap_or_default();
        if access_token(&members).is_some() {
            return token_set(members);
        }
    }
    None
}

fn token_set(mut members: Members) -> Option<TokenSet> {
    let access = access_token(&members).map(Secret::from)?;
    let is_bearer = |kind: String| kind.eq_ignore_ascii_case("bearer");
    let kind = either(&mut members, Members::text, ["token_type", "tokenType"])?;
    let refresh = either(
        &mut members,
        Members::text,
        ["refresh_token", "refreshToken"],
    )?;
    let expires_in = seconds(&mut members, "expires_in").or(seconds(&mut members, "expiresIn"));
    kind.is_none_or(is_bearer).then(|| TokenSet {
        access,
        refresh: refresh.map(Secret::from),
        expires_in,
        date: None,
    })
}

/// A lifetime; what is no number says nothing, so that the token's own end counts.
fn seconds(members: &mut Members, name: &str) -> Option<f64> {
    match members.take(name)? {
        Json::Number(seconds) => Some(seconds),
        Json::Text(text) => time::seconds_in_text(&text),
        _ => None,
    }
}

fn access_token(members: &Members) -> Option<&str> {
    let names = ["access_token", "accessToken", "token", "jwt"];
    names.iter().find_map(|name| members.get(name)?.as_text())
}

/// A member under either of its names; `None` where one of them has a wrong type.
fn either<T>(
    members: &mut Members,
    take: fn(&mut Members, &str) -> Result<Option<T>, WrongType>,
    names: [&str; 2],
) -> Option<Option<T>> {
    let [snake, camel] = names;
    let (snake, camel) = (take(members, snake), take(members, camel));
    Some(snake.ok()?.or(camel.ok()?))
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
        ] {
            assert_eq!(found(body), full, "{body}");
        }
        for body in [
            r#"{"token":"a"}"#,
            r#"{"jwt":"a","refresh_token":null}"#,
            r#"{"user":{},"authorisation":{"token":"a","type":"bearer"}}"#,
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
        let error = signed_in(long(200)).unwrap_err();
        assert_eq!(
            (error.code(), error.status(), error.retryable()),
            ("invalid_response", Some(200), false)
        );
        assert!(error.message().contains("262144"));
        // A browser shows nothing of a redirect, not even its status.
        for (status, shown) in [(0, None), (302, Some(302))] {
            let error = signed_in(Unread::Redirect.judge(status, None)).unwrap_err();
            assert_eq!(
                (error.code(), error.status(), error.retryable()),
                ("invalid_response", shown, false)
            );
            assert!(error.message().contains("redirect"));
        }
        let error = signed_in(Unread::Unsent.judge(0, None)).unwrap_err();
        assert_eq!((error.code(), error.status()), ("invalid_option", None));
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
        assert!(matches!(
            interpret(400, None, invalid_grant),
            Answer::Refused { .. }
        ));
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
