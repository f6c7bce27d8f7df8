//! JSON, read by serde_json into one tree, and written member by member.
//!
//! One tree serves everything that the core reads, plain objects of JavaScript among it: it keeps
//! which members were there, in which order and how often, and what is left when the known ones are taken. A
//! derived type for each shape would tell less, and cost users more.

mod writer;

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

pub use self::writer::{Writer, digits, quoted};

/// Up to here a double holds every whole number exactly.
const LARGEST_EXACT: i64 = 9_007_199_254_740_992;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// Any number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Members),
}

/// The members of an object. Reading takes a member out, so that what is left at the end is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members(Vec<(String, Json)>);

/// A member has another type than it should.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WrongType;

impl Json {
    /// Parses a text; `None` where it is no JSON (RFC 8259), nested deeper than 127 levels, or has a number or a
    /// text that a double or UTF-8 cannot hold.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The text of a member of the object in `text`, as it stands there: a double does not hold every number. Of
    /// duplicates the last one.
    pub fn raw<'a>(text: &'a str, name: &str) -> Option<&'a str> {
        let members = Self::raw_members(text)?;
        let found = members.into_iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }

    /// The members of the object in `text`: their names, and their values' texts as they stand there. `None` where
    /// it is no object.
    pub fn raw_members(text: &str) -> Option<Vec<(String, &str)>> {
        let mut reader = serde_json::Deserializer::from_str(text);
        reader.deserialize_map(RawMembers).ok()
    }

    /// Whether it is a number beyond those that a double tells apart.
    pub fn is_inexact(&self) -> bool {
        self.as_number()
            .is_some_and(|number| number.abs() >= LARGEST_EXACT as f64)
    }

    /// The number, where it is one.
    pub const fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Members {
    /// Parses a text; `None` where it is no object.
    pub fn parse(text: &str) -> Option<Self> {
        Json::parse(text).and_then(Self::of)
    }

    /// The same text by the same rules, of which only the members with these names are kept.
    pub fn parse_only(text: &str, names: &[&str]) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Keep::Members(names).deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        Self::of(value)
    }

    /// The members of a value; `None` where it is no object.
    pub fn of(value: Json) -> Option<Self> {
        match value {
            Json::Object(members) => Some(members),
            _ => None,
        }
    }

    /// A member, left where it is. Of duplicates the last one counts, as in `JSON.parse`.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// Takes out a member of any type, all of its duplicates included; null counts as missing.
    #[inline(never)]
    pub fn take(&mut self, name: &str) -> Option<Json> {
        let mut found = None;
        while let Some(position) = self.0.iter().rposition(|(known, _)| known == name) {
            let (_, value) = self.0.remove(position);
            found = found.or(Some(value));
        }
        found.filter(|value| !matches!(value, Json::Null))
    }

    /// Takes out a text.
    #[inline(never)]
    pub fn text(&mut self, name: &str) -> Result<Option<String>, WrongType> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(_) => Err(WrongType),
        }
    }

    /// Takes out a number.
    #[inline(never)]
    pub fn number(&mut self, name: &str) -> Result<Option<f64>, WrongType> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Number(number)) => Ok(Some(number)),
            Some(_) => Err(WrongType),
        }
    }

    /// Takes out a whole number that a double holds exactly.
    #[inline(never)]
    pub fn integer(&mut self, name: &str) -> Result<Option<i64>, WrongType> {
        match self.number(name)? {
            Some(number) if number.fract() != 0.0 || number.abs() > LARGEST_EXACT as f64 => {
                Err(WrongType)
            }
            number => Ok(number.map(|number| number as i64)),
        }
    }

    /// Takes out several texts at once: on each early way out, all of them are dropped by one loop.
    pub fn texts<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Result<[Option<String>; N], WrongType> {
        let mut outcome = Ok(());
        let texts = names.map(|name| {
            let text = self.text(name);
            text.unwrap_or_else(|error| {
                outcome = Err(error);
                None
            })
        });
        outcome.map(|()| texts)
    }

    /// The name of a member that was not taken.
    pub fn unknown(&self) -> Option<&str> {
        self.0.first().map(|(name, _)| name.as_str())
    }

    /// All members, in order.
    pub fn into_pairs(self) -> Vec<(String, Json)> {
        self.0
    }
}

impl From<Vec<(String, Json)>> for Members {
    fn from(pairs: Vec<(String, Json)>) -> Self {
        Self(pairs)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Keep::All.deserialize(deserializer)
    }
}

/// What the tree holds of a value, all of which is read.
#[derive(Clone, Copy)]
enum Keep<'a> {
    /// Everything.
    All,
    /// Of an object the members with these names.
    Members(&'a [&'a str]),
}

impl Keep<'_> {
    /// What is not asked for needs no memory.
    const NOTHING: Self = Keep::Members(&[]);

    fn member(self, name: &str) -> Self {
        match self {
            Keep::Members(names) if !names.contains(&name) => Self::NOTHING,
            _ => Keep::All,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Keep<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Fills the tree, from a text or from JavaScript's objects.
impl<'de> Visitor<'de> for Keep<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain data")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(match self {
            Keep::All => Json::Text(text.to_owned()),
            Keep::Members(_) => Json::Null,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            if matches!(self, Keep::All) {
                list.push(item);
            }
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<Json>()? {
            let Json::Text(name) = name else {
                map.next_value_seed(Self::NOTHING)?;
                continue;
            };
            let keep = self.member(&name);
            let value = map.next_value_seed(keep)?;
            if matches!(keep, Keep::All) {
                members.push((name, value));
            }
        }
        Ok(Json::Object(members.into()))
    }
}

/// Leaves the values as they stand.
struct RawMembers;

impl<'de> Visitor<'de> for RawMembers {
    type Value = Vec<(String, &'de str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<Json, &'de RawValue>()? {
            if let Json::Text(name) = name {
                members.push((name, value.get()));
            }
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_kept_the_same_texts_are_read() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for text in [
            r#"{"exp":1,"a":{"exp":2},"\u0065xp":3}"#,
            r#"{"a":1e400}"#,
            r#"{"a":["\ud800"]}"#,
            r#"{"a":"\ud83c\udfab"}"#,
            r#"{"\ud800":1}"#,
            r#"{"a":1} x"#,
            r#"{"a":01}"#,
            r#"[{"exp":1}]"#,
            r#""exp""#,
            "{}",
            "",
            &deep,
        ] {
            let whole = Members::parse(text);
            let some = Members::parse_only(text, &["exp"]);
            assert_eq!(whole.is_some(), some.is_some(), "{text}");
            let exp = |members: Option<Members>| members?.get("exp").cloned();
            assert_eq!(exp(whole), exp(some), "{text}");
        }
        let some = Members::parse_only(r#"{"a":[1],"exp":[2,{"b":3}]}"#, &["exp"]).unwrap();
        let whole = Members::parse(r#"{"exp":[2,{"b":3}]}"#).unwrap();
        assert_eq!(some, whole);
    }

    #[test]
    fn a_wrong_type_is_not_missing_and_null_is() {
        let mut members = Members::parse(r#"{"a":"1","b":null,"c":1.5,"d":1,"d":2}"#).unwrap();
        assert_eq!(members.number("a"), Err(WrongType));
        assert_eq!(members.number("b"), Ok(None));
        assert_eq!(members.integer("c"), Err(WrongType));
        assert_eq!(members.number("d"), Ok(Some(2.0)));
        assert_eq!(members.unknown(), None);
    }
}
