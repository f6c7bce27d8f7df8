//! base64url as JWTs have it (RFC 7515, section 2): no padding, no spaces, one text for each sequence of
//! bytes.
//!
//! A general library reads several alphabets, in constant time: for what the browser holds anyway that
//! protects nothing, and costs every user 2 kB. Here it is the judge: `tests/judges.rs`.

/// The bytes that `text` stands for; `None` where it is anything else than canonical base64url.
///
/// ```
/// # use hallpass::base64url::decode;
/// assert_eq!(decode("e30"), Some(b"{}".to_vec()));
/// assert_eq!(decode("e31"), None); // bits that stand for nothing
/// ```
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    // What has been read and is no whole byte yet: so many bits.
    let mut bits: u32 = 0;
    let mut count: u32 = 0;
    for character in text.bytes() {
        bits = bits << 6 | u32::from(sextet(character)?);
        count = count.wrapping_add(6);
        if count >= 8 {
            count = count.wrapping_sub(8);
            bytes.push((bits >> count) as u8);
            bits &= !(u32::MAX << count);
        }
    }
    (count < 6 && bits == 0).then_some(bytes)
}

/// The six bits of one character (RFC 4648, section 5).
const fn sextet(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' => character.wrapping_sub(b'A'),
        b'a'..=b'z' => character.wrapping_sub(b'a' - 26),
        b'0'..=b'9' => character.wrapping_add(52 - b'0'),
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}
