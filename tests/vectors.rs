//! Vectors that others made, and exhaustive ones: what is read as a JWT, and what is not.
//!
//! `vectors/README.md` names the sources. The rules: exactly three parts, strict base64url, UTF-8, a JSON
//! object as header and as payload (SEC-30 to SEC-36). A session takes whatever else is token68 as an
//! opaque token.

mod support;

use std::fs;
use std::path::Path;

use hallpass::claims::{Jwt, NumericDate};
use hallpass::record::{Message, Record};
use hallpass::redirect::Memory;
use hallpass::secret::Secret;
use hallpass::time::{Span, Timestamp};
use hallpass::tokens::{TokenSet, Tokens, is_token68};
use serde_json::Value;

use crate::support::{jwt, jwt_of_bytes, jwt_with_header};

// ── RFC 7515, RFC 7519 ──

const JOE: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

#[test]
fn the_examples_of_the_standards() {
    for (source, header, signature) in [
        (
            "RFC 7519, section 3.1; RFC 7515, A.1",
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
        (
            "RFC 7515, A.3",
            "eyJhbGciOiJFUzI1NiJ9",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
        ("RFC 7519, section 6.1", "eyJhbGciOiJub25lIn0", ""),
        ("RFC 7515, appendix C", "eyJhbGciOiJub25lIn0", "A-z_4ME"),
    ] {
        let jwt = Jwt::read(&format!("{header}.{JOE}.{signature}")).unwrap();
        assert_eq!(jwt.text("iss"), Some("joe"), "{source}");
        assert_eq!(
            jwt.date("exp"),
            NumericDate::Seconds(1_300_819_380.0),
            "{source}"
        );
        assert_eq!(jwt.date("iat"), NumericDate::Absent, "{source}");
        assert!(
            jwt.claims()
                .contains("\r\n \"http://example.com/is_root\":true}"),
            "the text is as it was"
        );
    }
    // RFC 7515, A.4: the payload is the word "Payload".
    let error = Jwt::read("eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwM").unwrap_err();
    assert_eq!(error.code(), "malformed_token");
}

// ── Wycheproof ──

#[test]
fn sec_30_no_vector_of_wycheproof_holds_claims() {
    let mut parts = [0; 8];
    for file in ["signature", "crypto"] {
        let suite = load(&format!("wycheproof-json_web_{file}_test.json"));
        for test in items(&suite["testGroups"])
            .iter()
            .flat_map(|group| items(&group["tests"]))
        {
            let token = [&test["jws"], &test["jwe"]]
                .into_iter()
                .find_map(Value::as_str);
            // Two are in JSON serialization.
            let Some(token) = token else { continue };
            parts[token.split('.').count().min(7)] += 1;
            let error = Jwt::read(token).expect_err(&test["comment"].to_string());
            assert_eq!(error.code(), "malformed_token");
            // To a session it is opaque, or no token at all.
            let tokens = receive(token);
            assert_eq!(tokens.is_some(), is_token68(token), "{token}");
            assert!(tokens.is_none_or(|tokens| tokens.lifetime().is_none()));
        }
    }
    assert_eq!(parts, [0, 13, 18, 414, 14, 23, 0, 0], "by number of parts");
}

// ── JSON ──

/// Not what the standard says, but what this reader does: everything that a double or UTF-8 cannot hold is
/// refused, where `JSON.parse` would make something of it.
const IMPLEMENTATION_DEFINED: &[(&str, bool)] = &[
    ("i_number_double_huge_neg_exp.json", true),
    ("i_number_huge_exp.json", false),
    ("i_number_neg_int_huge_exp.json", false),
    ("i_number_pos_double_huge_exp.json", false),
    ("i_number_real_neg_overflow.json", false),
    ("i_number_real_pos_overflow.json", false),
    ("i_number_real_underflow.json", true),
    ("i_number_too_big_neg_int.json", true),
    ("i_number_too_big_pos_int.json", true),
    ("i_number_very_big_negative_int.json", true),
    ("i_object_key_lone_2nd_surrogate.json", false),
    ("i_string_1st_surrogate_but_2nd_missing.json", false),
    ("i_string_1st_valid_surrogate_2nd_invalid.json", false),
    ("i_string_UTF-16LE_with_BOM.json", false),
    ("i_string_UTF-8_invalid_sequence.json", true),
    ("i_string_UTF8_surrogate_U+D800.json", true),
    ("i_string_incomplete_surrogate_and_escape_valid.json", false),
    ("i_string_incomplete_surrogate_pair.json", false),
    ("i_string_incomplete_surrogates_escape_valid.json", false),
    ("i_string_invalid_lonely_surrogate.json", false),
    ("i_string_invalid_surrogate.json", false),
    ("i_string_invalid_utf-8.json", true),
    ("i_string_inverted_surrogates_U+1D11E.json", false),
    ("i_string_iso_latin_1.json", true),
    ("i_string_lone_second_surrogate.json", false),
    ("i_string_lone_utf8_continuation_byte.json", true),
    ("i_string_not_in_unicode_range.json", true),
    ("i_string_overlong_sequence_2_bytes.json", true),
    ("i_string_overlong_sequence_6_bytes.json", true),
    ("i_string_overlong_sequence_6_bytes_null.json", true),
    ("i_string_truncated-utf-8.json", true),
    ("i_string_utf16BE_no_BOM.json", false),
    ("i_string_utf16LE_no_BOM.json", false),
    ("i_structure_500_nested_arrays.json", false),
    ("i_structure_UTF-8_BOM_empty_object.json", false),
];

/// Each text as the value of a claim, as the payload itself, and as the header.
#[test]
fn sec_33_the_json_test_suite_as_payload() {
    let mut seen = [0; 4];
    for (name, text) in json_tests() {
        let as_claim = Jwt::read(&jwt(&format!(r#"{{"claim":{text}}}"#)));
        let as_payload = Jwt::read(&jwt(&text));
        let is_object = text.trim_start().starts_with('{');
        let as_header = Jwt::read(&jwt_with_header(&text));
        assert_eq!(as_header.is_ok(), as_payload.is_ok(), "{name}");
        let known = IMPLEMENTATION_DEFINED
            .iter()
            .find(|(known, _)| *known == name);
        match name.split_once('_').map(|(kind, _)| kind) {
            Some("y") => {
                seen[0] += 1;
                assert!(as_claim.is_ok(), "{name}");
                assert_eq!(as_payload.is_ok(), is_object, "{name}");
            }
            Some("n") => {
                seen[1] += 1;
                assert!(as_claim.is_err(), "{name}");
                assert!(as_payload.is_err(), "{name}");
            }
            Some("i") => {
                seen[2] += 1;
                let expected = known.expect("belongs into the table").1;
                assert_eq!(as_claim.is_ok(), expected, "{name}");
                assert_eq!(as_payload.is_ok(), expected && is_object, "{name}");
            }
            // The transforms: all are JSON; lone surrogates, escaped, are refused.
            _ => {
                seen[3] += 1;
                let is_refused = name.contains("escaped_invalid_codepoint");
                assert_eq!(as_claim.is_ok(), !is_refused, "{name}");
            }
        }
    }
    assert_eq!(seen, [95, 188, 35, 22]);
}

/// What is stored, and what tabs say, goes through the same reader (SEC-03, SEC-37).
#[test]
fn sec_03_the_json_test_suite_as_record_and_message() {
    for (name, text) in json_tests() {
        assert_eq!(Record::from_text(&text, 16_384), None, "{name}");
        assert_eq!(Message::from_text(&text, 16_384), None, "{name}");
        assert_eq!(Memory::from_text(&text), None, "{name}");
    }
}

#[test]
fn sec_33_the_last_duplicate_wins_at_every_level_of_escaping() {
    let duplicates = json_tests()
        .into_iter()
        .filter(|(name, _)| name.contains("same_key") || name.contains("duplicated_key"));
    let mut count = 0;
    for (name, text) in duplicates {
        count += 1;
        let jwt = Jwt::read(&jwt(&text)).unwrap();
        // An independent reader with the same rule.
        let value: Value = serde_json::from_str(&text).unwrap();
        let expected = value["a"].as_str();
        assert_eq!(jwt.text("a"), expected, "{name}");
    }
    assert_eq!(count, 5);
    let escaped = Jwt::read(&jwt(r#"{"sub":"ann","s\u0075b":"bob"}"#)).unwrap();
    assert_eq!(escaped.text("sub"), Some("bob"));
}

#[test]
fn sec_32_bytes_that_are_not_utf8() {
    for (name, bytes) in [
        ("lone continuation byte", &b"\x81"[..]),
        ("ISO Latin 1", b"\xe9"),
        ("overlong, 2 bytes", b"\xc0\xaf"),
        ("overlong, 3 bytes", b"\xe0\x80\xaf"),
        ("overlong, 6 bytes", b"\xfc\x83\xbf\xbf\xbf\xbf"),
        ("overlong null", b"\xc0\x80"),
        ("surrogate U+D800", b"\xed\xa0\x80"),
        ("surrogate pair in UTF-8", b"\xed\xa0\x80\xed\xb0\x80"),
        ("beyond Unicode", b"\xf4\xbf\xbf\xbf"),
        ("truncated", b"\xe0\xff"),
        ("cut off", b"\xf0\x9f\x8e"),
        ("byte order mark of UTF-16", b"\xff\xfe"),
    ] {
        for (before, after) in [
            (&b"{\"a\":\""[..], &b"\"}"[..]),
            (b"{\"", b"\":1}"),
            (b"", b"{}"),
            (b"{}", b""),
        ] {
            let payload = [before, bytes, after].concat();
            assert!(Jwt::read(&jwt_of_bytes(&payload)).is_err(), "{name}");
        }
    }
    let bom = [b"\xef\xbb\xbf", &b"{}"[..]].concat();
    assert!(Jwt::read(&jwt_of_bytes(&bom)).is_err(), "UTF-8 with a mark");
}

// ── base64url ──

/// The alphabet, and what a careless reader takes for part of it.
const CHARACTERS: &str =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n\t\r\0,~%é";

/// Every string of one to three of these characters as signature; those of three as payload as well.
#[test]
fn sec_31_every_short_string_against_an_oracle() {
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let mut counts = [0; 2];
    let mut text = String::new();
    let mut judge = |text: &str| {
        let decoded = oracle(text);
        counts[usize::from(decoded.is_some())] += 1;
        let signed = Jwt::read(&format!("e30.e30.{text}"));
        assert_eq!(signed.is_ok(), decoded.is_some(), "{text:?}");
        if text.len() == 3 {
            let payload = Jwt::read(&format!("e30.{text}."));
            let is_object = decoded.as_deref() == Some(b"{}");
            assert_eq!(payload.is_ok(), is_object, "{text:?}");
        }
    };
    judge("");
    for &a in &characters {
        push(&mut text, &[a]);
        judge(&text);
        for &b in &characters {
            push(&mut text, &[a, b]);
            judge(&text);
            for &c in &characters {
                push(&mut text, &[a, b, c]);
                judge(&text);
            }
        }
    }
    // Two characters are good with four bits to spare, three with two; nothing of one.
    assert_eq!(counts[1], 1 + 64 * 4 + 64 * 64 * 16);
}

/// Four characters hold three bytes with nothing to spare: here only the alphabet matters.
#[test]
fn sec_31_strings_of_four_by_sample() {
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let mut accepted = 0;
    let mut text = String::new();
    // A stride that has no factor in common with the number of strings.
    let total = characters.len().pow(4);
    for number in (0..total).step_by(199) {
        let digit =
            |place: u32| characters[number / characters.len().pow(place) % characters.len()];
        push(&mut text, &[digit(0), digit(1), digit(2), digit(3)]);
        let expected = oracle(&text).is_some();
        accepted += usize::from(expected);
        let read = Jwt::read(&format!("e30.e30.{text}"));
        assert_eq!(read.is_ok(), expected, "{text:?}");
    }
    assert!(accepted > 50_000, "{accepted}");
}

/// A decoder that shares nothing with the one under test: six bits a character, the rest must be zero.
fn oracle(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for character in text.chars() {
        let value = match character {
            'A'..='Z' => u32::from(character) - u32::from('A'),
            'a'..='z' => u32::from(character) - u32::from('a') + 26,
            '0'..='9' => u32::from(character) - u32::from('0') + 52,
            '-' => 62,
            '_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | value;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    let spare = bits & ((1 << held) - 1);
    (held < 6 && spare == 0).then_some(bytes)
}

fn push(text: &mut String, characters: &[char]) {
    text.clear();
    text.extend(characters);
}

// ── Reading ──

fn load(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// The suite with the two texts that are too long for a file.
fn json_tests() -> Vec<(String, String)> {
    let suite = load("json-test-suite.json");
    let mut tests: Vec<(String, String)> = items(&suite)
        .iter()
        .map(|test| {
            let text = |name: &str| test[name].as_str().unwrap().to_owned();
            (text("name"), text("input"))
        })
        .collect();
    for (name, text) in [
        (
            "n_structure_100000_opening_arrays.json",
            "[".repeat(100_000),
        ),
        (
            "n_structure_open_array_object.json",
            "[{\"\":".repeat(50_000) + "\n",
        ),
    ] {
        tests.push((name.to_owned(), text));
    }
    tests
}

fn receive(token: &str) -> Option<Tokens> {
    let set = TokenSet {
        access: Secret::from(token),
        refresh: None,
        expires_in: None,
        date: None,
        profile: None,
        grant: None,
    };
    Tokens::receive(set, Timestamp::from_millis(0), Span::ZERO, 65_536).ok()
}
