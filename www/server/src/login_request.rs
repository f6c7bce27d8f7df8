//! What an app asks of the login page.

use serde::Deserialize;

use crate::body::Shape;
use crate::grant::Carrier;

/// What the app asks for. A parameter that comes twice is refused.
#[derive(Clone, Deserialize)]
pub(crate) struct LoginRequest {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    #[serde(default)]
    pub(crate) mode: Mode,
    /// Adds a refresh token, by cookie: none ever stands in a URL.
    #[serde(default)]
    pub(crate) permanent: bool,
    /// As for `/auth`, but `body` is refused: here that would be the URL.
    pub(crate) carrier: Option<Carrier>,
}

/// The form of the fragment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// `#access_token=…&token_type=Bearer&expires_in=…&state=…`
    #[default]
    Params,
    /// `#TOKEN`
    Token,
}

impl Mode {
    /// As requests name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Params => "params",
            Self::Token => "token",
        }
    }
}

impl Shape for LoginRequest {
    const EXPECTED: &'static str =
        "redirect_uri=URL&state=text&mode=params|token&permanent=true|false&carrier=cookie";
}
