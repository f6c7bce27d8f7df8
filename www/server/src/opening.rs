//! What a sign-in opens at this server's own ways in: a session, with its tokens.

use axum::http::HeaderMap;

use crate::db::Tx;
use crate::error::ApiError;
use crate::grant::{self, Carrier, Grant};
use crate::sign_in::Opens;
use crate::state::App;
use crate::users::User;

/// A sign-in that opens a session of this server's own.
pub(crate) struct SessionOpening<'a> {
    pub(crate) app: &'a App,
    pub(crate) headers: &'a HeaderMap,
}

impl Opens for SessionOpening<'_> {
    type Opened = Grant;

    async fn open(
        &self,
        tx: &mut Tx,
        user: &User,
        refresh: Option<Carrier>,
    ) -> Result<Grant, ApiError> {
        grant::open_session(self.app, tx, user, self.headers, refresh).await
    }
}
