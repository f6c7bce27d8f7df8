//! Texts cut at an ASCII character. The library's way knows every kind of pattern, and users pay for each.

/// What stands before the first of these characters, and what stands behind it.
///
/// ```
/// assert_eq!(hallpass::text::cut("a=b=c", b'='), Some(("a", "b=c")));
/// assert_eq!(hallpass::text::cut("a", b'='), None);
/// ```
pub fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place.saturating_add(1)..)?))
}

/// Everything between these characters: one part more than there are of them.
///
/// ```
/// let parts: Vec<_> = hallpass::text::split("a..b", b'.').collect();
/// assert_eq!(parts, ["a", "", "b"]);
/// ```
pub fn split(text: &str, at: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let all = rest?;
        let (part, left) = cut(all, at).map_or((all, None), |(part, left)| (part, Some(left)));
        rest = left;
        Some(part)
    })
}
