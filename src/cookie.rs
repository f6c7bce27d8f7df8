//! Cookies, as `document.cookie` tells of them: names and values, nothing else.

/// The values of the cookies of this name, those with the nearer path first.
///
/// ```
/// # use hallpass::cookie::values;
/// assert_eq!(values("a=1; b=2; a=3", "a").collect::<Vec<_>>(), ["1", "3"]);
/// ```
pub fn values<'a>(cookies: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    cookies.split(';').filter_map(move |cookie| {
        let (found, value) = cookie.trim_ascii().split_once('=')?;
        (found == name).then_some(value)
    })
}

/// A value as the server meant it: servers quote and percent-encode what a cookie cannot hold.
///
/// ```
/// # use hallpass::cookie::decoded;
/// assert_eq!(decoded(r#""a%3D""#), "a=");
/// assert_eq!(decoded("100%"), "100%");
/// ```
pub fn decoded(value: &str) -> String {
    let quoted = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    let value = quoted.unwrap_or(value);
    percent_decoded(value).unwrap_or_else(|| value.to_owned())
}

/// `None` where a percent sign stands for none, or what comes out is no text.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => (digit(bytes.next()?)? << 4) | digit(bytes.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_under_its_whole_name_only() {
        let first = |cookies| values(cookies, "Csrf").next();
        assert_eq!(
            first("NotCsrf=1; Csrf2=2; Csrf=a=b; Csrf=3"),
            Some("a=b"),
            "the browser puts the nearer path first"
        );
        assert_eq!(first("Csrf="), Some(""));
        assert_eq!(first("CsrfX=1; xCsrf=2; csrf=3; Csrf"), None);
        assert_eq!(first(""), None);
    }

    #[test]
    fn its_value_is_what_the_server_wrote_before_it_was_encoded_for_a_cookie() {
        for (value, meant) in [
            ("a%2Bb%3D%3D", "a+b=="),
            // A plus is no space.
            ("a+b==", "a+b=="),
            ("100%", "100%"),
            ("%4", "%4"),
            ("%4g", "%4g"),
            ("%+4", "%+4"),
            ("%E0%A4%A", "%E0%A4%A"),
            ("%E0%A4", "%E0%A4"),
            ("%C0%80", "%C0%80"),
            ("%ED%A0%80", "%ED%A0%80"),
            ("%7Ca%7c", "|a|"),
            ("%E4%BD%A0ä", "你ä"),
            ("%00", "\0"),
            (r#""a%3D""#, "a="),
            (r#""100%""#, "100%"),
            (r#"""#, r#"""#),
            (r#""""#, ""),
            ("", ""),
        ] {
            assert_eq!(decoded(value), meant, "{value}");
        }
    }
}
