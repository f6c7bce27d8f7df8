//! The app's origin.

use std::fs;
use std::path::PathBuf;

use crate::browser::Answer;
use crate::server::{Server, plain_client};

/// A directory with a tiny app, gone at the end.
struct Site(PathBuf);

impl Site {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("hallpass-site-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("app/assets")).expect("directory");
        fs::write(path.join("secret.txt"), "outside").expect("file");
        let html = "<meta name=api content=\"__API_ORIGIN__\"><i>__FOREIGN_ORIGIN__</i>";
        fs::write(path.join("app/index.html"), html).expect("file");
        fs::write(path.join("app/assets/core.wasm"), b"\0asm").expect("file");
        fs::write(path.join("app/assets/main.js"), "export {}").expect("file");
        Self(path)
    }

    fn directory(&self) -> String {
        self.0.join("app").to_str().expect("text").to_owned()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn get(server: &Server, path: &str) -> Answer {
    let request = plain_client().get(format!("{}{path}", server.origins.app));
    Answer::read(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn pages_know_their_origins_and_policy() {
    let site = Site::new("pages");
    let server = Server::start(&["--app-dir", &site.directory()]).await;
    let (api, foreign) = (&server.origins.api, &server.origins.foreign);
    for path in ["/", "/index.html", "/devices", "/deep/route?x=1"] {
        let answer = get(&server, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(
            answer.text.contains(&format!("content=\"{api}\"")),
            "{}",
            answer.text
        );
        assert!(
            answer.text.contains(&format!("<i>{foreign}</i>")),
            "{}",
            answer.text
        );
        assert_eq!(
            answer.header("content-security-policy"),
            format!(
                "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
                 style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                 connect-src 'self' {api} {foreign}; base-uri 'none'; frame-ancestors 'none'"
            )
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
}

#[tokio::test]
async fn files_are_files() {
    let site = Site::new("files");
    let server = Server::start(&["--app-dir", &site.directory()]).await;
    let script = get(&server, "/assets/main.js").await;
    assert_eq!((script.status, script.text.as_str()), (200, "export {}"));
    assert!(script.header("content-type").contains("javascript"));
    assert!(!script.header("content-security-policy").is_empty());
    let wasm = get(&server, "/assets/core.wasm").await;
    assert_eq!(wasm.header("content-type"), "application/wasm");
    assert_eq!(get(&server, "/assets/missing.js").await.status, 404);
}

#[tokio::test]
async fn nothing_outside_the_directory_is_served() {
    let site = Site::new("outside");
    let server = Server::start(&["--app-dir", &site.directory()]).await;
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2f..%2fsecret.txt",
        "/..%5csecret.txt",
    ] {
        let answer = get(&server, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text.contains("outside"), "{path}");
    }
}

#[tokio::test]
async fn without_an_app_it_says_so() {
    let server = Server::start(&[]).await;
    let answer = get(&server, "/").await;
    assert_eq!(answer.status, 404);
    assert!(answer.text.contains("--app-dir"));
}
