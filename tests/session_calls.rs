//! The files of the session call each other one way: `src/session.rs` at the top, the small machines at the bottom.
//!
//! The compiler lets methods of one type stand in many files and call each other in any direction, so this reads the
//! text: a file leads to another one where it names a path in it, or calls a method that stands there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[path = "support/graph.rs"]
mod graph;

use graph::code;

/// Which files each file leads to, and by what.
type Edges = BTreeMap<String, BTreeMap<String, String>>;

#[test]
fn files_of_the_session_call_each_other_one_way() {
    let files = files();
    let graph = edges(&files);
    let edges: usize = graph.values().map(BTreeMap::len).sum();
    assert!(edges > 4 * graph.len(), "the reader sees too little");
    assert!(graph["session"].contains_key("signed_in"));
    assert!(graph["signed_in"].contains_key("ending"));
    assert_eq!(circle(&graph), None);
}

/// Each state of the diagram is one in the code, and the other way round.
#[test]
fn the_diagram_names_the_states() {
    let files = files();
    let diagram = fs::read_to_string(root().join("session.rs")).unwrap();
    let diagram = diagram.split("```").nth(1).unwrap();
    let drawn: BTreeSet<&str> = words(diagram)
        .filter(|word| word.starts_with(char::is_uppercase))
        .collect();
    let mut states = BTreeSet::new();
    for (file, name) in [("state", "Phase"), ("refresh", "Refresh"), ("idle", "Idle")] {
        states.extend(variants(&files[file], name));
    }
    assert_eq!(drawn, states);
}

/// The reader itself.
#[test]
fn the_reader_sees_paths_methods_and_circles() {
    let files = |files: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        owned.collect()
    };
    let straight = files(&[
        ("session", "mod a; mod b; use self::a::A; fn step() {}"),
        ("a", "impl Turn<'_> { fn high(&self) { self.low() } }"),
        ("b", "impl Turn<'_> { fn low(&mut self) {} }"),
        ("c", "impl C { fn low(&self) {} fn high(&self) {} }"),
    ]);
    let found = edges(&straight);
    assert_eq!(found["session"]["a"], "path");
    assert_eq!(found["a"]["b"], "low");
    assert_eq!(circle(&found), None);
    for text in [
        "impl Turn<'_> { fn low(&mut self) { self.high() } }",
        "impl Turn<'_> { fn low(&mut self) { self\n.high(1) } }",
        "use super::a::A; impl Turn<'_> { fn low(&mut self) {} }",
        "impl Turn<'_> { fn low(&mut self) { step() } }",
        "impl Turn<'_> { fn low(&mut self) { self.step() } }",
    ] {
        let mut round = straight.clone();
        round.insert("b".to_owned(), text.to_owned());
        assert!(circle(&edges(&round)).is_some(), "{text}");
    }
    let text = "enum Phase {\n One(Box<Two>),\n Three { four: Five },\n Six,\n}";
    assert_eq!(variants(text, "Phase"), ["One", "Three", "Six"]);
}

// ── Reading ──

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files by name, without comments and tests.
fn files() -> BTreeMap<String, String> {
    let mut paths = vec![root().join("session.rs")];
    let folder = fs::read_dir(root().join("session")).unwrap();
    paths.extend(folder.map(|entry| entry.unwrap().path()));
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, code(&fs::read_to_string(&path).unwrap()))
    };
    paths.into_iter().map(read).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|found: char| !found.is_alphanumeric() && found != '_')
        .filter(|word| !word.is_empty())
}

fn edges(files: &BTreeMap<String, String>) -> Edges {
    let all = homes(files, |_| true);
    let handlers = homes(files, is_handler);
    let edges = files.iter().map(|(file, text)| {
        let mut named = BTreeMap::new();
        for prefix in ["super::", "self::"] {
            for (at, _) in text.match_indices(prefix) {
                let module = words(&text[at + prefix.len()..]).next().unwrap_or_default();
                if files.contains_key(module) {
                    named.insert(module.to_owned(), "path".to_owned());
                }
            }
        }
        for (name, is_own) in calls(text) {
            let handler = handlers.get(name).filter(|_| is_own && is_handler(text));
            if let Some(home) = handler.or(all.get(name)) {
                named.insert(home.clone(), name.to_owned());
            }
        }
        named.remove(file);
        (file.clone(), named)
    });
    edges.collect()
}

/// Whether this file holds methods of the step under way, which has no two of one name.
fn is_handler(text: &str) -> bool {
    text.contains("impl Turn<'_>")
}

/// In which of these files each function stands whose name no other one of them has. What has the name of another one
/// belongs to a type, and that is named by a path. `default` is a trait's.
fn homes(
    files: &BTreeMap<String, String>,
    counts: impl Fn(&str) -> bool,
) -> BTreeMap<&str, String> {
    let mut homes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, text) in files.iter().filter(|(_, text)| counts(text)) {
        for (at, _) in text.match_indices("fn ") {
            let name = words(&text[at + 3..]).next().unwrap_or_default();
            homes.entry(name).or_default().insert(file);
        }
    }
    homes.remove("default");
    let only = |(name, files): (_, BTreeSet<&str>)| match files.len() {
        1 => files.first().map(|file| (name, (*file).to_owned())),
        _ => None,
    };
    homes.into_iter().filter_map(only).collect()
}

/// The names that are called, and whether as methods of `self`.
fn calls(text: &str) -> impl Iterator<Item = (&str, bool)> {
    text.match_indices('(').filter_map(|(at, _)| {
        let before = &text[..at];
        let length = before.len()
            - before
                .trim_end_matches(|it: char| it.is_alphanumeric() || it == '_')
                .len();
        let (head, name) = before.split_at(before.len() - length);
        let is_call = length > 0 && !head.ends_with("fn ");
        is_call.then(|| (name, is_own(head)))
    })
}

fn is_own(head: &str) -> bool {
    let receiver = head.trim_end().strip_suffix('.').unwrap_or_default();
    receiver.trim_end().ends_with("self")
}

/// The variants of an enum.
fn variants<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let start = text.find(&format!("enum {name} {{")).unwrap();
    let body = &text[start..];
    let body = &body[body.find('{').unwrap() + 1..];
    let mut variants = Vec::new();
    let mut depth = 0;
    let mut is_start = true;
    for (at, found) in body.char_indices() {
        match found {
            '}' if depth == 0 => break,
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => is_start = true,
            _ if depth == 0 && is_start && found.is_uppercase() => {
                variants.extend(words(&body[at..]).next());
                is_start = false;
            }
            _ => {}
        }
    }
    variants
}

/// A way round, where there is one, with what leads from file to file.
fn circle(edges: &Edges) -> Option<String> {
    let files = |named: &BTreeMap<String, String>| named.keys().cloned().collect();
    let graph = edges
        .iter()
        .map(|(file, named)| (file.clone(), files(named)));
    let way = graph::circle(&graph.collect())?;
    let told = way.windows(2).map(|step| match step {
        [file, next] => format!("{file} ─{}→ ", edges[file][next]),
        _ => String::new(),
    });
    Some(told.collect::<String>() + way.last()?)
}
