//! The documentation, which is plain files on an origin of its own: what is wrong there cannot reach the app.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use tower_http::services::{ServeDir, ServeFile};

use crate::static_files::{guarded, set};

/// The pages load nothing from elsewhere. Highlighted code and search results have styles of their own.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; \
     frame-ancestors 'none'",
);

/// Builds the router of the documentation's origin.
pub(crate) fn router(directory: &Path) -> Router {
    let missing = ServeFile::new(directory.join("404.html"));
    let files = ServeDir::new(directory).not_found_service(missing);
    let pages = Router::new().fallback_service(files);
    let pages = pages.layer(from_fn(with_its_ending));
    guarded(pages.layer(set(header::CONTENT_SECURITY_POLICY, POLICY)))
}

/// An address without `.html` leads to the page with it. Relative, so that no path leads to another host.
async fn with_its_ending(request: Request, next: Next) -> Response {
    let last = request.uri().path().rsplit('/').next().unwrap_or_default();
    if last.is_empty() || last.contains('.') {
        return next.run(request).await;
    }
    Redirect::permanent(&format!("./{last}.html")).into_response()
}
