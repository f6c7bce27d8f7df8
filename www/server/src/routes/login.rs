//! `/login`: the server's own login page, for apps that send the user here and get them back with
//! a token in the fragment.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::Deserialize;
use url::form_urlencoded;

use crate::body::{FormBody, QueryOf, Shape};
use crate::error::ApiError;
use crate::grant::{Carrier, Grant};
use crate::login_page::{self, Fields, Page};
use crate::login_request::{LoginRequest, Mode};
use crate::opening::SessionOpening;
use crate::sign_in::{self, Step, Typed};
use crate::state::{App, Shared};

/// Where the page's form goes.
const ACTION: &str = "/login";

/// The page's form: the request again, and what the user typed: name and password, or the code.
#[derive(Deserialize)]
pub(crate) struct LoginForm {
    redirect_uri: String,
    state: Option<String>,
    mode: Mode,
    permanent: bool,
    username: Option<String>,
    password: Option<String>,
    ticket: Option<String>,
    code: Option<String>,
}

impl Shape for LoginForm {
    const EXPECTED: &'static str = "the login page's own form";
}

impl LoginForm {
    fn typed(&self) -> Option<Typed<'_>> {
        Typed::of(
            self.username.as_deref(),
            self.password.as_deref(),
            self.ticket.as_deref(),
            self.code.as_deref(),
        )
    }
}

/// `GET /login`
pub(crate) async fn page(
    State(app): State<Shared>,
    request: Result<QueryOf<LoginRequest>, ApiError>,
) -> Response {
    let checked = request.and_then(|QueryOf(request)| {
        let returning = Returning::check(&app, &request)?;
        Ok((request, returning))
    });
    match checked {
        Ok((request, returning)) => Page {
            action: ACTION,
            request: fields_of(&request),
            cancel: &returning.refused("access_denied"),
            fields: Fields::Password { username: "" },
            problem: None,
        }
        .respond(&app.client.origins, StatusCode::OK),
        Err(refusal) => login_page::refuse(&app.client.origins, &refusal),
    }
}

/// `POST /login`: 303 back to the app, or the page again.
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    headers: HeaderMap,
    form: Result<FormBody<LoginForm>, ApiError>,
) -> Response {
    let form = match form {
        Ok(FormBody(form)) => form,
        Err(refusal) => return login_page::refuse(&app.client.origins, &refusal),
    };
    let Some(typed) = form.typed() else {
        let refusal = ApiError::bad_request("the form is not the login page's own");
        return login_page::refuse(&app.client.origins, &refusal);
    };
    let request = LoginRequest {
        redirect_uri: form.redirect_uri.clone(),
        state: form.state.clone(),
        mode: form.mode,
        permanent: form.permanent,
        carrier: None,
    };
    // Checked again: a form can be made by hand.
    let returning = match Returning::check(&app, &request) {
        Ok(returning) => returning,
        Err(refusal) => return login_page::refuse(&app.client.origins, &refusal),
    };
    let refresh = request.permanent.then_some(Carrier::Cookie);
    let opening = SessionOpening {
        app: &app,
        headers: &headers,
    };
    let outcome = sign_in::typed(&app, typed, refresh, &opening).await;
    let cancel = returning.refused("access_denied");
    let page = |fields, problem| Page {
        action: ACTION,
        request: fields_of(&request),
        cancel: &cancel,
        fields,
        problem,
    };
    match outcome {
        Ok(Step::SignedIn(grant)) => {
            let location = [(header::LOCATION, returning.granted(request.mode, &grant))];
            (
                StatusCode::SEE_OTHER,
                AppendHeaders(location),
                grant.headers(),
            )
                .into_response()
        }
        Ok(Step::CodeNeeded { ticket }) => page(Fields::Code { ticket: &ticket }, None)
            .respond(&app.client.origins, StatusCode::OK),
        Err(refusal) => page(Fields::again(typed, &refusal), Some(refusal.reason()))
            .refused(&app.client.origins, &refusal),
    }
}

/// What the form sends again.
fn fields_of(request: &LoginRequest) -> Vec<(&str, &str)> {
    let permanent = if request.permanent { "true" } else { "false" };
    let mut fields = vec![
        ("redirect_uri", request.redirect_uri.as_str()),
        ("mode", request.mode.name()),
        ("permanent", permanent),
    ];
    fields.extend(request.state.as_deref().map(|state| ("state", state)));
    fields
}

/// Where the user goes afterwards: checked once, used for every way out.
struct Returning {
    uri: String,
    state: Option<String>,
}

impl Returning {
    const LONGEST_STATE: usize = 1024;

    fn check(app: &App, request: &LoginRequest) -> Result<Self, ApiError> {
        let uri = app
            .origins
            .redirect_uri(&request.redirect_uri)
            .ok_or_else(|| {
                ApiError::bad_request("redirect_uri must be a page of the app, without a fragment")
            })?;
        if request
            .state
            .as_ref()
            .is_some_and(|state| state.len() > Self::LONGEST_STATE)
        {
            return Err(ApiError::bad_request("state is too long"));
        }
        if request.carrier == Some(Carrier::Body) {
            return Err(ApiError::bad_request(
                "carrier must be cookie: a refresh token never stands in a URL",
            ));
        }
        Ok(Self {
            uri: uri.into(),
            state: request.state.clone(),
        })
    }

    fn granted(&self, mode: Mode, grant: &Grant) -> String {
        let tokens = &grant.tokens;
        if mode == Mode::Token {
            return format!("{}#{}", self.uri, tokens.access_token);
        }
        let mut fields = form_urlencoded::Serializer::new(String::new());
        fields.append_pair("access_token", &tokens.access_token);
        fields.append_pair("token_type", tokens.token_type);
        if let Some(seconds) = tokens.expires_in {
            fields.append_pair("expires_in", &seconds.to_string());
        }
        self.with_state(fields)
    }

    fn refused(&self, error: &str) -> String {
        let mut fields = form_urlencoded::Serializer::new(String::new());
        fields.append_pair("error", error);
        self.with_state(fields)
    }

    fn with_state(&self, mut fields: form_urlencoded::Serializer<'_, String>) -> String {
        if let Some(state) = &self.state {
            fields.append_pair("state", state);
        }
        format!("{}#{}", self.uri, fields.finish())
    }
}
