//! What the application asked for: defaults filled in, ranges checked.
//!
//! The facade has checked the shapes before the core was there, so that `createAuth` can throw at once;
//! the core trusts nobody and checks the ranges again. Unknown names are refused: a typo must not
//! silently switch something off.

use crate::error::{Error, ErrorKind};
use crate::json::{Json, Members, WrongType};
use crate::origins::Origins;
use crate::time::Span;

/// Validated settings. Built only by [`Config::new`].
#[derive(Debug)]
pub struct Config {
    /// Sets sessions on one origin apart.
    pub name: String,
    /// Who may receive the token.
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

/// A server's endpoint.
#[derive(Debug)]
pub struct Endpoint {
    /// Absolute URL.
    pub url: String,
    /// HTTP method.
    pub method: String,
    /// How the body is sent.
    pub encoding: Encoding,
    /// Headers sent with every call.
    pub headers: Vec<(String, String)>,
    /// Credentials mode of fetch, where the application chose one.
    pub credentials: Option<String>,
    /// Whether the access token goes along.
    pub bearer: bool,
    /// Double submit of a cookie (OWASP CSRF).
    pub csrf: Option<Csrf>,
    /// Total deadline, body included.
    pub timeout_seconds: f64,
    /// Where a refresh token lives; on the refresh endpoint only.
    pub refresh_token: RefreshTokenPlace,
    /// Its name in the body.
    pub refresh_token_field: String,
}

/// `encoding` of an endpoint's body.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Encoding {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// Copies a readable cookie into a header or body field.
#[derive(Debug)]
pub struct Csrf {
    /// Cookie name.
    pub cookie: String,
    /// Header name.
    pub header: Option<String>,
    /// Body field name.
    pub field: Option<String>,
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

/// Who does it: the server, or the application itself.
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
    /// Who makes it.
    pub mode: FingerprintMode,
    /// Claim with the hash.
    pub claim: String,
    /// Cookie name; read in client mode only.
    pub cookie: Option<String>,
    /// Body field with the hash, in client mode.
    pub field: String,
}

/// Who makes the fingerprint.
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

    /// The refresh endpoint, where it is one.
    pub fn refresh_endpoint(&self) -> Option<&Endpoint> {
        match &self.refresh {
            Some(Supplier::Endpoint(endpoint)) => Some(endpoint),
            Some(Supplier::Function) | None => None,
        }
    }
}

impl Endpoint {
    fn read(mut options: Options, above: &mut Options) -> Self {
        // Fields sent with every call stay in JavaScript.
        options.members.take("body");
        let endpoint = Self {
            url: options.required("url"),
            method: options.text_or("method", "POST"),
            encoding: options.choice("encoding", &ENCODINGS),
            headers: options.pairs("headers"),
            credentials: options.text("credentials"),
            bearer: options.flag("bearer", false),
            csrf: options
                .part("csrf")
                .map(|part| Csrf::read(part, &mut options)),
            timeout_seconds: options.number("timeoutSeconds").unwrap_or(10.0),
            refresh_token: options.choice("refreshToken", &PLACES),
            refresh_token_field: options.text_or("refreshTokenField", "refresh_token"),
        };
        above.absorb(options);
        endpoint
    }
}

impl Csrf {
    fn read(mut options: Options, above: &mut Options) -> Self {
        let csrf = Self {
            cookie: options.required("cookie"),
            header: options.text("header"),
            field: options.text("field"),
        };
        above.absorb(options);
        csrf
    }
}

impl Redirect {
    fn read(mut options: Options, above: &mut Options) -> Self {
        // Null switches it off; only what is missing is the default.
        let default_state = if options.members.get("stateParam").is_some() {
            None
        } else {
            Some("state".to_owned())
        };
        let redirect = Self {
            url: options.required("url"),
            accept: options.forms("accept"),
            return_param: options.text_or("returnParam", "redirect_uri"),
            callback_url: options.text("callbackUrl"),
            state_param: options.text("stateParam").or(default_state),
            max_age: Span::from_seconds(options.number("maxAgeSeconds").unwrap_or(600.0)),
            hard_clean: options.flag("hardClean", false),
        };
        above.absorb(options);
        redirect
    }
}

impl Fingerprint {
    fn read(mut options: Options, above: &mut Options) -> Self {
        let fingerprint = Self {
            mode: options.choice("mode", &MODES),
            claim: options.text_or("claim", "userFingerprint"),
            cookie: options.text("cookie"),
            field: options.text_or("field", "fingerprint"),
        };
        above.absorb(options);
        fingerprint
    }
}

impl Schedule {
    fn read(above: &mut Options) -> Self {
        let mut options = above.part_or_empty("schedule");
        let schedule = Self {
            lead: options
                .span("leadSeconds")
                .unwrap_or(Span::from_millis(60_000)),
            jitter: options
                .span("jitterSeconds")
                .unwrap_or(Span::from_millis(30_000)),
            leeway: options
                .span("leewaySeconds")
                .unwrap_or(Span::from_millis(5_000)),
            every: options.span("everySeconds"),
            on_start: options.flag("onStart", false),
            soft_expiry_claim: options.text("softExpiryClaim"),
            proactive: options.flag("proactive", true),
        };
        above.absorb(options);
        schedule
    }
}

impl Limits {
    fn read(above: &mut Options) -> Self {
        let mut options = above.part_or_empty("limits");
        let limits = Self {
            idle: options.span("idleSeconds"),
            idle_warning: options
                .span("idleWarningSeconds")
                .unwrap_or(Span::from_millis(60_000)),
            session: options.span("sessionSeconds"),
            token_bytes: options
                .number("tokenBytes")
                .map_or(16_384, |bytes| bytes as usize),
        };
        above.absorb(options);
        limits
    }
}

const STORAGE: [(&str, StorageKind); 4] = [
    ("session", StorageKind::Session),
    ("memory", StorageKind::Memory),
    ("local", StorageKind::Local),
    ("custom", StorageKind::Custom),
];
const TABS: [(&str, Tabs); 2] = [("separate", Tabs::Separate), ("shared", Tabs::Shared)];
const ENCODINGS: [(&str, Encoding); 2] = [("json", Encoding::Json), ("form", Encoding::Form)];
const PLACES: [(&str, RefreshTokenPlace); 3] = [
    ("body", RefreshTokenPlace::Body),
    ("memory", RefreshTokenPlace::Memory),
    ("cookie", RefreshTokenPlace::Cookie),
];
const MODES: [(&str, FingerprintMode); 2] = [
    ("server", FingerprintMode::Server),
    ("client", FingerprintMode::Client),
];

/// Options of one level. A reader that finds something wrong notes it and goes on with a default; the
/// first note is what the application hears at the end.
struct Options {
    name: &'static str,
    members: Members,
    error: Option<Error>,
}

impl Options {
    fn of(name: &'static str, value: Json) -> Self {
        let members = Members::of(value);
        let error = members
            .is_none()
            .then(|| invalid(name, "", "must be an object"));
        Self {
            name,
            members: members.unwrap_or_default(),
            error,
        }
    }

    /// Refuses names that nobody asked for, too: a typo must not silently switch something off.
    fn finish<T>(mut self, value: T) -> Result<T, Error> {
        self.check_unknown();
        self.error.map_or(Ok(value), Err)
    }

    fn absorb(&mut self, mut part: Options) {
        part.check_unknown();
        self.error = self.error.take().or(part.error);
    }

    fn check_unknown(&mut self) {
        if let Some(name) = self.members.unknown().map(str::to_owned) {
            self.note(&name, "is unknown: see AuthOptions");
        }
    }

    #[inline(never)]
    fn note(&mut self, name: &str, problem: &str) {
        if self.error.is_none() {
            self.error = Some(invalid(self.name, name, problem));
        }
    }

    #[inline(never)]
    fn text(&mut self, name: &str) -> Option<String> {
        self.members.text(name).unwrap_or_else(|WrongType| {
            self.note(name, "must be a string");
            None
        })
    }

    #[inline(never)]
    fn text_or(&mut self, name: &str, default: &str) -> String {
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    #[inline(never)]
    fn required(&mut self, name: &str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.note(name, "is missing");
            String::new()
        })
    }

    #[inline(never)]
    fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.members.take(name) {
            None => default,
            Some(Json::Flag(flag)) => flag,
            Some(_) => {
                self.note(name, "must be true or false");
                default
            }
        }
    }

    #[inline(never)]
    fn number(&mut self, name: &str) -> Option<f64> {
        match self.members.number(name) {
            Ok(number) if number.is_none_or(|number| number.is_finite() && number >= 0.0) => number,
            _ => {
                self.note(name, "must be a finite number, 0 or more");
                None
            }
        }
    }

    #[inline(never)]
    fn span(&mut self, name: &str) -> Option<Span> {
        self.number(name).map(Span::from_seconds)
    }

    /// The choice that a word stands for; the first one is the default.
    fn choice<T: Copy + Default>(&mut self, name: &str, choices: &[(&str, T)]) -> T {
        let Some(word) = self.text(name) else {
            return T::default();
        };
        let choice = choices.iter().find(|(known, _)| *known == word);
        if choice.is_none() {
            self.note(name, "must be one of the words in AuthOptions");
        }
        choice.map(|(_, choice)| *choice).unwrap_or_default()
    }

    #[inline(never)]
    fn texts(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.members.take(name) else {
            return Vec::new();
        };
        let Json::List(items) = value else {
            self.note(name, "must be an array of strings");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            match item {
                Json::Text(text) => texts.push(text),
                _ => self.note(name, "must be an array of strings"),
            }
        }
        texts
    }

    fn origins(&mut self, name: &str) -> Origins {
        Origins::new(&self.texts(name)).unwrap_or_else(|error| {
            self.error = self.error.take().or(Some(error));
            Origins::default()
        })
    }

    fn forms(&mut self, name: &str) -> Vec<CallbackForm> {
        let mut forms = Vec::new();
        for word in self.texts(name) {
            match word.as_str() {
                "fragment-token" => forms.push(CallbackForm::FragmentToken),
                "fragment-params" => forms.push(CallbackForm::FragmentParams),
                _ => self.note(name, "must name callback forms"),
            }
        }
        if forms.is_empty() {
            forms.push(CallbackForm::FragmentParams);
        }
        forms
    }

    fn pairs(&mut self, name: &str) -> Vec<(String, String)> {
        let Some(value) = self.members.take(name) else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (key, value) in Members::of(value).unwrap_or_default().into_pairs() {
            match value {
                Json::Text(value) => pairs.push((key, value)),
                _ => self.note(name, "must be an object of strings"),
            }
        }
        pairs
    }

    #[inline(never)]
    fn part(&mut self, name: &'static str) -> Option<Options> {
        self.members.take(name).map(|value| Self::of(name, value))
    }

    fn part_or_empty(&mut self, name: &'static str) -> Options {
        self.part(name).unwrap_or(Self {
            name,
            members: Members::default(),
            error: None,
        })
    }

    #[inline(never)]
    fn endpoint(&mut self, name: &'static str) -> Option<Endpoint> {
        self.part(name).map(|part| Endpoint::read(part, self))
    }

    fn endpoint_or_function(&mut self, name: &'static str) -> Option<Supplier> {
        if self.members.get(name).and_then(Json::as_text) == Some("function") {
            self.members.take(name);
            return Some(Supplier::Function);
        }
        self.endpoint(name)
            .map(|endpoint| Supplier::Endpoint(Box::new(endpoint)))
    }
}

#[inline(never)]
fn invalid(level: &str, name: &str, problem: &str) -> Error {
    let dot = if name.is_empty() { "" } else { "." };
    Error::new(
        ErrorKind::InvalidOption,
        [level, dot, name, " ", problem].concat(),
    )
}
