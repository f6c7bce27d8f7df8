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
    let issuer = members.text(ISSUER).ok().flatten();
    let issuer = issuer.ok_or_else(unavailable)?;
    if issuer != provider.issuer {
        return Err(mismatch(
            "the metadata name another issuer: set issuer to the text that stands there",
        ));
    }
    let metadata = read(&mut members, issuer).ok_or_else(unavailable)?;
    match lack(&metadata, &members, provider) {
        Some(message) => Err(mismatch(message)),
        None => Ok(metadata),
    }
}

/// `None` where a member is missing that must be there, or one has the wrong type.
fn read(members: &mut Members, issuer: String) -> Option<Metadata> {
    let requires_pushed_requests = flag(members, REQUIRES_PUSHED)?;
    let announces_iss = flag(members, ANNOUNCES_ISS)?;
    let endpoints = [
        AUTHORIZATION,
        TOKEN,
        REVOCATION,
        END_SESSION,
        USERINFO,
        PUSHED,
    ];
    let [
        Some(authorization_endpoint),
        Some(token_endpoint),
        revocation_endpoint,
        end_session_endpoint,
        userinfo_endpoint,
        pushed_authorization_request_endpoint,
    ] = members.texts(endpoints).ok()?
    else {
        return None;
    };
    Some(Metadata {
        issuer,
        authorization_endpoint,
        token_endpoint,
        revocation_endpoint,
        end_session_endpoint,
        userinfo_endpoint,
        pushed_authorization_request_endpoint,
        requires_pushed_requests,
        announces_iss,
    })
}

/// What the provider lacks, or does unsafely.
fn lack(metadata: &Metadata, members: &Members, provider: &Provider) -> Option<&'static str> {
    if !metadata.endpoints().all(|(_, url)| is_secure(url)) {
        return Some("an endpoint in the metadata is neither https nor http on loopback");
    }
    if metadata.requires_pushed_requests && metadata.pushed_authorization_request_endpoint.is_none()
    {
        return Some(
            "the metadata require pushed authorization requests and name no endpoint for them",
        );
    }
    if !announces(members, "code_challenge_methods_supported", "S256") {
        return Some("the provider does not offer PKCE with S256: let it be turned on there");
    }
    if provider.dpop && !announces(members, "dpop_signing_alg_values_supported", "ES256") {
        return Some(
            "the provider does not offer DPoP with ES256: let it be turned on there, or turn dpop off",
        );
    }
    None
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

fn flag(members: &mut Members, name: &str) -> Option<bool> {
    match members.take(name) {
        None => Some(false),
        Some(Json::Flag(is_set)) => Some(is_set),
        Some(_) => None,
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
    fn authority(rest: &str) -> Option<&str> {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or_default();
        let is_host = !authority.is_empty() && !authority.contains('@');
        is_host.then_some(authority)
    }
    url.bytes().all(is_plain)
        && match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => authority(rest).is_some(),
            (_, Some(rest)) => authority(rest).is_some_and(is_loopback),
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    impl Metadata {
        /// What [`Provider::example`] has: all endpoints, and nothing that is required.
        pub(crate) fn example() -> Self {
            interpret(&document().to_string(), &Provider::example()).unwrap()
        }
    }

    fn document() -> Value {
        json!({
            "issuer": "https://id.test",
            "authorization_endpoint": "https://id.test/authorize?tenant=a",
            "token_endpoint": "https://id.test/token",
            "revocation_endpoint": "https://id.test/revoke",
            "end_session_endpoint": "https://id.test/end",
            "userinfo_endpoint": "https://id.test/userinfo",
            "pushed_authorization_request_endpoint": "https://id.test/par",
            "code_challenge_methods_supported": ["plain", "S256"],
            "dpop_signing_alg_values_supported": ["RS256", "ES256"],
            "scopes_supported": ["openid"],
        })
    }

    fn with(name: &str, value: Value) -> String {
        let mut document = document();
        document[name] = value;
        document.to_string()
    }

    #[track_caller]
    fn code(document: &str, provider: &Provider) -> &'static str {
        interpret(document, provider).map_or_else(|error| error.code(), |_| "ok")
    }

    const REQUIRED: [&str; 3] = ["issuer", "authorization_endpoint", "token_endpoint"];
    const OPTIONAL: [&str; 4] = [
        "revocation_endpoint",
        "end_session_endpoint",
        "userinfo_endpoint",
        "pushed_authorization_request_endpoint",
    ];

    #[test]
    fn oidc_1_metadata_are_read_and_what_is_cached_reads_the_same() {
        let provider = Provider::example();
        let metadata = Metadata::example();
        assert_eq!(metadata.token_endpoint, "https://id.test/token");
        assert_eq!(
            metadata.end_session_endpoint.as_deref(),
            Some("https://id.test/end")
        );
        assert!(!metadata.announces_iss && !metadata.requires_pushed_requests);
        let announcing = interpret(&with(ANNOUNCES_ISS, json!(true)), &provider).unwrap();
        let requiring = interpret(&with(REQUIRES_PUSHED, json!(true)), &provider).unwrap();
        assert!(announcing.announces_iss && requiring.requires_pushed_requests);
        let mut small = document();
        for name in OPTIONAL {
            small[name] = Value::Null;
        }
        let small = interpret(&small.to_string(), &provider).unwrap();
        assert_eq!(small.revocation_endpoint, None);
        for metadata in [metadata, announcing, requiring, small] {
            assert_eq!(interpret(&metadata.to_json(), &provider), Ok(metadata));
        }
    }

    #[test]
    fn oidc_1_the_issuer_is_the_same_text_and_nothing_near_it() {
        for other in [
            "https://id.test/",
            "https://ID.test",
            "http://id.test",
            "https://id.test:443",
            "https://id.test.evil.test",
            "",
        ] {
            let error = interpret(&with("issuer", json!(other)), &Provider::example()).unwrap_err();
            assert_eq!(
                (error.code(), error.retryable()),
                ("provider_mismatch", false),
                "{other}"
            );
        }
    }

    #[test]
    fn oidc_1_what_is_no_metadata_document_is_trouble_that_passes() {
        let provider = Provider::example();
        for none in ["", "null", "[]", "<html>", "{", r#"{"error":"busy"}"#, "{}"] {
            let error = interpret(none, &provider).unwrap_err();
            assert_eq!(
                (error.code(), error.retryable()),
                ("provider_unavailable", true),
                "{none}"
            );
        }
        for name in REQUIRED {
            for value in [json!(null), json!(1), json!([]), json!({})] {
                let document = with(name, value.clone());
                assert_eq!(
                    code(&document, &provider),
                    "provider_unavailable",
                    "{name} {value}"
                );
            }
        }
        for name in OPTIONAL {
            assert_eq!(
                code(&with(name, json!(1)), &provider),
                "provider_unavailable"
            );
            assert_eq!(code(&with(name, json!(null)), &provider), "ok", "{name}");
        }
        for name in [REQUIRES_PUSHED, ANNOUNCES_ISS] {
            assert_eq!(
                code(&with(name, json!("true")), &provider),
                "provider_unavailable"
            );
            assert_eq!(code(&with(name, json!(false)), &provider), "ok");
        }
    }

    #[test]
    fn oidc_1_an_endpoint_is_https_or_http_on_loopback() {
        let provider = Provider::example();
        for good in [
            "https://id.test/x",
            "https://id.test",
            "https://id.test?x=/",
            "https://other.test:8443/a?b=c",
            "https://[2001:db8::1]/",
            "http://localhost/x",
            "http://localhost:8080/x",
            "http://id.localhost?y",
            "http://127.0.0.1:1",
            "http://127.9.8.7/",
            "http://[::1]:80/",
            "http://[::1]",
        ] {
            for name in REQUIRED.iter().chain(&OPTIONAL).skip(1) {
                assert_eq!(code(&with(name, json!(good)), &provider), "ok", "{good}");
            }
        }
        for bad in [
            "",
            "/token",
            "id.test/token",
            "//id.test/token",
            "http://id.test/token",
            "HTTP://id.test/token",
            "HTTPS://id.test/token",
            "ftp://id.test/",
            "javascript:alert(1)",
            "javascript://localhost/%0aalert(1)",
            "data:text/html,x",
            "https:/id.test",
            "https:id.test",
            "https:///id.test",
            "https://",
            "https://?x",
            "https://user@id.test/",
            "https://user:pass@id.test/",
            "https://id.test\\@evil.test",
            "https://id.test/#",
            "https://id.test/#fragment",
            " https://id.test/",
            "https://id.test/ x",
            "https://id.te\tst/",
            "https://id.test/\n",
            "https://ïd.test/",
            "http://localhost.evil.test/",
            "http://localhost@evil.test/",
            "http://localhost:80@evil.test/",
            "http://notlocalhost/",
            "http://evil.test/localhost",
            "http://evil.test?.localhost",
            "http://localhost:",
            "http://localhost:x/",
            "http://127.0.0.1.evil.test/",
            "http://127.0.0/",
            "http://127.0.0.0.1/",
            "http://127.0..1/",
            "http://128.0.0.1/",
            "http://[::1].evil.test/",
            "http://[::2]/",
        ] {
            for name in REQUIRED.iter().chain(&OPTIONAL).skip(1) {
                assert_eq!(
                    code(&with(name, json!(bad)), &provider),
                    "provider_mismatch",
                    "{bad}"
                );
            }
        }
    }

    #[test]
    fn oidc_1_a_provider_that_lacks_what_is_needed_is_told_at_once() {
        let mut provider = Provider::example();
        let methods = "code_challenge_methods_supported";
        let algorithms = "dpop_signing_alg_values_supported";
        for dpop in [false, true] {
            provider.dpop = dpop;
            for (name, value, is_good) in [
                (methods, json!(["plain"]), false),
                (methods, json!([]), false),
                (methods, json!("S256"), false),
                (methods, json!(["s256"]), false),
                (methods, json!(null), true),
                (algorithms, json!(["RS256"]), !dpop),
                (algorithms, json!([]), !dpop),
                (algorithms, json!(null), true),
            ] {
                let expected = if is_good { "ok" } else { "provider_mismatch" };
                let document = with(name, value);
                assert_eq!(code(&document, &provider), expected, "{dpop} {document}");
            }
        }
        let mut pushed = document();
        pushed[REQUIRES_PUSHED] = json!(true);
        pushed[PUSHED] = Value::Null;
        assert_eq!(code(&pushed.to_string(), &provider), "provider_mismatch");
    }
}
