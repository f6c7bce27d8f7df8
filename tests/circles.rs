//! No two files of the crate for axum, the server, the commands, the fleet and the load generator need each other, not even by way of others.
//!
//! The core has a table of its layers besides (`tests/layering.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[path = "support/graph.rs"]
mod graph;

use graph::{Graph, circle, code};

const FOLDERS: [&str; 5] = [
    "www/axum/src",
    "www/server/src",
    "xtask/src",
    "xtask/fleet/src",
    "xtask/load/src",
];

#[test]
fn files_form_no_circles() {
    for folder in FOLDERS {
        let graph = graph(&read(folder));
        let edges: usize = graph.values().map(BTreeSet::len).sum();
        assert!(edges > graph.len(), "{folder}: the reader sees too little");
        if let Some(circle) = circle(&graph) {
            panic!("{folder}: {}", circle.join(" → "));
        }
    }
}

/// The checker itself.
#[test]
fn the_reader_sees_paths_groups_and_parents() {
    let files = |files: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        owned.collect()
    };
    let straight = files(&[
        ("main", "mod a; mod b; fn main() {}"),
        ("a", "mod c; use crate::b::{self, Thing};"),
        (
            "a/c",
            "// crate::a\nuse super::super::b;\nuse crate::{b::x, other};",
        ),
        ("b", "\n#[cfg(test)]\nmod tests { use crate::a; }"),
    ]);
    let edges = graph(&straight);
    assert_eq!(edges["main"], ["a", "b"].map(str::to_owned).into());
    assert_eq!(edges["a"], ["a/c", "b"].map(str::to_owned).into());
    assert_eq!(edges["a/c"], ["b".to_owned()].into());
    assert!(edges["b"].is_empty());
    assert_eq!(circle(&edges), None);

    for (file, text) in [
        ("b", "use crate::a::c::Deep;"),
        ("b", "fn b() { crate::a::call() }"),
        ("a/c", "use super::Parent;"),
        ("a/c", "use crate::{b, a::{Parent}};"),
    ] {
        let mut round = straight.clone();
        round.insert(file.to_owned(), text.to_owned());
        assert!(circle(&graph(&round)).is_some(), "{file}: {text}");
    }
}

/// The files under a folder, by module, without comments and tests.
fn read(folder: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().with_extension("");
                let name = name.display().to_string().replace('\\', "/");
                let name = name.trim_end_matches("/mod").to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// By their modules: `routes/token`.
fn graph(files: &BTreeMap<String, String>) -> Graph {
    let edges = files.iter().map(|(file, text)| {
        let code = code(text);
        let mut named = BTreeSet::new();
        for (start, parent) in starts(&code, file) {
            for path in paths(&code[start..], &parent) {
                named.extend(file_of(&path, files));
            }
        }
        named.remove(file);
        (file.clone(), named)
    });
    edges.collect()
}

/// Where paths begin in the code, and from which module they lead.
fn starts(code: &str, file: &str) -> Vec<(usize, Vec<String>)> {
    let module: Vec<String> = match file {
        "main" | "lib" => Vec::new(),
        _ => file.split('/').map(str::to_owned).collect(),
    };
    let mut starts = Vec::new();
    for (word, parent) in [
        ("crate::", Vec::new()),
        ("self::", module.clone()),
        ("mod ", module.clone()),
    ] {
        let found = code.match_indices(word);
        starts.extend(found.map(|(at, _)| (at + word.len(), parent.clone())));
    }
    // `super::super::x` begins where the last `super` ends.
    for (at, word) in code.match_indices("super::") {
        let end = at + word.len();
        if !code[end..].starts_with(word) {
            let before = code[..end].trim_end_matches(word).len();
            let up = (end - before) / word.len();
            let kept = module.len().saturating_sub(up);
            starts.push((end, module[..kept].to_vec()));
        }
    }
    starts
}

/// The paths that stand here: one, or those of a group.
fn paths(code: &str, parent: &[String]) -> Vec<Vec<String>> {
    if let Some(group) = code.strip_prefix('{') {
        return members(group)
            .into_iter()
            .flat_map(|member| paths(member.trim_start(), parent))
            .collect();
    }
    let end = code.find(|it: char| !it.is_alphanumeric() && it != '_');
    let (name, rest) = code.split_at(end.unwrap_or(code.len()));
    let mut path = parent.to_vec();
    path.push(name.to_owned());
    match rest.strip_prefix("::") {
        Some(rest) => paths(rest, &path),
        None => vec![path],
    }
}

/// What commas part, up to the brace that closes the group.
fn members(group: &str) -> Vec<&str> {
    let mut members = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    for (at, found) in group.char_indices() {
        match found {
            '{' => depth += 1,
            '}' if depth == 0 => {
                members.push(&group[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    members
}

/// The file in which a path ends: the longest beginning of it that is one.
fn file_of(path: &[String], files: &BTreeMap<String, String>) -> Option<String> {
    (1..=path.len())
        .rev()
        .map(|length| path[..length].join("/"))
        .find(|name| files.contains_key(name))
}
