//! A whole router behind the check.

use std::mem;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::BoxFuture;
use crate::head::RequestHead;
use crate::verifier::Verifier;

/// Lets a request pass that the verifier lets pass, and answers the others. Handlers have the
/// [`Verified`](crate::Verified) as an [`Extension`](axum::Extension).
///
/// ```
/// use axum::{Extension, Router, routing::get};
/// use hallpass_axum::{Verified, Verifier, VerifyLayer};
///
/// fn routes(verifier: Verifier) -> Router {
///     Router::new()
///         .route("/me", get(|Extension(user): Extension<Verified>| async move {
///             user.subject().unwrap_or("nobody").to_owned()
///         }))
///         .layer(VerifyLayer::new(verifier))
/// }
/// ```
#[derive(Clone)]
pub struct VerifyLayer {
    verifier: Verifier,
}

impl VerifyLayer {
    /// For [`Router::layer`](axum::Router::layer), or `route_layer`. CORS comes before it: a preflight has no token.
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier }
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = Verify<S>;

    fn layer(&self, inner: S) -> Verify<S> {
        let verifier = self.verifier.clone();
        Verify { verifier, inner }
    }
}

/// What [`VerifyLayer`] makes of a service.
#[derive(Clone)]
pub struct Verify<S> {
    verifier: Verifier,
    inner: S,
}

impl<S> Service<Request> for Verify<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that was asked whether it is ready, and a fresh one for the next request.
        let fresh = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, fresh);
        let verifier = self.verifier.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match verifier.verify(RequestHead::from(&parts)).await {
                Ok(verified) => {
                    verifier.note(&mut parts.extensions, verified);
                    inner.call(Request::from_parts(parts, body)).await
                }
                Err(refusal) => Ok(refusal.into_response()),
            }
        })
    }
}
