//! What the application asked for: defaults filled in, ranges checked.
//!
//! The facade has checked the shapes before the core was there, so that `createAuth` can throw at once;
//! the core trusts no caller and checks the ranges again. Unknown names are refused: a typo must not
//! silently switch something off.

mod options;
mod parts;

use crate::error::Error;
use crate::json::Json;
use crate::origins::Origins;
use crate::time::Span;

use self::options::Options;
use self::parts::{STORAGE, TABS};

/// Validated settings. Built only by [`Config::new`].
#[derive(Debug)]
pub struct Config {
    /// Sets sessions on one origin apart.
    pub name: String,
    /// The addresses that may receive the token.
    pub origins: Origins,
    /// Where the session outlives a reload.
    pub storage: StorageKind,
    /// What tabs of one browser share.
    pub tabs: Tabs,
    /// Where credentials go.
    pub sign_in: Option<Endpoint>,
    /// How tokens are renewed.
    pub refresh: Option<Supplier>,
    /// Whom to tell about a sign-out.
    pub sign_out: Option<Supplier>,
    /// Sign-in on another page.
    pub redirect: Option<Redirect>,
    /// Binding to a cookie (OWASP token sidejacking).
    pub fingerprint: Option<Fingerprint>,
    /// When to refresh.
    pub schedule: Schedule,
    /// When to give up.
    pub limits: Limits,
}

/// `storage`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum StorageKind {
    /// sessionStorage.
    #[default]
    Session,
    /// Nowhere.
    Memory,
    /// localStorage.
    Local,
    /// The application's own store.
    Custom,
}

/// `tabs`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tabs {
    /// Sign-out and activity, no tokens.
    #[default]
    Separate,
    /// One session for all tabs.
    Shared,
}

/// A server's endpoint. How a call of it is written is the facade's business: URL, method, headers, body.
#[derive(Debug)]
pub struct Endpoint {
    /// The option that it is.
    pub name: &'static str,
    /// Whether the access token goes along.
    pub bearer: bool,
    /// Total deadline, body included.
    pub timeout_seconds: f64,
    /// Where a refresh token lives; on the refresh endpoint only.
    pub refresh_token: RefreshTokenPlace,
    /// Its name in the body.
    pub refresh_token_field: String,
}

/// Where the refresh token lives.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RefreshTokenPlace {
    /// Kept beside the access token.
    #[default]
    Body,
    /// Kept, never stored.
    Memory,
    /// An HttpOnly cookie that only the server sees.
    Cookie,
}

/// What does it: the server, or the application itself.
#[derive(Debug)]
pub enum Supplier {
    /// An endpoint.
    Endpoint(Box<Endpoint>),
    /// A function of the application, which stayed in JavaScript.
    Function,
}

/// `redirect`.
#[derive(Debug)]
pub struct Redirect {
    /// Where sign-in happens.
    pub url: String,
    /// Which callback forms count.
    pub accept: Vec<CallbackForm>,
    /// Query parameter with the way back.
    pub return_param: String,
    /// The way back, as the caller wrote it.
    pub callback_url: Option<String>,
    /// Query parameter for the state; `None` where the server does not echo one.
    pub state_param: Option<String>,
    /// Longest absence.
    pub max_age: Span,
    /// Navigate once more after the callback.
    pub hard_clean: bool,
}

/// What a callback may look like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallbackForm {
    /// `#TOKEN`.
    FragmentToken,
    /// `#access_token=…&state=…`.
    FragmentParams,
}

/// `fingerprint`.
#[derive(Debug)]
pub struct Fingerprint {
    /// What makes it.
    pub mode: FingerprintMode,
    /// Claim with the hash.
    pub claim: String,
    /// Cookie name; read in client mode only.
    pub cookie: Option<String>,
    /// Body field with the hash, in client mode.
    pub field: String,
}

/// What makes the fingerprint.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FingerprintMode {
    /// The server, in a cookie that scripts cannot see.
    #[default]
    Server,
    /// This package, for servers that cannot.
    Client,
}

/// When to refresh.
#[derive(Debug)]
pub struct Schedule {
    /// This long before expiry.
    pub lead: Span,
    /// Up to this much earlier.
    pub jitter: Span,
    /// Tolerance for clocks.
    pub leeway: Span,
    /// Also at this interval.
    pub every: Option<Span>,
    /// Once when the page opens.
    pub on_start: bool,
    /// A claim with an earlier time.
    pub soft_expiry_claim: Option<String>,
    /// By timer, not only when a request needs it.
    pub proactive: bool,
}

/// When to give up.
#[derive(Debug)]
pub struct Limits {
    /// Sign out after this long without activity.
    pub idle: Option<Span>,
    /// Warn this long before.
    pub idle_warning: Span,
    /// Sign out this long after sign-in.
    pub session: Option<Span>,
    /// Longest token accepted.
    pub token_bytes: usize,
}

impl Config {
    /// Checks what came from JavaScript and fills in the defaults.
    ///
    /// # Errors
    /// `invalid_option`, with the option's name.
    pub fn new(options: Json) -> Result<Self, Error> {
        let mut options = Options::of("options", options);
        let config = Self {
            name: options.text_or("name", "default"),
            origins: options.origins("origins"),
            storage: options.choice("storage", &STORAGE),
            tabs: options.choice("tabs", &TABS),
            sign_in: options.endpoint("signIn"),
            refresh: options.endpoint_or_function("refresh"),
            sign_out: options.endpoint_or_function("signOut"),
            redirect: options
                .part("redirect")
                .map(|part| Redirect::read(part, &mut options)),
            fingerprint: options
                .part("fingerprint")
                .map(|part| Fingerprint::read(part, &mut options)),
            schedule: Schedule::read(&mut options),
            limits: Limits::read(&mut options),
        };
        options.finish(config)
    }

    /// Whether requests to allowed origins need cookies: for the fingerprint, or for a refresh token
    /// that lives in one.
    pub fn needs_cookies(&self) -> bool {
        self.fingerprint.is_some()
            || self
                .refresh_endpoint()
                .is_some_and(|endpoint| endpoint.refresh_token == RefreshTokenPlace::Cookie)
    }

    /// Whether the server knows a browser without any token: by its cookie, or by a function's own means.
    pub fn refreshes_without_tokens(&self) -> bool {
        match &self.refresh {
            Some(Supplier::Endpoint(endpoint)) => {
                endpoint.refresh_token == RefreshTokenPlace::Cookie
            }
            Some(Supplier::Function) => true,
            None => false,
        }
    }

    /// Where the session is stored, and the channel of its tabs.
    pub fn key(&self) -> String {
        ["hallpass.", self.name.as_str()].concat()
    }

    /// Where something beside the session is stored. Unlike the session's in its first letters, so that no
    /// name of another manager (`x.pending`, `pending:x`) makes it that one's session.
    pub fn key_of(&self, what: &str) -> String {
        ["hallpass:", what, ".", self.name.as_str()].concat()
    }

    /// Whether tabs hand their session to each other.
    pub fn is_shared(&self) -> bool {
        self.tabs == Tabs::Shared
    }

    /// Whether all tabs of this browser write to the same store.
    pub const fn has_common_store(&self) -> bool {
        matches!(self.storage, StorageKind::Local | StorageKind::Custom)
    }

    /// Whether a refresh spends something that the copies of a tab have copied, too.
    pub fn spends_refresh_token(&self) -> bool {
        self.refresh_endpoint()
            .is_some_and(|endpoint| endpoint.refresh_token != RefreshTokenPlace::Cookie)
    }

    /// Whether a tab notes how far it has come for copies of it that sleep: their refresh tokens are spent.
    pub fn notes_generations(&self) -> bool {
        self.storage == StorageKind::Session && !self.is_shared() && self.spends_refresh_token()
    }

    /// The refresh endpoint, where it is one.
    pub fn refresh_endpoint(&self) -> Option<&Endpoint> {
        match &self.refresh {
            Some(Supplier::Endpoint(endpoint)) => Some(endpoint),
            Some(Supplier::Function) | None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Config {
        let name = Json::Text(name.to_owned());
        Config::new(Json::Object(vec![("name".to_owned(), name)].into())).unwrap()
    }

    /// Whatever is kept under a name, no other name's session is kept there.
    #[test]
    fn sec_37_no_name_is_the_key_of_something_of_another() {
        let words = ["pending", "generation", "mark", "active", "x", "default"];
        let mut names: Vec<String> = words.map(str::to_owned).into();
        for (one, other) in words
            .into_iter()
            .flat_map(|one| words.map(|two| (one, two)))
        {
            for separator in [".", ":", "/", "hallpass:"] {
                names.push([one, separator, other].concat());
            }
        }
        let mut keys = std::collections::BTreeMap::new();
        for name in &names {
            let config = named(name);
            let own = words.map(|what| config.key_of(what));
            for key in own.into_iter().chain([config.key()]) {
                assert_eq!(keys.insert(key.clone(), name), None, "{key}");
            }
        }
        // Sessions of before live on.
        assert_eq!(named("default").key(), "hallpass.default");
        assert_eq!(named("my.app").key(), "hallpass.my.app");
    }
}
