//! JavaScript and TypeScript, as far as tests and their assertions go: a walk over their tokens.

mod functions;

use std::ops::Range;

use anyhow::Result;

use self::functions::{Found, KEYWORDS, functions};
use super::source::{Body, Call, Function, Gives, Source, Test};
use super::tokens::{Token, Tokens};

/// What begins a test.
const TESTS: [&str; 2] = ["test", "it"];

/// Node's module: a function with methods.
const ASSERT: &str = "assert";

/// A function and a method of the tests: it fails where it waits in vain.
const WAIT: &str = "until";

pub(super) fn read(text: &str) -> Result<Source> {
    let tokens = Tokens::read(text)?;
    let reader = Reader {
        functions: functions(&tokens),
        tokens,
    };
    Ok(Source {
        functions: reader.named(),
        tests: reader.tests(),
    })
}

struct Reader {
    tokens: Tokens,
    functions: Vec<Found>,
}

impl Reader {
    fn named(&self) -> Vec<Function> {
        let named = self.functions.iter().filter_map(|found| {
            Some(Function {
                name: found.name.clone()?,
                body: self.body(&found.body),
                gives: self.gives(found),
            })
        });
        named.collect()
    }

    fn tests(&self) -> Vec<Test> {
        let tokens = &self.tokens;
        let tests = (0..tokens.all.len()).filter_map(|at| {
            let is_test = TESTS.contains(&tokens.word(at)?) && !tokens.is_after(at, '.');
            let end = tokens
                .end(at + 1)
                .filter(|_| is_test && tokens.is(at + 1, '('))?;
            let title = tokens.text(at + 2)?.to_owned();
            let mut body = self.body(&(at + 2..end));
            body.calls.extend(self.handed_over(at + 2..end));
            Some(Test { title, body })
        });
        tests.collect()
    }

    /// Names that stand alone among a call's arguments: functions, perhaps.
    fn handed_over(&self, arguments: Range<usize>) -> Vec<Call> {
        let tokens = &self.tokens;
        let mut names = Vec::new();
        let mut at = arguments.start;
        while at < arguments.end {
            let is_alone =
                tokens.is_after(at, ',') && (at + 1 == arguments.end || tokens.is(at + 1, ','));
            if let Some(name) = tokens.word(at).filter(|_| is_alone) {
                names.push(Call {
                    name: name.to_owned(),
                    is_used: false,
                });
            }
            at = tokens.end(at).unwrap_or(at) + 1;
        }
        names
    }

    /// Assertions and calls in a stretch. A function that is made in it is counted where it stands, not where it is
    /// called.
    fn body(&self, range: &Range<usize>) -> Body {
        let tokens = &self.tokens;
        let mut body = Body::default();
        for at in range.clone() {
            let Some(word) = tokens.word(at) else {
                continue;
            };
            let is_call = tokens.is(at + 1, '(');
            let is_method = tokens.is_after(at, '.');
            let of = at.checked_sub(2).filter(|_| is_method);
            let of_assert = of.and_then(|of| tokens.word(of)) == Some(ASSERT);
            if is_call && (of_assert || word == WAIT || word == ASSERT && !is_method) {
                body.assertions += 1;
            } else if is_call && !KEYWORDS.contains(&word) && !self.is_made_in(range, word) {
                body.calls.push(Call {
                    name: word.to_owned(),
                    is_used: self.is_used(at),
                });
            }
        }
        body
    }

    /// Whether something is done with what the call of the name at `at` gives: it is not all of a statement.
    fn is_used(&self, at: usize) -> bool {
        let tokens = &self.tokens;
        let is_end = tokens
            .end(at + 1)
            .is_some_and(|end| tokens.is(end + 1, ';'));
        // Back to where the statement begins, over names, calls and dots.
        let mut begins = at;
        while let Some(before) = begins
            .checked_sub(2)
            .filter(|_| tokens.is_after(begins, '.'))
        {
            begins = before;
            if tokens.is(before, ')') {
                let Some(open) = tokens.start(before).filter(|open| *open > 0) else {
                    return true;
                };
                begins = open - 1;
            }
        }
        while begins.checked_sub(1).and_then(|before| tokens.word(before)) == Some("await") {
            begins -= 1;
        }
        let is_begin = match begins
            .checked_sub(1)
            .and_then(|before| tokens.all.get(before))
        {
            None => true,
            // A round bracket: that of `for` or `if`.
            Some(Token::Mark(mark)) => matches!(mark, ';' | '{' | '}' | ')'),
            Some(Token::Word(word)) => word == "else",
            Some(Token::Text(_)) => false,
        };
        !(is_begin && is_end)
    }

    fn is_made_in(&self, range: &Range<usize>, name: &str) -> bool {
        self.functions.iter().any(|found| {
            found.name.as_deref() == Some(name)
                && range.contains(&found.body.start)
                && found.body != *range
        })
    }

    fn gives(&self, found: &Found) -> Gives {
        let tokens = &self.tokens;
        if found.is_expression {
            return self
                .given(found.body.start)
                .map_or(Gives::Value, Gives::Calls);
        }
        let mut names = Vec::new();
        for at in found.body.clone() {
            if tokens.word(at) != Some("return")
                || tokens.is_after(at, '.')
                || self.is_inner(found, at)
            {
                continue;
            }
            if tokens.is(at + 1, ';') || tokens.is(at + 1, '}') {
                continue;
            }
            match self.given(at + 1) {
                Some(name) => names.extend(name),
                None => return Gives::Value,
            }
        }
        Gives::Calls(names)
    }

    /// Whether a function within this one stands around `at`.
    fn is_inner(&self, outer: &Found, at: usize) -> bool {
        self.functions.iter().any(|inner| {
            inner.body.contains(&at)
                && outer.body.contains(&inner.body.start)
                && inner.body.start > outer.body.start
        })
    }

    /// The function whose call the expression at `at` is, none but an assertion's; nothing where it is something else.
    fn given(&self, at: usize) -> Option<Vec<String>> {
        let tokens = &self.tokens;
        let mut at = at;
        while tokens.word(at) == Some("await") {
            at += 1;
        }
        let first = tokens.word(at)?;
        while tokens.is(at + 1, '.') {
            at += 2;
        }
        let last = tokens.word(at)?;
        let end = tokens.end(at + 1).filter(|_| tokens.is(at + 1, '('))?;
        let is_all = matches!(
            tokens.all.get(end + 1),
            None | Some(Token::Mark(';' | ',' | ')' | ']' | '}'))
        );
        is_all.then(|| {
            if first == ASSERT || last == WAIT {
                Vec::new()
            } else {
                vec![last.to_owned()]
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::rows::source::{Body, Gives};

    fn names(body: &Body) -> Vec<&str> {
        body.calls.iter().map(|call| call.name.as_str()).collect()
    }

    fn test(text: &str) -> Body {
        let text = format!("test(\"it\", async (t) => {{ {text} }});");
        read(&text).unwrap().tests.remove(0).body
    }

    fn function(text: &str) -> (String, Body, Gives) {
        let function = read(text).unwrap().functions.remove(0);
        (function.name, function.body, function.gives)
    }

    #[test]
    fn titles_are_first_arguments() {
        let text = r#"test("a \"b\" (REL-01)", go); submit("SEC-02"); it(
            `c ${d} (REL-03)`, () => {}); // test("comment (REL-04)")
            test(title, go); /x/.test("REL-05"); latest("REL-06")"#;
        let tests = read(text).unwrap().tests;
        let titles: Vec<_> = tests.iter().map(|test| test.title.as_str()).collect();
        assert_eq!(titles, [r#"a \"b\" (REL-01)"#, "c … (REL-03)"]);
        assert_eq!(names(&tests[0].body), ["go"]);
    }

    #[test]
    fn an_assertion_is_a_call_of_assert_or_a_wait_that_may_be_in_vain() {
        assert_eq!(test("assert.equal(a, 1); assert(b);").assertions, 2);
        assert_eq!(
            test("await until(\"it\", () => assert.ok(x)); page.until(\"that\", y);").assertions,
            3
        );
        assert_eq!(
            test("const s = \"assert.ok(1)\"; x.assert(1); assert; asserted(1);").assertions,
            0
        );
        assert_eq!(
            test("on(() => assert.fail()); `${assert.ok(a)}`;").assertions,
            2
        );
    }

    #[test]
    fn calls_are_named_but_for_those_of_what_is_made_inside() {
        let found = test("const own = (x) => assert.ok(x); own(1); if (a) page.shows(who());");
        assert_eq!(found.assertions, 1);
        assert_eq!(names(&found), ["shows", "who"]);
    }

    #[test]
    fn what_a_call_gives_is_used_unless_it_is_all_of_a_statement() {
        let used = |text: &str| {
            let mut calls = test(text).calls.into_iter();
            let last = calls.rfind(|call| call.name == "go");
            last.unwrap().is_used
        };
        for text in [
            "go(1);",
            "await go(1);",
            "a(); await b(c).d.go(1);",
            "for (const a of b) await go(a);",
            "if (a) { page.go(); } else go();",
        ] {
            assert!(!used(text), "{text}");
        }
        for text in [
            "const a = await go();",
            "a(go());",
            "go().length;",
            "return go();",
            "each((a) => go(a));",
            "await (await go()).b();",
        ] {
            assert!(used(text), "{text}");
        }
    }

    #[test]
    fn functions_have_names() {
        for text in [
            "function go(a, { b } = {}) { assert.ok(a); }",
            "async function go<T>(a: T): Promise<{ b: T }> { assert.ok(a); }",
            "export const go = (a) => { assert.ok(a); };",
            "const go = async (a: { b: string }): Promise<void> => { assert.ok(a); };",
            "const go = a => { assert.ok(a); };",
            "class Page { async go(a) { assert.ok(a); } }",
            "const page = { go(a): void { assert.ok(a); } };",
        ] {
            let (name, body, gives) = function(text);
            assert_eq!(
                (name.as_str(), body.assertions, gives),
                ("go", 1, Gives::Calls(Vec::new())),
                "{text}"
            );
        }
        for text in [
            "if (a) { b(); } for (const x of y) { z(x); }",
            "page.go = () => assert.fail(); const page = { go: () => assert.fail() };",
            "const go: Record<string, (a: string) => void> = {};",
        ] {
            assert!(read(text).unwrap().functions.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_function_gives_a_value_or_what_its_last_call_gives() {
        let calls = |name: &str| Gives::Calls(vec![name.to_owned()]);
        for (text, expected) in [
            (
                "const go = () => assert.rejects(a, b);",
                Gives::Calls(Vec::new()),
            ),
            (
                "const go = (x) => until(\"it\", () => x);",
                Gives::Calls(Vec::new()),
            ),
            (
                "function go() { return this.page.shows(1); }",
                calls("shows"),
            ),
            ("const go = () => shows(1).length;", Gives::Value),
            (
                "function go() { if (a) return; assert.ok(b); }",
                Gives::Calls(Vec::new()),
            ),
            (
                "function go() { each((x) => { return x; }); assert.ok(b); }",
                Gives::Calls(Vec::new()),
            ),
            ("function go() { assert.ok(b); return b; }", Gives::Value),
            ("const go = () => 1;", Gives::Value),
        ] {
            assert_eq!(function(text).2, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_javascript_is_told() {
        assert!(read("test(\"it\", () => {").is_err());
    }
}
