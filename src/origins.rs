//! May this URL carry the token?
//!
//! The question is asked of a URL that the platform has parsed and resolved, never of text: no prefix,
//! suffix or pattern of a string is ever compared (CVE-2018-11537, CVE-2025-27152).

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
#[derive(Debug)]
pub struct Origins(Vec<Origin>);

/// A URL that may have the token, with all below its path. It is https, or http on loopback: the facade has seen to
/// that, before there was a core, and nothing else is ever equal to it.
#[derive(Debug)]
pub struct Origin {
    /// With the colon.
    pub protocol: String,
    /// Host name and, where it is not the default, port.
    pub host: String,
    /// Whole segments; a slash for the whole origin.
    pub pathname: String,
}

impl Origins {
    /// Those that the application named.
    ///
    /// ```
    /// # use hallpass::origins::{Origin, Origins, Target};
    /// let [protocol, host, pathname] = ["https:", "api.example.com", "/v1/"].map(str::to_owned);
    /// let origins = Origins::new(vec![Origin { protocol, host, pathname }]);
    /// let to = |host, pathname| origins.allow(Target { protocol: "https:", host, pathname });
    /// assert!(to("api.example.com", "/v1/me"));
    /// assert!(!to("api.example.com", "/v10"));
    /// assert!(!to("api.example.com.evil.test", "/v1/me"));
    /// ```
    pub const fn new(origins: Vec<Origin>) -> Self {
        Self(origins)
    }

    /// Whether a request to `target` may carry the token.
    pub fn allow(&self, target: Target<'_>) -> bool {
        self.0.iter().any(|origin| origin.covers(target))
    }
}

impl Origin {
    fn covers(&self, target: Target<'_>) -> bool {
        self.protocol == target.protocol
            && self.host == target.host
            && self.covers_path(target.pathname)
    }

    fn covers_path(&self, pathname: &str) -> bool {
        let prefix = self.pathname.strip_suffix("/").unwrap_or(&self.pathname);
        if prefix.is_empty() {
            return true;
        }
        if is_ambiguous(pathname) {
            return false;
        }
        let rest = pathname.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("/"))
    }
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

    fn allows(protocol: &str, host: &str, prefix: &str, to: [&str; 3]) -> bool {
        let [protocol, host, pathname] = [protocol, host, prefix].map(str::to_owned);
        let origin = Origin {
            protocol,
            host,
            pathname,
        };
        let [protocol, host, pathname] = to;
        Origins::new(vec![origin]).allow(Target {
            protocol,
            host,
            pathname,
        })
    }

    #[test]
    fn sec_12_scheme_host_and_port_must_all_be_the_same() {
        let may = |protocol, host, pathname| {
            allows("https:", "api.example", "/", [protocol, host, pathname])
        };
        assert!(may("https:", "api.example", "/x"));
        assert!(!may("http:", "api.example", "/x"));
        assert!(!may("https:", "api.example:8443", "/x"));
        assert!(!may("https:", "api.example.", "/x"));
        assert!(!may("https:", "xapi.example", "/x"));
        assert!(!may("https:", "api.example.evil.com", "/x"));
        assert!(!may("blob:", "", "https://api.example/uuid"));
        assert!(!may("data:", "", "text/plain,"));
        let local = |host| allows("http:", "localhost:7081", "/", ["http:", host, "/x"]);
        assert!(local("localhost:7081"));
        assert!(!local("localhost") && !local("localhost:7082") && !local("api.example"));
    }

    #[test]
    fn a_path_prefix_matches_whole_segments() {
        for prefix in ["/v1/", "/v1"] {
            let may = |pathname| allows("https:", "a.b", prefix, ["https:", "a.b", pathname]);
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
                assert!(may(path), "{path}");
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
                assert!(!may(path), "{path}");
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
            let may = |prefix| allows("https:", "a.b", prefix, ["https:", "a.b", path]);
            assert!(!may("/v1/"), "{path}");
            // Where the whole origin may have the token, no path of it leads out.
            assert!(may("/"), "{path}");
        }
    }
}
