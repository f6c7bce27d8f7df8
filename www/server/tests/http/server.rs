//! Starts a server for a test.

use clap::Parser;
use hallpass_server::{Args, Origins, Running, start};
use reqwest::{Client, Method};
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::store;

/// A running server with `--faults`, on free ports.
pub(crate) struct Server {
    pub(crate) origins: Origins,
    http: Client,
    _running: Running,
}

impl Server {
    pub(crate) async fn start(flags: &[&str]) -> Self {
        Self::without_faults(&[&["--faults"], flags].concat()).await
    }

    pub(crate) async fn without_faults(flags: &[&str]) -> Self {
        let ports = [
            "server",
            "--app-port",
            "0",
            "--api-port",
            "0",
            "--foreign-port",
            "0",
            "--docs-port",
            "0",
        ];
        let store = store::flags(flags).await;
        let store = store.iter().map(String::as_str);
        let words = ports.into_iter().chain(flags.iter().copied()).chain(store);
        let args = Args::try_parse_from(words).expect("flags");
        let running = start(args).await.expect("start");
        Self {
            origins: running.addresses.clone(),
            http: plain_client(),
            _running: running,
        }
    }

    /// A browser with the app open.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.origins)
    }

    /// A browser that is signed in; `query` goes to `/auth`.
    pub(crate) async fn signed_in(&self, query: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(query).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        browser
    }

    /// Turns a knob, as the test process does: no cookies, no `Origin`.
    pub(crate) async fn knob(&self, method: Method, path: &str, body: Value) -> Answer {
        let url = format!("{}{path}", self.origins.api);
        let request = self.http.request(method, url).json(&body);
        Answer::read(request.send().await.expect("knob")).await
    }

    pub(crate) async fn fault(&self, rule: Value) {
        let answer = self.knob(Method::PUT, "/faults", rule).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }

    pub(crate) async fn policy(&self, patch: Value) {
        let answer = self.knob(Method::PUT, "/faults/policy", patch).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }

    pub(crate) async fn clock(&self, seconds: i64) {
        let offset = serde_json::json!({ "offsetSeconds": seconds });
        let answer = self.knob(Method::PUT, "/faults/clock", offset).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }

    /// What reached the server.
    pub(crate) async fn log(&self) -> Vec<Value> {
        let answer = self.knob(Method::GET, "/faults/log", Value::Null).await;
        answer.json().as_array().expect("log").clone()
    }
}

/// A client without a cookie jar, that follows no redirect and asks no proxy.
pub(crate) fn plain_client() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("client")
}
