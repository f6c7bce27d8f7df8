//! May this URL carry the token?
//!
//! The question is asked of a URL that the platform has parsed and resolved, never of text: no prefix,
//! suffix or pattern of a string is ever compared (CVE-2018-11537, CVE-2025-27152).

use crate::error::{Error, ErrorKind};
use crate::text;

/// A URL as the platform's parser sees it.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// With the colon: `"https:"`.
    pub protocol: &'a str,
    /// Host name and, where it is not the default, port. No user name.
    pub host: &'a str,
    /// Starts with a slash.
    pub pathname: &'a str,
}

/// The allow-list.
#[derive(Debug, Default)]
pub struct Origins(Vec<Allowed>);

#[derive(Debug)]
struct Allowed {
    protocol: String,
    host: String,
    /// Whole segments; empty for the whole origin.
    path: String,
}

impl Origins {
    /// From hrefs that the platform has normalized, e.g. `https://api.example.com/v1/`.
    ///
    /// # Errors
    /// `invalid_option` where one is neither https nor http on loopback.
    ///
    /// ```
    /// # use hallpass::origins::{Origins, Target};
    /// let origins = Origins::new(&["https://api.example.com/v1/".into()]).unwrap();
    /// let to = |host, pathname| origins.allow(Target { protocol: "https:", host, pathname });
    /// assert!(to("api.example.com", "/v1/me"));
    /// assert!(!to("api.example.com", "/v10"));
    /// assert!(!to("api.example.com.evil.test", "/v1/me"));
    /// ```
    pub fn new(hrefs: &[String]) -> Result<Self, Error> {
        let mut origins = Vec::new();
        for href in hrefs {
            origins.push(Allowed::parse(href)?);
        }
        Ok(Self(origins))
    }

    /// Whether a request to `target` may carry the token.
    pub fn allow(&self, target: Target<'_>) -> bool {
        let secure = is_secure(target.protocol, target.host);
        secure && self.0.iter().any(|allowed| allowed.covers(target))
    }
}

impl Allowed {
    fn parse(href: &str) -> Result<Self, Error> {
        let parts = ["https:", "http:"].into_iter().find_map(|protocol| {
            let rest = href.strip_prefix(protocol)?.strip_prefix("//")?;
            let (host, path) = text::cut(rest, b'/')?;
            is_secure(protocol, host).then(|| Self {
                protocol: protocol.to_owned(),
                host: host.to_owned(),
                path: path.strip_suffix("/").unwrap_or(path).to_owned(),
            })
        });
        parts.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidOption,
                "options.origins must be https origins, or http on loopback",
            )
        })
    }

    fn covers(&self, target: Target<'_>) -> bool {
        self.protocol == target.protocol
            && self.host == target.host
            && self.covers_path(target.pathname)
    }

    fn covers_path(&self, pathname: &str) -> bool {
        if self.path.is_empty() {
            return true;
        }
        // A server may decode these into another path than the one that is compared here.
        if has_hidden_segments(pathname) {
            return false;
        }
        let rest = pathname
            .strip_prefix("/")
            .and_then(|path| path.strip_prefix(self.path.as_str()));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("/"))
    }
}

fn is_secure(protocol: &str, host: &str) -> bool {
    match protocol {
        "https:" => !host.is_empty(),
        "http:" => is_loopback(host),
        _ => false,
    }
}

fn is_loopback(host: &str) -> bool {
    let colon = host.bytes().rposition(|byte| byte == b':');
    let name = match colon.and_then(|colon| host.split_at_checked(colon)) {
        Some((name, port)) if port.bytes().skip(1).all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    // The platform writes every spelling of an IPv4 address as four decimal numbers, so `127.` can only
    // be followed by three of them, unless the name is no address at all.
    let is_ipv4 = text::split(name, b'.').count() == 4
        && text::split(name, b'.').all(|part| part.parse::<u8>().is_ok());
    name == "localhost"
        || name.ends_with(".localhost")
        || name == "[::1]"
        || (is_ipv4 && name.starts_with("127."))
}

fn has_hidden_segments(pathname: &str) -> bool {
    text::split(pathname, b'/').any(|segment| {
        let segment = segment.to_ascii_lowercase();
        let has = |part: &[u8]| {
            segment
                .as_bytes()
                .windows(part.len())
                .any(|window| window == part)
        };
        has(b"%2f") || has(b"%5c") || has(b"\\") || is_dots(&segment)
    })
}

/// One dot or two, written in any way.
fn is_dots(segment: &str) -> bool {
    let dot = |text| str::strip_prefix(text, ".").or_else(|| str::strip_prefix(text, "%2e"));
    match dot(segment) {
        Some(rest) => rest.is_empty() || dot(rest).is_some_and(str::is_empty),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &[&str], protocol: &str, host: &str, pathname: &str) -> bool {
        let hrefs: Vec<String> = list.iter().map(|href| (*href).to_owned()).collect();
        Origins::new(&hrefs).unwrap().allow(Target {
            protocol,
            host,
            pathname,
        })
    }

    #[test]
    fn sec_12_scheme_host_and_port_must_all_be_the_same() {
        let list = ["https://api.example/"];
        assert!(allows(&list, "https:", "api.example", "/x"));
        assert!(!allows(&list, "http:", "api.example", "/x"));
        assert!(!allows(&list, "https:", "api.example:8443", "/x"));
        assert!(!allows(&list, "https:", "api.example.", "/x"));
        assert!(!allows(&list, "https:", "xapi.example", "/x"));
        assert!(!allows(&list, "https:", "api.example.evil.com", "/x"));
        assert!(!allows(&list, "blob:", "", "https://api.example/uuid"));
        assert!(!allows(&list, "data:", "", "text/plain,"));
    }

    #[test]
    fn sec_12_plain_http_is_for_loopback_only() {
        for host in [
            "localhost",
            "localhost:7081",
            "app.localhost",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:80",
        ] {
            assert!(
                allows(&[&format!("http://{host}/")], "http:", host, "/"),
                "{host}"
            );
        }
        for host in [
            "api.example",
            "127.0.0.1.evil.com",
            "localhost.evil.com",
            "[::2]",
            "127.evil.com",
            "1.127.0.0",
        ] {
            let refused = Origins::new(&[format!("http://{host}/")]).unwrap_err();
            assert_eq!(refused.code(), "invalid_option", "{host}");
        }
        assert!(Origins::new(&["null".to_owned()]).is_err());
        assert!(Origins::new(&["file:///".to_owned()]).is_err());
    }

    #[test]
    fn a_path_prefix_matches_whole_segments() {
        for list in [["https://a.b/v1/"], ["https://a.b/v1"]] {
            for path in ["/v1", "/v1/", "/v1/x", "/v1//x", "/v1/%2ex"] {
                assert!(allows(&list, "https:", "a.b", path), "{path}");
            }
            for path in [
                "/",
                "/v10",
                "/v2",
                "/V1",
                "/x/v1",
                "//v1",
                "/v1/%2F",
                "/v1/%5c..",
                "/v1/%2E%2e/x",
                "/v1/.%2e",
            ] {
                assert!(!allows(&list, "https:", "a.b", path), "{path}");
            }
        }
    }
}
