//! Reading options of one level: what is wrong is noted, and the reader goes on with a default.

use crate::error::{Error, ErrorKind};
use crate::json::{Json, Members, WrongType};
use crate::origins::Origins;
use crate::time::Span;

use super::{CallbackForm, Endpoint, Supplier};

/// Options of one level. A reader that finds something wrong notes it and goes on with a default; the
/// first note is what the application hears at the end.
pub(super) struct Options {
    pub(super) name: &'static str,
    pub(super) members: Members,
    error: Option<Error>,
}

impl Options {
    pub(super) fn of(name: &'static str, value: Json) -> Self {
        let members = Members::of(value);
        let error = members.is_none().then(|| invalid(name, ""));
        Self {
            name,
            members: members.unwrap_or_default(),
            error,
        }
    }

    /// Refuses unknown names, too: a typo must not silently switch something off.
    pub(super) fn finish<T>(mut self, value: T) -> Result<T, Error> {
        self.check_unknown();
        self.error.map_or(Ok(value), Err)
    }

    pub(super) fn absorb(&mut self, mut part: Options) {
        part.check_unknown();
        self.error = self.error.take().or(part.error);
    }

    fn check_unknown(&mut self) {
        if let Some(name) = self.members.unknown().map(str::to_owned) {
            self.note(&name);
        }
    }

    #[inline(never)]
    fn note(&mut self, name: &str) {
        if self.error.is_none() {
            self.error = Some(invalid(self.name, name));
        }
    }

    #[inline(never)]
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.members.text(name).unwrap_or_else(|WrongType| {
            self.note(name);
            None
        })
    }

    #[inline(never)]
    pub(super) fn text_or(&mut self, name: &str, default: &str) -> String {
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    #[inline(never)]
    pub(super) fn required(&mut self, name: &str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.note(name);
            String::new()
        })
    }

    #[inline(never)]
    pub(super) fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.members.take(name) {
            None => default,
            Some(Json::Flag(flag)) => flag,
            Some(_) => {
                self.note(name);
                default
            }
        }
    }

    #[inline(never)]
    pub(super) fn number(&mut self, name: &str) -> Option<f64> {
        match self.members.number(name) {
            Ok(number) if number.is_none_or(|number| number.is_finite() && number >= 0.0) => number,
            _ => {
                self.note(name);
                None
            }
        }
    }

    #[inline(never)]
    pub(super) fn span(&mut self, name: &str) -> Option<Span> {
        self.number(name).map(Span::from_seconds)
    }

    /// The choice that a word stands for; the first one is the default.
    pub(super) fn choice<T: Copy + Default>(&mut self, name: &str, choices: &[(&str, T)]) -> T {
        let Some(word) = self.text(name) else {
            return T::default();
        };
        let choice = choices.iter().find(|(known, _)| *known == word);
        if choice.is_none() {
            self.note(name);
        }
        choice.map(|(_, choice)| *choice).unwrap_or_default()
    }

    #[inline(never)]
    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.members.take(name) else {
            return Vec::new();
        };
        let Json::List(items) = value else {
            self.note(name);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            match item {
                Json::Text(text) => texts.push(text),
                _ => self.note(name),
            }
        }
        texts
    }

    pub(super) fn origins(&mut self, name: &str) -> Origins {
        Origins::new(&self.texts(name)).unwrap_or_else(|error| {
            self.error = self.error.take().or(Some(error));
            Origins::default()
        })
    }

    pub(super) fn forms(&mut self, name: &str) -> Vec<CallbackForm> {
        let mut forms = Vec::new();
        for word in self.texts(name) {
            match word.as_str() {
                "fragment-token" => forms.push(CallbackForm::FragmentToken),
                "fragment-params" => forms.push(CallbackForm::FragmentParams),
                _ => self.note(name),
            }
        }
        if forms.is_empty() {
            forms.push(CallbackForm::FragmentParams);
        }
        forms
    }

    #[inline(never)]
    pub(super) fn part(&mut self, name: &'static str) -> Option<Options> {
        self.members.take(name).map(|value| Self::of(name, value))
    }

    pub(super) fn part_or_empty(&mut self, name: &'static str) -> Options {
        self.part(name).unwrap_or(Self {
            name,
            members: Members::default(),
            error: None,
        })
    }

    #[inline(never)]
    pub(super) fn endpoint(&mut self, name: &'static str) -> Option<Endpoint> {
        self.part(name).map(|part| Endpoint::read(part, self))
    }

    pub(super) fn endpoint_or_function(&mut self, name: &'static str) -> Option<Supplier> {
        if self.members.get(name).and_then(Json::as_text) == Some("function") {
            self.members.take(name);
            return Some(Supplier::Function);
        }
        self.endpoint(name)
            .map(|endpoint| Supplier::Endpoint(Box::new(endpoint)))
    }
}

/// The facade has said by now what would be right.
#[inline(never)]
fn invalid(level: &str, name: &str) -> Error {
    Error::new(
        ErrorKind::InvalidOption,
        [level, ".", name, " is not what AuthOptions says"].concat(),
    )
}
