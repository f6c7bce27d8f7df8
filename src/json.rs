//! JSON objects, read and written member by member.
//!
//! One parser and one tree serve everything that the core reads: a type of its own for every shape would
//! cost users several times the bytes.

use serde_json::{Map, Value};

/// The members of an object. Reading takes a member out, so that what is left at the end is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members(Map<String, Value>);

/// A member has another type than it should.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WrongType;

impl Members {
    /// Parses a text; `None` where it is no object. Of duplicate members the last one wins, and the depth
    /// is bounded.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().and_then(Self::of)
    }

    /// The members of a value; `None` where it is no object.
    pub fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self(members)),
            _ => None,
        }
    }

    /// A member, left where it is.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Takes out a member of any type; null counts as missing.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// Takes out a text.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, WrongType> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(WrongType),
        }
    }

    /// Takes out a number.
    pub fn number(&mut self, name: &str) -> Result<Option<f64>, WrongType> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or(WrongType),
        }
    }

    /// Takes out a whole number.
    pub fn integer(&mut self, name: &str) -> Result<Option<i64>, WrongType> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or(WrongType),
        }
    }

    /// Takes out a flag.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, WrongType> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or(WrongType),
        }
    }

    /// The name of a member that nobody has taken.
    pub fn unknown(&self) -> Option<&str> {
        self.0.keys().next().map(String::as_str)
    }

    /// Adds a member, where there is a value for it.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// The text of the object.
    pub fn into_text(self) -> Option<String> {
        serde_json::to_string(&Value::Object(self.0)).ok()
    }
}
