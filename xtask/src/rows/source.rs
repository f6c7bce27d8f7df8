//! What a file of tests says, in whatever language, and how many assertions a test makes.
//!
//! An assertion is what is there to fail a test: those of the language, and each call of a helper, a function of the
//! tests in which one stands. Where a helper gives its caller something, it is called for an assertion only if that is
//! thrown away: else what it asserts is what the test begins with, not what it shows.

use std::collections::BTreeMap;

/// What a stretch of code does that matters here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Body {
    /// How many assertions of the language stand in it.
    pub(super) assertions: usize,
    pub(super) calls: Vec<Call>,
}

/// A call of a function by its name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    /// Something is done with what it gives.
    pub(super) is_used: bool,
}

/// A function, by the name by which it is called.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) body: Body,
    pub(super) gives: Gives,
}

/// What a function gives its caller.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Gives {
    /// Nothing, or what each of these calls gives.
    Calls(Vec<String>),
    /// A value.
    Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    /// Its name, with what else may name rows.
    pub(super) title: String,
    pub(super) body: Body,
}

/// A file: its functions, and its tests.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Source {
    pub(super) functions: Vec<Function>,
    pub(super) tests: Vec<Test>,
}

/// Which functions assert, in files that may use each other's.
pub(super) struct Helpers<'a> {
    /// The files, by their paths.
    files: &'a [(String, Source)],
    /// By name and by file.
    functions: BTreeMap<&'a str, BTreeMap<usize, Vec<&'a Function>>>,
    /// Those that assert, and whether they do for whoever calls them, or only for who throws away what they give.
    asserting: BTreeMap<(&'a str, usize), For>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum For {
    WhoThrowsAway,
    Everybody,
}

impl<'a> Helpers<'a> {
    pub(super) fn of(files: &'a [(String, Source)]) -> Self {
        let mut functions = BTreeMap::<_, BTreeMap<_, Vec<_>>>::new();
        for (file, (_, source)) in files.iter().enumerate() {
            for function in &source.functions {
                let named = functions.entry(function.name.as_str()).or_default();
                named.entry(file).or_default().push(function);
            }
        }
        let mut helpers = Self {
            files,
            functions,
            asserting: BTreeMap::new(),
        };
        // Who calls one that asserts does, too: again and again until nothing is new.
        loop {
            let found = helpers.further();
            if found.is_empty() {
                return helpers;
            }
            helpers.asserting.extend(found);
        }
    }

    /// Those that assert by what is known by now, and were not known to.
    fn further(&self) -> Vec<((&'a str, usize), For)> {
        let mut further = Vec::new();
        for (&name, files) in &self.functions {
            for (&file, all) in files {
                let each = all.iter().map(|function| self.judged(file, function));
                let found = weakest(each).map(|found| ((name, file), found));
                let is_new = |(key, found): &(_, For)| self.asserting.get(key) != Some(found);
                further.extend(found.filter(is_new));
            }
        }
        further
    }

    /// Assertions of the language, and calls of helpers.
    pub(super) fn count(&self, file: usize, body: &Body) -> usize {
        let calls = body.calls.iter().filter(|call| {
            self.found(file, &call.name)
                .is_some_and(|found| found == For::Everybody || !call.is_used)
        });
        body.assertions + calls.count()
    }

    fn judged(&self, file: usize, function: &Function) -> Option<For> {
        if self.count(file, &function.body) == 0 {
            // It may hand on what another one gives, and asserts by that.
            return match &function.gives {
                Gives::Calls(names) if !names.is_empty() => {
                    weakest(names.iter().map(|name| self.found(file, name)))
                }
                _ => None,
            };
        }
        let is_for_that = match &function.gives {
            Gives::Value => false,
            Gives::Calls(names) => names
                .iter()
                .all(|name| self.found(file, name) == Some(For::Everybody)),
        };
        Some(if is_for_that {
            For::Everybody
        } else {
            For::WhoThrowsAway
        })
    }

    /// What a call by this name is. That of the nearest file is meant: the file's own, one of its folder. Of several that
    /// are as near each must assert, for nothing here tells which is called.
    fn found(&self, file: usize, name: &str) -> Option<For> {
        let near = |other: usize| in_common(&self.files[file].0, &self.files[other].0);
        let (&name, files) = self.functions.get_key_value(name)?;
        let nearest = files.keys().map(|other| near(*other)).max()?;
        let meant = files.keys().filter(|other| near(**other) == nearest);
        weakest(meant.map(|other| self.asserting.get(&(name, *other)).copied()))
    }
}

/// How many folders of two paths are the same, from the first on; and their names.
fn in_common(one: &str, other: &str) -> usize {
    let pairs = one.split('/').zip(other.split('/'));
    pairs.take_while(|(one, other)| one == other).count()
}

/// None where one is none.
fn weakest(each: impl Iterator<Item = Option<For>>) -> Option<For> {
    each.collect::<Option<Vec<_>>>()?.into_iter().min()
}

#[cfg(test)]
mod tests {
    use super::{Body, Call, Function, Gives, Helpers, Source};

    /// `=name`: what it gives is used.
    fn body(assertions: usize, calls: &[&str]) -> Body {
        let call = |name: &&str| Call {
            name: name.trim_start_matches('=').to_owned(),
            is_used: name.starts_with('='),
        };
        Body {
            assertions,
            calls: calls.iter().map(call).collect(),
        }
    }

    fn function(name: &str, gives: Gives, body: Body) -> Function {
        Function {
            name: name.to_owned(),
            body,
            gives,
        }
    }

    fn nothing() -> Gives {
        Gives::Calls(Vec::new())
    }

    fn file(path: &str, functions: Vec<Function>) -> (String, Source) {
        let source = Source {
            functions,
            tests: Vec::new(),
        };
        (path.to_owned(), source)
    }

    #[test]
    fn a_call_of_what_asserts_for_its_caller_is_one_assertion() {
        let files = [
            file(
                "a/a.rs",
                vec![
                    function("holds", nothing(), body(3, &[])),
                    function("all_hold", nothing(), body(0, &["other", "holds"])),
                    function("idle", nothing(), body(0, &["other"])),
                ],
            ),
            file("b/b.rs", Vec::new()),
        ];
        let helpers = Helpers::of(&files);
        for (name, expected) in [("holds", 1), ("all_hold", 1), ("idle", 0), ("other", 0)] {
            assert_eq!(helpers.count(1, &body(0, &[name])), expected, "{name}");
        }
        assert_eq!(helpers.count(1, &body(2, &["holds", "idle", "holds"])), 4);
    }

    #[test]
    fn what_gives_something_asserts_for_who_throws_it_away() {
        let through = |name: &str| Gives::Calls(vec![name.to_owned()]);
        let files = [file(
            "a.rs",
            vec![
                function("refused", Gives::Value, body(1, &[])),
                function("holds", nothing(), body(1, &[])),
                function("begun", Gives::Value, body(0, &["=refused"])),
                function("ended", nothing(), body(0, &["refused"])),
                function("on", through("holds"), body(0, &["=holds"])),
                function("on_refused", through("refused"), body(0, &["=refused"])),
            ],
        )];
        let helpers = Helpers::of(&files);
        let count = |name: &str| helpers.count(0, &body(0, &[name]));
        assert_eq!(["refused", "=refused"].map(count), [1, 0]);
        assert_eq!(["begun", "=begun"].map(count), [0, 0]);
        assert_eq!(["ended", "=ended", "on", "=on"].map(count), [1; 4]);
        assert_eq!(["on_refused", "=on_refused"].map(count), [1, 0]);
    }

    #[test]
    fn the_nearest_is_meant_and_of_several_as_near_each_must_assert() {
        let asserting = || vec![function("check", nothing(), body(1, &[]))];
        let idle = || vec![function("check", nothing(), body(0, &[]))];
        let files = [
            file("tests/a/one.rs", asserting()),
            file("tests/a/two.rs", idle()),
            file("tests/a/three.rs", Vec::new()),
            file("tests/b/one.rs", asserting()),
            file("tests/b/two.rs", Vec::new()),
            file("src/one.rs", idle()),
        ];
        let helpers = Helpers::of(&files);
        let counted = [0, 1, 2, 3, 4, 5].map(|file| helpers.count(file, &body(0, &["check"])));
        assert_eq!(counted, [1, 0, 0, 1, 1, 0]);
    }

    #[test]
    fn functions_that_call_each_other_do_not_assert_by_that() {
        let files = [file(
            "a.rs",
            vec![
                function("one", nothing(), body(0, &["two"])),
                function("two", nothing(), body(0, &["one"])),
            ],
        )];
        assert_eq!(Helpers::of(&files).count(0, &body(0, &["one"])), 0);
    }
}
