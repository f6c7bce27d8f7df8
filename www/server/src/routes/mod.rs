//! One file per resource of the API.

pub(crate) mod auth;
pub(crate) mod echo;
pub(crate) mod login;
pub(crate) mod me;
pub(crate) mod reject;
pub(crate) mod sessions;
pub(crate) mod token;
