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
    params: &[(Secret, Secret)],
    key: Option<Key<'_>>,
) -> Result<Authorization, Error> {
    let is_reserved = |name: &str| RESERVED.contains(&name);
    let has_reserved = provider.params.iter().any(|(name, _)| is_reserved(name))
        || params.iter().any(|(name, _)| is_reserved(name.expose()));
    if has_reserved {
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
    for (name, value) in &provider.params {
        if !params.iter().any(|(other, _)| other.expose() == name) {
            add_field(&mut query, name, value);
        }
    }
    for (name, value) in params {
        add_field(&mut query, name.expose(), value.expose());
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
        let requires_iss = match members.take("iss") {
            None => false,
            Some(Json::Flag(true)) => true,
            Some(_) => return None,
        };
        let started = members.integer("started").ok()??;
        let names = [
            "issuer",
            "clientId",
            "redirectUri",
            "state",
            "verifier",
            "returnTo",
            "nonce",
            "key",
        ];
        let texts = members.texts(names).ok()?;
        if members.unknown().is_some() {
            return None;
        }
        let [
            Some(issuer),
            Some(client_id),
            Some(redirect_uri),
            Some(state),
            Some(verifier),
            Some(return_to),
            nonce,
            key,
        ] = texts
        else {
            return None;
        };
        Some(Self {
            issuer,
            client_id,
            redirect_uri,
            state: Secret::from(state),
            nonce: nonce.map(Secret::from),
            verifier: Secret::from(verifier),
            started: Timestamp::from_millis(started),
            return_to,
            requires_iss,
            key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    /// The verifier and the challenge of RFC 7636, appendix B.
    const VERIFIER: [u8; 32] = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37,
        77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    const NONCE: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    impl PendingCode {
        /// Of a sign-in at [`Provider::example`].
        pub(crate) fn example() -> Self {
            asked(&Provider::example(), &Metadata::example(), &[]).pending
        }
    }

    fn ask(
        provider: &Provider,
        metadata: &Metadata,
        params: &[(&str, &str)],
    ) -> Result<Authorization, Error> {
        let entropy = Entropy {
            state: [1; 32],
            nonce: [2; 32],
            verifier: VERIFIER,
        };
        let owned = |(name, value): &(&str, &str)| (Secret::from(*name), Secret::from(*value));
        let params: Vec<_> = params.iter().map(owned).collect();
        let key = provider.dpop.then_some(Key {
            name: "k1",
            thumbprint: "0ZcOCORZ",
        });
        request(
            provider,
            metadata,
            &entropy,
            NOW,
            "/a?b".to_owned(),
            &params,
            key,
        )
    }

    fn asked(provider: &Provider, metadata: &Metadata, params: &[(&str, &str)]) -> Authorization {
        ask(provider, metadata, params).unwrap()
    }

    #[test]
    fn oidc_2_a_request_has_state_nonce_and_challenge_and_never_the_verifier() {
        let (provider, metadata) = (Provider::example(), Metadata::example());
        let authorization = asked(&provider, &metadata, &[]);
        let expected = [
            "https://id.test/authorize?tenant=a&response_type=code&client_id=spa",
            "&redirect_uri=https%3A%2F%2Fapp.test%2Fcallback&scope=openid+profile&state=",
            STATE,
            "&nonce=",
            NONCE,
            "&code_challenge=",
            CHALLENGE,
            "&code_challenge_method=S256",
        ];
        assert_eq!(authorization.url, expected.concat());
        assert_eq!(authorization.pushed, None);
        let pending = authorization.pending;
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(pending.verifier.expose(), verifier);
        assert!(!authorization.url.contains(verifier));
        assert_eq!(
            (
                pending.state.expose(),
                pending.return_to.as_str(),
                pending.started
            ),
            (STATE, "/a?b", NOW)
        );
        assert_eq!(pending.nonce, Some(Secret::from(NONCE)));
        assert_eq!((pending.requires_iss, pending.key), (false, None));
    }

    #[test]
    fn oidc_2_what_is_optional_is_asked_where_it_is_set() {
        let mut provider = Provider::example();
        let mut metadata = Metadata::example();
        metadata.authorization_endpoint = "https://id.test/authorize".to_owned();
        metadata.announces_iss = true;
        provider.scope = String::new();
        provider.response_mode = ResponseMode::Fragment;
        provider.max_age = Some(Span::from_seconds(90.0));
        provider.dpop = true;
        provider.resources = ["https://a.test/x", "https://b.test"]
            .map(str::to_owned)
            .into();
        provider.params = [("prompt", "login"), ("ui_locales", "de")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let authorization = asked(
            &provider,
            &metadata,
            &[("prompt", "none"), ("login_hint", "a&b")],
        );
        let (start, end) = authorization
            .url
            .split_once("&code_challenge_method=S256")
            .unwrap();
        assert!(start.starts_with("https://id.test/authorize?response_type=code&"));
        assert!(
            !start.contains("nonce=") && !start.contains("scope="),
            "{start}"
        );
        assert_eq!(
            end,
            "&response_mode=fragment&max_age=90&dpop_jkt=0ZcOCORZ\
             &resource=https%3A%2F%2Fa.test%2Fx&resource=https%3A%2F%2Fb.test\
             &ui_locales=de&prompt=none&login_hint=a%26b"
        );
        assert_eq!(authorization.pending.nonce, None);
        assert_eq!(authorization.pending.key.as_deref(), Some("k1"));
        assert!(authorization.pending.requires_iss);
    }

    #[test]
    fn oidc_2_parameters_that_collide_are_refused_wherever_they_come_from() {
        let metadata = Metadata::example();
        let more = ["request", "request_uri", "resource", "max_age"];
        for name in RESERVED.into_iter().chain(more) {
            let refused = ask(
                &Provider::example(),
                &metadata,
                &[("prompt", "x"), (name, "x")],
            );
            assert_eq!(refused.unwrap_err().code(), "invalid_option", "{name}");
            let mut provider = Provider::example();
            provider.params = vec![(name.to_owned(), "x".to_owned())];
            let refused = ask(&provider, &metadata, &[(name, "x")]);
            assert_eq!(refused.unwrap_err().code(), "invalid_option", "{name}");
        }
        let authorization = asked(&Provider::example(), &metadata, &[]);
        let (_, query) = authorization.url.split_once("tenant=a&").unwrap();
        for field in query.split('&') {
            let (name, _) = field.split_once('=').unwrap();
            assert!(RESERVED.contains(&name), "{name} may be set twice");
        }
    }

    #[test]
    fn oidc_2_a_request_is_pushed_where_the_provider_requires_it() {
        let (provider, mut metadata) = (Provider::example(), Metadata::example());
        let whole = asked(&provider, &metadata, &[("prompt", "login")]);
        metadata.requires_pushed_requests = true;
        let pushed = asked(&provider, &metadata, &[("prompt", "login")]);
        let form = pushed.pushed.unwrap();
        assert_eq!(
            whole.url,
            ["https://id.test/authorize?tenant=a&", form.expose()].concat()
        );
        assert_eq!(pushed.url, "https://id.test/authorize?tenant=a");
        assert_eq!(pushed.pending, whole.pending);
        let answer =
            r#"{"request_uri":"urn:ietf:params:oauth:request_uri:6esc_11A","expires_in":60}"#;
        for status in [200, 201] {
            assert_eq!(
                pushed_url(&provider, &metadata, status, answer).unwrap(),
                "https://id.test/authorize?tenant=a&client_id=spa\
                 &request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11A"
            );
        }
    }

    #[test]
    fn oidc_2_what_is_no_answer_to_a_push_leads_nowhere() {
        let good = r#"{"request_uri":"urn:x"}"#;
        let said = r#"{"error":"invalid_request","error_description":"a secret"}"#;
        for (status, body, expected) in [
            (201, "", ("invalid_response", None)),
            (201, "{}", ("invalid_response", None)),
            (201, r#"{"request_uri":""}"#, ("invalid_response", None)),
            (201, r#"{"request_uri":1}"#, ("invalid_response", None)),
            (201, r#"{"access_token":"a"}"#, ("invalid_response", None)),
            (400, said, ("sign_in_rejected", Some("invalid_request"))),
            (
                401,
                r#"{"error":"invalid_client"}"#,
                ("sign_in_rejected", Some("invalid_client")),
            ),
            (403, "no", ("sign_in_rejected", None)),
            (429, good, ("sign_in_unavailable", None)),
            (500, good, ("sign_in_unavailable", None)),
            (503, "", ("sign_in_unavailable", None)),
        ] {
            let error = pushed_url(&Provider::example(), &Metadata::example(), status, body);
            let error = error.unwrap_err();
            assert_eq!(
                (error.code(), error.oauth_error()),
                expected,
                "{status} {body}"
            );
            assert_eq!((error.status(), error.answer()), (Some(status), None));
        }
    }

    #[test]
    fn oidc_2_what_is_remembered_is_read_again_and_nothing_else() {
        let pending = PendingCode::example();
        let mut whole = pending.clone();
        (whole.requires_iss, whole.key) = (true, Some("k1".to_owned()));
        let mut small = pending.clone();
        small.nonce = None;
        for pending in [&pending, &whole, &small] {
            let text = pending.to_json();
            assert_eq!(
                PendingCode::from_json(text.expose()).as_ref(),
                Some(pending)
            );
        }
        let text = whole.to_json();
        for (from, to) in [
            (r#""v":1"#, r#""v":2"#),
            (r#""v":1,"#, ""),
            (r#""issuer""#, r#""issuers""#),
            (r#""clientId":"spa","#, ""),
            (r#""started":1700000000000"#, r#""started":"1""#),
            (r#""started":1700000000000"#, r#""started":1.5"#),
            (r#""iss":true"#, r#""iss":false"#),
            (r#""iss":true"#, r#""iss":"true""#),
            (r#""key":"k1""#, r#""key":1"#),
            ("{", r#"{"more":1,"#),
            ("}", ""),
        ] {
            assert!(text.expose().contains(from), "{from}");
            let other = text.expose().replacen(from, to, 1);
            assert_eq!(PendingCode::from_json(&other), None, "{other}");
        }
        let long = ["{\"returnTo\":\"", &"a".repeat(LONGEST_PENDING), "\"}"].concat();
        assert_eq!(PendingCode::from_json(&long), None);
    }

    #[test]
    fn sec_40_nothing_of_a_sign_in_is_shown() {
        let shown = format!(
            "{:?}",
            asked(&Provider::example(), &Metadata::example(), &[]).pending
        );
        for secret in [STATE, NONCE, "dBjftJeZ4CVP"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
