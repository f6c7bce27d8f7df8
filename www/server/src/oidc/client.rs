//! The one client that this provider knows: a public one, which keeps no secret.

use url::Url;

use super::params::Params;
use crate::error::ApiError;
use crate::origins::Origins;

/// Its id.
pub(crate) const ID: &str = "spa";

/// Refuses a request of another one. It has no secret to show (RFC 6749, 2.1 and 3.2.1).
pub(crate) fn check(params: &Params) -> Result<(), ApiError> {
    match params.required("client_id")? {
        ID => Ok(()),
        _ => Err(ApiError::oauth("invalid_client", "the client is not known")),
    }
}

/// What is registered of it.
pub(crate) struct Client {
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    /// The origins of all its pages, the demo app's first.
    pub(crate) origins: Vec<String>,
}

impl Client {
    /// Registers the pages that the flags name; a path is one of the demo app.
    pub(crate) fn new(redirect: &[String], post_logout: &[String], origins: &Origins) -> Self {
        let whole = |pages: &[String]| -> Vec<String> {
            let page = |page: &String| match page.strip_prefix('/') {
                Some(path) => format!("{}/{path}", origins.app),
                None => page.clone(),
            };
            pages.iter().map(page).collect()
        };
        let redirect_uris = match redirect {
            [] => vec![format!("{}/", origins.app)],
            pages => whole(pages),
        };
        let post_logout_redirect_uris = match post_logout {
            [] => redirect_uris.clone(),
            pages => whole(pages),
        };
        let mut all = vec![origins.app.clone()];
        for page in redirect_uris.iter().chain(&post_logout_redirect_uris) {
            let origin = Url::parse(page).map(|url| url.origin().ascii_serialization());
            if let Ok(origin) = origin
                && !all.contains(&origin)
            {
                all.push(origin);
            }
        }
        Self {
            redirect_uris,
            post_logout_redirect_uris,
            origins: all,
        }
    }

    /// Is it registered, letter by letter (RFC 9700, 4.1.3)?
    pub(crate) fn has_redirect_uri(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|known| known == uri)
    }

    /// The same for pages after logout (RP-Initiated Logout 1.0, 3).
    pub(crate) fn has_post_logout_redirect_uri(&self, uri: &str) -> bool {
        self.post_logout_redirect_uris
            .iter()
            .any(|known| known == uri)
    }

    pub(crate) fn has_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(redirect: &[&str], post_logout: &[&str]) -> Client {
        let owned = |pages: &[&str]| -> Vec<String> {
            pages.iter().map(|page| (*page).to_owned()).collect()
        };
        let origins = Origins {
            app: "http://localhost:7080".to_owned(),
            api: "http://localhost:7081".to_owned(),
            foreign: "http://localhost:7082".to_owned(),
            docs: None,
        };
        Client::new(&owned(redirect), &owned(post_logout), &origins)
    }

    #[test]
    fn the_root_of_the_demo_app_by_default() {
        let client = client(&[], &[]);
        assert!(client.has_redirect_uri("http://localhost:7080/"));
        assert!(client.has_post_logout_redirect_uri("http://localhost:7080/"));
        assert_eq!(client.origins, ["http://localhost:7080"]);
    }

    #[test]
    fn pages_are_compared_as_text() {
        let client = client(&["/cb", "https://app.test/cb?a=b"], &["/bye"]);
        assert!(client.has_redirect_uri("http://localhost:7080/cb"));
        assert!(client.has_redirect_uri("https://app.test/cb?a=b"));
        for other in [
            "http://localhost:7080/",
            "http://localhost:7080/cb/",
            "http://localhost:7080/cb?",
            "http://localhost:7080/CB",
            "HTTP://localhost:7080/cb",
            "http://localhost:7080/bye",
            "https://app.test/cb",
            "https://app.test:443/cb?a=b",
            "https://app.test/cb?a=b&c=d",
        ] {
            assert!(!client.has_redirect_uri(other), "{other}");
        }
        assert!(client.has_post_logout_redirect_uri("http://localhost:7080/bye"));
        assert!(!client.has_post_logout_redirect_uri("http://localhost:7080/cb"));
        assert_eq!(
            client.origins,
            ["http://localhost:7080", "https://app.test"]
        );
    }
}
