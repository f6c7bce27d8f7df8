//! The origins, and which of them may do what.

use serde::Serialize;
use url::Url;

/// Where the listeners are, as browsers write it: `https://localhost:7080`.
#[derive(Debug, Clone, Serialize)]
pub struct Origins {
    /// The demo app.
    pub app: String,
    /// The API.
    pub api: String,
    /// The origin that must never see a token.
    pub foreign: String,
    /// The documentation, where it is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

impl Origins {
    /// The line that the command prints.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Parses a `redirect_uri` and accepts it only on the app's origin.
    ///
    /// The comparison is on the parsed URL: a prefix test on the text would accept
    /// `http://localhost:7080@evil.test/` and `http://localhost:70801/`.
    pub(crate) fn redirect_uri(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        // A `blob:` URL has the origin of the page that made it, and is no page.
        let web = matches!(url.scheme(), "http" | "https");
        let clean = web && url.username().is_empty() && url.password().is_none();
        (clean && url.fragment().is_none() && url.origin().ascii_serialization() == self.app)
            .then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Origins {
        Origins {
            app: "http://localhost:7080".to_owned(),
            api: "http://localhost:7081".to_owned(),
            foreign: "http://localhost:7082".to_owned(),
            docs: None,
        }
    }

    #[test]
    fn redirects_stay_on_the_app() {
        for good in [
            "http://localhost:7080",
            "http://localhost:7080/a?b=c",
            "HTTP://LOCALHOST:7080/",
        ] {
            assert!(origins().redirect_uri(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "/relative",
            "//localhost:7080/",
            "http://localhost:7081/",
            "https://localhost:7080/",
            "http://localhost:70801/",
            "http://localhost:7080@evil.test/",
            "http://user@localhost:7080/",
            "http://localhost:7080.evil.test/",
            "http://localhost:7080/#fragment",
            "http://localhost:7080/#",
            "javascript:alert(1)//localhost:7080",
            "data:text/html,x",
            "blob:http://localhost:7080/0",
            "http://evil.test/\\localhost:7080",
        ] {
            assert!(origins().redirect_uri(bad).is_none(), "{bad}");
        }
    }
}
