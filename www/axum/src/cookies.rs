//! Cookies, as they come in.

use axum::http::{HeaderMap, header};

/// The name as it is set. A cookie with such a prefix was set by this host over https (RFC 6265bis, section 4.1.3): no
/// subdomain can plant one.
pub(crate) fn hardened(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let has_prefix = ["__host-", "__secure-"]
        .iter()
        .any(|prefix| lower.starts_with(prefix));
    match has_prefix {
        true => name.to_owned(),
        false => format!("__Host-{name}"),
    }
}

/// The value of a cookie. Two different values under one name: one of them was planted, so none.
pub(crate) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut values = lines
        .filter_map(|line| line.to_str().ok())
        // Some proxies join several headers by a comma, which no value has (RFC 6265).
        .flat_map(|line| line.split([';', ',']))
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim());
    let first = values.next().filter(|value| !value.is_empty())?;
    values.all(|value| value == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_or_none() {
        for (line, right) in [
            ("__Host-Fgp=value", Some("value")),
            ("a=b; __Host-Fgp=value;c=d", Some("value")),
            ("__Host-Fgp=value=", Some("value=")),
            ("__Host-Fgp=value; __Host-Fgp=value", Some("value")),
            ("__Host-Fgp=value; __Host-Fgp=other", None),
            ("__Host-Fgp=value, __Host-Fgp=other", None),
            ("__Host-Fgp=", None),
            ("__Host-Fgp", None),
            ("__host-Fgp=value", None),
            ("x__Host-Fgp=value", None),
            ("Fgp=value", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("cookie", line.parse().unwrap());
            assert_eq!(value(&headers, "__Host-Fgp"), right, "{line}");
        }
        let mut headers = HeaderMap::new();
        headers.append("cookie", "__Host-Fgp=value".parse().unwrap());
        headers.append("cookie", "__Host-Fgp=other".parse().unwrap());
        assert_eq!(value(&headers, "__Host-Fgp"), None);
    }

    #[test]
    fn names_without_a_prefix_get_one() {
        assert_eq!(hardened("Fgp"), "__Host-Fgp");
        for name in [
            "__Host-Fgp",
            "__Secure-Fgp",
            "__host-fgp",
            "__Host-Http-Fgp",
        ] {
            assert_eq!(hardened(name), name);
        }
    }
}
