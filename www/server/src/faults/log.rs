//! The log: what reached the server. It holds hashes and names, never a token or a cookie value.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, Request, StatusCode, header};
use serde::Serialize;

use crate::oidc::headers::DPOP;
use crate::{cookies, random};

/// Entries kept; the oldest go first.
const LONGEST: usize = 10_000;

/// Which of the two observed origins a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Listener {
    Api,
    Foreign,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(skip)]
    number: u64,
    /// Arrival, milliseconds since the epoch by the server's (perhaps shifted) clock.
    at: i64,
    listener: Listener,
    method: String,
    path: String,
    origin: Option<String>,
    has_authorization: bool,
    /// SHA-256, hex, of the whole header value.
    authorization: Option<String>,
    /// The same of the DPoP proof: each request has another one.
    proof: Option<String>,
    /// Names only.
    cookies: Vec<String>,
    /// `null` until it is answered, and for ever if it never was.
    status: Option<u16>,
    /// What a rule did to it.
    fault: Option<&'static str>,
}

#[derive(Default)]
struct State {
    next: u64,
    entries: VecDeque<Entry>,
}

/// The requests, in order of arrival.
#[derive(Default)]
pub(crate) struct Log(Mutex<State>);

impl Log {
    /// Notes a request; the ticket is for `finished`.
    pub(crate) fn arrived<B>(&self, request: &Request<B>, listener: Listener, at: i64) -> u64 {
        let headers = request.headers();
        let authorization = headers
            .get(header::AUTHORIZATION)
            .map(|value| value.as_bytes());
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = state.next;
        state.next = number.saturating_add(1);
        if state.entries.len() >= LONGEST {
            state.entries.pop_front();
        }
        state.entries.push_back(Entry {
            number,
            at,
            listener,
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            origin: text(headers, header::ORIGIN),
            has_authorization: authorization.is_some(),
            authorization: authorization.map(random::sha256_hex),
            proof: headers
                .get(DPOP)
                .map(|value| random::sha256_hex(value.as_bytes())),
            cookies: cookies::names(headers),
            status: None,
            fault: None,
        });
        number
    }

    /// Notes how it ended.
    pub(crate) fn finished(
        &self,
        ticket: u64,
        status: Option<StatusCode>,
        fault: Option<&'static str>,
    ) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = state
            .entries
            .iter_mut()
            .rfind(|entry| entry.number == ticket)
        {
            entry.status = status.map(|status| status.as_u16());
            entry.fault = fault;
        }
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entries
            .iter()
            .cloned()
            .collect()
    }

    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entries
            .clear();
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers
        .get(name)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
