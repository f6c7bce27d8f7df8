//! Parameters of a request: those of a query or a form.

use std::convert::Infallible;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::body;
use crate::error::ApiError;

/// The parameters in the order in which they came. One without a value counts as left out
/// (RFC 6749, 3.1).
#[derive(Clone)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn parse(text: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(text).into_owned();
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The value of a parameter, which must not come twice (RFC 6749, 3.1).
    pub(crate) fn one(&self, name: &'static str) -> Result<Option<&str>, ApiError> {
        let mut values = self.all(name);
        let first = values.next();
        match values.next() {
            None => Ok(first),
            Some(_) => Err(ApiError::bad_request(format!("{name} must not come twice"))),
        }
    }

    /// The value of a parameter that must be there.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, ApiError> {
        self.one(name)?
            .ok_or_else(|| ApiError::bad_request(format!("{name} is missing")))
    }

    /// The values of a parameter that may come more than once.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Those of these names.
    pub(crate) fn named(&self, names: &[&str]) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self::parse(query.as_bytes()))
    }
}

/// The parameters of a form.
pub(crate) struct Form(pub(crate) Params);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let form = body::media_type(request.headers()) == body::FORM;
        let body = body::bytes(request, state).await?;
        if !form {
            return Err(ApiError::bad_request("the content type must be a form's"));
        }
        Ok(Self(Params::parse(&body)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_comes_once_and_an_empty_one_not_at_all() {
        let params = Params::parse(b"a=1&b=2&b=3&c=&d=x+y%26&c=4");
        assert_eq!(params.one("a").unwrap(), Some("1"));
        assert!(params.one("b").is_err());
        assert_eq!(params.all("b").collect::<Vec<_>>(), ["2", "3"]);
        assert_eq!(params.one("c").unwrap(), Some("4"));
        assert_eq!(params.required("d").unwrap(), "x y&");
        assert!(params.required("e").is_err());
        assert_eq!(params.named(&["b", "a"]).len(), 3);
    }
}
