//! Writes JSON, member by member.

use super::{Json, LARGEST_EXACT};

/// Writes an object of texts and whole numbers.
#[derive(Debug, Default)]
pub struct Writer(String);

impl Writer {
    /// Adds a text, where there is one.
    #[must_use]
    pub fn text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.member(name, &quoted(value)),
            None => self,
        }
    }

    /// Adds a whole number, where there is one; what a double cannot hold exactly comes near enough.
    #[must_use]
    pub fn integer(self, name: &str, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.member(name, &digits(value.clamp(-LARGEST_EXACT, LARGEST_EXACT))),
            None => self,
        }
    }

    /// Adds a member that is written already.
    #[must_use]
    pub fn json(self, name: &str, value: &str) -> Self {
        self.member(name, value)
    }

    /// The text of the object.
    pub fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }

    /// Adds a member that is written already; what its name is, is not known.
    #[must_use]
    pub fn any(self, name: &str, value: &str) -> Self {
        let name = quoted(name);
        self.member(
            name.get(1..name.len().saturating_sub(1))
                .unwrap_or_default(),
            value,
        )
    }

    /// Adds those members of an object as they stand in its `text`; none, where it is no object.
    #[must_use]
    #[inline(never)]
    pub fn raw(mut self, text: &str, is_kept: &dyn Fn(&str) -> bool) -> Self {
        for (name, value) in Json::raw_members(text).unwrap_or_default() {
            if is_kept(&name) {
                self = self.any(&name, value);
            }
        }
        self
    }

    #[inline(never)]
    fn member(mut self, name: &str, value: &str) -> Self {
        let separator = if self.0.is_empty() { "{\"" } else { ",\"" };
        for part in [separator, name, "\":", value] {
            self.0.push_str(part);
        }
        self
    }
}

/// A text in quotes, with what JSON escapes. (Nothing can go wrong: it is written to memory.)
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A whole number in decimal digits.
///
/// ```
/// assert_eq!(hallpass::json::digits(-1_200), "-1200");
/// ```
pub fn digits(number: i64) -> String {
    serde_json::to_string(&number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Writer;
    use crate::json::Members;

    #[test]
    fn what_is_written_reads_back() {
        let text = Writer::default()
            .integer("v", Some(1))
            .text("name", Some("a\"b\\c\u{0}ü"))
            .text("none", None)
            .integer("big", Some(i64::MAX))
            .finish();
        let mut members = Members::parse(&text).unwrap();
        assert_eq!(members.integer("v"), Ok(Some(1)));
        assert_eq!(members.text("name"), Ok(Some("a\"b\\c\u{0}ü".to_owned())));
        assert_eq!(members.integer("big"), Ok(Some(9_007_199_254_740_992)));
        assert_eq!(members.unknown(), None);
        assert_eq!(Writer::default().finish(), "{}");
    }
}
