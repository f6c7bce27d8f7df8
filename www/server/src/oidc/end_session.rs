//! `/oidc/end-session`: the client asks the provider to sign the user out (RP-Initiated Logout 1.0).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use url::form_urlencoded;

use super::callback;
use super::client;
use super::endpoints;
use super::id_token::Hint;
use super::logins;
use super::params::{Form, Params};
use crate::cookies;
use crate::db::transaction;
use crate::error::ApiError;
use crate::login_page::{self, hidden};
use crate::sessions;
use crate::state::{App, Shared};
use crate::users;

/// What a client may say (2).
const NAMES: [&str; 4] = [
    "client_id",
    "id_token_hint",
    "post_logout_redirect_uri",
    "state",
];

/// `GET /oidc/end-session`
pub(crate) async fn begin(
    State(app): State<Shared>,
    headers: HeaderMap,
    Ok(params): Result<Params, std::convert::Infallible>,
) -> Response {
    answer(&app, &headers, &params, false).await
}

/// `POST /oidc/end-session`: the same as a form, or our own page's.
pub(crate) async fn submit(
    State(app): State<Shared>,
    headers: HeaderMap,
    form: Result<Form, ApiError>,
) -> Response {
    match form {
        Ok(Form(params)) => {
            let confirmed = params.all("confirmed").any(|it| it == "true");
            answer(&app, &headers, &params, confirmed).await
        }
        Err(refusal) => login_page::refuse(&app.client.origins, &refusal),
    }
}

async fn answer(app: &App, headers: &HeaderMap, params: &Params, confirmed: bool) -> Response {
    let outcome = match Asked::read(app, params) {
        Ok(asked) => {
            let is_over = asked.end(app, headers, confirmed).await;
            is_over.map(|is_over| (asked, is_over))
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok((Asked { to: Some(to), .. }, true)) => callback::redirect(to, gone()),
        Ok((_, true)) => {
            let cookies = gone().into_iter().map(|it| (header::SET_COOKIE, it));
            let page = page(app, "Signed out", "<p>You are signed out here.</p>");
            (AppendHeaders(cookies), page).into_response()
        }
        Ok((_, false)) => page(app, "Sign out?", &form(params)),
        Err(refusal) => login_page::refuse(&app.client.origins, &refusal),
    }
}

/// What the client asks for.
struct Asked {
    hint: Option<Hint>,
    /// Where the user goes then.
    to: Option<String>,
}

impl Asked {
    /// The page that the user is led to must be known to be the client's (3).
    fn read(app: &App, params: &Params) -> Result<Self, ApiError> {
        let named = params.one("client_id")?;
        if named.is_some_and(|id| id != client::ID) {
            return Err(ApiError::oauth("invalid_client", "the client is not known"));
        }
        // One that we do not know, from a database that is gone, say, is as none.
        let hint = params
            .one("id_token_hint")?
            .and_then(|hint| app.keys.read_hint(hint));
        let state = params.one("state")?;
        let Some(uri) = params.one("post_logout_redirect_uri")? else {
            return Ok(Self { hint, to: None });
        };
        let is_clients = named.is_some() || hint.is_some();
        if !is_clients || !app.client.has_post_logout_redirect_uri(uri) {
            return Err(ApiError::bad_request(
                "post_logout_redirect_uri is not one that the client has registered",
            ));
        }
        Ok(Self {
            hint,
            to: Some(with_state(uri, state)),
        })
    }

    /// Ends what is to be ended. `false`: the user must be asked first, for anyone can make a link
    /// without a hint (6).
    async fn end(&self, app: &App, headers: &HeaderMap, confirmed: bool) -> Result<bool, ApiError> {
        let now = app.clock.now();
        transaction!(app.db, |tx| {
            let login = logins::current(tx, headers, &app.policy.get(), now).await?;
            if let Some(hint) = &self.hint {
                sessions::revoke(tx, &hint.sid).await?;
            }
            let Some(login) = login else {
                return Ok(true);
            };
            let user = users::by_id(tx, login.user_id)
                .await?
                .map(|user| user.username);
            match (&self.hint, confirmed) {
                (_, true) => logins::end(tx, &login).await?,
                (None, false) => return Ok(false),
                (Some(hint), false) if user.as_ref() == Some(&hint.sub) => {
                    logins::end(tx, &login).await?;
                }
                // Another user has signed in here since: that one stays.
                (Some(_), false) => return Ok(true),
            }
            Ok(true)
        })
    }
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else {
        return uri.to_owned();
    };
    let mark = if uri.contains('?') { '&' } else { '?' };
    let state = form_urlencoded::Serializer::new(String::new())
        .append_pair("state", state)
        .finish();
    format!("{uri}{mark}{state}")
}

fn gone() -> Vec<String> {
    vec![cookies::gone(cookies::LOGIN)]
}

fn page(app: &App, title: &str, main: &str) -> Response {
    login_page::respond(&app.client.origins, StatusCode::OK, title, main)
}

fn form(params: &Params) -> String {
    let fields: String = params
        .named(&NAMES)
        .into_iter()
        .map(|(name, value)| hidden(name, value))
        .collect();
    format!(
        r#"<p class="where">The demo app asks to sign you out.</p>
<form method="post" action="{action}">
{fields}{confirmed}
<button type="submit">Sign out</button>
</form>"#,
        action = endpoints::END_SESSION,
        confirmed = hidden("confirmed", "true"),
    )
}
