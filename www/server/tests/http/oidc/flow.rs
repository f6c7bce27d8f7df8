//! A client at work: the authorization request, the login page's form, the exchange.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_server::{DEMO_PASSWORD, DEMO_USER, Origins};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::browser::{Answer, Browser};
use crate::oidc::key::{Key, hash};
use crate::server::{Server, plain_client};

pub(crate) type Fields = BTreeMap<String, String>;

pub(crate) struct Flow {
    /// Goes to the provider's pages, with its cookies.
    pub(crate) browser: Browser,
    /// The client's page, which sends none.
    pub(crate) page: Browser,
    /// The authorization request.
    pub(crate) request: Fields,
    pub(crate) verifier: String,
    /// The key that signs proofs, where the client has one.
    pub(crate) key: Option<Key>,
    /// The nonce for the next proof.
    pub(crate) nonce: Option<String>,
    pub(crate) origins: Origins,
}

impl Flow {
    /// A request of the client that is registered by default.
    pub(crate) fn new(server: &Server) -> Self {
        Self::with_client(&server.origins, plain_client())
    }

    /// With a key, that the code is bound to.
    pub(crate) fn with_key(server: &Server) -> Self {
        let key = Key::new();
        let mut flow = Self::new(server).set("dpop_jkt", &key.thumbprint());
        flow.key = Some(key);
        flow
    }

    pub(crate) fn with_client(origins: &Origins, client: Client) -> Self {
        let verifier = Base64UrlUnpadded::encode_string(&random());
        let request = [
            ("response_type", "code"),
            ("client_id", "spa"),
            ("redirect_uri", &format!("{}/", origins.app)),
            ("scope", "openid profile account offline_access"),
            ("state", "state-1"),
            ("nonce", "nonce-1"),
            ("code_challenge", &hash(&verifier)),
            ("code_challenge_method", "S256"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            request: request.map(owned).into(),
            browser: Browser::with_client(origins, client.clone()),
            page: Browser::with_client(origins, client),
            verifier,
            key: None,
            nonce: None,
            origins: origins.clone(),
        }
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.request.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.request.remove(name).expect("a parameter");
        self
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/oidc", self.origins.api)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origins.api)
    }

    /// The app leads the browser to the provider.
    pub(crate) async fn begin(&mut self) -> Answer {
        let query = serde_urlencoded::to_string(&self.request).expect("query");
        self.navigate(&format!("/oidc/authorize?{query}")).await
    }

    pub(crate) async fn navigate(&mut self, path: &str) -> Answer {
        self.browser.origin = None;
        self.browser
            .send(Method::GET, path, |request| request)
            .await
    }

    /// The user fills in the form of the login page.
    pub(crate) async fn submit(&mut self, typed: &[(&str, &str)]) -> Answer {
        let mut fields: Vec<_> = self
            .request
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        fields.extend_from_slice(typed);
        self.browser.origin = Some(self.origins.api.clone());
        let body = serde_urlencoded::to_string(fields).expect("form");
        self.browser
            .send(Method::POST, "/oidc/authorize", |request| {
                form(request, body)
            })
            .await
    }

    pub(crate) async fn type_password(&mut self) -> Answer {
        self.submit(&[("username", DEMO_USER), ("password", DEMO_PASSWORD)])
            .await
    }

    /// A code, however the user is signed in.
    pub(crate) async fn code(&mut self) -> String {
        let mut answer = self.begin().await;
        if answer.status == 200 {
            answer = self.type_password().await;
        }
        callback(&answer)["code"].clone()
    }

    /// A request to an endpoint, from the client's page; with a proof where there is a key.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let proof = self.key.as_ref().map(|key| {
            let proof = key.proof("POST", &self.url(path));
            match &self.nonce {
                Some(nonce) => proof.claim("nonce", Value::from(nonce.as_str())).sign(),
                None => proof.sign(),
            }
        });
        self.post_with(path, fields, proof.as_deref()).await
    }

    pub(crate) async fn post_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        proof: Option<&str>,
    ) -> Answer {
        let body = serde_urlencoded::to_string(fields).expect("form");
        let change = |request: RequestBuilder| match proof {
            Some(proof) => form(request, body).header("dpop", proof),
            None => form(request, body),
        };
        let answer = self.page.send(Method::POST, path, change).await;
        if !answer.header("dpop-nonce").is_empty() {
            self.nonce = Some(answer.header("dpop-nonce").to_owned());
        }
        answer
    }

    /// What the exchange of a code sends.
    pub(crate) fn exchange_fields(&self, code: &str) -> Fields {
        [
            ("grant_type", "authorization_code"),
            ("client_id", "spa"),
            ("code", code),
            ("redirect_uri", &self.request["redirect_uri"]),
            ("code_verifier", &self.verifier),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    pub(crate) async fn exchange(&mut self, code: &str) -> Answer {
        let fields = self.exchange_fields(code);
        let answer = self.post("/oidc/token", &pairs(&fields)).await;
        self.page.adopt(&answer);
        answer
    }

    /// The whole flow.
    pub(crate) async fn sign_in(&mut self) -> Answer {
        let code = self.code().await;
        let answer = self.exchange(&code).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer
    }

    pub(crate) async fn refresh(&mut self) -> Answer {
        let token = self.page.refresh_token.clone().expect("a refresh token");
        self.refresh_with(&token).await
    }

    pub(crate) async fn refresh_with(&mut self, token: &str) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", "spa"),
            ("refresh_token", token),
        ];
        let answer = self.post("/oidc/token", &fields).await;
        self.page.adopt(&answer);
        answer
    }

    pub(crate) async fn revoke(&mut self, token: &str) -> Answer {
        self.post("/oidc/revoke", &[("client_id", "spa"), ("token", token)])
            .await
    }

    /// The API with the access token, as its type demands it.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let token = self.page.token.clone().expect("a token");
        let proof = self.key.as_ref().map(|key| {
            let proof = key.proof("GET", &self.url(path)).of_token(&token);
            match &self.nonce {
                Some(nonce) => proof.claim("nonce", Value::from(nonce.as_str())).sign(),
                None => proof.sign(),
            }
        });
        match proof {
            Some(proof) => self.get_with(path, "DPoP", Some(&proof)).await,
            None => self.get_with(path, "Bearer", None).await,
        }
    }

    pub(crate) async fn get_with(
        &mut self,
        path: &str,
        scheme: &str,
        proof: Option<&str>,
    ) -> Answer {
        let token = self.page.token.clone().expect("a token");
        let change = |request: RequestBuilder| {
            let request = request.header("authorization", format!("{scheme} {token}"));
            match proof {
                Some(proof) => request.header("dpop", proof),
                None => request,
            }
        };
        let answer = self.page.send(Method::GET, path, change).await;
        if !answer.header("dpop-nonce").is_empty() {
            self.nonce = Some(answer.header("dpop-nonce").to_owned());
        }
        answer
    }
}

pub(crate) fn form(request: RequestBuilder, body: String) -> RequestBuilder {
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

pub(crate) fn pairs(fields: &Fields) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Where a redirect leads.
#[track_caller]
pub(crate) fn location(answer: &Answer) -> Url {
    assert_eq!(answer.status, 303, "{}", answer.text);
    Url::parse(answer.header("location")).expect("a URL")
}

/// The parameters of the callback, none of them twice.
#[track_caller]
pub(crate) fn callback(answer: &Answer) -> Fields {
    let url = location(answer);
    let text = url.fragment().or(url.query()).expect("parameters");
    let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect();
    let count = pairs.len();
    let fields: Fields = pairs.into_iter().collect();
    assert_eq!(fields.len(), count, "{text}");
    fields
}

pub(crate) fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("random bytes");
    bytes
}
