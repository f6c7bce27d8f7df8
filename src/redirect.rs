//! Is this callback ours, and what does it say?
//!
//! A tab that leaves for a login page remembers that it did. Only such a tab takes tokens from a
//! callback, once, and in time; whatever else arrives changes nothing (SEC-08, SEC-09, SEC-13).

use crate::config::{CallbackForm, Redirect};
use crate::error::{Error, ErrorKind};
use crate::json::{Members, Writer};
use crate::secret::Secret;
use crate::time::{self, Span, Timestamp};
use crate::tokens::{TokenSet, is_token68};

const VERSION: i64 = 1;
const LONGEST_RETURN_TO: usize = 8_192;

/// What a tab remembers while it is away.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// One-time value that must come back; `None` where the server does not echo one.
    pub state: Option<Secret>,
    /// Path on this origin to show afterwards.
    pub return_to: String,
    /// When the tab left.
    pub started: Timestamp,
    /// The login page that it left for.
    pub to: String,
}

/// What the tab's memory holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Memory {
    /// It is away.
    Pending(Pending),
    /// It came back, and the page was loaded once more to get the token out of the browser's records.
    Returned {
        /// Path on this origin.
        return_to: String,
    },
}

/// The part of a URL that may be a callback, as the platform split it.
#[derive(Clone, Debug, PartialEq)]
pub enum Callback {
    /// A bare token (`#TOKEN`).
    Token(Secret),
    /// Parameters (`#access_token=…&state=…`), in order, duplicates and all.
    Params(Vec<(Secret, Secret)>),
}

impl Memory {
    /// The text to store.
    pub fn to_text(&self) -> Secret {
        let (return_to, pending) = match self {
            Self::Pending(pending) => (&pending.return_to, Some(pending)),
            Self::Returned { return_to } => (return_to, None),
        };
        let state = pending.and_then(|pending| pending.state.as_ref());
        let text = Writer::default()
            .integer("v", Some(VERSION))
            .text("returnTo", Some(return_to))
            .integer(
                "started",
                pending.map(|pending| pending.started.as_millis()),
            )
            .text("state", state.map(Secret::expose))
            .text("to", pending.map(|pending| pending.to.as_str()));
        Secret::from(text.finish())
    }

    /// Reads a stored text; anything unknown is nothing.
    pub fn from_text(text: &str) -> Option<Self> {
        if text.len() > LONGEST_RETURN_TO.saturating_mul(4) {
            return None;
        }
        let mut members = Members::parse(text)?;
        if members.integer("v").ok()? != Some(VERSION) {
            return None;
        }
        let return_to = members.text("returnTo").ok()??;
        let started = members.integer("started").ok()?;
        let state = members.text("state").ok()?;
        let to = members.text("to").ok()?;
        if members.unknown().is_some() {
            return None;
        }
        match (started, to) {
            (Some(started), Some(to)) => Some(Self::Pending(Pending {
                state: state.map(Secret::from),
                return_to,
                started: Timestamp::from_millis(started),
                to,
            })),
            (None, None) => Some(Self::Returned { return_to }),
            _ => None,
        }
    }

    fn left_for(&self, url: &str) -> bool {
        matches!(self, Self::Pending(pending) if pending.to == url)
    }
}

impl Callback {
    /// Judges by `accept` which form the fragment has. `params` is what the platform's form parser made of it.
    pub fn read(fragment: &str, params: Vec<(Secret, Secret)>, accept: &[CallbackForm]) -> Self {
        if is_token68(fragment) && accept.contains(&CallbackForm::FragmentToken) {
            return Self::Token(Secret::from(fragment));
        }
        Self::Params(params)
    }
}

/// Accepts the callback, or says why not. The memory must have been deleted before, whatever comes out.
///
/// # Errors
/// In this order: `callback_unsolicited`, `callback_expired`, `callback_state_mismatch`, `callback_error`,
/// `callback_malformed`.
pub fn accept(
    memory: Option<Memory>,
    callback: Callback,
    now: Timestamp,
    options: &Redirect,
    token_bytes: usize,
) -> Result<(TokenSet, String), Error> {
    let Some(Memory::Pending(pending)) = memory.filter(|memory| memory.left_for(&options.url))
    else {
        return Err(Error::from(ErrorKind::CallbackUnsolicited));
    };
    let away = now.since(pending.started);
    if away > options.max_age || away < Span::ZERO {
        return Err(Error::from(ErrorKind::CallbackExpired));
    }
    let tokens = match callback {
        // An application that accepts parameters too, with a state among them, takes nothing without it.
        Callback::Token(_)
            if pending.state.is_some()
                && options.accept.contains(&CallbackForm::FragmentParams) =>
        {
            return Err(Error::from(ErrorKind::CallbackStateMismatch));
        }
        Callback::Token(access) => TokenSet {
            access,
            refresh: None,
            expires_in: None,
            date: None,
            profile: None,
            grant: None,
        },
        Callback::Params(params) => {
            let state = options.state_param.as_deref().zip(pending.state.as_ref());
            from_params(&params, state)?
        }
    };
    let token = tokens.access.expose();
    if token.len() > token_bytes || !is_token68(token) {
        return Err(malformed(
            "the callback's token is too long, or none that a header may carry",
        ));
    }
    Ok((tokens, pending.return_to))
}

/// A path on this origin, or the default. `origin` and `path` are what the platform's parser made of the
/// application's text, resolved against this page; a path that could be read as a host is none (SEC-14).
pub fn return_to(this_origin: &str, origin: &str, path: &str) -> String {
    let is_here = this_origin == origin && this_origin != "null";
    let is_path = path.starts_with("/") && !path.starts_with("//") && !path.starts_with("/\\");
    if is_here && is_path && path.len() <= LONGEST_RETURN_TO {
        path.to_owned()
    } else {
        "/".to_owned()
    }
}

fn from_params(
    params: &[(Secret, Secret)],
    state: Option<(&str, &Secret)>,
) -> Result<TokenSet, Error> {
    if let Some((name, expected)) = state
        && single(params, name).ok().flatten() != Some(expected)
    {
        return Err(Error::from(ErrorKind::CallbackStateMismatch));
    }
    expect_no_error(params)?;
    let Some(access) = single(params, "access_token")? else {
        return Err(malformed("the callback holds no access_token"));
    };
    if let Some(kind) = single(params, "token_type")?
        && !kind.expose().eq_ignore_ascii_case("bearer")
    {
        return Err(malformed("the callback's token_type is not Bearer"));
    }
    let expires_in = single(params, "expires_in")?;
    Ok(TokenSet {
        access: access.clone(),
        refresh: single(params, "refresh_token")?.cloned(),
        expires_in: expires_in.and_then(|text| time::seconds_in_text(text.expose())),
        date: None,
        profile: None,
        grant: None,
    })
}

/// Whether the answer is no error (RFC 6749, section 4.1.2.1).
///
/// # Errors
/// `callback_error`, with the code; `callback_malformed`.
pub fn expect_no_error(params: &[(Secret, Secret)]) -> Result<(), Error> {
    let Some(code) = single(params, "error")? else {
        return Ok(());
    };
    let name = error_name(code.expose());
    let message = ["the login page answered with the error ", name].concat();
    Err(Error::new(ErrorKind::CallbackError, message).with_oauth_error(code.expose()))
}

/// The only value of a parameter. Twice is once too often (RFC 6749, section 3.1).
///
/// # Errors
/// `callback_malformed`.
pub fn single<'a>(params: &'a [(Secret, Secret)], name: &str) -> Result<Option<&'a Secret>, Error> {
    let mut values = params
        .iter()
        .filter(|(found, _)| found.expose() == name)
        .map(|(_, value)| value);
    let first = values.next();
    if values.next().is_some() {
        return Err(malformed("a parameter of the callback stands there twice"));
    }
    Ok(first)
}

/// An error code as RFC 6749 (section 4.2.2.1) names them; whatever else is data of a stranger.
fn error_name(code: &str) -> &'static str {
    let known = [
        "access_denied",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "consent_required",
        "interaction_required",
        "account_selection_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
    ];
    known
        .into_iter()
        .find(|name| *name == code)
        .unwrap_or("(not a standard one)")
}

/// A callback that cannot be read.
pub(crate) fn malformed(message: &'static str) -> Error {
    Error::new(ErrorKind::CallbackMalformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: &str = "https://api.example/login";

    fn options() -> Redirect {
        Redirect {
            url: LOGIN.to_owned(),
            accept: vec![CallbackForm::FragmentParams, CallbackForm::FragmentToken],
            return_param: "redirect_uri".to_owned(),
            callback_url: None,
            state_param: Some("state".to_owned()),
            max_age: Span::from_seconds(600.0),
            hard_clean: false,
        }
    }

    fn pending() -> Memory {
        Memory::Pending(Pending {
            state: Some(Secret::from("s3cret")),
            return_to: "/inbox".to_owned(),
            started: Timestamp::from_millis(0),
            to: LOGIN.to_owned(),
        })
    }

    fn params(query: &str) -> Callback {
        let pairs = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Callback::Params(
            pairs
                .map(|(name, value)| (Secret::from(name), Secret::from(value)))
                .collect(),
        )
    }

    fn outcome(
        memory: Option<Memory>,
        callback: Callback,
        millis: i64,
    ) -> Result<(TokenSet, String), &'static str> {
        accept(
            memory,
            callback,
            Timestamp::from_millis(millis),
            &options(),
            16_384,
        )
        .map_err(|error| error.code())
    }

    #[test]
    fn a_callback_that_was_asked_for_is_accepted() {
        let callback = params("access_token=t&token_type=Bearer&expires_in=60&state=s3cret");
        let (tokens, to) = outcome(Some(pending()), callback, 600_000).unwrap();
        assert_eq!(
            (tokens.access.expose(), tokens.expires_in, to.as_str()),
            ("t", Some(60.0), "/inbox")
        );
    }

    #[test]
    fn sec_08_a_bare_token_is_refused_where_a_state_could_have_come_back() {
        use CallbackForm::{FragmentParams, FragmentToken};
        const REFUSED: Result<&str, &str> = Err("callback_state_mismatch");
        let with_state = || Some(Secret::from("s3cret"));
        for (accept, state, expected) in [
            (vec![FragmentParams, FragmentToken], with_state(), REFUSED),
            (vec![FragmentToken, FragmentParams], with_state(), REFUSED),
            // Not accepted at all, but `accept` does not rely on its reader.
            (vec![FragmentParams], with_state(), REFUSED),
            // This server never answers with parameters, so no state can come back.
            (vec![FragmentToken], with_state(), Ok("t")),
            (vec![FragmentToken], None, Ok("t")),
            // `stateParam: null`.
            (vec![FragmentParams, FragmentToken], None, Ok("t")),
        ] {
            let options = Redirect {
                accept: accept.clone(),
                state_param: state.is_some().then(|| "state".to_owned()),
                ..options()
            };
            let memory = Memory::Pending(Pending {
                state,
                return_to: "/".to_owned(),
                started: Timestamp::from_millis(0),
                to: LOGIN.to_owned(),
            });
            let found = Callback::Token(Secret::from("t"));
            let now = Timestamp::from_millis(5);
            let outcome = super::accept(Some(memory), found, now, &options, 16_384);
            let outcome = match &outcome {
                Ok((tokens, _)) => Ok(tokens.access.expose()),
                Err(error) => Err(error.code()),
            };
            assert_eq!(outcome, expected, "{accept:?}");
        }
    }

    #[test]
    fn a_lifetime_that_is_no_number_says_nothing() {
        for (written, seconds) in [
            ("60", Some(60.0)),
            (" 60.0", Some(60.0)),
            ("", None),
            ("1e3", None),
            ("-5", None),
            ("soon", None),
        ] {
            let query = format!("access_token=t&expires_in={written}&state=s3cret");
            let (tokens, _) = outcome(Some(pending()), params(&query), 5).unwrap();
            assert_eq!(tokens.expires_in, seconds, "{written:?}");
        }
    }

    #[test]
    fn sec_13_a_callback_that_nobody_asked_for_is_refused() {
        for memory in [
            None,
            Some(Memory::Returned {
                return_to: "/".to_owned(),
            }),
        ] {
            let callback = params("access_token=t&state=s3cret");
            assert_eq!(
                outcome(memory.clone(), callback, 5),
                Err("callback_unsolicited")
            );
            assert_eq!(
                outcome(memory, Callback::Token(Secret::from("t")), 5),
                Err("callback_unsolicited")
            );
        }
    }

    #[test]
    fn sec_09_a_pending_sign_in_is_bound_to_its_login_page_and_ages() {
        let Memory::Pending(mut elsewhere) = pending() else {
            unreachable!()
        };
        elsewhere.to = "https://other.example/login".to_owned();
        let callback = || params("access_token=t&state=s3cret");
        assert_eq!(
            outcome(Some(Memory::Pending(elsewhere)), callback(), 5),
            Err("callback_unsolicited")
        );
        assert_eq!(
            outcome(Some(pending()), callback(), 600_001),
            Err("callback_expired")
        );
        assert_eq!(
            outcome(Some(pending()), callback(), -1),
            Err("callback_expired")
        );
    }

    #[test]
    fn sec_08_state_must_come_back_once_and_the_same() {
        for query in [
            "access_token=t",
            "access_token=t&state=",
            "access_token=t&state=other",
            "access_token=t&state=s3cret&state=s3cret",
            "access_token=t&state=__proto__",
            "access_token=t&state=constructor",
            "error=access_denied&state=other",
        ] {
            assert_eq!(
                outcome(Some(pending()), params(query), 5),
                Err("callback_state_mismatch"),
                "{query}"
            );
        }
    }

    #[test]
    fn sec_08_state_comes_back_under_the_name_it_left_with() {
        let relay = Redirect {
            state_param: Some("relay".to_owned()),
            ..options()
        };
        let outcome = |query: &str| {
            let at = Timestamp::from_millis(5);
            accept(Some(pending()), params(query), at, &relay, 16_384)
                .map(|(tokens, _)| tokens.access.expose().to_owned())
                .map_err(|error| error.code())
        };
        assert_eq!(outcome("access_token=t&relay=s3cret"), Ok("t".to_owned()));
        // A `state` beside it belongs to another sign-in.
        assert_eq!(
            outcome("access_token=t&state=x&relay=s3cret"),
            Ok("t".to_owned())
        );
        for query in [
            "access_token=t",
            "access_token=t&state=s3cret",
            "access_token=t&relay=other",
            "access_token=t&relay=",
            "access_token=t&relay=s3cret&relay=s3cret",
            "access_token=t&relay=other&state=s3cret",
        ] {
            assert_eq!(outcome(query), Err("callback_state_mismatch"), "{query}");
        }
        assert_eq!(
            outcome("error=access_denied&relay=s3cret"),
            Err("callback_error")
        );
    }

    #[test]
    fn sec_16_errors_are_data_and_sec_17_types_are_checked() {
        let say = |query: &str| {
            let error = accept(
                Some(pending()),
                params(query),
                Timestamp::from_millis(5),
                &options(),
                16_384,
            )
            .unwrap_err();
            (error.code(), error.message().to_owned())
        };
        let (code, message) = say("error=<img onerror>&state=s3cret");
        assert_eq!(code, "callback_error");
        assert!(!message.contains("img"));
        assert!(
            say("error=access_denied&state=s3cret")
                .1
                .ends_with("access_denied")
        );
        for query in [
            "state=s3cret",
            "access_token=t&token_type=mac&state=s3cret",
            "access_token=t&expires_in=5&expires_in=6&state=s3cret",
            "access_token=t&access_token=u&state=s3cret",
        ] {
            assert_eq!(say(query).0, "callback_malformed", "{query}");
        }
    }

    #[test]
    fn sec_03_memory_of_any_other_shape_is_nothing() {
        for memory in [
            pending(),
            Memory::Returned {
                return_to: "/x".to_owned(),
            },
        ] {
            let text = memory.to_text();
            assert_eq!(Memory::from_text(text.expose()), Some(memory));
        }
        for text in [
            "",
            "null",
            "1",
            "{}",
            r#"{"v":2,"returnTo":"/"}"#,
            r#"{"v":1,"returnTo":5}"#,
            r#"{"v":1,"returnTo":"/","started":1}"#,
            r#"{"v":1,"returnTo":"/","x":1}"#,
        ] {
            assert_eq!(Memory::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn sec_14_return_to_is_a_path_on_this_origin() {
        let here = "https://app.example";
        assert_eq!(return_to(here, here, "/inbox?x=1#y"), "/inbox?x=1#y");
        for (origin, path) in [
            ("https://evil.test", "/inbox"),
            (here, "//evil.test"),
            (here, "/\\evil.test"),
            (here, ""),
            (here, "javascript:alert(1)"),
            ("null", "/x"),
        ] {
            assert_eq!(return_to(here, origin, path), "/", "{origin} {path}");
        }
        assert_eq!(return_to("null", "null", "/x"), "/");
    }
}
