//! What the application asked for: defaults filled in, ranges checked.
//!
//! The facade has checked the shapes before the core was there, so that `createAuth` can throw at once;
//! the core trusts nobody and checks the ranges again. Unknown names are refused: a typo must not
//! silently switch something off.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::{Error, ErrorKind};
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

/// The options as they cross from JavaScript. Field by field as in the package's types.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawConfig {
    name: String,
    origins: Vec<String>,
    #[serde(default)]
    storage: StorageKind,
    #[serde(default)]
    tabs: Tabs,
    sign_in: Option<Endpoint>,
    refresh: Option<Refresh>,
    sign_out: Option<SignOut>,
    redirect: Option<Redirect>,
    fingerprint: Option<Fingerprint>,
    #[serde(default)]
    schedule: RawSchedule,
    #[serde(default)]
    limits: RawLimits,
}

/// `storage`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
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
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Tabs {
    /// Sign-out and activity, no tokens.
    #[default]
    Separate,
    /// One session for all tabs.
    Shared,
}

/// A server's endpoint.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Endpoint {
    /// Absolute URL.
    pub url: String,
    /// HTTP method.
    #[serde(default = "post")]
    pub method: String,
    /// How the body is sent.
    #[serde(default)]
    pub encoding: Encoding,
    /// Headers sent with every call.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Fields sent with every call; they stay in JavaScript.
    #[serde(default, rename = "body")]
    pub _body: Option<IgnoredAny>,
    /// Credentials mode of fetch, where the application chose one.
    pub credentials: Option<String>,
    /// Whether the access token goes along.
    #[serde(default)]
    pub bearer: bool,
    /// Double submit of a cookie (OWASP CSRF).
    pub csrf: Option<Csrf>,
    /// Total deadline, body included.
    #[serde(default = "ten")]
    pub timeout_seconds: f64,
    /// Where a refresh token lives; on the refresh endpoint only.
    #[serde(default)]
    pub refresh_token: RefreshTokenPlace,
    /// Its name in the body.
    #[serde(default = "refresh_token")]
    pub refresh_token_field: String,
}

/// `encoding` of an endpoint's body.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// Copies a readable cookie into a header or body field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Csrf {
    /// Cookie name.
    pub cookie: String,
    /// Header name.
    pub header: Option<String>,
    /// Body field name.
    pub field: Option<String>,
}

/// Where the refresh token lives.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
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
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Refresh {
    /// An endpoint.
    Endpoint(Box<Endpoint>),
    /// A function of the application.
    Function(FunctionTag),
}

/// `signOut`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum SignOut {
    /// An endpoint.
    Endpoint(Box<Endpoint>),
    /// A function of the application.
    Function(FunctionTag),
}

/// Stands for a function that stayed in JavaScript.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FunctionTag {
    /// The only value.
    Function,
}

/// `redirect`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Redirect {
    /// Where sign-in happens.
    pub url: String,
    /// Which callback forms count.
    #[serde(default = "fragment_params")]
    pub accept: Vec<CallbackForm>,
    /// Query parameter with the way back.
    #[serde(default = "redirect_uri")]
    pub return_param: String,
    /// The way back, as the caller wrote it.
    pub callback_url: Option<String>,
    /// Query parameter for the state; `None` where the server does not echo one.
    #[serde(default = "state")]
    pub state_param: Option<String>,
    /// Longest absence.
    #[serde(default = "six_hundred")]
    pub max_age_seconds: f64,
    /// Navigate once more after the callback.
    #[serde(default)]
    pub hard_clean: bool,
}

/// What a callback may look like.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum CallbackForm {
    /// `#TOKEN`.
    FragmentToken,
    /// `#access_token=…&state=…`.
    FragmentParams,
}

/// `fingerprint`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// Who makes it.
    pub mode: FingerprintMode,
    /// Claim with the hash.
    #[serde(default = "user_fingerprint")]
    pub claim: String,
    /// Cookie name; read in client mode only.
    pub cookie: Option<String>,
    /// Body field with the hash, in client mode.
    #[serde(default = "fingerprint")]
    pub field: String,
}

/// Who makes the fingerprint.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum FingerprintMode {
    /// The server, in a cookie that scripts cannot see.
    Server,
    /// This package, for servers that cannot.
    Client,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawSchedule {
    lead_seconds: Option<f64>,
    jitter_seconds: Option<f64>,
    leeway_seconds: Option<f64>,
    every_seconds: Option<f64>,
    on_start: Option<bool>,
    soft_expiry_claim: Option<String>,
    proactive: Option<bool>,
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

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawLimits {
    idle_seconds: Option<f64>,
    idle_warning_seconds: Option<f64>,
    session_seconds: Option<f64>,
    token_bytes: Option<f64>,
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
    /// `invalid_option`, with the option's name and what would be right.
    pub fn new(raw: RawConfig) -> Result<Self, Error> {
        Ok(Self {
            name: raw.name,
            origins: Origins::new(&raw.origins)?,
            storage: raw.storage,
            tabs: raw.tabs,
            sign_in: raw.sign_in,
            refresh: raw.refresh,
            sign_out: raw.sign_out,
            redirect: raw.redirect,
            fingerprint: raw.fingerprint,
            schedule: Schedule {
                lead: span(raw.schedule.lead_seconds, "schedule.leadSeconds")?
                    .unwrap_or(Span::from_millis(60_000)),
                jitter: span(raw.schedule.jitter_seconds, "schedule.jitterSeconds")?
                    .unwrap_or(Span::from_millis(30_000)),
                leeway: span(raw.schedule.leeway_seconds, "schedule.leewaySeconds")?
                    .unwrap_or(Span::from_millis(5_000)),
                every: span(raw.schedule.every_seconds, "schedule.everySeconds")?,
                on_start: raw.schedule.on_start.unwrap_or(false),
                soft_expiry_claim: raw.schedule.soft_expiry_claim,
                proactive: raw.schedule.proactive.unwrap_or(true),
            },
            limits: Limits {
                idle: span(raw.limits.idle_seconds, "limits.idleSeconds")?,
                idle_warning: span(raw.limits.idle_warning_seconds, "limits.idleWarningSeconds")?
                    .unwrap_or(Span::from_millis(60_000)),
                session: span(raw.limits.session_seconds, "limits.sessionSeconds")?,
                token_bytes: seconds(raw.limits.token_bytes, "limits.tokenBytes")?
                    .map_or(16_384, |bytes| bytes as usize),
            },
        })
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
            Some(Refresh::Function(_)) | None => None,
        }
    }
}

fn span(value: Option<f64>, name: &str) -> Result<Option<Span>, Error> {
    Ok(seconds(value, name)?.map(Span::from_seconds))
}

fn seconds(value: Option<f64>, name: &str) -> Result<Option<f64>, Error> {
    match value {
        Some(number) if !number.is_finite() || number < 0.0 => Err(Error::new(
            ErrorKind::InvalidOption,
            ["options.", name, " must be a finite number, 0 or more"].concat(),
        )),
        other => Ok(other),
    }
}

fn post() -> String {
    "POST".to_owned()
}

fn ten() -> f64 {
    10.0
}

fn six_hundred() -> f64 {
    600.0
}

fn refresh_token() -> String {
    "refresh_token".to_owned()
}

fn redirect_uri() -> String {
    "redirect_uri".to_owned()
}

fn state() -> Option<String> {
    Some("state".to_owned())
}

fn fragment_params() -> Vec<CallbackForm> {
    vec![CallbackForm::FragmentParams]
}

fn user_fingerprint() -> String {
    "userFingerprint".to_owned()
}

fn fingerprint() -> String {
    "fingerprint".to_owned()
}
