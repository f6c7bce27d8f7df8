//! What the core makes of JSON and of JWTs, beside the libraries that it reads them with.
//!
//! serde_json fills a tree of the core's own, and jwt-compact is asked for the structure of a token only: here
//! stands that nothing is lost or added on the way, and where the core and the libraries part.

mod support;

use std::fs;
use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::claims::Jwt;
use hallpass::json::{Json, Members, Writer};
use jwt_compact::UntrustedToken;
use serde_json::Value;

use crate::support::dice::Dice;

/// Mutations of each text.
const MUTATIONS: u64 = 200;

#[test]
fn sec_36_the_tree_holds_what_serde_json_reads() {
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
    let mut dice = Dice::new(1, [0; 3]);
    for text in json_texts() {
        judge(&text);
        for _ in 0..MUTATIONS {
            judge(&mutate(
                &mut dice,
                &text,
                "{}[]\",:\\/ \n\u{1}tfnue+-.0123456789aDdC8é🎫",
            ));
        }
    }
    assert!(
        accepted > 3_000 && refused > 30_000,
        "{accepted}, {refused}"
    );
}

#[test]
fn sec_36_nesting_beyond_127_levels_is_refused() {
    for depth in 1..300 {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let text = [&open.repeat(depth), "1", &close.repeat(depth)].concat();
            let levels = depth * open.matches(['[', '{']).count();
            let is_read = Json::parse(&text).is_some();
            assert_eq!(is_read, levels <= 127, "{open} {depth}");
        }
    }
}

#[test]
fn numbers_are_exact_where_a_double_is_and_near_elsewhere() {
    let mut dice = Dice::new(2, [0; 3]);
    for _ in 0..100_000 {
        let digits = dice.below(9_007_199_254_740_992);
        let decimals = dice.below(7);
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
            i64::try_from(dice.below(580)).unwrap() - 300
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

/// What jwt-compact says of the header, which is the only thing that the core does not ask it.
#[test]
fn sec_29_sec_30_a_token_is_read_whatever_jwt_compact_thinks_of_its_header() {
    for (header, is_taken) in [
        (r#"{"alg":"HS256"}"#, true),
        (
            r#"{"alg":"none","x5t":"lDpwLQbzRZmu4fjajvn3KWAx1pk","kid":"a","other":[1]}"#,
            true,
        ),
        ("{}", false),
        (r#"{"alg":5}"#, false),
        (r#"{"alg":"HS256","typ":1}"#, false),
        (r#"{"alg":"HS256","kid":7}"#, false),
        (r#"{"alg":"HS256","alg":"none"}"#, false),
        (r#"{"alg":"HS256","x5t":"abc"}"#, false),
        (r#"{"alg":"HS256","cty":"JWT"}"#, false),
    ] {
        let part = Base64UrlUnpadded::encode_string(header.as_bytes());
        let token = format!("{part}.e30.c2ln");
        assert_eq!(UntrustedToken::new(&token).is_ok(), is_taken, "{header}");
        assert_eq!(Jwt::read(&token).unwrap().header(), header);
    }
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

// ── Mutations ──

/// One to three characters of `text` gone, doubled or replaced by one of `alphabet`.
fn mutate(dice: &mut Dice, text: &str, alphabet: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let alphabet: Vec<char> = alphabet.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = dice.index(characters.len() + 1);
        let new = alphabet[dice.index(alphabet.len())];
        match (dice.below(4), characters.get(at).copied()) {
            (0, Some(_)) => drop(characters.remove(at)),
            (1, Some(old)) => characters.insert(at, old),
            (2, Some(_)) => characters[at] = new,
            _ => characters.insert(at, new),
        }
    }
    characters.into_iter().collect()
}
