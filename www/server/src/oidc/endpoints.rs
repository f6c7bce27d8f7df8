//! Where the provider's endpoints are. The issuer has a path, as those of many providers do.

use crate::origins::Origins;

const ISSUER: &str = "/oidc";

/// OpenID Connect Discovery 1.0, 4: the well-known part comes last.
pub(crate) const DISCOVERY: &str = "/oidc/.well-known/openid-configuration";
/// RFC 8414, 3.1: the well-known part comes first.
pub(crate) const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server/oidc";
pub(crate) const JWKS: &str = "/oidc/jwks";
pub(crate) const AUTHORIZE: &str = "/oidc/authorize";
pub(crate) const PUSH: &str = "/oidc/par";
pub(crate) const TOKEN: &str = "/oidc/token";
pub(crate) const REVOKE: &str = "/oidc/revoke";
pub(crate) const USER_INFO: &str = "/oidc/userinfo";
pub(crate) const END_SESSION: &str = "/oidc/end-session";

/// The issuer, as metadata, callbacks and tokens name it.
pub(crate) fn issuer(origins: &Origins) -> String {
    url(origins, ISSUER)
}

/// The address of a path here.
pub(crate) fn url(origins: &Origins, path: &str) -> String {
    format!("{}{path}", origins.api)
}
