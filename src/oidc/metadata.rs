//! Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0).

use crate::config::Provider;
use crate::error::{Error, ErrorKind};
use crate::json::{Json, Members, Writer};

const ISSUER: &str = "issuer";
const AUTHORIZATION: &str = "authorization_endpoint";
const TOKEN: &str = "token_endpoint";
const REVOCATION: &str = "revocation_endpoint";
const END_SESSION: &str = "end_session_endpoint";
const USERINFO: &str = "userinfo_endpoint";
const PUSHED: &str = "pushed_authorization_request_endpoint";
const REQUIRES_PUSHED: &str = "require_pushed_authorization_requests";
const ANNOUNCES_ISS: &str = "authorization_response_iss_parameter_supported";

/// What is used of the metadata.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Metadata {
    /// The provider's identifier.
    pub issuer: String,
    /// Where the user signs in.
    pub authorization_endpoint: String,
    /// Where tokens come from.
    pub token_endpoint: String,
    /// Where tokens are given back (RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// Where the provider's own session ends (OpenID Connect RP-Initiated Logout 1.0).
    pub end_session_endpoint: Option<String>,
    /// Where there is more to know of the user (OpenID Connect Core 1.0, section 5.3).
    pub userinfo_endpoint: Option<String>,
    /// Where a request is left before the user comes (RFC 9126).
    pub pushed_authorization_request_endpoint: Option<String>,
    /// Whether it has to be left there.
    pub requires_pushed_requests: bool,
    /// Whether each callback names the issuer (RFC 9207).
    pub announces_iss: bool,
}

/// Reads a document, and checks it against what is asked of the provider.
///
/// # Errors
/// `provider_unavailable` for what is no metadata document. `provider_mismatch` where it names another issuer (RFC 8414,
/// section 3.3), an endpoint that is neither https nor http on loopback, or lacks what is needed.
pub fn interpret(document: &str, provider: &Provider) -> Result<Metadata, Error> {
    let mut members = Members::parse(document).ok_or_else(unavailable)?;
    let issuer = required(&mut members, ISSUER)?;
    if issuer != provider.issuer {
        return Err(mismatch(
            "the metadata name another issuer: set issuer to the text that stands there",
        ));
    }
    let metadata = Metadata {
        issuer,
        authorization_endpoint: required(&mut members, AUTHORIZATION)?,
        token_endpoint: required(&mut members, TOKEN)?,
        revocation_endpoint: text(&mut members, REVOCATION)?,
        end_session_endpoint: text(&mut members, END_SESSION)?,
        userinfo_endpoint: text(&mut members, USERINFO)?,
        pushed_authorization_request_endpoint: text(&mut members, PUSHED)?,
        requires_pushed_requests: flag(&mut members, REQUIRES_PUSHED)?,
        announces_iss: flag(&mut members, ANNOUNCES_ISS)?,
    };
    if !metadata.endpoints().all(|(_, url)| is_secure(url)) {
        return Err(mismatch(
            "an endpoint in the metadata is neither https nor http on loopback",
        ));
    }
    if metadata.requires_pushed_requests && metadata.pushed_authorization_request_endpoint.is_none()
    {
        return Err(mismatch(
            "the metadata require pushed authorization requests and name no endpoint for them",
        ));
    }
    if !announces(&members, "code_challenge_methods_supported", "S256") {
        return Err(mismatch(
            "the provider does not offer PKCE with S256: let it be turned on there",
        ));
    }
    if provider.dpop && !announces(&members, "dpop_signing_alg_values_supported", "ES256") {
        return Err(mismatch(
            "the provider does not offer DPoP with ES256: let it be turned on there, or turn dpop off",
        ));
    }
    Ok(metadata)
}

impl Metadata {
    /// A document that [`interpret`] reads again.
    pub fn to_json(&self) -> String {
        let flag = |text: Writer, name: &str, is_set: bool| match is_set {
            true => text.json(name, "true"),
            false => text,
        };
        let text = Writer::default().text(ISSUER, Some(&self.issuer));
        let text = self
            .endpoints()
            .fold(text, |text, (name, url)| text.text(name, Some(url)));
        let text = flag(text, REQUIRES_PUSHED, self.requires_pushed_requests);
        flag(text, ANNOUNCES_ISS, self.announces_iss).finish()
    }

    fn endpoints(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let endpoints = [
            (AUTHORIZATION, Some(&self.authorization_endpoint)),
            (TOKEN, Some(&self.token_endpoint)),
            (REVOCATION, self.revocation_endpoint.as_ref()),
            (END_SESSION, self.end_session_endpoint.as_ref()),
            (USERINFO, self.userinfo_endpoint.as_ref()),
            (PUSHED, self.pushed_authorization_request_endpoint.as_ref()),
        ];
        endpoints
            .into_iter()
            .filter_map(|(name, url)| Some((name, url?.as_str())))
    }
}

fn text(members: &mut Members, name: &str) -> Result<Option<String>, Error> {
    members.text(name).map_err(|_| unavailable())
}

fn required(members: &mut Members, name: &str) -> Result<String, Error> {
    text(members, name)?.ok_or_else(unavailable)
}

fn flag(members: &mut Members, name: &str) -> Result<bool, Error> {
    match members.take(name) {
        None => Ok(false),
        Some(Json::Flag(is_set)) => Ok(is_set),
        Some(_) => Err(unavailable()),
    }
}

/// Whether `value` stands in a list, or there is no such list: many providers leave it out.
fn announces(members: &Members, list: &str, value: &str) -> bool {
    match members.get(list) {
        None | Some(Json::Null) => true,
        Some(Json::List(items)) => items.iter().any(|item| item.as_text() == Some(value)),
        Some(_) => false,
    }
}

/// Whether it is an absolute URL with https, or with http on loopback, that no parser reads otherwise: no name before the
/// host, no fragment (RFC 6749, section 3.1), nothing that a browser drops or takes for a slash.
fn is_secure(url: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\');
    let authority = |rest: &str| {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or_default();
        let is_host = !authority.is_empty() && !authority.contains('@');
        is_host.then(|| authority.to_owned())
    };
    url.bytes().all(is_plain)
        && match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => authority(rest).is_some(),
            (_, Some(rest)) => authority(rest).is_some_and(|host| is_loopback(&host)),
            _ => false,
        }
}

fn is_loopback(authority: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if is_number(port) => host,
        _ => authority,
    };
    let is_127 = |rest: &str| rest.split('.').count() == 3 && rest.split('.').all(is_number);
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host.strip_prefix("127.").is_some_and(is_127)
}

fn unavailable() -> Error {
    Error::from(ErrorKind::ProviderUnavailable)
}

fn mismatch(message: &'static str) -> Error {
    Error::new(ErrorKind::ProviderMismatch, message)
}
