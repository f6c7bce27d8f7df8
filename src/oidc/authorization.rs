//! The authorization request (RFC 6749, section 4.1.1; RFC 7636; RFC 9126), and what the tab remembers meanwhile.

use crate::answer;
use crate::config::{Provider, ResponseMode};
use crate::error::{Error, ErrorKind};
use crate::json::{Json, Members, Writer, digits};
use crate::request::{add_field, open_query};
use crate::secret::Secret;
use crate::time::Timestamp;

use super::base64url;
use super::metadata::Metadata;

const VERSION: i64 = 1;
/// Longest text of a pending sign-in: the way back makes most of it.
const LONGEST_PENDING: usize = 65_536;

/// What is written here, and `request` (RFC 9101), which would replace all of it.
const RESERVED: [&str; 14] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "max_age",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// Random bytes of one sign-in.
pub struct Entropy {
    /// For `state`.
    pub state: [u8; 32],
    /// For `nonce`.
    pub nonce: [u8; 32],
    /// For `code_verifier`.
    pub verifier: [u8; 32],
}

/// The key to which the tokens shall be bound (RFC 9449, section 10).
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// Its name where it is kept.
    pub name: &'a str,
    /// `jkt`.
    pub thumbprint: &'a str,
}

/// Where the user goes, and what is remembered.
#[derive(Debug)]
pub struct Authorization {
    /// The whole URL; where the request has to be pushed first, [`pushed_url`] makes it.
    pub url: String,
    /// The form to push (RFC 9126, section 2.1), where the provider requires that.
    pub pushed: Option<Secret>,
    /// What the tab remembers.
    pub pending: PendingCode,
}

/// What a tab remembers of a sign-in that it has left for.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingCode {
    /// The provider asked.
    pub issuer: String,
    /// As which client.
    pub client_id: String,
    /// `redirect_uri`, which the exchange repeats.
    pub redirect_uri: String,
    /// `state`.
    pub state: Secret,
    /// `nonce`, where an ID token was asked for.
    pub nonce: Option<Secret>,
    /// `code_verifier`.
    pub verifier: Secret,
    /// When the tab left.
    pub started: Timestamp,
    /// Path on this origin to show afterwards.
    pub return_to: String,
    /// Whether the callback has to name the issuer (RFC 9207).
    pub requires_iss: bool,
    /// The name of the DPoP key.
    pub key: Option<String>,
}

/// What to ask. `params` are those of the call; they take the place of the provider's of the same name.
///
/// # Errors
/// `invalid_option` where a parameter of the application's is one that is set here.
pub fn request(
    provider: &Provider,
    metadata: &Metadata,
    entropy: &Entropy,
    now: Timestamp,
    return_to: String,
    params: &[(String, String)],
    key: Option<Key<'_>>,
) -> Result<Authorization, Error> {
    let given = provider.params.iter().chain(params);
    if given
        .into_iter()
        .any(|(name, _)| RESERVED.contains(&name.as_str()))
    {
        return Err(Error::new(
            ErrorKind::InvalidOption,
            "params holds a parameter that oidc() sets itself: use its option instead",
        ));
    }
    let secret = |bytes: &[u8]| Secret::from(base64url::encode(bytes));
    let pending = PendingCode {
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        redirect_uri: provider.redirect_uri.clone(),
        state: secret(&entropy.state),
        nonce: provider.asks_identity().then(|| secret(&entropy.nonce)),
        verifier: secret(&entropy.verifier),
        started: now,
        return_to,
        requires_iss: metadata.announces_iss,
        key: key.map(|key| key.name.to_owned()),
    };
    let challenge = base64url::sha256(pending.verifier.expose());
    let max_age = provider
        .max_age
        .map(|span| digits(span.part(1_000).as_millis()));
    let fields = [
        ("response_type", Some("code")),
        ("client_id", Some(provider.client_id.as_str())),
        ("redirect_uri", Some(&provider.redirect_uri)),
        (
            "scope",
            Some(provider.scope.as_str()).filter(|scope| !scope.is_empty()),
        ),
        ("state", Some(pending.state.expose())),
        ("nonce", pending.nonce.as_ref().map(Secret::expose)),
        ("code_challenge", Some(&challenge)),
        ("code_challenge_method", Some("S256")),
        (
            "response_mode",
            (provider.response_mode == ResponseMode::Fragment).then_some("fragment"),
        ),
        ("max_age", max_age.as_deref()),
        ("dpop_jkt", key.map(|key| key.thumbprint)),
    ];
    let endpoint = &metadata.authorization_endpoint;
    let is_pushed = metadata.requires_pushed_requests
        && metadata.pushed_authorization_request_endpoint.is_some();
    let mut query = if is_pushed {
        String::new()
    } else {
        open_query(endpoint)
    };
    for (name, value) in fields {
        if let Some(value) = value {
            add_field(&mut query, name, value);
        }
    }
    for resource in &provider.resources {
        add_field(&mut query, "resource", resource);
    }
    let is_replaced = |name: &String| params.iter().any(|(other, _)| other == name);
    let kept = provider
        .params
        .iter()
        .filter(|(name, _)| !is_replaced(name));
    for (name, value) in kept.chain(params) {
        add_field(&mut query, name, value);
    }
    let (url, pushed) = if is_pushed {
        (endpoint.clone(), Some(Secret::from(query)))
    } else {
        (query, None)
    };
    Ok(Authorization {
        url,
        pushed,
        pending,
    })
}

/// Where the user goes once the request was pushed (RFC 9126, sections 2.2, 2.3 and 4).
///
/// # Errors
/// `sign_in_rejected` with the OAuth error, `sign_in_unavailable`, or `invalid_response` without a `request_uri`.
pub fn pushed_url(
    provider: &Provider,
    metadata: &Metadata,
    status: u16,
    body: &str,
) -> Result<String, Error> {
    let is_success = (200..=299).contains(&status);
    let uri = Members::parse(body)
        .filter(|_| is_success)
        .and_then(|mut members| members.text("request_uri").ok()?)
        .filter(|uri| !uri.is_empty());
    let Some(uri) = uri else {
        return Err(answer::rejected(status, body));
    };
    let mut url = open_query(&metadata.authorization_endpoint);
    add_field(&mut url, "client_id", &provider.client_id);
    add_field(&mut url, "request_uri", &uri);
    Ok(url)
}

impl PendingCode {
    /// The text to store.
    pub fn to_json(&self) -> Secret {
        let text = Writer::default()
            .integer("v", Some(VERSION))
            .text("issuer", Some(&self.issuer))
            .text("clientId", Some(&self.client_id))
            .text("redirectUri", Some(&self.redirect_uri))
            .text("state", Some(self.state.expose()))
            .text("nonce", self.nonce.as_ref().map(Secret::expose))
            .text("verifier", Some(self.verifier.expose()))
            .integer("started", Some(self.started.as_millis()))
            .text("returnTo", Some(&self.return_to))
            .text("key", self.key.as_deref());
        let text = match self.requires_iss {
            true => text.json("iss", "true"),
            false => text,
        };
        Secret::from(text.finish())
    }

    /// Reads a stored text; anything unknown is nothing.
    pub fn from_json(text: &str) -> Option<Self> {
        if text.len() > LONGEST_PENDING {
            return None;
        }
        let mut members = Members::parse(text)?;
        if members.integer("v").ok()? != Some(VERSION) {
            return None;
        }
        let pending = Self {
            issuer: members.text("issuer").ok()??,
            client_id: members.text("clientId").ok()??,
            redirect_uri: members.text("redirectUri").ok()??,
            state: Secret::from(members.text("state").ok()??),
            nonce: members.text("nonce").ok()?.map(Secret::from),
            verifier: Secret::from(members.text("verifier").ok()??),
            started: Timestamp::from_millis(members.integer("started").ok()??),
            return_to: members.text("returnTo").ok()??,
            key: members.text("key").ok()?,
            requires_iss: match members.take("iss") {
                None => false,
                Some(Json::Flag(true)) => true,
                Some(_) => return None,
            },
        };
        members.unknown().is_none().then_some(pending)
    }
}
