//! Fault rules: which requests, how often, and what goes wrong.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::changes::Changes;
use crate::body::Shape;

/// One rule, as `PUT /faults` takes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Rule {
    /// Path, exactly, or its beginning if it ends with `*`.
    route: String,
    /// Default: every method but OPTIONS.
    method: Option<String>,
    /// Lets so many matching requests pass first.
    skip: u32,
    /// Applies so often. Default: until cleared.
    times: Option<u32>,
    /// Waits before the request is processed.
    delay_ms: u64,
    /// Waits after it was processed, before the answer.
    delay_after_ms: u64,
    /// Waits until it is released, before or after the request is processed: for tests that must not
    /// guess how long something else takes.
    pub(crate) hold: Option<Hold>,
    /// Breaks the connection.
    pub(crate) drop: Option<Drop>,
    /// Processes the request even though its answer is replaced.
    pub(crate) process: bool,
    /// `false` takes the CORS headers off, as a proxy's error page lacks them.
    pub(crate) cors: Option<bool>,
    status: Option<u16>,
    retry_after: Option<String>,
    headers: BTreeMap<String, String>,
    body: Option<String>,
    content_type: Option<String>,
    /// Sends the body so many times over, for huge answers.
    repeat: Option<usize>,
    /// Changes the real answer, field by field.
    answer: Option<Value>,
    callback: Option<Map<String, Value>>,
    id_token: Option<Value>,
    id_token_header: Option<Value>,
}

/// Where a request waits to be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hold {
    /// Before it is processed.
    Before,
    /// After it was processed, before the answer.
    After,
}

/// When the connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Drop {
    /// Before the request is processed: there is no answer.
    Before,
    /// The same, and everything else on this connection goes with it: a TCP reset.
    Reset,
    /// After it was processed, before the answer.
    After,
    /// In the middle of the answer's body.
    Body,
}

impl Shape for Rule {
    const EXPECTED: &'static str = r#"{"route": "/path", "method"?, "skip"?, "times"?, "delayMs"?, "delayAfterMs"?, "hold"?: "before"|"after", "drop"?: "before"|"reset"|"after"|"body", "process"?, "cors"?, "status"?, "retryAfter"?, "headers"?, "body"?, "contentType"?, "repeat"?, "answer"?: object, "callback"?: object, "idToken"?: object, "idTokenHeader"?: object}"#;
}

/// The answer that a rule puts in place of the real one.
pub(crate) struct Replacement {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// Longest replaced body.
const LONGEST_BODY: usize = 256 * 1024 * 1024;
/// Longest delay: a forgotten rule does not hang a test run for ever.
pub(super) const LONGEST_DELAY: Duration = Duration::from_secs(600);

impl Rule {
    /// Refuses what cannot be meant.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if !self.route.starts_with('/') {
            return Err("route must begin with /");
        }
        if self
            .status
            .is_some_and(|status| StatusCode::from_u16(status).is_err() || status < 200)
        {
            return Err("status must be 200 to 999");
        }
        let objects = [&self.answer, &self.id_token, &self.id_token_header];
        if !objects.into_iter().flatten().all(Value::is_object) {
            return Err("answer, idToken and idTokenHeader must be objects");
        }
        let length = self.body.as_ref().map_or(0, String::len);
        if length.saturating_mul(self.repeat.unwrap_or(1)) > LONGEST_BODY {
            return Err("body times repeat is too long");
        }
        let named = |(name, value): (&String, &String)| {
            HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok()
        };
        let extra = [&self.retry_after, &self.content_type];
        let values = extra
            .into_iter()
            .flatten()
            .all(|value| HeaderValue::try_from(value).is_ok());
        if values && self.headers.iter().all(named) {
            Ok(())
        } else {
            Err("a header is not valid")
        }
    }

    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms).min(LONGEST_DELAY)
    }

    pub(crate) fn delay_after(&self) -> Duration {
        Duration::from_millis(self.delay_after_ms).min(LONGEST_DELAY)
    }

    /// The replaced answer, if the rule has a status or a body.
    pub(crate) fn replacement(&self) -> Option<Replacement> {
        if self.status.is_none() && self.body.is_none() {
            return None;
        }
        let status = StatusCode::from_u16(self.status.unwrap_or(200)).unwrap_or_default();
        let body = match &self.body {
            Some(body) => body.repeat(self.repeat.unwrap_or(1)),
            None if status.is_client_error() || status.is_server_error() => DEFAULT_BODY.to_owned(),
            None => String::new(),
        };
        let content_type = self
            .content_type
            .as_deref()
            .unwrap_or("application/json")
            .to_owned();
        Some(Replacement {
            status,
            content_type,
            body: body.into_bytes(),
        })
    }

    /// What it changes in the real answer.
    pub(crate) fn changes(&self) -> Changes {
        Changes {
            answer: self.answer.clone(),
            callback: self.callback.clone(),
            id_token: self.id_token.clone(),
            id_token_header: self.id_token_header.clone(),
        }
    }

    /// Headers for the answer, whether it is the real one or not.
    pub(crate) fn headers(&self) -> HeaderMap {
        let retry_after = self
            .retry_after
            .iter()
            .map(|value| ("retry-after", value.as_str()));
        let named = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        retry_after
            .chain(named)
            .filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)))
            .collect::<HeaderMap>()
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        let right_method = match &self.method {
            Some(name) => name.eq_ignore_ascii_case(method.as_str()),
            None => method != Method::OPTIONS,
        };
        let right_path = match self.route.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => path == self.route,
        };
        right_method && right_path
    }

    /// Counts a matching request: does the rule apply to it?
    fn applies(&mut self) -> bool {
        if self.skip > 0 {
            self.skip = self.skip.saturating_sub(1);
            return false;
        }
        match &mut self.times {
            Some(0) => false,
            Some(left) => {
                *left = left.saturating_sub(1);
                true
            }
            None => true,
        }
    }
}

const DEFAULT_BODY: &str =
    r#"{"error":"temporarily_unavailable","error_description":"a fault was asked for"}"#;

/// The rules in force, oldest first.
#[derive(Default)]
pub(crate) struct Rules(Mutex<Vec<Rule>>);

impl Rules {
    pub(crate) fn add(&self, rule: Rule) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(rule);
    }

    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The first rule that applies to this request; it counts as used.
    pub(crate) fn take(&self, method: &Method, path: &str) -> Option<Rule> {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rules
            .iter_mut()
            .filter(|rule| rule.matches(method, path))
            .find_map(|rule| rule.applies().then(|| rule.clone()))
    }
}
