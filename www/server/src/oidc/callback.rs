//! The way back to the client: its redirect URI with the answer, code or error.

use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use url::form_urlencoded;

use super::client;
use super::endpoints::issuer;
use super::params::Params;
use crate::error::ApiError;
use crate::state::App;

/// No state is longer: it comes back in a URL.
const LONGEST_STATE: usize = 1024;

/// Where the answer goes: checked before anything else, since an error goes there, too.
pub(crate) struct Callback {
    pub(crate) redirect_uri: String,
    in_fragment: bool,
    state: Option<String>,
    issuer: String,
}

impl Callback {
    /// Refuses what must not be answered with a redirect: another client, another page, and what
    /// leaves open how the answer is to be given (RFC 6749, 4.1.2.1).
    pub(crate) fn check(app: &App, params: &Params) -> Result<Self, ApiError> {
        client::check(params)?;
        let redirect_uri = params.required("redirect_uri")?;
        if !app.client.has_redirect_uri(redirect_uri) {
            return Err(ApiError::bad_request(
                "redirect_uri is not one that the client has registered",
            ));
        }
        let in_fragment = match params.one("response_mode")? {
            None | Some("query") => false,
            Some("fragment") => true,
            Some(_) => {
                return Err(ApiError::bad_request(
                    "response_mode must be query or fragment",
                ));
            }
        };
        let state = params.one("state")?;
        if state.is_some_and(|state| state.len() > LONGEST_STATE) {
            return Err(ApiError::bad_request("state is too long"));
        }
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            in_fragment,
            state: state.map(str::to_owned),
            issuer: issuer(&app.origins),
        })
    }

    /// With a code.
    pub(crate) fn granted(&self, code: &str) -> String {
        self.with(&[("code", code)])
    }

    /// With an error.
    pub(crate) fn refused(&self, refusal: &ApiError) -> String {
        self.with(&[
            ("error", refusal.error()),
            ("error_description", refusal.reason()),
        ])
    }

    /// State and issuer (RFC 9207) are in each answer.
    fn with(&self, fields: &[(&str, &str)]) -> String {
        let mut answer = form_urlencoded::Serializer::new(String::new());
        answer.extend_pairs(fields);
        if let Some(state) = &self.state {
            answer.append_pair("state", state);
        }
        answer.append_pair("iss", &self.issuer);
        let mark = match (self.in_fragment, self.redirect_uri.contains('?')) {
            (true, _) => '#',
            (false, false) => '?',
            (false, true) => '&',
        };
        format!("{}{mark}{}", self.redirect_uri, answer.finish())
    }
}

/// Leads the browser there; 303, so that a form is not sent again.
pub(crate) fn redirect(location: String, cookies: Vec<String>) -> Response {
    let cookies = cookies
        .into_iter()
        .map(|cookie| (header::SET_COOKIE, cookie));
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, location)],
        AppendHeaders(cookies),
    )
        .into_response()
}
