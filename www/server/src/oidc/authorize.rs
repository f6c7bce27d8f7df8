//! `/oidc/authorize`: an app sends the user here and gets them back with a code.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::callback::{self, Callback};
use super::client;
use super::codes::{self, Code};
use super::endpoints;
use super::logins::{self, Login};
use super::params::{Form, Params};
use super::pushed;
use super::request::{self, AuthorizationRequest, Prompt};
use crate::db::{Tx, transaction};
use crate::error::ApiError;
use crate::fingerprint;
use crate::grant::{self, Carrier};
use crate::login_page::{self, Fields, Page};
use crate::sign_in::{self, Opens, Step, Typed};
use crate::state::{App, Shared};
use crate::users::{self, User};

/// `GET /oidc/authorize`
pub(crate) async fn begin(
    State(app): State<Shared>,
    headers: HeaderMap,
    Ok(params): Result<Params, std::convert::Infallible>,
) -> Response {
    match Asked::read(&app, params).await {
        Ok(asked) => asked.answer(&app, &headers).await,
        Err(refusal) => login_page::refuse(&app.client.origins, &refusal),
    }
}

/// `POST /oidc/authorize`: the login page's form, or a request that came as a form.
pub(crate) async fn submit(
    State(app): State<Shared>,
    headers: HeaderMap,
    form: Result<Form, ApiError>,
) -> Response {
    let params = match form {
        Ok(Form(params)) => params,
        Err(refusal) => return login_page::refuse(&app.client.origins, &refusal),
    };
    let asked = match Asked::read(&app, params.clone()).await {
        Ok(asked) => asked,
        Err(refusal) => return login_page::refuse(&app.client.origins, &refusal),
    };
    match typed(&params) {
        Ok(Some(typed)) => asked.sign_in(&app, &headers, typed).await,
        Ok(None) => asked.answer(&app, &headers).await,
        Err(refusal) => login_page::refuse(&app.client.origins, &refusal),
    }
}

fn typed(params: &Params) -> Result<Option<Typed<'_>>, ApiError> {
    Ok(Typed::of(
        params.one("username")?,
        params.one("password")?,
        params.one("ticket")?,
        params.one("code")?,
    ))
}

/// What a client asks for, and where the answer goes.
struct Asked {
    /// As it came: the login page's form sends it again.
    params: Params,
    /// Where it was pushed.
    request_uri: Option<String>,
    callback: Callback,
    /// The refusal is for the client to read.
    request: Result<AuthorizationRequest, ApiError>,
}

/// What the browser gets where the user is signed in.
struct Granted {
    code: String,
    cookies: Vec<String>,
}

impl Asked {
    /// A refusal here is for the user to read.
    async fn read(app: &App, params: Params) -> Result<Self, ApiError> {
        let request_uri = params.one("request_uri")?.map(str::to_owned);
        let pushed = match &request_uri {
            Some(uri) => Some(pushed::look(app, uri, params.required("client_id")?).await?),
            None => None,
        };
        let meant = pushed.as_ref().unwrap_or(&params);
        let callback = Callback::check(app, meant)?;
        let request = if request_uri.is_none() && app.policy.get().require_par {
            Err(ApiError::bad_request("the request must be pushed"))
        } else {
            AuthorizationRequest::read(app, meant)
        };
        Ok(Self {
            params,
            request_uri,
            callback,
            request,
        })
    }

    /// A code where the user is signed in; else the login page, or the error where there may be none.
    async fn answer(&self, app: &App, headers: &HeaderMap) -> Response {
        let request = match &self.request {
            Ok(request) => request,
            Err(refusal) => return self.refused(refusal),
        };
        let granted = transaction!(app.db, |tx| {
            let login = self.login(app, tx, headers, request).await?;
            let Some(login) = login else {
                return Ok(None);
            };
            let granted = self.grant(app, tx, headers, request, &login).await?;
            Ok(Some(granted))
        });
        match granted {
            Ok(Some(granted)) => self.granted(granted),
            Ok(None) if request.prompt == Prompt::None => {
                self.refused(&ApiError::oauth("login_required", "the user must sign in"))
            }
            Ok(None) => {
                let username = request.login_hint.as_deref().unwrap_or_default();
                self.page(Fields::Password { username }, None, |page| {
                    page.respond(&app.client.origins, StatusCode::OK)
                })
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    /// The login page's form: opens a login, and gives the code with it.
    async fn sign_in(&self, app: &App, headers: &HeaderMap, typed: Typed<'_>) -> Response {
        let request = match &self.request {
            Ok(request) => request,
            Err(refusal) => return self.refused(refusal),
        };
        let opening = Opening {
            asked: self,
            app,
            headers,
            request,
        };
        match sign_in::typed(app, typed, None, &opening).await {
            Ok(Step::SignedIn(granted)) => self.granted(granted),
            Ok(Step::CodeNeeded { ticket }) => {
                self.page(Fields::Code { ticket: &ticket }, None, |page| {
                    page.respond(&app.client.origins, StatusCode::OK)
                })
            }
            Err(refusal) => {
                let fields = Fields::again(typed, &refusal);
                self.page(fields, Some(refusal.reason()), |page| {
                    page.refused(&app.client.origins, &refusal)
                })
            }
        }
    }

    /// The login of this browser, where it is good enough for what was asked for.
    async fn login(
        &self,
        app: &App,
        tx: &mut Tx,
        headers: &HeaderMap,
        request: &AuthorizationRequest,
    ) -> Result<Option<Login>, ApiError> {
        if request.prompt == Prompt::Login {
            return Ok(None);
        }
        let now = app.clock.now();
        let Some(login) = logins::current(tx, headers, &app.policy.get(), now).await? else {
            return Ok(None);
        };
        let age = now.saturating_sub(login.auth_time);
        if request.max_age.is_some_and(|most| age > most) {
            return Ok(None);
        }
        if let Some(expected) = &request.expected_user {
            let user = users::by_id(tx, login.user_id).await?;
            if user.is_none_or(|user| user.username != *expected) {
                return Ok(None);
            }
        }
        Ok(Some(login))
    }

    /// Makes the code. A pushed request is good for one (RFC 9126, 4).
    async fn grant(
        &self,
        app: &App,
        tx: &mut Tx,
        headers: &HeaderMap,
        request: &AuthorizationRequest,
        login: &Login,
    ) -> Result<Granted, ApiError> {
        let now = app.clock.now();
        if let Some(uri) = &self.request_uri
            && !pushed::spend(tx, uri).await?
        {
            return Err(ApiError::bad_request("the pushed request was used before"));
        }
        let user = users::by_id(tx, login.user_id)
            .await?
            .ok_or_else(|| ApiError::oauth("login_required", "the account is gone"))?;
        let mut cookies = Vec::new();
        let (mut claim, mut replaced) = (None, None);
        if request.fingerprint {
            let brought = fingerprint::from_request(headers);
            let (fingerprint, before) = grant::fingerprint_for(tx, &user, brought, now).await?;
            cookies.push(fingerprint::set_cookie(&fingerprint));
            (claim, replaced) = (Some(fingerprint.hash()), before);
        }
        let code = Code {
            user_id: user.id,
            client_id: client::ID.to_owned(),
            redirect_uri: self.callback.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            jkt: request.jkt.clone(),
            scope: request.scope.clone(),
            nonce: request.nonce.clone(),
            auth_time: login.auth_time,
            login: login.hash.clone(),
            fingerprint: claim,
            replaced,
        };
        let code = codes::issue(tx, &code, now).await?;
        Ok(Granted { code, cookies })
    }

    fn granted(&self, granted: Granted) -> Response {
        callback::redirect(self.callback.granted(&granted.code), granted.cookies)
    }

    fn refused(&self, refusal: &ApiError) -> Response {
        let redirect = callback::redirect(self.callback.refused(refusal), Vec::new());
        (refusal.mark(), redirect).into_response()
    }

    fn page(
        &self,
        fields: Fields<'_>,
        problem: Option<&str>,
        respond: impl FnOnce(&Page<'_>) -> Response,
    ) -> Response {
        let cancelled = ApiError::oauth("access_denied", "the user has cancelled");
        respond(&Page {
            action: endpoints::AUTHORIZE,
            request: self.params.named(&request::NAMES),
            cancel: &self.callback.refused(&cancelled),
            fields,
            problem,
        })
    }
}

/// A sign-in on the login page: a login opens, and the client gets a code by it.
struct Opening<'a> {
    asked: &'a Asked,
    app: &'a App,
    headers: &'a HeaderMap,
    request: &'a AuthorizationRequest,
}

impl Opens for Opening<'_> {
    type Opened = Granted;

    async fn open(
        &self,
        tx: &mut Tx,
        user: &User,
        _: Option<Carrier>,
    ) -> Result<Granted, ApiError> {
        let (app, headers) = (self.app, self.headers);
        let (login, value) = logins::open(tx, headers, user.id, app.clock.now()).await?;
        let granted = self.asked.grant(app, tx, headers, self.request, &login);
        let mut granted = granted.await?;
        granted.cookies.push(logins::cookie(&value));
        Ok(granted)
    }
}
