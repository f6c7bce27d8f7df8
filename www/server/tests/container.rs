//! What of the container can be checked without an engine: that the image is built of files that are there, and
//! that the server takes the flags that it is started with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;
use hallpass_server::Args;
use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

const CONTAINERFILE: &str = include_str!("../Containerfile");

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("a workspace").to_owned()
}

/// The lines of an instruction, without its name.
fn lines(instruction: &str) -> impl Iterator<Item = &'static str> {
    let prefix = format!("{instruction} ");
    CONTAINERFILE
        .lines()
        .filter_map(move |line| line.strip_prefix(prefix.as_str()))
}

/// The platform that cargo builds for here.
fn host() -> String {
    let mut rustc = Command::new("rustc");
    let output = rustc.args(["--print", "host-tuple"]).output();
    let name = String::from_utf8(output.expect("rustc").stdout).expect("text");
    name.trim().to_owned()
}

/// The words of a command in JSON, without the program's name.
fn flags_of(command: &str) -> Vec<String> {
    let words: Vec<String> = serde_json::from_str(command).expect("JSON");
    assert_eq!(words[0], "hallpass-server");
    words[1..].to_vec()
}

fn entry_point() -> Vec<String> {
    flags_of(lines("ENTRYPOINT").next().expect("one"))
}

fn compose() -> Yaml {
    let documents = YamlLoader::load_from_str(include_str!("../compose.yaml")).expect("YAML");
    documents.into_iter().next().expect("a document")
}

/// As compose does it, where the environment says nothing: `${NAME:-default}`.
fn resolved(text: &str) -> String {
    let variable = text.strip_prefix("${").and_then(|it| it.strip_suffix('}'));
    let default = variable.and_then(|it| it.split_once(":-"));
    default.map_or(text, |(_, default)| default).to_owned()
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a copy");
        return;
    }
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

/// Cargo takes a workspace with all its members, or none of it.
#[test]
fn what_is_copied_into_the_image_is_a_whole_workspace() {
    let folder = std::env::temp_dir().join(format!("hallpass-image-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    for line in lines("COPY").filter(|line| !line.starts_with("--from")) {
        let words: Vec<_> = line.split(' ').collect();
        let (to, sources) = words.split_last().expect("words");
        for source in sources {
            let name = if *to == "./" { source } else { to };
            copy(&root().join(source), &folder.join(name));
        }
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--offline"]);
    // A fresh machine has fetched the crates of no other platform.
    cargo.args(["--filter-platform", &host()]);
    let output = cargo.current_dir(&folder).output().expect("cargo");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let is_there = |name| packages.iter().any(|package| package["name"] == name);
    assert!(is_there("hallpass-server"));
    let _ = fs::remove_dir_all(&folder);

    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "));
    let image = format!("library/rust:{}-", version.expect("one").trim_matches('"'));
    assert!(CONTAINERFILE.contains(&image), "{image}");
}

#[test]
fn the_image_runs_as_nobody_in_particular() {
    let users: Vec<_> = lines("USER").collect();
    assert_eq!(users, ["10001"]);
    let probe = lines("HEALTHCHECK").next().expect("one");
    let (_, command) = probe.split_once("CMD ").expect("a command");
    let probe = [vec!["server".to_owned()], flags_of(command)].concat();
    assert!(Args::try_parse_from(probe).expect("flags").probe);
}

#[test]
fn the_servers_take_the_flags_that_compose_gives_them() {
    let compose = compose();
    let services = compose["services"].as_hash().expect("services");
    let mut count = 0;
    for (name, service) in services {
        let name = name.as_str().expect("a name");
        for need in service["depends_on"].as_hash().into_iter().flatten() {
            assert!(services.contains_key(need.0), "{name}");
        }
        for volume in service["volumes"].as_vec().into_iter().flatten() {
            let volume = volume.as_str().and_then(|it| it.split(':').next());
            let known = &compose["volumes"][volume.expect("a name")];
            assert!(!known.is_badvalue(), "{name}");
        }
        // What is published is on this machine.
        for port in service["ports"].as_vec().into_iter().flatten() {
            let port = port.as_str().expect("text");
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
        if service["image"].as_str() != Some("hallpass-server") {
            continue;
        }
        count += 1;
        let dockerfile = service["build"]["dockerfile"].as_str().expect("a file");
        assert!(root().join(dockerfile).is_file(), "{dockerfile}");
        let command = service["command"].as_vec().expect("flags");
        let command = command
            .iter()
            .map(|flag| resolved(flag.as_str().expect("text")));
        let words = ["server".to_owned()].into_iter();
        let words = words.chain(entry_point()).chain(command);
        let args = Args::try_parse_from(words).unwrap_or_else(|error| panic!("{name}: {error}"));
        // The database is one of the services, and its password is in no file.
        let host = args.db.split(['@', '/']).nth(3).expect("a host");
        assert!(
            services.contains_key(&Yaml::String(host.to_owned())),
            "{host}"
        );
        let password = service["environment"]["PGPASSWORD"].as_str();
        assert!(password.expect("one").starts_with("${POSTGRES_PASSWORD:?"));
        let test = service["healthcheck"]["test"].as_vec().expect("a command");
        let test: Vec<_> = test.iter().filter_map(Yaml::as_str).collect();
        assert_eq!(test, ["CMD", "hallpass-server", "--probe"]);
    }
    assert_eq!(count, 2);
}
