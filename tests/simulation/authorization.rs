//! The authorization server: users sign in on its pages, and codes are given for tokens, once.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::config::Provider;
use hallpass::oidc::base64url;
use hallpass::oidc::metadata::{self, Metadata};
use hallpass::secret::Secret;

use crate::server::FamilyId;

/// How long an ID token is good, in milliseconds.
const ID_TOKEN_LIFETIME: i64 = 600_000;

#[derive(Default)]
pub(crate) struct Codes(BTreeMap<String, Code>);

/// What a code was given for.
pub(crate) struct Code {
    pub(crate) user: u8,
    pub(crate) nonce: String,
    challenge: String,
    pub(crate) is_spent: bool,
    /// What was given for it.
    pub(crate) family: Option<FamilyId>,
}

impl Codes {
    /// The user has signed in: what the provider adds to the redirect URI.
    pub(crate) fn give(
        &mut self,
        url: &str,
        user: u8,
        provider: &Provider,
    ) -> Vec<(Secret, Secret)> {
        let asked = |name| field(url, name).unwrap_or_default().to_owned();
        let code = format!("C{}", self.0.len() + 1);
        self.0.insert(
            code.clone(),
            Code {
                user,
                nonce: asked("nonce"),
                challenge: asked("code_challenge"),
                is_spent: false,
                family: None,
            },
        );
        callback(&[("code", &code), ("state", &asked("state"))], provider)
    }

    /// The code in a form, where the verifier in it is the one that it was asked for with (RFC 7636, section 4.6).
    pub(crate) fn find(&mut self, form: &str) -> Option<&mut Code> {
        let code = self.0.get_mut(field(form, "code")?)?;
        let challenge = base64url::sha256(field(form, "code_verifier")?);
        Some(code).filter(|code| code.challenge == challenge)
    }
}

/// The user does not want to.
pub(crate) fn denied(url: &str, provider: &Provider) -> Vec<(Secret, Secret)> {
    let state = field(url, "state").unwrap_or_default();
    callback(&[("error", "access_denied"), ("state", state)], provider)
}

fn callback(fields: &[(&str, &str)], provider: &Provider) -> Vec<(Secret, Secret)> {
    let iss = ("iss", provider.issuer.as_str());
    let fields = fields.iter().copied().chain([iss]);
    fields
        .map(|(name, value)| (Secret::from(name), Secret::from(value)))
        .collect()
}

/// A value in a form or a query. Those that are looked at here need no escape.
pub(crate) fn field<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    let (_, fields) = form.split_once('?').unwrap_or(("", form));
    let mut pairs = fields.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value)
}

pub(crate) fn metadata(provider: &Provider) -> Metadata {
    let issuer = &provider.issuer;
    let document = format!(
        r#"{{
            "issuer":"{issuer}",
            "authorization_endpoint":"{issuer}/authorize",
            "token_endpoint":"{issuer}/token",
            "authorization_response_iss_parameter_supported":true
        }}"#
    );
    metadata::interpret(&document, provider).unwrap()
}

/// `now`: by the true clock. At a refresh there is no nonce.
pub(crate) fn id_token(provider: &Provider, user: u8, nonce: Option<&str>, now: i64) -> String {
    let (issuer, client) = (&provider.issuer, &provider.client_id);
    let (iat, exp) = (now / 1_000, (now + ID_TOKEN_LIFETIME) / 1_000);
    let nonce = nonce.map_or_else(String::new, |nonce| format!(r#","nonce":"{nonce}""#));
    let claims = format!(
        r#"{{"iss":"{issuer}","sub":"{}","aud":"{client}","iat":{iat},"exp":{exp}{nonce}}}"#,
        subject(user),
    );
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let header = encode(r#"{"alg":"RS256"}"#);
    format!("{header}.{}.c2lnbmF0dXJl", encode(&claims))
}

/// `sub`.
pub(crate) fn subject(user: u8) -> String {
    format!("user{user}")
}
