//! As much of a browser as these tests need: an origin, a cookie jar, a token in the page.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_server::{DEMO_PASSWORD, DEMO_USER, Origins};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::server::plain_client;

pub(crate) struct Browser {
    http: Client,
    pub(crate) origins: Origins,
    /// The `Origin` it sends: the app's, unless a test changes it.
    pub(crate) origin: Option<String>,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) token: Option<String>,
    pub(crate) refresh_token: Option<String>,
}

impl Browser {
    pub(crate) fn new(origins: &Origins) -> Self {
        Self::with_client(origins, plain_client())
    }

    pub(crate) fn with_client(origins: &Origins, http: Client) -> Self {
        Self {
            http,
            origin: Some(origins.app.clone()),
            origins: origins.clone(),
            cookies: BTreeMap::new(),
            token: None,
            refresh_token: None,
        }
    }

    /// Signs in as the demo user; `query` is `"?permanent=true"` or the like.
    pub(crate) async fn sign_in(&mut self, query: &str) -> Answer {
        self.sign_in_as(DEMO_USER, DEMO_PASSWORD, query).await
    }

    pub(crate) async fn sign_in_as(
        &mut self,
        username: &str,
        password: &str,
        query: &str,
    ) -> Answer {
        let typed = json!({ "username": username, "password": password });
        let path = format!("/auth{query}");
        let answer = self
            .send(Method::POST, &path, |request| request.json(&typed))
            .await;
        self.adopt(&answer);
        answer
    }

    /// Refreshes with the refresh token of the page.
    pub(crate) async fn refresh(&mut self) -> Answer {
        let token = self.refresh_token.clone().expect("a refresh token");
        self.refresh_with(&token).await
    }

    pub(crate) async fn refresh_with(&mut self, refresh_token: &str) -> Answer {
        let body = json!({ "refresh_token": refresh_token });
        let answer = self
            .send(Method::POST, "/token", |request| request.json(&body))
            .await;
        self.adopt(&answer);
        answer
    }

    /// Refreshes with the cookie, CSRF header included.
    pub(crate) async fn refresh_by_cookie(&mut self) -> Answer {
        let csrf = self.cookies.get("__Host-Csrf").cloned().unwrap_or_default();
        let answer = self
            .send(Method::POST, "/token", |request| {
                request.header("x-csrf-token", csrf)
            })
            .await;
        self.adopt(&answer);
        answer
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.authorised(Method::GET, path, |request| request).await
    }

    pub(crate) async fn me(&mut self) -> Answer {
        self.get("/me").await
    }

    pub(crate) async fn patch(&mut self, path: &str, body: Value) -> Answer {
        self.authorised(Method::PATCH, path, |request| request.json(&body))
            .await
    }

    /// A request with the access token.
    pub(crate) async fn authorised(
        &mut self,
        method: Method,
        path: &str,
        change: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        let token = self.token.clone().expect("a token");
        self.send(method, path, |request| change(request.bearer_auth(token)))
            .await
    }

    /// The same with a JSON body, where no answer may come.
    pub(crate) async fn authorised_try(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> reqwest::Result<Answer> {
        let token = self.token.clone().expect("a token");
        self.try_send(method, path, |request| {
            request.bearer_auth(token).json(body)
        })
        .await
    }

    /// A request to the API, with cookies and `Origin`.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        change: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        self.try_send(method, path, change)
            .await
            .expect("an answer")
    }

    /// The same, where no answer may come.
    pub(crate) async fn try_send(
        &mut self,
        method: Method,
        path: &str,
        change: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> reqwest::Result<Answer> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.origins.api));
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            request = request.header("cookie", pairs.join("; "));
        }
        let answer = Answer::try_read(change(request).send().await?).await?;
        self.keep(&answer);
        Ok(answer)
    }

    /// Keeps the tokens of an answer.
    pub(crate) fn adopt(&mut self, answer: &Answer) {
        if answer.status != 200 {
            return;
        }
        let body = answer.json();
        self.token = body["access_token"].as_str().map(str::to_owned);
        if let Some(refresh_token) = body["refresh_token"].as_str() {
            self.refresh_token = Some(refresh_token.to_owned());
        }
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.set_cookies() {
            let (name, value) = cookie.pair();
            if cookie.attribute("max-age") == Some("0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The claims of the access token.
    pub(crate) fn claims(&self) -> Value {
        claims(self.token.as_deref().expect("a token"))
    }
}

pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    let json = Base64UrlUnpadded::decode_vec(payload).expect("base64url");
    serde_json::from_slice(&json).expect("JSON")
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        Self::try_read(response).await.expect("a whole answer")
    }

    pub(crate) async fn try_read(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self {
            status,
            headers,
            text: response.text().await?,
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn set_cookies(&self) -> Vec<SetCookie> {
        let text = |value: &reqwest::header::HeaderValue| value.to_str().expect("text").to_owned();
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| SetCookie(text(value)))
            .collect()
    }

    pub(crate) fn set_cookie(&self, name: &str) -> Option<SetCookie> {
        self.set_cookies()
            .into_iter()
            .find(|cookie| cookie.pair().0 == name)
    }

    /// Asserts an OAuth error, with a reason.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        let body = self.json();
        assert_eq!(body["error"], error, "{}", self.text);
        assert!(
            body["error_description"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty())
        );
        if status == 401 && error == "invalid_token" {
            assert!(
                self.header("www-authenticate")
                    .contains("error=\"invalid_token\"")
            );
        }
    }
}

/// A `Set-Cookie` header.
pub(crate) struct SetCookie(pub(crate) String);

impl SetCookie {
    pub(crate) fn pair(&self) -> (&str, &str) {
        self.0
            .split(';')
            .next()
            .and_then(|pair| pair.split_once('='))
            .expect("name=value")
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.0
            .split(';')
            .skip(1)
            .map(str::trim)
            .find_map(|attribute| {
                let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
                key.eq_ignore_ascii_case(name).then_some(value)
            })
    }

    /// Asserts what makes a cookie hard to steal and to plant; `hidden` from script or not.
    #[track_caller]
    pub(crate) fn is_hardened(&self, hidden: bool) {
        assert!(self.pair().0.starts_with("__Host-"), "{}", self.0);
        assert!(self.attribute("secure").is_some(), "{}", self.0);
        assert_eq!(self.attribute("httponly").is_some(), hidden, "{}", self.0);
        assert_eq!(self.attribute("samesite"), Some("Strict"), "{}", self.0);
        assert_eq!(self.attribute("path"), Some("/"), "{}", self.0);
        assert_eq!(self.attribute("domain"), None, "{}", self.0);
    }
}
