//! Rust, as far as tests and their assertions go: a walk over its tokens.

use std::str::FromStr;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::{Body, Call, Function, Gives, Source, Test};

/// Macros whose names begin so assert; and `panic!` is what fails a test.
const ASSERTIONS: [&str; 4] = ["assert", "debug_assert", "prop_assert", "panic"];

pub(super) fn read(text: &str) -> Result<Source> {
    let tokens = TokenStream::from_str(text).map_err(|error| anyhow!("{error}"))?;
    let mut source = Source::default();
    walk(tokens, &mut source);
    Ok(source)
}

/// What stands above a function.
#[derive(Default)]
struct Attributes {
    is_test: bool,
    panics: bool,
    docs: String,
}

/// Finds functions and tests in items, and in what these have in them.
fn walk(tokens: TokenStream, source: &mut Source) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut above = Attributes::default();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if let Some(TokenTree::Group(group)) = tokens.get(at) {
                    above.read(group.stream());
                    at += 1;
                }
            }
            TokenTree::Ident(word) if word == "fn" => {
                let Some((signature, length)) = Signature::read(&tokens[at..]) else {
                    continue;
                };
                at += length;
                take(signature, std::mem::take(&mut above), source);
            }
            TokenTree::Group(group) => {
                if group.delimiter() == Delimiter::Brace {
                    above = Attributes::default();
                }
                walk(group.stream(), source);
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => above = Attributes::default(),
            _ => {}
        }
    }
}

fn take(signature: Signature, above: Attributes, source: &mut Source) {
    let mut body = Body::default();
    fill(signature.body.clone(), &mut body);
    // What it has in itself is counted where it stands, not where it is called.
    let mut inner = Source::default();
    walk(signature.body, &mut inner);
    body.calls
        .retain(|call| inner.functions.iter().all(|it| it.name != call.name));
    if above.is_test {
        body.assertions += usize::from(above.panics);
        source.tests.push(Test {
            title: [signature.name.as_str(), &above.docs].join(" "),
            body,
        });
    } else {
        source.functions.push(Function {
            name: signature.name,
            body,
            gives: if signature.gives_value {
                Gives::Value
            } else {
                Gives::Calls(Vec::new())
            },
        });
    }
    source.functions.extend(inner.functions);
    source.tests.extend(inner.tests);
}

impl Attributes {
    fn read(&mut self, attribute: TokenStream) {
        // The path, before any arguments.
        let words = attribute
            .clone()
            .into_iter()
            .map_while(|token| match token {
                TokenTree::Ident(word) => Some(word.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == ':' => Some(String::new()),
                _ => None,
            });
        match words.last().unwrap_or_default().as_str() {
            "doc" => self.docs.push_str(&attribute.to_string()),
            "should_panic" => self.panics = true,
            name => self.is_test |= name == "test" || name.ends_with("_test"),
        }
    }
}

struct Signature {
    name: String,
    gives_value: bool,
    body: TokenStream,
}

impl Signature {
    /// Reads what follows `fn`; also says how many tokens it has. None where there is no body, or no name.
    fn read(tokens: &[TokenTree]) -> Option<(Self, usize)> {
        let TokenTree::Ident(name) = tokens.first()? else {
            return None;
        };
        let mut depth = 0_usize;
        let mut before = ' ';
        let mut has_arguments = false;
        let mut result = String::new();
        for (at, token) in tokens.iter().enumerate().skip(1) {
            match token {
                // Those of a function's type among the generics do not count.
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                    if has_arguments {
                        result.push_str(&group.to_string());
                    }
                    has_arguments |= depth == 0;
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let signature = Self {
                        name: name.to_string(),
                        gives_value: is_value(&result),
                        body: group.stream(),
                    };
                    return Some((signature, at + 1));
                }
                TokenTree::Punct(mark) => {
                    match mark.as_char() {
                        ';' if depth == 0 => return None,
                        '<' => depth += 1,
                        '>' if before != '-' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    before = mark.as_char();
                    if has_arguments {
                        result.push(before);
                    }
                    continue;
                }
                token => {
                    if has_arguments {
                        result.push_str(&token.to_string());
                    }
                }
            }
            before = ' ';
        }
        None
    }
}

/// Whether what stands between the arguments and the body says that something is given: not `()`, not whether it went
/// well.
fn is_value(result: &str) -> bool {
    let Some(given) = result.strip_prefix("->") else {
        return false;
    };
    !matches!(given.split("where").next(), Some("()" | "!" | "Result<()>"))
}

/// Counts assertions, and notes calls, at any depth.
fn fill(tokens: TokenStream, body: &mut Body) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    // Where the statement begins; a call that is all of one is made for what it does.
    let mut begins = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                fill(group.stream(), body);
                if group.delimiter() == Delimiter::Brace {
                    begins = at + 1;
                }
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => begins = at + 1,
            TokenTree::Ident(word) => match (tokens.get(at + 1), tokens.get(at + 2)) {
                (Some(TokenTree::Punct(mark)), Some(TokenTree::Group(_)))
                    if mark.as_char() == '!' =>
                {
                    let word = word.to_string();
                    let asserts = ASSERTIONS.iter().any(|name| word.starts_with(name));
                    body.assertions += usize::from(asserts);
                }
                (Some(TokenTree::Group(group)), _)
                    if group.delimiter() == Delimiter::Parenthesis
                        && !(at > 0 && is_word(&tokens[at - 1], "fn")) =>
                {
                    body.calls.push(Call {
                        name: word.to_string(),
                        is_used: !(is_chain(&tokens[begins..at]) && is_end(&tokens[at + 2..])),
                    });
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// Whether nothing but names, calls and dots stands before a call in its statement.
fn is_chain(tokens: &[TokenTree]) -> bool {
    let is_of_chain = |token: &TokenTree| match token {
        TokenTree::Ident(word) => !["let", "return", "break"].iter().any(|other| word == other),
        TokenTree::Punct(mark) => ".:?&*".contains(mark.as_char()),
        _ => true,
    };
    tokens.iter().all(is_of_chain)
}

/// Whether the statement ends after a call, or after it was waited for.
fn is_end(tokens: &[TokenTree]) -> bool {
    let rest = tokens.iter().find(|token| match token {
        TokenTree::Punct(mark) => !".?".contains(mark.as_char()),
        token => !is_word(token, "await"),
    });
    matches!(rest, Some(TokenTree::Punct(mark)) if mark.as_char() == ';')
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(found) if found == word)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::rows::source::{Body, Gives};

    fn titles(text: &str) -> Vec<String> {
        let tests = read(text).unwrap().tests;
        tests.into_iter().map(|test| test.title).collect()
    }

    fn body(text: &str) -> Body {
        let text = format!("#[test] fn it() {{ {text} }}");
        read(&text).unwrap().tests.remove(0).body
    }

    #[test]
    fn functions_are_tests_where_an_attribute_says_so() {
        let text = "// fn rel_01() {}\n/// REL-06\n#[test]\npub(crate) fn rel_02_a() {}\nfn rel_03_helper() {}\n\
                    mod inner { #[tokio::test(flavor = \"x\")]\nasync fn rel_04_b() {} }\n#[derive(Debug)]\nstruct S;\n\
                    fn rel_05() {}\n#[wasm_bindgen_test] fn rel_07() {}\n#[cfg(test)] fn rel_08() {}";
        let found = titles(text);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("rel_02_a ") && found[0].contains("REL-06"));
        assert_eq!(found[1..], ["rel_04_b ", "rel_07 "]);
    }

    #[test]
    fn an_assertion_is_a_macro_that_is_called() {
        assert_eq!(
            body("assert_eq!(1, 1); if x { assert!(ok, \"assert!()\"); } // assert!(no)\n")
                .assertions,
            2
        );
        assert_eq!(
            body("let assert = r#\"assert!(x)\"#; x != y;").assertions,
            0
        );
        assert_eq!(
            body("each(|it| assert_matches!(it, X)); panic!(\"no\")").assertions,
            2
        );
        let expected = "#[test] #[should_panic] fn it() { go() }";
        assert_eq!(read(expected).unwrap().tests[0].body.assertions, 1);
    }

    #[test]
    fn calls_are_named_also_those_in_macros_but_for_what_is_made_inside() {
        let text = "fn own() { assert!(a()); } own(); tab.go(1); assert!(x.of(b()));";
        let found = body(text);
        let names: Vec<_> = found.calls.iter().map(|call| call.name.as_str()).collect();
        assert_eq!(names, ["a", "go", "of", "b"]);
        assert_eq!(found.assertions, 2);
    }

    #[test]
    fn what_a_call_gives_is_used_unless_it_is_all_of_a_statement() {
        let used = |text: &str| {
            let mut calls = body(text).calls.into_iter();
            let last = calls.rfind(|call| call.name == "go");
            last.unwrap().is_used
        };
        for text in [
            "go(1);",
            "let a = 1; tab.go(1);",
            "for a in b { x::go(a); }",
            "if a { b() } tab.with(c).go().await;",
            "go().await?;",
        ] {
            assert!(!used(text), "{text}");
        }
        for text in [
            "let a = go();",
            "a(go());",
            "go().len();",
            "return go();",
            "a == go();",
            "go()",
            "assert!(go());",
        ] {
            assert!(used(text), "{text}");
        }
    }

    #[test]
    fn a_function_gives_what_its_signature_says() {
        let gives = |text: &str| read(text).unwrap().functions.remove(0).gives;
        for text in [
            "fn a(x: fn() -> u8) {}",
            "fn a<F: Fn(u8) -> u8>(f: F) {}",
            "fn a(f: F) where F: Fn() -> u8 {}",
            "fn a() -> () {}",
            "fn a() -> Result<()> { Ok(()) }",
            "impl X { async fn a(&self) {} }",
        ] {
            assert_eq!(gives(text), Gives::Calls(Vec::new()), "{text}");
        }
        for text in [
            "fn a() -> u8 { 1 }",
            "fn a() -> Result<u8> { Ok(1) }",
            "fn a<T>() -> T where T: X {}",
        ] {
            assert_eq!(gives(text), Gives::Value, "{text}");
        }
        assert!(
            read("trait X { fn a(&self) -> u8; }")
                .unwrap()
                .functions
                .is_empty()
        );
    }

    #[test]
    fn what_is_no_rust_is_told() {
        assert!(read("fn a( {").is_err());
    }
}
