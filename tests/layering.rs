//! The layers of `src/`, in one table, and the rules that keep them apart.
//!
//! The compiler checks that the core builds without a browser; this checks that it stays in layers.

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. A module may name those of the rows above its own, never one of its own row or
/// below: reading from the top, nothing is used before it is known.
const LAYERS: &[&[&str]] = &[
    // Values
    &["cookie", "generation", "json", "reply", "secret", "time"],
    &["error", "oidc/grant"],
    // What comes from outside, judged
    &["claims", "origins", "profile"],
    &["config", "tokens"],
    &["token_set"],
    &["answer", "fingerprint", "mark", "request", "schedule"],
    // What an authorization server is asked, and what its answers mean
    &["oidc/base64url", "oidc/metadata"],
    &[
        "oidc/authorization",
        "oidc/dpop",
        "oidc/id_token",
        "oidc/sign_out",
        "oidc/user_info",
    ],
    &["oidc/token", "redirect"],
    &["oidc/callback"],
    &["group"],
    &["lock_wait", "record"],
    // Facts in, orders out
    &["event"],
    &["effect"],
    // The only flow logic, cut into files by state: src/session.rs and src/session/
    &["session"],
    // The browser, one touch-point a file
    &["web/error", "web/global", "web/task"],
    &["web/deadline"],
    &[
        "web/clock",
        "web/convert",
        "web/cookie",
        "web/listeners",
        "web/random",
        "web/timer",
    ],
    &[
        "web/activity",
        "web/allocator",
        "web/channel",
        "web/client_cookie",
        "web/marks",
        "web/provider_functions",
        "web/response",
        "web/storage",
        "web/waiters",
    ],
    &["web/channels", "web/host", "web/location", "web/lock"],
    &["web/fetch"],
    &["web/exchange"],
    // What puts it all together
    &["web/driver"],
    &["web/provider"],
    &["web/calls"],
    &["web/effects"],
    &["web/auth"],
    &["web/auth_provider", "web/no_provider"],
];

/// Lists of modules, no code.
const INDEXES: &[&str] = &["lib", "oidc", "web"];

/// JavaScript is for `src/web/` alone.
const JAVASCRIPT: &[&str] = &[
    "js_sys",
    "web_sys",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "gloo",
    "gloo_timers",
    "serde_wasm_bindgen",
];

/// The core neither reads a clock nor draws randomness nor does I/O.
const OUTSIDE: &[&str] = &[
    "SystemTime",
    "Instant",
    "rand",
    "getrandom",
    "println",
    "eprintln",
    "dbg",
    "fs",
    "net",
    "thread",
    "unsafe",
];

/// Lines of code, without the tests beside it.
const LONGEST_FILE: usize = 350;

struct Source {
    /// Under `src/`, for messages.
    path: String,
    /// As the table names it.
    module: String,
    /// Without comments, texts and tests.
    code: String,
    /// Without tests.
    lines: usize,
}

#[test]
fn every_module_has_one_place_in_the_table() {
    let mut modules: Vec<String> = sources().into_iter().map(|source| source.module).collect();
    modules.dedup();
    let mut table: Vec<&str> = LAYERS.concat();
    table.extend(INDEXES);
    table.sort_unstable();
    modules.sort_unstable();
    modules.dedup();
    assert_eq!(modules, table);
}

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(layer) = layer(&source.module) else {
            continue;
        };
        for name in imports(&source) {
            let is_below = self::layer(&name).is_some_and(|other| other < layer);
            if !is_below && name != source.module {
                wrong.push(format!("{} names {name}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_shell_touches_javascript() {
    for source in sources() {
        for word in words(&source.code) {
            let is_shell = source.path.starts_with("web/");
            assert!(
                is_shell || !JAVASCRIPT.contains(&word),
                "{} names {word}",
                source.path
            );
        }
    }
    let lib = fs::read_to_string(root().join("lib.rs")).unwrap();
    assert!(
        lib.contains("#[cfg(target_arch = \"wasm32\")]\nmod web;"),
        "native builds cannot see the shell"
    );
}

#[test]
fn the_core_draws_on_nothing_outside() {
    for source in sources().iter().filter(|source| is_core(source)) {
        for word in words(&source.code) {
            assert!(!OUTSIDE.contains(&word), "{} names {word}", source.path);
        }
    }
}

/// The core that users load has no printing in it: `xtask/src/build/strip_panics.rs` cuts it out, so that a text
/// made in this way would be empty there. (In the shell, `to_string` is JavaScript's own.)
#[test]
fn nothing_is_printed() {
    for source in sources() {
        for word in [
            "format!",
            "format_args!",
            "write!",
            "writeln!",
            ".to_string(",
        ] {
            let is_printing = word != ".to_string(" || is_core(&source);
            let found = is_printing && source.code.contains(word);
            assert!(!found, "{} uses {word}", source.path);
        }
    }
}

/// An exported method that borrows mutably makes every call from inside a callback fail (REL-29).
#[test]
fn rel_29_no_export_borrows_itself_mutably() {
    let exporting: Vec<Source> = sources()
        .into_iter()
        .filter(|source| source.code.contains("#[wasm_bindgen"))
        .collect();
    assert!(!exporting.is_empty());
    for source in exporting {
        assert!(!source.code.contains("&mut self"), "{}", source.path);
    }
}

/// A closure that was forgotten can never be taken off again (REL-31). Two methods of our own, which
/// forget the session, bear the same name.
#[test]
fn rel_31_no_closure_is_forgotten() {
    for source in sources() {
        for (at, _) in source.code.match_indices(".forget(") {
            let before = &source.code[..at];
            let is_ours = before.ends_with("self") || before.ends_with("away");
            assert!(is_ours, "{}", source.path);
        }
        assert!(!source.code.contains("mem::forget"), "{}", source.path);
    }
}

#[test]
fn files_stay_small() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|source| source.lines > LONGEST_FILE)
        .map(|source| format!("{}: {} lines", source.path, source.lines))
        .collect();
    assert!(long.is_empty(), "over {LONGEST_FILE}: {long:#?}");
}

/// The checker itself: what it must see, and what it must not.
#[test]
fn the_reader_sees_through_comments_texts_and_groups() {
    let source = |path: &str, text: &str| Source {
        path: path.to_owned(),
        module: module(path),
        code: code(text),
        lines: 0,
    };
    let text = "use crate::{error::{Error, ErrorKind}, time};\n// crate::web\n\"crate::effect\"\n\
                '\"' /* crate::event */ crate::json::Json '\"'";
    assert_eq!(
        imports(&source("claims.rs", text)),
        ["error", "time", "json"]
    );
    assert_eq!(
        imports(&source("session/active.rs", "use super::{View, Context};")),
        ["session"]
    );
    let web = "use super::{activity, convert};\nuse super::channel::Channel; super::global::set();";
    assert_eq!(
        imports(&source("web/driver.rs", web)),
        ["web/activity", "web/convert", "web/channel", "web/global"]
    );
    assert_eq!(code("a #[cfg(test)] mod tests { crate::web }"), "a ");
}

// ── Reading ──

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for folder in ["", "config", "json", "oidc", "record", "session", "web"] {
        let mut files: Vec<PathBuf> = fs::read_dir(root().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
            .collect();
        files.sort();
        sources.extend(files.iter().map(|file| read(file)));
    }
    let in_folders = fs::read_dir(root())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().is_dir())
        .count();
    assert_eq!(in_folders, 6, "a new folder of src/ belongs into this test");
    sources
}

fn read(file: &Path) -> Source {
    let text = fs::read_to_string(file).unwrap();
    let path = file.strip_prefix(root()).unwrap().display().to_string();
    Source {
        module: module(&path),
        path,
        code: code(&text),
        lines: without_tests(&text).lines().count(),
    }
}

/// The module a file belongs to. `src/config/`, `src/json/`, `src/record/` and `src/session/` hold pieces of one module each.
fn module(path: &str) -> String {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    match path.split_once('/') {
        Some((parent @ ("config" | "json" | "record" | "session"), _)) => parent.to_owned(),
        _ => path.to_owned(),
    }
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&module))
}

fn is_core(source: &Source) -> bool {
    !source.path.starts_with("web/")
}

fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

/// The text without its tests, comments and literals.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = without_tests(text);
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(text) = rest.strip_prefix("r#\"") {
            text.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if next == '"' {
            end_of_text(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\''") {
            rest[1..].find("'").map_or(rest.len(), |end| end + 2)
        } else {
            code.push(next);
            next.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}

fn end_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, found) in text.char_indices().skip(1) {
        match found {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|found: char| !found.is_alphanumeric() && found != '_')
}

/// Which modules a file names, by paths from `crate` and `super`.
fn imports(source: &Source) -> Vec<String> {
    let from_crate = heads(&source.code, "crate::")
        .into_iter()
        .filter(|name| !INDEXES.contains(&name.as_str()));
    let from_oidc = heads(&source.code, "crate::oidc::")
        .into_iter()
        .map(|name| format!("oidc/{name}"));
    let from_super =
        heads(&source.code, "super::")
            .into_iter()
            .map(|name| match source.path.split_once('/') {
                Some((folder @ ("oidc" | "web"), _)) => format!("{folder}/{name}"),
                Some((parent, _)) => parent.to_owned(),
                None => name,
            });
    let mut names: Vec<String> = from_crate.chain(from_oidc).chain(from_super).collect();
    names.dedup();
    names
}

/// What stands behind `prefix`: one name, or the first name of each path in a group.
fn heads(code: &str, prefix: &str) -> Vec<String> {
    let mut heads = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            heads.extend(words(rest).next().map(str::to_owned));
            continue;
        };
        let mut depth = 0;
        let mut is_head = true;
        let mut head = String::new();
        for found in group.chars() {
            match found {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    heads.push(std::mem::take(&mut head));
                    is_head = true;
                }
                ':' => is_head &= depth > 0,
                _ if is_head && depth == 0 && !found.is_whitespace() => head.push(found),
                _ => {}
            }
        }
        heads.push(head);
        heads.retain(|head| !head.is_empty());
    }
    heads
}
