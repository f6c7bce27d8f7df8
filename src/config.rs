//! What the application asked for. The facade has checked it and filled in the defaults before there was a core
//! (`pkg/src/options/options.ts`), so every setting is here, and none is judged again: whatever a setting holds, it is
//! obeyed, and breaks nothing.

mod read;

use crate::origins::Origins;
use crate::time::Span;

/// Resolved settings. Made from what the facade hands over: `CoreOptions` in `pkg/src/core/contract.ts`.
#[derive(Debug)]
pub struct Config {
    /// Where things are kept.
    pub keys: Keys,
    /// The addresses that may receive the token.
    pub origins: Origins,
    /// How the access token travels.
    pub header: TokenHeader,
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
    /// Sign-in at an authorization server.
    pub provider: Option<Provider>,
    /// Binding to a cookie (OWASP token sidejacking).
    pub fingerprint: Option<Fingerprint>,
    /// When to refresh.
    pub schedule: Schedule,
    /// When to give up.
    pub limits: Limits,
}

/// Names of what is kept in the browser. They set sessions on one origin apart.
#[derive(Debug)]
pub struct Keys {
    /// The session; also the channel of its tabs, and the beginning of their locks' names.
    pub session: String,
    /// The sign-in that this tab has left for.
    pub pending: String,
    /// The mark of the last sign-out.
    pub mark: String,
    /// When the user was last active.
    pub activity: String,
    /// How far the copies of a tab have come: before the session's part.
    pub generations: String,
}

/// `storage`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StorageKind {
    /// sessionStorage.
    Session,
    /// Nowhere.
    Memory,
    /// localStorage.
    Local,
    /// The application's own store.
    Custom,
}

/// `tabs`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tabs {
    /// Sign-out and activity, no tokens.
    Separate,
    /// One session for all tabs.
    Shared,
}

/// `header`.
#[derive(Debug)]
pub struct TokenHeader {
    /// Its name.
    pub name: String,
    /// What stands before the token: the scheme and a space, or nothing.
    pub prefix: String,
}

/// A server's endpoint.
#[derive(Debug)]
pub struct Endpoint {
    /// Where it is: absolute.
    pub url: String,
    /// HTTP method.
    pub method: String,
    /// How the body is written.
    pub encoding: Encoding,
    /// Fields of the application's, a JSON object.
    pub body: Option<String>,
    /// Headers of the application's.
    pub headers: Vec<(String, String)>,
    /// Which cookies go along, in the words of `fetch`; `None` where this package decides.
    pub credentials: Option<String>,
    /// Protection against forged requests by a cookie that is sent twice.
    pub csrf: Option<Csrf>,
    /// Whether the access token goes along.
    pub bearer: bool,
    /// Total deadline, body included.
    pub timeout: Span,
    /// Where a refresh token lives; on the refresh endpoint only.
    pub refresh_token: RefreshTokenPlace,
    /// Its name in the body.
    pub refresh_token_field: String,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// `csrf`: the value of a cookie is sent along (OWASP "double submit").
#[derive(Debug)]
pub struct Csrf {
    /// The cookie's whole name.
    pub cookie: String,
    /// The header that carries its value.
    pub header: Option<String>,
    /// The field of the body that does.
    pub field: Option<String>,
}

/// Where the refresh token lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RefreshTokenPlace {
    /// Kept beside the access token.
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
    /// The authorization server.
    Provider,
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

/// `provider`: an authorization server (RFC 6749), and the client that it knows.
#[derive(Debug)]
pub struct Provider {
    /// Its identifier, compared as it stands (RFC 8414, section 3.3).
    pub issuer: String,
    /// `client_id`.
    pub client_id: String,
    /// `scope`, as written.
    pub scope: String,
    /// `redirect_uri`: absolute.
    pub redirect_uri: String,
    /// Where the callback's parameters stand.
    pub response_mode: ResponseMode,
    /// Parameters of the application's.
    pub params: Vec<(String, String)>,
    /// `resource` (RFC 8707).
    pub resources: Vec<String>,
    /// `max_age`: the oldest authentication of the user that counts.
    pub max_age: Option<Span>,
    /// Whether tokens are bound to a key (RFC 9449).
    pub dpop: bool,
    /// Whether sign-out ends the session at the provider, for which the ID token is kept.
    pub keeps_id_token: bool,
    /// Where the provider leads back to after that.
    pub post_logout_redirect_uri: String,
    /// Longest absence.
    pub pending_max_age: Span,
}

/// `response_mode` (OAuth 2.0 Multiple Response Type Encoding Practices, section 2.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ResponseMode {
    /// `?code=…`.
    Query,
    /// `#code=…`.
    Fragment,
}

/// `fingerprint`.
#[derive(Debug)]
pub struct Fingerprint {
    /// What makes it.
    pub mode: FingerprintMode,
    /// Claim with the hash.
    pub claim: String,
    /// Cookie name without a prefix; read in client mode only.
    pub cookie: String,
    /// Body field with the hash, in client mode.
    pub field: String,
}

/// What makes the fingerprint.
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
            Some(Supplier::Provider) | None => false,
        }
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
        match &self.refresh {
            Some(Supplier::Endpoint(endpoint)) => {
                endpoint.refresh_token != RefreshTokenPlace::Cookie
            }
            Some(Supplier::Provider) => true,
            Some(Supplier::Function) | None => false,
        }
    }

    /// Whether a tab notes how far it has come for copies of it that sleep: their refresh tokens are spent.
    pub fn notes_generations(&self) -> bool {
        self.storage == StorageKind::Session && !self.is_shared() && self.spends_refresh_token()
    }

    /// Whether the store has the refresh token, too.
    pub fn stores_refresh_token(&self) -> bool {
        self.refresh_endpoint()
            .is_none_or(|endpoint| endpoint.refresh_token != RefreshTokenPlace::Memory)
    }

    /// The refresh endpoint, where it is one.
    pub fn refresh_endpoint(&self) -> Option<&Endpoint> {
        match &self.refresh {
            Some(Supplier::Endpoint(endpoint)) => Some(endpoint),
            Some(Supplier::Function | Supplier::Provider) | None => None,
        }
    }
}

impl Provider {
    /// Whether an ID token is asked for (OpenID Connect Core 1.0, section 3.1.2.1).
    pub fn asks_identity(&self) -> bool {
        self.scope.split(' ').any(|value| value == "openid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Members;

    impl Provider {
        /// One that asks for an ID token, and for nothing else that is optional.
        pub(crate) fn example() -> Self {
            Self {
                issuer: "https://id.test".to_owned(),
                client_id: "spa".to_owned(),
                scope: "openid profile".to_owned(),
                redirect_uri: "https://app.test/callback".to_owned(),
                response_mode: ResponseMode::Query,
                params: Vec::new(),
                resources: Vec::new(),
                max_age: None,
                dpop: false,
                keeps_id_token: false,
                post_logout_redirect_uri: "https://app.test/".to_owned(),
                pending_max_age: Span::from_millis(600_000),
            }
        }
    }

    #[test]
    fn oidc_7_a_provider_refreshes_with_a_token_that_is_spent() {
        let config = |options: &str| Config::from(Members::parse(options).unwrap());
        let provider = config(r#"{"refresh":"provider","signOut":"provider"}"#);
        assert!(matches!(provider.refresh, Some(Supplier::Provider)));
        assert!(matches!(provider.sign_out, Some(Supplier::Provider)));
        assert!(provider.spends_refresh_token() && provider.notes_generations());
        assert!(!provider.refreshes_without_tokens() && !provider.needs_cookies());
        assert!(provider.refresh_endpoint().is_none());
        let function = config(r#"{"refresh":"function","signOut":"function"}"#);
        assert!(matches!(function.refresh, Some(Supplier::Function)));
        assert!(!function.spends_refresh_token() && function.refreshes_without_tokens());
    }

    #[test]
    fn oidc_5_an_id_token_is_asked_for_by_the_scope_value_openid() {
        let mut provider = Provider::example();
        for (scope, asks) in [
            ("openid", true),
            ("profile openid", true),
            ("", false),
            ("profile", false),
            ("openid2 myopenid OPENID", false),
        ] {
            provider.scope = scope.to_owned();
            assert_eq!(provider.asks_identity(), asks, "{scope}");
        }
    }
}
