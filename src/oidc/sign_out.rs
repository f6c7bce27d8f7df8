//! Sign-out at the provider: tokens given back (RFC 7009), its own session ended (OpenID Connect RP-Initiated Logout 1.0).

use crate::config::Provider;
use crate::request::{add_field, open_query};
use crate::secret::Secret;

use super::metadata::Metadata;

/// The form for the revocation endpoint: the refresh token, with which the provider revokes the access tokens, too, or
/// else the access token (RFC 7009, section 2.1). `None` where there is neither.
pub fn revocation_form(
    provider: &Provider,
    access: Option<&Secret>,
    refresh: Option<&Secret>,
) -> Option<Secret> {
    let (token, hint) = match refresh {
        Some(refresh) => (refresh, "refresh_token"),
        None => (access?, "access_token"),
    };
    let mut form = String::new();
    add_field(&mut form, "token", token.expose());
    add_field(&mut form, "token_type_hint", hint);
    add_field(&mut form, "client_id", &provider.client_id);
    Some(Secret::from(form))
}

/// What a tab remembers that has left for the provider's end-session endpoint: what it comes back with is cleaned away.
pub const MARK: &str = r#"{"v":1,"signedOut":true}"#;

/// Where to go to end the provider's session (section 2). `None` where it has no such endpoint.
pub fn end_session_url(
    provider: &Provider,
    metadata: &Metadata,
    id_token: Option<&Secret>,
    state: &str,
) -> Option<String> {
    let mut url = open_query(metadata.end_session_endpoint.as_ref()?);
    let fields = [
        ("id_token_hint", id_token.map(Secret::expose)),
        ("client_id", Some(provider.client_id.as_str())),
        (
            "post_logout_redirect_uri",
            Some(provider.post_logout_redirect_uri.as_str()),
        ),
        ("state", Some(state)),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            add_field(&mut url, name, value);
        }
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oidc_9_the_refresh_token_is_revoked_or_else_the_access_token() {
        let provider = Provider::example();
        let (access, refresh) = (Secret::from("a+b"), Secret::from("r&1"));
        let form = |access, refresh| {
            revocation_form(&provider, access, refresh).map(|form| form.expose().to_owned())
        };
        let by_refresh = "token=r%261&token_type_hint=refresh_token&client_id=spa";
        assert_eq!(
            form(Some(&access), Some(&refresh)).as_deref(),
            Some(by_refresh)
        );
        assert_eq!(form(None, Some(&refresh)).as_deref(), Some(by_refresh));
        assert_eq!(
            form(Some(&access), None).as_deref(),
            Some("token=a%2Bb&token_type_hint=access_token&client_id=spa")
        );
        assert_eq!(form(None, None), None);
    }

    #[test]
    fn oidc_9_the_end_of_the_providers_session_leads_back_here() {
        let (provider, mut metadata) = (Provider::example(), Metadata::example());
        let token = Secret::from("e.y.J");
        let back = "client_id=spa&post_logout_redirect_uri=https%3A%2F%2Fapp.test%2F&state=s-1";
        assert_eq!(
            end_session_url(&provider, &metadata, Some(&token), "s-1").unwrap(),
            ["https://id.test/end?id_token_hint=e.y.J&", back].concat()
        );
        metadata.end_session_endpoint = Some("https://id.test/end?p=b2c".to_owned());
        assert_eq!(
            end_session_url(&provider, &metadata, None, "s-1").unwrap(),
            ["https://id.test/end?p=b2c&", back].concat()
        );
        metadata.end_session_endpoint = None;
        assert_eq!(end_session_url(&provider, &metadata, None, "s-1"), None);
    }
}
