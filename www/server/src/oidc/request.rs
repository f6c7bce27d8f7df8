//! Authorization requests (OpenID Connect Core 1.0, 3.1.2.1; OAuth 2.1, 4.1.1).

use super::params::Params;
use super::{pkce, scope};
use crate::error::ApiError;
use crate::state::App;

/// All that a request may say; what is not named here is left alone (RFC 6749, 3.1).
pub(crate) const NAMES: [&str; 18] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "prompt",
    "max_age",
    "resource",
    "id_token_hint",
    "login_hint",
    "fingerprint",
    "request",
    "request_uri",
];

/// No nonce is longer: it comes back in a token.
const LONGEST_NONCE: usize = 512;

/// A request, checked; where its answer goes is `Callback`'s.
pub(crate) struct AuthorizationRequest {
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    /// Thumbprint of the key that must come with the exchange (RFC 9449, 10).
    pub(crate) jkt: Option<String>,
    pub(crate) prompt: Prompt,
    /// The user must have signed in so many seconds ago at most.
    pub(crate) max_age: Option<i64>,
    /// The user that the client expects.
    pub(crate) expected_user: Option<String>,
    pub(crate) login_hint: Option<String>,
    /// Binds the tokens to the fingerprint cookie: this server's own parameter, `true` or `false`.
    pub(crate) fingerprint: bool,
}

/// May the user be asked, and must it be?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// No page may be shown.
    None,
    /// A page is shown where it is needed.
    IfNeeded,
    /// The user types the password again.
    Login,
}

impl AuthorizationRequest {
    pub(crate) fn read(app: &App, params: &Params) -> Result<Self, ApiError> {
        if params.one("request")?.is_some() {
            return Err(ApiError::oauth(
                "request_not_supported",
                "requests by value are not supported",
            ));
        }
        if params.required("response_type")? != "code" {
            return Err(ApiError::oauth(
                "unsupported_response_type",
                "response_type must be code",
            ));
        }
        let challenge = params.required("code_challenge")?;
        if params.one("code_challenge_method")? != Some("S256") {
            return Err(ApiError::bad_request("code_challenge_method must be S256"));
        }
        if !pkce::is_challenge(challenge) {
            return Err(ApiError::bad_request(
                "code_challenge must be a SHA-256 in base64url",
            ));
        }
        let jkt = params.one("dpop_jkt")?;
        if jkt.is_some_and(|jkt| !pkce::is_challenge(jkt)) {
            return Err(ApiError::bad_request(
                "dpop_jkt must be a SHA-256 in base64url",
            ));
        }
        let nonce = params.one("nonce")?;
        if nonce.is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
            return Err(ApiError::bad_request("nonce is too long"));
        }
        check_resources(app, params)?;
        let hint = params.one("id_token_hint")?;
        let expected_user = match hint {
            Some(hint) => Some(app.keys.read_hint(hint).ok_or_else(|| {
                ApiError::bad_request("id_token_hint must be an ID token of this provider")
            })?),
            None => None,
        };
        let fingerprint = match params.one("fingerprint")? {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(ApiError::bad_request("fingerprint must be true or false")),
        };
        Ok(Self {
            scope: scope::granted(params.one("scope")?),
            nonce: nonce.map(str::to_owned),
            challenge: challenge.to_owned(),
            jkt: jkt.map(str::to_owned),
            prompt: prompt(params.one("prompt")?)?,
            max_age: params.one("max_age")?.map(seconds).transpose()?,
            expected_user: expected_user.map(|hint| hint.sub),
            login_hint: params.one("login_hint")?.map(str::to_owned),
            fingerprint,
        })
    }
}

/// The API is the only resource that there are tokens for (RFC 8707).
pub(crate) fn check_resources(app: &App, params: &Params) -> Result<(), ApiError> {
    let api = &app.origins.api;
    let known = |uri: &str| uri.strip_suffix('/').unwrap_or(uri) == api;
    if params.all("resource").all(known) {
        return Ok(());
    }
    Err(ApiError::oauth(
        "invalid_target",
        "resource must be the API of this server",
    ))
}

fn prompt(text: Option<&str>) -> Result<Prompt, ApiError> {
    let mut prompt = Prompt::IfNeeded;
    let values: Vec<_> = text.unwrap_or_default().split_ascii_whitespace().collect();
    for value in &values {
        match *value {
            "none" if values.len() == 1 => return Ok(Prompt::None),
            "none" => return Err(ApiError::bad_request("prompt=none stands alone")),
            // There is one account a login: to select another one is to sign in anew.
            "login" | "select_account" => prompt = Prompt::Login,
            // The apps are this server's own: there is nothing to consent to.
            "consent" => {}
            _ => {
                return Err(ApiError::bad_request(
                    "prompt must be none, login, consent or select_account",
                ));
            }
        }
    }
    Ok(prompt)
}

fn seconds(text: &str) -> Result<i64, ApiError> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds >= 0)
        .ok_or_else(|| ApiError::bad_request("max_age must be a number of seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts() {
        for (text, expected) in [
            (None, Prompt::IfNeeded),
            (Some("none"), Prompt::None),
            (Some("consent"), Prompt::IfNeeded),
            (Some("login consent"), Prompt::Login),
            (Some("select_account"), Prompt::Login),
        ] {
            assert_eq!(prompt(text).ok(), Some(expected), "{text:?}");
        }
        for text in ["none login", "login none", "create"] {
            assert!(prompt(Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn ages() {
        assert_eq!(seconds("0").ok(), Some(0));
        for bad in ["-1", "1.5", "x", "99999999999999999999"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
