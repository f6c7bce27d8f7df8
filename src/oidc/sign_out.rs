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
