//! What the application asked for: defaults filled in, ranges checked.
//!
//! The facade has checked the shapes before the core was there, so that `createAuth` can throw at once;
//! the core trusts nobody and checks the ranges again. Unknown names are refused: a typo must not
//! silently switch something off.

use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::json::{Members, WrongType};
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
    pub refresh: Option<Refresh>,
    /// Whom to tell about a sign-out.
    pub sign_out: Option<SignOut>,
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

/// `refresh`.
#[derive(Debug)]
pub enum Refresh {
    /// An endpoint.
    Endpoint(Box<Endpoint>),
    /// A function of the application, which stayed in JavaScript.
    Function,
}

/// `signOut`.
#[derive(Debug)]
pub enum SignOut {
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
    pub max_age_seconds: f64,
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
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FingerprintMode {
    /// The server, in a cookie that scripts cannot see.
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
    pub fn new(options: Value) -> Result<Self, Error> {
        let mut options = Options::of("options", options)?;
        let config = Self {
            name: options.text("name")?.unwrap_or_else(|| "default".to_owned()),
            origins: Origins::new(&options.texts("origins")?)?,
            storage: options.choice("storage", &STORAGE)?.unwrap_or_default(),
            tabs: options.choice("tabs", &TABS)?.unwrap_or_default(),
            sign_in: options.part("signIn", Endpoint::new)?,
            refresh: options.part_or_function("refresh")?.map(|endpoint| endpoint.map_or(Refresh::Function, Refresh::Endpoint)),
            sign_out: options.part_or_function("signOut")?.map(|endpoint| endpoint.map_or(SignOut::Function, SignOut::Endpoint)),
            redirect: options.part("redirect", Redirect::new)?,
            fingerprint: options.part("fingerprint", Fingerprint::new)?,
            schedule: Schedule::new(&mut options.part_or_default("schedule")?)?,
            limits: Limits::new(&mut options.part_or_default("limits")?)?,
        };
        options.finish(config)
    }

    /// Whether requests to allowed origins need cookies: for the fingerprint, or for a refresh token
    /// that lives in one.
    pub fn needs_cookies(&self) -> bool {
        self.fingerprint.is_some()
            || self.refresh_endpoint().is_some_and(|endpoint| endpoint.refresh_token == RefreshTokenPlace::Cookie)
    }

    /// The refresh endpoint, where it is one.
    pub fn refresh_endpoint(&self) -> Option<&Endpoint> {
        match &self.refresh {
            Some(Refresh::Endpoint(endpoint)) => Some(endpoint),
            Some(Refresh::Function) | None => None,
        }
    }
}

impl Endpoint {
    fn new(mut options: Options) -> Result<Self, Error> {
        // Fields sent with every call stay in JavaScript.
        options.members.take("body");
        let endpoint = Self {
            url: options.required("url")?,
            method: options.text("method")?.unwrap_or_else(|| "POST".to_owned()),
            encoding: options.choice("encoding", &ENCODINGS)?.unwrap_or_default(),
            headers: options.pairs("headers")?,
            credentials: options.text("credentials")?,
            bearer: options.flag("bearer")?.unwrap_or(false),
            csrf: options.part("csrf", Csrf::new)?,
            timeout_seconds: options.number("timeoutSeconds")?.unwrap_or(10.0),
            refresh_token: options.choice("refreshToken", &PLACES)?.unwrap_or_default(),
            refresh_token_field: options.text("refreshTokenField")?.unwrap_or_else(|| "refresh_token".to_owned()),
        };
        options.finish(endpoint)
    }
}

impl Csrf {
    fn new(mut options: Options) -> Result<Self, Error> {
        let csrf = Self {
            cookie: options.required("cookie")?,
            header: options.text("header")?,
            field: options.text("field")?,
        };
        options.finish(csrf)
    }
}

impl Redirect {
    fn new(mut options: Options) -> Result<Self, Error> {
        let has_state_param = options.members.get("stateParam").is_some();
        let state_param = options.text("stateParam")?;
        let accept = options.texts("accept")?;
        let forms = accept.iter().map(|form| options.one_of("accept", form, &FORMS)).collect::<Result<Vec<_>, _>>()?;
        let redirect = Self {
            url: options.required("url")?,
            accept: if forms.is_empty() { vec![CallbackForm::FragmentParams] } else { forms },
            return_param: options.text("returnParam")?.unwrap_or_else(|| "redirect_uri".to_owned()),
            callback_url: options.text("callbackUrl")?,
            // Null switches it off; only what is missing is the default.
            state_param: if has_state_param { state_param } else { Some("state".to_owned()) },
            max_age_seconds: options.number("maxAgeSeconds")?.unwrap_or(600.0),
            hard_clean: options.flag("hardClean")?.unwrap_or(false),
        };
        options.finish(redirect)
    }
}

impl Fingerprint {
    fn new(mut options: Options) -> Result<Self, Error> {
        let mode = options.required("mode")?;
        let fingerprint = Self {
            mode: options.one_of("mode", &mode, &MODES)?,
            claim: options.text("claim")?.unwrap_or_else(|| "userFingerprint".to_owned()),
            cookie: options.text("cookie")?,
            field: options.text("field")?.unwrap_or_else(|| "fingerprint".to_owned()),
        };
        options.finish(fingerprint)
    }
}

impl Schedule {
    fn new(options: &mut Options) -> Result<Self, Error> {
        let schedule = Self {
            lead: options.span("leadSeconds")?.unwrap_or(Span::from_millis(60_000)),
            jitter: options.span("jitterSeconds")?.unwrap_or(Span::from_millis(30_000)),
            leeway: options.span("leewaySeconds")?.unwrap_or(Span::from_millis(5_000)),
            every: options.span("everySeconds")?,
            on_start: options.flag("onStart")?.unwrap_or(false),
            soft_expiry_claim: options.text("softExpiryClaim")?,
            proactive: options.flag("proactive")?.unwrap_or(true),
        };
        options.finish(schedule)
    }
}

impl Limits {
    fn new(options: &mut Options) -> Result<Self, Error> {
        let limits = Self {
            idle: options.span("idleSeconds")?,
            idle_warning: options.span("idleWarningSeconds")?.unwrap_or(Span::from_millis(60_000)),
            session: options.span("sessionSeconds")?,
            token_bytes: options.number("tokenBytes")?.map_or(16_384, |bytes| bytes as usize),
        };
        options.finish(limits)
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
const FORMS: [(&str, CallbackForm); 2] = [
    ("fragment-token", CallbackForm::FragmentToken),
    ("fragment-params", CallbackForm::FragmentParams),
];
const MODES: [(&str, FingerprintMode); 2] = [("server", FingerprintMode::Server), ("client", FingerprintMode::Client)];

/// Options of one level, and their name for messages.
struct Options {
    name: &'static str,
    members: Members,
}

impl Options {
    fn of(name: &'static str, value: Value) -> Result<Self, Error> {
        let members = Members::of(value).ok_or_else(|| invalid(name, "", " must be an object"))?;
        Ok(Self { name, members })
    }

    fn wrong(&self, name: &str) -> impl FnOnce(WrongType) -> Error {
        let error = invalid(self.name, name, " has a wrong type: see AuthOptions");
        move |WrongType| error
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.members.text(name).map_err(self.wrong(name))
    }

    fn required(&mut self, name: &str) -> Result<String, Error> {
        self.text(name)?.ok_or_else(|| invalid(self.name, name, " is missing"))
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>, Error> {
        self.members.flag(name).map_err(self.wrong(name))
    }

    fn number(&mut self, name: &str) -> Result<Option<f64>, Error> {
        match self.members.number(name).map_err(self.wrong(name))? {
            Some(number) if !number.is_finite() || number < 0.0 => {
                Err(invalid(self.name, name, " must be a finite number, 0 or more"))
            }
            number => Ok(number),
        }
    }

    fn span(&mut self, name: &str) -> Result<Option<Span>, Error> {
        Ok(self.number(name)?.map(Span::from_seconds))
    }

    fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, Error> {
        let word = self.text(name)?;
        word.map(|word| self.one_of(name, &word, choices)).transpose()
    }

    fn one_of<T: Copy>(&self, name: &str, word: &str, choices: &[(&str, T)]) -> Result<T, Error> {
        let choice = choices.iter().find(|(known, _)| *known == word).map(|(_, choice)| *choice);
        choice.ok_or_else(|| invalid(self.name, name, " must be one of the words in AuthOptions"))
    }

    fn texts(&mut self, name: &str) -> Result<Vec<String>, Error> {
        let items = match self.members.take(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(self.wrong(name)(WrongType)),
        };
        let texts = items.into_iter().map(|item| match item {
            Value::String(text) => Ok(text),
            _ => Err(self.wrong(name)(WrongType)),
        });
        texts.collect()
    }

    fn pairs(&mut self, name: &str) -> Result<Vec<(String, String)>, Error> {
        let members = match self.members.take(name) {
            None => return Ok(Vec::new()),
            Some(Value::Object(members)) => members,
            Some(_) => return Err(self.wrong(name)(WrongType)),
        };
        let pairs = members.into_iter().map(|(key, value)| match value {
            Value::String(value) => Ok((key, value)),
            _ => Err(self.wrong(name)(WrongType)),
        });
        pairs.collect()
    }

    fn part<T>(&mut self, name: &'static str, read: fn(Options) -> Result<T, Error>) -> Result<Option<T>, Error> {
        self.members.take(name).map(|value| read(Self::of(name, value)?)).transpose()
    }

    fn part_or_default(&mut self, name: &'static str) -> Result<Options, Error> {
        let members = Members::default();
        Ok(self.part(name, Ok)?.unwrap_or(Self { name, members }))
    }

    /// `Some(None)` stands for a function.
    fn part_or_function(&mut self, name: &'static str) -> Result<Option<Option<Box<Endpoint>>>, Error> {
        if self.members.get(name).and_then(Value::as_str) == Some("function") {
            self.members.take(name);
            return Ok(Some(None));
        }
        Ok(self.part(name, Endpoint::new)?.map(|endpoint| Some(Box::new(endpoint))))
    }

    /// Refuses names that nobody asked for: a typo must not silently switch something off.
    fn finish<T>(&self, value: T) -> Result<T, Error> {
        match self.members.unknown() {
            None => Ok(value),
            Some(name) => Err(invalid(self.name, name, " is unknown: see AuthOptions")),
        }
    }
}

fn invalid(level: &str, name: &str, problem: &str) -> Error {
    let dot = if name.is_empty() { "" } else { "." };
    Error::new(ErrorKind::InvalidOption, [level, dot, name, problem].concat())
}
