//! The documentation, which is plain files on an origin of its own: what is wrong there cannot reach the app.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderValue, header};
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
    guarded(pages.layer(set(header::CONTENT_SECURITY_POLICY, POLICY)))
}
