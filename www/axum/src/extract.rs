//! `Verified` as an argument of a handler.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use crate::head::RequestHead;
use crate::unauthorized::VerifyError;
use crate::verifier::{Verified, Verifier};

/// The router's state is a [`Verifier`], or has one (`#[derive(FromRef)]`). Behind a [`VerifyLayer`](crate::VerifyLayer)
/// of the same verifier the request was verified already; another verifier looks for itself.
impl<S> FromRequestParts<S> for Verified
where
    S: Send + Sync,
    Verifier: FromRef<S>,
{
    type Rejection = VerifyError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, VerifyError> {
        let verifier = Verifier::from_ref(state);
        if let Some(verified) = verifier.noted(&parts.extensions) {
            return Ok(verified);
        }
        let verified = verifier.verify(RequestHead::from(&*parts)).await?;
        verifier.note(&mut parts.extensions, verified.clone());
        Ok(verified)
    }
}
