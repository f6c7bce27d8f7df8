//! The functions in JavaScript and TypeScript: their names, and where their bodies are.

use std::ops::Range;

use crate::rows::tokens::{ARROW, Token, Tokens};

/// Words before round brackets that are no calls, and no names of functions.
pub(super) const KEYWORDS: [&str; 9] = [
    "if", "for", "while", "switch", "catch", "function", "return", "await", "async",
];

/// Marks after which a curly bracket belongs to a type, where a function's body may stand.
const IN_TYPE: [char; 7] = [':', '<', '|', '&', ',', '(', ARROW];

/// A function, with a name or without.
pub(super) struct Found {
    pub(super) name: Option<String>,
    pub(super) body: Range<usize>,
    /// Its body is an expression: what it gives.
    pub(super) is_expression: bool,
}

/// All of a file.
pub(super) fn functions(tokens: &Tokens) -> Vec<Found> {
    (0..tokens.all.len())
        .filter_map(|at| arrow(tokens, at).or_else(|| method(tokens, at)))
        .collect()
}

/// A function whose arrow stands at `at`.
fn arrow(tokens: &Tokens, at: usize) -> Option<Found> {
    if !tokens.is(at, ARROW) {
        return None;
    }
    let name = arrow_name(tokens, at);
    if let Some(end) = tokens.end(at + 1).filter(|_| tokens.is(at + 1, '{')) {
        return Some(Found {
            name,
            body: at + 2..end,
            is_expression: false,
        });
    }
    let mut end = at + 1;
    while let Some(token) = tokens.all.get(end) {
        if matches!(token, Token::Mark(';' | ',' | ')' | ']' | '}')) {
            break;
        }
        end = tokens.end(end).unwrap_or(end) + 1;
    }
    Some(Found {
        name,
        body: at + 1..end,
        is_expression: true,
    })
}

/// `name = (…) =>` or `name = async (…): Type =>`, but for what is put into an object.
fn arrow_name(tokens: &Tokens, arrow: usize) -> Option<String> {
    let begins = (0..arrow).rev().take(40).find(|&at| {
        let end = tokens.end(at).filter(|_| tokens.is(at, '('));
        end.is_some_and(|end| end + 1 == arrow || end < arrow && tokens.is(end + 1, ':'))
            || (at + 1 == arrow && tokens.word(at).is_some())
    })?;
    let before = begins.checked_sub(1)?;
    let before = if tokens.word(before) == Some("async") {
        before.checked_sub(1)?
    } else {
        before
    };
    let name = before.checked_sub(1).filter(|_| tokens.is(before, '='))?;
    let is_variable = !tokens.is_after(name, '.');
    is_variable.then(|| tokens.word(name).map(str::to_owned))?
}

/// `function name(…) {`, or a method of an object or a class, whose name stands at `at`.
fn method(tokens: &Tokens, at: usize) -> Option<Found> {
    let name = tokens.word(at)?;
    let is_anonymous = name == "function";
    if KEYWORDS.contains(&name) && !is_anonymous || tokens.is_after(at, '.') {
        return None;
    }
    let mut open = at + 1;
    if at > 0 && tokens.word(at - 1) == Some("function") && tokens.is(open, '<') {
        while !tokens.is(open, '(') {
            open = tokens.all.get(open + 1).map(|_| open + 1)?;
        }
    }
    let close = tokens.end(open).filter(|_| tokens.is(open, '('))?;
    let mut begins = close + 1;
    if tokens.is(begins, ':') {
        begins += 1;
        while !tokens.is(begins, '{') || is_in_type(tokens, begins) {
            let token = tokens.all.get(begins)?;
            if matches!(token, Token::Mark(';' | ')' | '}' | '=')) {
                return None;
            }
            begins = tokens.end(begins).unwrap_or(begins) + 1;
        }
    }
    let end = tokens.end(begins).filter(|_| tokens.is(begins, '{'))?;
    Some(Found {
        name: (!is_anonymous).then(|| name.to_owned()),
        body: begins + 1..end,
        is_expression: false,
    })
}

fn is_in_type(tokens: &Tokens, at: usize) -> bool {
    IN_TYPE.iter().any(|mark| tokens.is_after(at, *mark))
}
