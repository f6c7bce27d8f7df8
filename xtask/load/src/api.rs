//! The server's routes, as a browser with the app open calls them.

use anyhow::{Context, Result};
use reqwest::header::{COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;
use url::Url;

use crate::session::Session;

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) const CLIENT_ID: &str = "spa";
pub(crate) const TOKEN_ENDPOINT: &str = "/oidc/token";

/// One password for all: it is hashed for each.
pub(crate) const PASSWORD: &str = "a password of nobody";

/// A server.
pub(crate) struct Api {
    http: Client,
    /// Origins.
    api: String,
    app: String,
}

/// An answer, read to its end.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Api {
    pub(crate) fn new(api: &str, app: &str) -> Result<Self> {
        let http = Client::builder().no_proxy().redirect(Policy::none());
        Ok(Self {
            http: http.build()?,
            api: api.to_owned(),
            app: app.to_owned(),
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api)
    }

    /// Name and password for tokens.
    pub(crate) async fn sign_in(&self, user: &str) -> Result<Reply> {
        let typed = json!({ "username": user, "password": PASSWORD, "permanent": true });
        send(self.app_request(Method::POST, "/auth").json(&typed)).await
    }

    /// The refresh token for the next ones, with the fingerprint's cookie.
    pub(crate) async fn refresh(&self, session: &Session) -> Result<Reply> {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", CLIENT_ID),
            ("refresh_token", &session.refresh),
        ];
        let request = self.app_request(Method::POST, TOKEN_ENDPOINT);
        send(form(request, &fields).header(COOKIE, &session.cookie)).await
    }

    /// What needs a token: its signature, its fingerprint against the cookie, its session and its version are
    /// looked at.
    pub(crate) async fn me(&self, session: &Session) -> Result<Reply> {
        let request = self.app_request(Method::GET, "/me");
        let request = request.bearer_auth(&session.access);
        send(request.header(COOKIE, &session.cookie)).await
    }

    /// A request as somebody else has written it.
    pub(crate) async fn fetch(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply> {
        let mut request = self.http.request(method.parse()?, url);
        request = request.header(ORIGIN, &self.app);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map(str::to_owned);
        send(request.body(body.unwrap_or_default())).await
    }

    /// Signs in at the provider, whose cookie comes back.
    pub(crate) async fn log_in(&self, user: &str, password: &str) -> Result<String> {
        let typed = [("username", user), ("password", password)];
        let request = self.http.post(self.url("/oidc/authorize"));
        let request = request.header(ORIGIN, &self.api);
        let redirect_uri = self.redirect_uri();
        let fields = [&asked(&redirect_uri), typed.as_slice()].concat();
        let reply = send(form(request, &fields)).await?;
        reply.cookie("__Host-Login")
    }

    /// Opens a session of the provider's client, without another password.
    pub(crate) async fn open(&self, login: &str) -> Result<Session> {
        let redirect_uri = self.redirect_uri();
        let mut url = Url::parse(&self.url("/oidc/authorize"))?;
        url.query_pairs_mut().extend_pairs(asked(&redirect_uri));
        let request = self.http.get(url).header(COOKIE, login);
        let reply = send(request).await?;
        let cookie = reply.cookie("__Host-Fgp")?;
        let code = reply.code().context("no code")?;
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
            ("code", &code),
        ];
        let request = self.app_request(Method::POST, TOKEN_ENDPOINT);
        let reply = send(form(request, &fields).header(COOKIE, &cookie)).await?;
        Session::of(&reply.body, cookie).context("no tokens")
    }

    /// Adds an account: a server with `--faults` does.
    pub(crate) async fn add_user(&self, user: &str) -> Result<()> {
        let new = json!({ "username": user, "password": PASSWORD });
        let request = self.http.post(self.url("/faults/users")).json(&new);
        let reply = send(request).await?;
        anyhow::ensure!(
            reply.status == 201,
            "no account: {} {}",
            reply.status,
            reply.body
        );
        Ok(())
    }

    fn app_request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, self.url(path));
        request.header(ORIGIN, &self.app)
    }

    fn redirect_uri(&self) -> String {
        format!("{}/", self.app)
    }
}

/// An authorization request. Without an ID token, which nobody reads here.
fn asked(redirect_uri: &str) -> [(&str, &str); 7] {
    [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", redirect_uri),
        ("scope", "profile offline_access"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("fingerprint", "true"),
    ]
}

fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(body.finish())
}

async fn send(request: RequestBuilder) -> Result<Reply> {
    let response = request.send().await?;
    Ok(Reply {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.text().await?,
    })
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A cookie that is set, as it goes back.
    fn cookie(&self, name: &str) -> Result<String> {
        let set = self.headers.get_all(SET_COOKIE).iter();
        let mut pairs = set.filter_map(|value| value.to_str().ok()?.split(';').next());
        let pair = pairs.find(|pair| pair.split('=').next() == Some(name));
        let pair = pair.with_context(|| format!("{}: no {name}: {}", self.status, self.body))?;
        Ok(pair.to_owned())
    }

    fn code(&self) -> Option<String> {
        let to = self.headers.get(LOCATION)?.to_str().ok()?;
        let to = Url::parse(to).ok()?;
        let mut pairs = to.query_pairs();
        let (_, code) = pairs.find(|(name, _)| name == "code")?;
        Some(code.into_owned())
    }
}
