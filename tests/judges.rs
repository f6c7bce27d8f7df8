//! What the core reads by itself, beside libraries that read the same.
//!
//! A general library costs every user of the package its generality (serde_json 8 kB, jwt-compact 16,
//! base64ct 2), so the core reads JSON, JWTs and base64url with code of its own. Here the libraries sit in judgement on it.

use std::fs;
use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::base64url;
use hallpass::claims::Jwt;
use hallpass::json::{Json, Members, Writer};
use jwt_compact::{ParseError, UntrustedToken};
use serde_json::Value;

/// Mutations of each text.
const MUTATIONS: u64 = 200;

#[test]
fn sec_36_json_is_read_as_serde_json_reads_it() {
    let mut accepted = 0;
    let mut refused = 0;
    let mut judge = |text: &str| {
        let ours = Json::parse(text);
        match serde_json::from_str::<Value>(text) {
            Ok(theirs) => {
                accepted += 1;
                let ours = ours.unwrap_or_else(|| panic!("refused: {text:?}"));
                assert!(is_same(&ours, &theirs), "{text:?}: {ours:?}");
            }
            Err(_) => {
                refused += 1;
                assert_eq!(ours, None, "{text:?}");
            }
        }
    };
    let mut dice = Dice(1);
    for text in json_texts() {
        judge(&text);
        for _ in 0..MUTATIONS {
            judge(&dice.mutate(&text, "{}[]\",:\\/ \n\u{1}tfnue+-.0123456789aDdC8é🎫"));
        }
    }
    assert!(
        accepted > 3_000 && refused > 30_000,
        "{accepted}, {refused}"
    );
}

#[test]
fn sec_36_nesting_is_refused_where_serde_json_refuses_it() {
    for depth in 1..300 {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let text = [&open.repeat(depth), "1", &close.repeat(depth)].concat();
            let theirs = serde_json::from_str::<Value>(&text).is_ok();
            assert_eq!(Json::parse(&text).is_some(), theirs, "{open} {depth}");
        }
    }
}

#[test]
fn numbers_are_exact_where_a_double_is_and_near_elsewhere() {
    let mut dice = Dice(2);
    for _ in 0..100_000 {
        let digits = dice.roll(9_007_199_254_740_992);
        let decimals = dice.roll(7);
        let date = format!("{}.{:05}", digits % 10_000_000_000, digits % 100_000);
        let large = format!("{digits}e{decimals}");
        let small = format!("{digits}e-{decimals}");
        for text in [digits.to_string(), format!("-{digits}"), date, large, small] {
            let exact: f64 = text.parse().unwrap();
            assert_eq!(Json::parse(&text), Some(Json::Number(exact)), "{text}");
        }
        let far = format!(
            "{}.{}e{}",
            digits,
            digits,
            i64::try_from(dice.roll(580)).unwrap() - 300
        );
        let exact: f64 = far.parse().unwrap();
        match Json::parse(&far) {
            Some(Json::Number(number)) => assert!(is_near(number, exact), "{far}: {number}"),
            other => assert!(other.is_none() && exact.is_infinite(), "{far}: {other:?}"),
        }
    }
}

#[test]
fn what_the_writer_writes_serde_json_reads() {
    let text: String = (0..0x3000)
        .chain(0x1_f300..0x1_f400)
        .filter_map(char::from_u32)
        .collect();
    let numbers = [
        0,
        1,
        -1,
        10,
        99,
        1_700_000_000_000,
        -9_007_199_254_740_992,
        i64::MIN,
    ];
    for number in numbers {
        let written = Writer::default()
            .text("text", Some(&text))
            .integer("number", Some(number))
            .finish();
        let read: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["text"], text);
        assert_eq!(read["number"], number.max(-9_007_199_254_740_992));
    }
}

#[test]
fn sec_31_base64url_is_read_as_base64ct_reads_it() {
    let characters: Vec<char> = "ABgwxyz059-_+/= \n\0\u{7f}é".chars().collect();
    let mut accepted = 0;
    let mut judge = |text: &str| {
        let ours = base64url::decode(text);
        accepted += u32::from(ours.is_some());
        assert_eq!(ours, Base64UrlUnpadded::decode_vec(text).ok(), "{text:?}");
    };
    // All texts of up to four characters, of each kind of character some.
    for length in 0..=4 {
        for number in 0..characters.len().pow(length) {
            let digit = |place| characters[number / characters.len().pow(place) % characters.len()];
            judge(&(0..length).map(digit).collect::<String>());
        }
    }
    // Each character at each place.
    for code in 0..=0x17f_u32 {
        for place in 0..4 {
            let mut text: Vec<char> = "AAAA".chars().collect();
            text[place] = char::from_u32(code).unwrap();
            judge(&text.into_iter().collect::<String>());
        }
    }
    let mut dice = Dice(4);
    for length in 0..2_000 {
        let bytes: Vec<u8> = (0..length).map(|_| dice.roll(256) as u8).collect();
        judge(&Base64UrlUnpadded::encode_string(&bytes));
    }
    assert!(accepted > 20_000, "{accepted}");
}

#[test]
fn sec_30_sec_31_tokens_have_the_structure_that_jwt_compact_asks_for() {
    let mut accepted = 0;
    let mut refused = 0;
    let mut dice = Dice(3);
    for token in tokens() {
        for _ in 0..MUTATIONS * 20 {
            let token = dice.mutate(&token, ".=+/-_ \nAQgwabcé");
            let theirs = has_structure(&token);
            *(if theirs { &mut accepted } else { &mut refused }) += 1;
            let ours = match Jwt::read(&token) {
                Ok(_) => true,
                Err(error) => !matches!(
                    error.message(),
                    "a JWT has three parts with dots between them"
                        | "a part of the token is not base64url"
                ),
            };
            assert_eq!(ours, theirs, "{token:?}");
        }
    }
    assert!(
        accepted > 3_000 && refused > 10_000,
        "{accepted}, {refused}"
    );
}

/// Three parts of base64url. A header that jwt-compact has no use for (no `alg`, a nested token) hides no
/// claim from us.
fn has_structure(token: &str) -> bool {
    matches!(
        UntrustedToken::new(token),
        Ok(_) | Err(ParseError::MalformedHeader(_) | ParseError::UnsupportedContentType(_))
    )
}

fn is_same(ours: &Json, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Flag(ours), Value::Bool(theirs)) => ours == theirs,
        (Json::Number(ours), Value::Number(theirs)) => is_near(*ours, theirs.as_f64().unwrap()),
        (Json::Text(ours), Value::String(theirs)) => ours == theirs,
        (Json::List(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| is_same(a, b))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            let is_here = |name: &str, value| ours.get(name).is_some_and(|own| is_same(own, value));
            theirs.iter().all(|(name, value)| is_here(name, value)) && has_no_others(ours, theirs)
        }
        _ => false,
    }
}

fn has_no_others(ours: &Members, theirs: &serde_json::Map<String, Value>) -> bool {
    let pairs = ours.clone().into_pairs();
    pairs.iter().all(|(name, _)| theirs.contains_key(name))
}

/// Fifteen digits; less where doubles themselves have less.
fn is_near(ours: f64, exact: f64) -> bool {
    (ours - exact).abs() <= exact.abs() * 1e-14 + 1e-315
}

// ── Texts ──

fn json_texts() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/json-test-suite.json");
    let suite: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut texts: Vec<String> = suite
        .iter()
        .map(|test| test["input"].as_str().unwrap().to_owned())
        .collect();
    texts.push(
        r#"{"sub":"Zo\u00eb \ud83c\udfab","exp":1.7e9,"a":[1,-2.5E-3,{}],"b":null}"#.to_owned(),
    );
    texts.push(r#"{"access_token":"a.b.c","expires_in":3600,"token_type":"Bearer"}"#.to_owned());
    texts
}

fn tokens() -> [String; 4] {
    [
        "eyJhbGciOiJub25lIn0.eyJleHAiOjEyfQ.",
        "eyJhbGciOiJub25lIn0.eyJleHAiOjEyfQ.c2ln",
        "e30.e30.c2k",
        "e30.e30.AdwM",
    ]
    .map(str::to_owned)
}

// ── Dice ──

/// SplitMix64: every run is the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % sides
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.roll(u64::try_from(length).unwrap())).unwrap()
    }

    /// One to three characters of `text` gone, doubled or replaced by one of `alphabet`.
    fn mutate(&mut self, text: &str, alphabet: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        let alphabet: Vec<char> = alphabet.chars().collect();
        for _ in 0..=self.roll(3) {
            let at = self.index(characters.len() + 1);
            let new = alphabet[self.index(alphabet.len())];
            match (self.roll(4), characters.get(at).copied()) {
                (0, Some(_)) => drop(characters.remove(at)),
                (1, Some(old)) => characters.insert(at, old),
                (2, Some(_)) => characters[at] = new,
                _ => characters.insert(at, new),
            }
        }
        characters.into_iter().collect()
    }
}
