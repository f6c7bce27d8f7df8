//! May this URL carry the token?
//!
//! The question is asked of a URL that the platform has parsed and resolved, never of text: no prefix,
//! suffix or pattern of a string is ever compared (CVE-2018-11537, CVE-2025-27152).

use crate::error::{Error, ErrorKind};

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
            let (host, path) = rest.split_once('/')?;
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
        if is_ambiguous(pathname) {
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
    let is_ipv4 =
        name.split('.').count() == 4 && name.split('.').all(|part| part.parse::<u8>().is_ok());
    name == "localhost"
        || name.ends_with(".localhost")
        || name == "[::1]"
        || (is_ipv4 && name.starts_with("127."))
}

/// Whether a server, or what stands before it, could read another path than the one that is compared here:
/// one that decodes once more, that cuts `;parameters` off before it looks for dots, that takes a backslash
/// for a slash, or that makes one slash of two.
fn is_ambiguous(pathname: &str) -> bool {
    let mut segments = pathname.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if !(segment.is_empty() && is_last) && is_ambiguous_segment(segment) {
            return true;
        }
    }
    false
}

fn is_ambiguous_segment(segment: &str) -> bool {
    let mut bytes = segment.as_bytes().to_vec();
    loop {
        // What is no UTF-8 has other spellings of dots and slashes in it (`%c0%ae`), or may have.
        let Ok(text) = str::from_utf8(&bytes) else {
            return true;
        };
        if text.chars().any(is_slash_or_control) || is_dots(text) || has_percent_u(text) {
            return true;
        }
        let plain = unescaped(&bytes);
        if plain.len() == bytes.len() {
            return false;
        }
        bytes = plain;
    }
}

/// The wide ones become narrow where a text is normalized.
fn is_slash_or_control(character: char) -> bool {
    matches!(
        character,
        '/' | '\\' | '／' | '∕' | '⁄' | '＼' | '\0'..='\x1f' | '\x7f'
    )
}

/// Nothing but dots, and the spaces that some systems drop behind them, up to where a parameter, a query or
/// a fragment would begin.
fn is_dots(segment: &str) -> bool {
    let is_end = |character: &char| matches!(character, ';' | '；' | '?' | '#');
    let is_dot = |character| matches!(character, '.' | '．' | '․' | '‥' | ' ');
    segment
        .chars()
        .take_while(|character| !is_end(character))
        .all(is_dot)
}

/// `%u002e`, as old servers of one maker read it.
fn has_percent_u(text: &str) -> bool {
    text.as_bytes().windows(6).any(|window| match window {
        [b'%', b'u' | b'U', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    })
}

/// Each `%2e` as its byte; what is no such escape stays.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let mut plain = Vec::new();
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, behind @ ..] => digit(high)
                .zip(digit(low))
                .map(|(high, low)| ((high << 4 | low) as u8, behind)),
            _ => None,
        };
        let (byte, behind) = escaped.unwrap_or((*first, behind));
        plain.push(byte);
        rest = behind;
    }
    plain
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
            for path in [
                "/v1",
                "/v1/",
                "/v1/x",
                "/v1/x/",
                "/v1/%2ex",
                "/v1/a..b/.well-known/x.",
                "/v1/cars;color=red;year=2012/wheels",
                "/v1/100%25",
                "/v1/100%2520",
                "/v1/100%",
                "/v1/a%20b/%C3%A9/%E4%BD%A0",
                "/v1/@me:%40;v=1.1,2",
            ] {
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

    /// Servers, and what stands before them, decode once more, cut parameters off segments, and join slashes.
    #[test]
    fn sec_12_a_path_prefix_is_not_left_by_what_some_server_undoes() {
        for path in [
            "/v1/..;/admin",
            "/v1/..;x=1/admin",
            "/v1/.;/..;/admin",
            "/v1/;/admin",
            "/v1/;x/admin",
            "/v1/..%3b/admin",
            "/v1/..%3Bx/admin",
            "/v1/%2e%2e;/admin",
            "/v1/%2e%2e/admin",
            "/v1/%2E./admin",
            "/v1/%252e%252e/admin",
            "/v1/%252e%252e%252fadmin",
            "/v1/%25252e%25252e/admin",
            "/v1/%25%32%65%25%32%65/admin",
            "/v1/..%252fadmin",
            "/v1/..%255cadmin",
            "/v1/..%2fadmin",
            "/v1/..%5Cadmin",
            "/v1/..\\admin",
            "/v1/x%2fy",
            "/v1//admin",
            "/v1//",
            "/v1/%2e%2e%00/admin",
            "/v1/x%00",
            "/v1/x%0a",
            "/v1/..%09/admin",
            "/v1/..%20/admin",
            "/v1/.../admin",
            "/v1/..%3f/admin",
            "/v1/..%23/admin",
            "/v1/%u002e%u002e/admin",
            "/v1/..%u2216admin",
            "/v1/%c0%ae%c0%ae/admin",
            "/v1/..%c0%afadmin",
            "/v1/..%e0%80%afadmin",
            "/v1/..%c1%9cadmin",
            "/v1/%ef%bc%8e%ef%bc%8e/admin",
            "/v1/..%ef%bc%8fadmin",
            "/v1/%e2%80%a5/admin",
        ] {
            let list = ["https://a.b/v1/"];
            assert!(!allows(&list, "https:", "a.b", path), "{path}");
            // Where the whole origin may have the token, no path of it leads out.
            let list = ["https://a.b/"];
            assert!(allows(&list, "https:", "a.b", path), "{path}");
        }
    }
}
