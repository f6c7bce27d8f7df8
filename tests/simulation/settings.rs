//! What one browser's tabs are set to, and what that browser can do.

use hallpass::config::Config;

use crate::dice::Dice;
use crate::support_settings::config;

/// Where the session is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Storage {
    Session,
    Local,
}

/// By what a refresh proves its session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Renewal {
    /// A refresh token in the record.
    Body,
    /// A refresh token in memory only.
    Memory,
    /// An HttpOnly cookie of the whole browser.
    Cookie,
    /// The access token itself.
    Bearer,
    /// A refresh token in the record, at an authorization server, where users sign in with a code.
    Provider,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) tabs: usize,
    pub(crate) storage: Storage,
    pub(crate) is_shared: bool,
    pub(crate) renewal: Renewal,
    pub(crate) has_locks: bool,
    /// Whether every third grant of a lock becomes a refusal.
    pub(crate) refuses_locks: bool,
    /// Whether the application's server sends a newer access token with each answer.
    pub(crate) slides: bool,
    pub(crate) has_channel: bool,
    /// Whether the server gives a new refresh token each time, and ends the family of one spent twice.
    pub(crate) rotates: bool,
    /// How long access tokens live, in milliseconds.
    pub(crate) lifetime: i64,
    /// Whether answers name `expires_in`; the token's claims say it otherwise.
    pub(crate) names_lifetime: bool,
    /// Whether the server is told of sign-outs.
    pub(crate) tells_server: bool,
    pub(crate) on_start: bool,
    pub(crate) is_proactive: bool,
    pub(crate) every: Option<i64>,
    pub(crate) idle: Option<i64>,
    pub(crate) session_limit: Option<i64>,
    /// Whether `performance.now()` goes on while the machine sleeps, as on some systems.
    pub(crate) counts_sleep: bool,
    /// Whether the application asks for a token each time it hears of a change.
    pub(crate) is_talkative: bool,
    /// Until when another tab may read an older state of localStorage, in milliseconds.
    pub(crate) local_lag: i64,
    /// Whether the provider lets pages read the `Date` of its answers.
    pub(crate) shows_date: bool,
}

const SECOND: i64 = 1_000;

impl Settings {
    pub(crate) fn draw(tabs: usize, dice: &mut Dice) -> Self {
        let is_shared = dice.one_in(2);
        let storage = if is_shared && dice.one_in(3) || dice.one_in(8) {
            Storage::Local
        } else {
            Storage::Session
        };
        let renewals = [
            Renewal::Body,
            Renewal::Body,
            Renewal::Memory,
            Renewal::Cookie,
            Renewal::Cookie,
            Renewal::Bearer,
            Renewal::Provider,
            Renewal::Provider,
            Renewal::Provider,
        ];
        let lifetimes = [6, 60, 60, 300, 300, 900, 3_600, 40 * 86_400];
        let has_channel = !dice.one_in(6);
        Self {
            tabs,
            storage,
            is_shared,
            renewal: dice.one_of(&renewals),
            has_locks: !dice.one_in(6),
            refuses_locks: false,
            slides: false,
            has_channel,
            rotates: !dice.one_in(6),
            lifetime: dice.one_of(&lifetimes) * SECOND,
            names_lifetime: !dice.one_in(4),
            tells_server: !dice.one_in(3),
            on_start: dice.one_in(4),
            is_proactive: !dice.one_in(6),
            every: dice.one_in(10).then_some(90 * SECOND),
            idle: dice.one_in(5).then_some(600 * SECOND),
            session_limit: dice.one_in(8).then_some(5_000 * SECOND),
            counts_sleep: dice.one_in(3),
            is_talkative: dice.one_in(4),
            // Without messages a tab knows of the others by the store alone.
            local_lag: if is_shared && has_channel && dice.one_in(3) {
                30
            } else {
                0
            },
            shows_date: dice.one_in(2),
        }
    }

    /// Whether tabs can hand each other tokens.
    pub(crate) fn joins_tabs(&self) -> bool {
        self.storage == Storage::Local || self.is_shared && self.has_channel
    }

    /// Whether users sign in at an authorization server.
    pub(crate) fn has_provider(&self) -> bool {
        self.renewal == Renewal::Provider
    }

    /// As the facade hands them over.
    pub(crate) fn config(&self) -> Config {
        let endpoint = |place, bearer| format!(r#"{{"refreshToken":"{place}","bearer":{bearer}}}"#);
        let (refresh, teller) = match self.renewal {
            Renewal::Body => (endpoint("body", false), "function"),
            Renewal::Memory => (endpoint("memory", false), "function"),
            Renewal::Cookie => (endpoint("cookie", false), "function"),
            Renewal::Bearer => (endpoint("body", true), "function"),
            Renewal::Provider => (r#""provider""#.to_owned(), "provider"),
        };
        let provider = if self.has_provider() {
            r#""provider":{},"#
        } else {
            ""
        };
        let storage = match self.storage {
            Storage::Session => "session",
            Storage::Local => "local",
        };
        let tabs = if self.is_shared { "shared" } else { "separate" };
        let sign_out = if self.tells_server {
            format!(r#""signOut":"{teller}","#)
        } else {
            String::new()
        };
        let (on_start, proactive) = (self.on_start, self.is_proactive);
        let every = seconds("everySeconds", self.every);
        let idle = seconds("idleSeconds", self.idle);
        let session = seconds("sessionSeconds", self.session_limit);
        let text = format!(
            r#"{{
                "storage":"{storage}","tabs":"{tabs}",{sign_out}{provider}
                "refresh":{refresh},
                "schedule":{{"onStart":{on_start},"proactive":{proactive}{every}}},
                "limits":{{"tokenBytes":16384{idle}{session}}}
            }}"#
        );
        config(&text)
    }
}

fn seconds(name: &str, millis: Option<i64>) -> String {
    millis.map_or_else(String::new, |millis| {
        format!(r#","{name}":{}"#, millis / SECOND)
    })
}
