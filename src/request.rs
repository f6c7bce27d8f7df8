//! What is sent to an endpoint.
//!
//! Writing is kept apart from sending, so that every header and every body has a test here.

use crate::config::{Config, Csrf, Encoding, Endpoint};
use crate::cookie;
use crate::json::{Json, Writer, quoted};
use crate::secret::Secret;

/// An answer with tokens in it must not be kept (SEC-26).
pub const CACHE: &str = "no-store";

/// A redirect must not carry credentials elsewhere (SEC-26). It is an answer like any other, so that it can be told
/// from a network that is down.
pub const REDIRECT: &str = "manual";

/// What goes along beside the settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load<'a> {
    /// The application's fields, a JSON object.
    pub fields: Option<&'a Secret>,
    /// The refresh token, and its name.
    pub refresh: Option<(&'a str, &'a Secret)>,
    /// The fingerprint's hash, and its name.
    pub fingerprint: Option<(&'a str, &'a str)>,
    /// The access token, for endpoints that want it.
    pub access: Option<&'a Secret>,
    /// Whether it goes on when the page is left.
    pub keeps_alive: bool,
}

/// A request, in the words of `fetch`.
#[derive(Debug)]
pub struct Request<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Each name stands here once, whatever its case.
    pub headers: Vec<(String, Secret)>,
    /// `None` where the method has none.
    pub body: Option<Secret>,
    /// Which cookies go along.
    pub credentials: &'a str,
    /// Whether it goes on when the page is left.
    pub keeps_alive: bool,
}

/// The CSRF cookie's value fits into no header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unfit;

impl<'a> Request<'a> {
    /// Writes it. `cookies` are all that a script may read.
    ///
    /// # Errors
    /// [`Unfit`]: nothing is to be sent.
    pub fn write(
        config: &'a Config,
        endpoint: &'a Endpoint,
        load: Load<'_>,
        cookies: &str,
    ) -> Result<Self, Unfit> {
        let has_body = !["GET", "HEAD"]
            .iter()
            .any(|method| endpoint.method.eq_ignore_ascii_case(method));
        let csrf = endpoint.csrf.as_ref();
        let csrf = csrf.and_then(|csrf| Some((csrf, csrf_token(csrf, cookies)?)));

        let mut headers = Pairs::new(str::eq_ignore_ascii_case);
        headers.set("Accept", "application/json");
        for (name, value) in &endpoint.headers {
            headers.set(name, value);
        }
        if let Some(token) = load.access.filter(|_| endpoint.bearer) {
            let value = [config.header.prefix.as_str(), token.expose()].concat();
            headers.set(&config.header.name, Secret::from(value).expose());
        }
        if let Some((csrf, value)) = &csrf
            && let Some(name) = &csrf.header
        {
            if !fits_header(value.expose()) {
                return Err(Unfit);
            }
            headers.set(name, value.expose());
        }
        if has_body {
            headers.set("Content-Type", endpoint.encoding.media_type());
        }

        let mut fields = Pairs::new(str::eq);
        fields.add(endpoint.body.as_deref());
        fields.add(load.fields.map(Secret::expose));
        let refresh = load.refresh.map(|(name, token)| (name, token.expose()));
        let csrf = csrf.as_ref();
        let csrf = csrf.and_then(|(csrf, value)| Some((csrf.field.as_deref()?, value.expose())));
        for (name, value) in [refresh, load.fingerprint, csrf].into_iter().flatten() {
            fields.set(name, Secret::from(quoted(value)).expose());
        }
        let default = if config.needs_cookies() {
            "include"
        } else {
            "same-origin"
        };
        Ok(Self {
            method: &endpoint.method,
            headers: headers.list,
            body: has_body.then(|| endpoint.encoding.write(&fields.list)),
            credentials: endpoint.credentials.as_deref().unwrap_or(default),
            keeps_alive: load.keeps_alive,
        })
    }
}

fn csrf_token(csrf: &Csrf, cookies: &str) -> Option<Secret> {
    let value = cookie::values(cookies, &csrf.cookie).next()?;
    Some(Secret::from(cookie::decoded(value)))
}

/// What a header can carry: Latin-1 without control characters.
fn fits_header(value: &str) -> bool {
    value
        .chars()
        .all(|found| matches!(found, '\t' | ' '..='~' | '\u{80}'..='\u{ff}'))
}

/// Names and values. What is set later takes the place of what was there.
struct Pairs {
    list: Vec<(String, Secret)>,
    is_same: fn(&str, &str) -> bool,
}

impl Pairs {
    const fn new(is_same: fn(&str, &str) -> bool) -> Self {
        let list = Vec::new();
        Self { list, is_same }
    }

    #[inline(never)]
    fn set(&mut self, name: &str, value: &str) {
        self.list.retain(|(other, _)| !(self.is_same)(other, name));
        self.list.push((name.to_owned(), Secret::from(value)));
    }

    /// All members of a JSON object: their values stay JSON.
    fn add(&mut self, object: Option<&str>) {
        for (name, value) in object.and_then(Json::raw_members).unwrap_or_default() {
            self.set(&name, value);
        }
    }
}

impl Encoding {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }

    fn write(self, fields: &[(String, Secret)]) -> Secret {
        Secret::from(match self {
            Self::Json => {
                let write = |object: Writer, (name, value): &(String, Secret)| {
                    object.any(name, value.expose())
                };
                fields.iter().fold(Writer::default(), write).finish()
            }
            Self::Form => form(fields),
        })
    }
}

/// `application/x-www-form-urlencoded`: texts as they are, all else as JSON writes it.
fn form(fields: &[(String, Secret)]) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        match Json::parse(value.expose()) {
            Some(Json::Text(text)) => add_field(&mut form, name, Secret::from(text).expose()),
            _ => add_field(&mut form, name, value.expose()),
        }
    }
    form
}

/// The beginning of a URL with more parameters than the endpoint's own (RFC 6749, section 3.1): [`add_field`] goes on.
pub fn open_query(endpoint: &str) -> String {
    let separator = if endpoint.contains('?') { "" } else { "?" };
    [endpoint, separator].concat()
}

/// Adds a field to a form, or a parameter to a URL's query.
///
/// ```
/// # use hallpass::request::add_field;
/// let mut url = "https://id.example/authorize?".to_owned();
/// add_field(&mut url, "scope", "openid profile");
/// add_field(&mut url, "state", "a/b");
/// assert_eq!(url, "https://id.example/authorize?scope=openid+profile&state=a%2Fb");
/// ```
#[inline(never)]
pub fn add_field(form: &mut String, name: &str, value: &str) {
    if !(form.is_empty() || form.ends_with('?')) {
        form.push('&');
    }
    encode(form, name);
    form.push('=');
    encode(form, value);
}

/// As the URL standard has it (section 5.2).
fn encode(form: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b' ' => form.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                form.push(char::from(byte));
            }
            _ => {
                form.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                    form.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RefreshTokenPlace;
    use crate::json::Members;
    use crate::time::Span;

    fn endpoint() -> Endpoint {
        Endpoint {
            url: "https://api.test/token".to_owned(),
            method: "POST".to_owned(),
            encoding: Encoding::Json,
            body: None,
            headers: Vec::new(),
            credentials: None,
            csrf: None,
            bearer: true,
            timeout: Span::ZERO,
            refresh_token: RefreshTokenPlace::Body,
            refresh_token_field: "refresh_token".to_owned(),
        }
    }

    fn csrf(header: Option<&str>, field: Option<&str>) -> Option<Csrf> {
        Some(Csrf {
            cookie: "Csrf".to_owned(),
            header: header.map(str::to_owned),
            field: field.map(str::to_owned),
        })
    }

    /// What was written, with its secrets to be seen.
    #[derive(Debug, PartialEq)]
    struct Written {
        headers: Vec<(String, String)>,
        body: Option<String>,
        credentials: String,
    }

    impl Written {
        fn header(&self, name: &str) -> Option<&str> {
            let mut headers = self.headers.iter();
            let (_, value) = headers.find(|(other, _)| other == name)?;
            Some(value)
        }
    }

    fn config(options: &str) -> Config {
        Config::from(Members::parse(options).unwrap())
    }

    const PLAIN: &str = r#"{"header":{"name":"Authorization","prefix":"Bearer "}}"#;

    fn write(endpoint: &Endpoint, load: Load<'_>, cookies: &str) -> Result<Written, Unfit> {
        let config = config(PLAIN);
        let request = Request::write(&config, endpoint, load, cookies)?;
        let header = |(name, value): &(String, Secret)| {
            (name.to_ascii_lowercase(), value.expose().to_owned())
        };
        Ok(Written {
            headers: request.headers.iter().map(header).collect(),
            body: request.body.map(|body| body.expose().to_owned()),
            credentials: request.credentials.to_owned(),
        })
    }

    fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn sec_26_a_request_is_json_that_is_neither_kept_nor_redirected() {
        let mut endpoint = endpoint();
        endpoint.body = Some(r#"{"client":"app","a":1,"n":12345678901234567890}"#.to_owned());
        let token = Secret::from("r\"1");
        let load = Load {
            fields: Some(&Secret::from(r#"{"a":2,"b":3,"d\"e":[{"x":null}]}"#)),
            refresh: Some(("b", &token)),
            fingerprint: Some(("hash", "ab")),
            ..Load::default()
        };
        let request = write(&endpoint, load, "").unwrap();
        assert_eq!(
            request.body.as_deref(),
            Some(
                r#"{"client":"app","n":12345678901234567890,"a":2,"d\"e":[{"x":null}],"b":"r\"1","hash":"ab"}"#
            ),
            "what is nearer wins"
        );
        let json = [
            ("accept", "application/json"),
            ("content-type", "application/json"),
        ];
        assert_eq!(request.headers, named(&json));
        assert_eq!((CACHE, REDIRECT), ("no-store", "manual"));
    }

    #[test]
    fn cookies_go_along_where_the_server_knows_the_browser_by_one_unless_the_application_says_otherwise()
     {
        let mut endpoint = endpoint();
        let fingerprint = config(r#"{"fingerprint":{"mode":"server"}}"#);
        let credentials = |config: &Config, endpoint: &Endpoint| {
            let request = Request::write(config, endpoint, Load::default(), "").unwrap();
            request.credentials.to_owned()
        };
        assert_eq!(credentials(&config(PLAIN), &endpoint), "same-origin");
        assert_eq!(credentials(&fingerprint, &endpoint), "include");
        endpoint.credentials = Some("omit".to_owned());
        assert_eq!(credentials(&fingerprint, &endpoint), "omit");
    }

    #[test]
    fn a_form_has_texts_as_they_are_and_all_else_as_json() {
        let mut endpoint = endpoint();
        endpoint.encoding = Encoding::Form;
        endpoint.body =
            Some(r#"{"text":"a b&c","number":1,"object":{"x":[true]},"none":null}"#.to_owned());
        let token = Secret::from("*-._~ä+\n\"");
        let load = Load {
            refresh: Some(("r t", &token)),
            ..Load::default()
        };
        let request = write(&endpoint, load, "").unwrap();
        assert_eq!(
            request.body.as_deref(),
            Some(
                "text=a+b%26c&number=1&object=%7B%22x%22%3A%5Btrue%5D%7D&none=null&r+t=*-._%7E%C3%A4%2B%0A%22"
            )
        );
        assert_eq!(
            request.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
        endpoint.body = None;
        let empty = write(&endpoint, Load::default(), "").unwrap();
        assert_eq!(empty.body.as_deref(), Some(""));
    }

    #[test]
    fn the_applications_headers_stay_but_for_those_that_say_what_is_sent() {
        let mut endpoint = endpoint();
        endpoint.headers = named(&[
            ("X-App", "1"),
            ("accept", "application/problem+json"),
            ("content-type", "text/plain"),
            ("authorization", "Basic x"),
        ]);
        let access = Secret::from("T");
        let load = Load {
            access: Some(&access),
            ..Load::default()
        };
        let request = write(&endpoint, load, "").unwrap();
        let expected = [
            ("x-app", "1"),
            ("accept", "application/problem+json"),
            ("authorization", "Bearer T"),
            ("content-type", "application/json"),
        ];
        assert_eq!(request.headers, named(&expected));
        endpoint.bearer = false;
        let request = write(&endpoint, load, "").unwrap();
        assert_eq!(request.header("authorization"), Some("Basic x"));
    }

    #[test]
    fn get_and_head_have_no_body() {
        let mut endpoint = endpoint();
        endpoint.body = Some(r#"{"a":1}"#.to_owned());
        for method in ["GET", "get", "HEAD"] {
            endpoint.method = method.to_owned();
            let request = write(&endpoint, Load::default(), "").unwrap();
            assert_eq!(request.body, None, "{method}");
            assert_eq!(request.header("content-type"), None, "{method}");
        }
        endpoint.method = "GETS".to_owned();
        let request = write(&endpoint, Load::default(), "").unwrap();
        assert_eq!(request.body.as_deref(), Some(r#"{"a":1}"#));
    }

    #[test]
    fn the_csrf_cookie_is_copied_to_header_and_field() {
        let mut endpoint = endpoint();
        endpoint.csrf = csrf(Some("X-Csrf"), Some("csrf"));
        let load = Load::default();
        let request = write(&endpoint, load, "NotCsrf=1; Csrf=a=b; Csrf=3").unwrap();
        assert_eq!(request.header("x-csrf"), Some("a=b"));
        assert_eq!(request.body.as_deref(), Some(r#"{"csrf":"a=b"}"#));
        let request = write(&endpoint, load, "Csrf=%7Ca%7C").unwrap();
        assert_eq!(request.header("x-csrf"), Some("|a|"));
        let request = write(&endpoint, load, "Csrf=").unwrap();
        assert_eq!(request.header("x-csrf"), Some(""));
        let request = write(&endpoint, load, "").unwrap();
        assert_eq!(request.header("x-csrf"), None);
        assert_eq!(request.body.as_deref(), Some("{}"));
    }

    #[test]
    fn a_csrf_cookie_that_fits_into_no_header_is_not_sent_in_one() {
        let mut endpoint = endpoint();
        for value in [
            "你",
            "%E4%BD%A0",
            "a%0D%0AX-Evil: 1",
            "a%00",
            "a%7F",
            "%E2%82%AC",
        ] {
            let cookies = ["Csrf=", value].concat();
            endpoint.csrf = csrf(Some("X-Csrf"), Some("csrf"));
            let unfit = write(&endpoint, Load::default(), &cookies);
            assert_eq!(unfit, Err(Unfit), "{value}");
            endpoint.csrf = csrf(None, Some("csrf"));
            let request = write(&endpoint, Load::default(), &cookies).unwrap();
            assert!(request.body.unwrap().len() > 12, "a field holds any text");
        }
        for value in ["%09", "~ ", "%C3%BF", "%C2%80"] {
            endpoint.csrf = csrf(Some("X-Csrf"), None);
            let cookies = ["Csrf=\"", value, "\""].concat();
            assert!(
                write(&endpoint, Load::default(), &cookies).is_ok(),
                "{value}"
            );
        }
    }

    #[test]
    fn sec_40_no_debug_line_shows_what_is_sent() {
        let endpoint = endpoint();
        let config = config(PLAIN);
        let canary = Secret::from("\"canary\"");
        let load = Load {
            fields: Some(&canary),
            refresh: Some(("r", &canary)),
            access: Some(&canary),
            ..Load::default()
        };
        let request = Request::write(&config, &endpoint, load, "").unwrap();
        let shown = format!("{load:?} {request:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
