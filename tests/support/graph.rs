//! Source text without what does not count, and circles in a graph of files: for tests of how files need each other.

use std::collections::{BTreeMap, BTreeSet};

/// Which files each file needs.
pub(crate) type Graph = BTreeMap<String, BTreeSet<String>>;

/// The text without comments, and without the tests at its end.
pub(crate) fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// A way round, where there is one: it ends where it began.
pub(crate) fn circle(graph: &Graph) -> Option<Vec<String>> {
    fn visit(
        file: &str,
        graph: &Graph,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> bool {
        if let Some(at) = way.iter().position(|it| it == file) {
            way.drain(..at);
            way.push(file.to_owned());
            return true;
        }
        if done.contains(file) {
            return false;
        }
        way.push(file.to_owned());
        let found = graph.get(file).into_iter().flatten();
        for next in found {
            if visit(next, graph, way, done) {
                return true;
            }
        }
        way.pop();
        done.insert(file.to_owned());
        false
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|file| {
        let mut way = Vec::new();
        visit(file, graph, &mut way, &mut done).then_some(way)
    })
}
