//! The core without sign-in at a provider: `Core::new` takes no options that lead here.

use js_sys::Promise;
use web_sys::AbortSignal;

use crate::answer::Answer;
use crate::error::ErrorKind;
use crate::oidc::grant::Grant;
use crate::secret::Secret;

use super::auth::Core;
use super::driver::Driver;
use super::error::to_js;
use super::exchange::no_answer;

impl Driver {
    pub(super) async fn refresh_at_provider(
        &self,
        _: Option<Secret>,
        _: Option<Grant>,
        _: &AbortSignal,
    ) -> Answer {
        no_answer()
    }
}

impl Core {
    pub(super) fn complete_at_provider(&self, _: &str, _: Option<String>) -> Promise {
        Promise::reject(&to_js(&ErrorKind::InvalidOption.into()))
    }
}
