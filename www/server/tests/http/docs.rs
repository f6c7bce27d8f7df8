//! The documentation's origin.

use std::fs;
use std::path::PathBuf;

use crate::browser::Answer;
use crate::server::{Server, plain_client};

/// A directory with two pages, gone at the end.
struct Site(PathBuf);

impl Site {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("hallpass-docs-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("guide")).expect("directory");
        fs::write(path.join("index.html"), "home").expect("file");
        fs::write(path.join("404.html"), "lost").expect("file");
        fs::write(path.join("guide/tabs.html"), "tabs").expect("file");
        Self(path)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn pages_come_from_an_origin_of_their_own_that_loads_nothing_from_elsewhere() {
    let site = Site::new("pages");
    let server = Server::start(&["--docs-dir", site.0.to_str().expect("text")]).await;
    let docs = server.origins.docs.as_ref().expect("an address");
    for (path, status, text) in [
        ("/", 200, "home"),
        ("/guide/tabs.html", 200, "tabs"),
        ("/guide/none.html", 404, "lost"),
        ("/..%2fguide/tabs.html", 404, "lost"),
    ] {
        let request = plain_client().get(format!("{docs}{path}"));
        let answer = Answer::read(request.send().await.expect("an answer")).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (status, text),
            "{path}"
        );
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self';"), "{policy}");
        assert!(!policy.contains("script-src"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert!(server.origins.to_json().contains(docs));
}

#[tokio::test]
async fn an_address_without_its_ending_leads_to_the_page_and_to_no_other_host() {
    let site = Site::new("endings");
    let server = Server::start(&["--docs-dir", site.0.to_str().expect("text")]).await;
    let docs = server.origins.docs.as_ref().expect("an address");
    for (path, location) in [("/guide/tabs", "./tabs.html"), ("//evil", "./evil.html")] {
        let request = plain_client().get(format!("{docs}{path}"));
        let answer = Answer::read(request.send().await.expect("an answer")).await;
        assert_eq!(answer.status, 308, "{path}");
        assert_eq!(answer.header("location"), location);
    }
}

#[tokio::test]
async fn nothing_listens_where_there_is_no_documentation() {
    let server = Server::start(&[]).await;
    assert_eq!(server.origins.docs, None);
    assert!(!server.origins.to_json().contains("docs"));
}
