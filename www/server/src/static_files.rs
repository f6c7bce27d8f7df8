//! The demo app's files, with the content security policy that the package promises to work under.

use std::path::PathBuf;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tracing::warn;

use crate::origins::Origins;

/// Builds the router of the app's origin.
pub(crate) fn router(directory: Option<PathBuf>, origins: &Origins) -> Router {
    let csp = HeaderValue::from_str(&content_security_policy(origins));
    let files = match directory {
        Some(directory) => files(Site {
            directory,
            origins: origins.clone(),
        }),
        None => Router::new().fallback(|| async {
            (
                StatusCode::NOT_FOUND,
                "No app here: start the server with --app-dir.\n",
            )
        }),
    };
    let files = match csp {
        Ok(csp) => files.layer(set(header::CONTENT_SECURITY_POLICY, csp)),
        Err(_) => files,
    };
    guarded(files)
}

/// With the headers that no page should be without.
pub(crate) fn guarded(pages: Router) -> Router {
    pages
        .layer(set(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(set(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ))
}

pub(crate) fn set(name: HeaderName, value: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, value)
}

fn content_security_policy(origins: &Origins) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' {} {}; \
         base-uri 'none'; frame-ancestors 'none'",
        origins.api, origins.foreign
    )
}

#[derive(Clone)]
struct Site {
    directory: PathBuf,
    origins: Origins,
}

/// `index.html` is made here, since it has to be told where the API is; the rest are plain files.
fn files(site: Site) -> Router {
    let plain = ServeDir::new(&site.directory)
        .append_index_html_on_directories(false)
        .fallback(get(page_of_the_app).with_state(site.clone()));
    Router::new()
        .route("/", get(index))
        .route("/index.html", get(index))
        .fallback_service(plain)
        .with_state(site)
}

/// What is no file is a route of the app, unless it looks like a file: HTML in place of a missing
/// script only makes the error harder to read.
async fn page_of_the_app(State(site): State<Site>, request: Request) -> Response {
    let last = request.uri().path().rsplit('/').next().unwrap_or_default();
    if last.contains('.') {
        return (StatusCode::NOT_FOUND, "Not found.\n").into_response();
    }
    index(State(site)).await
}

/// Read on each request, so that a rebuilt app shows without a restart.
async fn index(State(site): State<Site>) -> Response {
    let path = site.directory.join("index.html");
    match tokio::fs::read_to_string(&path).await {
        Ok(html) => {
            let html = html
                .replace("__API_ORIGIN__", &site.origins.api)
                .replace("__FOREIGN_ORIGIN__", &site.origins.foreign);
            ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
        }
        Err(error) => {
            warn!(path = %path.display(), %error, "the app is not built");
            (StatusCode::NOT_FOUND, "The app is not built.\n").into_response()
        }
    }
}
