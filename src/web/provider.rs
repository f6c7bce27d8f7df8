//! What takes time at a provider: a code or a refresh token is given for tokens.

use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use crate::answer::{Answer, Outlook};
use crate::config::Provider;
use crate::error::{Error, ErrorKind};
use crate::event::WaiterId;
use crate::oidc::authorization::PendingCode;
use crate::oidc::grant::Grant;
use crate::oidc::token::{self, Clock, HttpAnswer};
use crate::oidc::user_info;
use crate::profile::Profile;
use crate::secret::Secret;
use crate::time::{Span, Timestamp};
use crate::tokens::TokenSet;

use super::deadline::{TIMEOUT, in_time};
use super::driver::Driver;
use super::error::to_js;
use super::exchange::no_answer;
use super::global::{global, property};
use super::provider_functions::ProviderFunctions;
use super::response::{self, Reply};

/// How wrong a clock may be that nothing was measured by.
const UNMEASURED: Span = Span::from_millis(300_000);

impl Driver {
    /// Gives the refresh token for new tokens.
    pub(super) async fn refresh_at_provider(
        &self,
        refresh: Option<Secret>,
        known: Option<Grant>,
        signal: &AbortSignal,
    ) -> Answer {
        let (Some((provider, functions)), Some(refresh)) = (self.provider(), refresh) else {
            return no_answer();
        };
        let form = token::refresh_form(provider, &refresh);
        let key = known.as_ref().and_then(|grant| grant.key.as_deref());
        match reply_to(functions.token(&form, key, signal)).await {
            Ok(reply) => match reply.unread {
                Some(unread) => unread.judge(reply.status, reply.retry_after),
                None => match token::refreshed(&http(&reply), provider, known.as_ref()) {
                    Answer::Tokens(set) => Answer::Tokens(self.renewed(set, reply.date)),
                    answer => answer,
                },
            },
            Err(error) => match metadata_trouble(&error) {
                Some(because) => Answer::Unusable {
                    error: Error::from(ErrorKind::RefreshUnavailable).because(because),
                    outlook: Outlook::Passing,
                    rotated: None,
                },
                None => no_answer(),
            },
        }
    }

    /// The claims of a new ID token stand over what is known of the user: userinfo is not asked again.
    fn renewed(&self, set: TokenSet, date: Option<Timestamp>) -> TokenSet {
        let state = self.state.borrow();
        let known = state.profile().map(Profile::as_json);
        let subject = set
            .grant
            .as_ref()
            .and_then(|grant| grant.subject.as_deref());
        let profile = match (subject, &set.profile) {
            (Some(subject), Some(claims)) => user_info::over(known, subject, claims.expose()).ok(),
            _ => None,
        };
        TokenSet {
            date,
            profile: profile.or_else(|| set.profile.clone()),
            ..set
        }
    }

    /// Gives the code of a callback for tokens.
    pub(super) async fn exchange(
        self: &Rc<Self>,
        waiter: WaiterId,
        code: Secret,
        pending: PendingCode,
    ) -> Result<TokenSet, Error> {
        let controller =
            AbortController::new().map_err(|_| Error::from(ErrorKind::CoreUnavailable))?;
        self.keep_sign_in(waiter, controller.clone());
        let signal = controller.signal();
        let asked = self.ask_for_session_at_provider(&code, &pending, &signal);
        let set = in_time(TIMEOUT, &controller, Box::pin(asked)).await;
        let mut set = set.unwrap_or_else(|| Err(Error::from(ErrorKind::SignInUnavailable)));
        if let Ok(set) = &mut set {
            let described = self.describe_user(set, &signal);
            in_time(TIMEOUT, &controller, Box::pin(described)).await;
        }
        self.take_sign_in(waiter);
        set
    }

    async fn ask_for_session_at_provider(
        &self,
        code: &Secret,
        pending: &PendingCode,
        signal: &AbortSignal,
    ) -> Result<TokenSet, Error> {
        let unavailable = || Error::from(ErrorKind::SignInUnavailable);
        let (provider, functions) = self.provider().ok_or_else(unavailable)?;
        let form = token::exchange_form(provider, pending, code);
        let asked = functions.token(&form, pending.key.as_deref(), signal);
        let reply = reply_to(asked)
            .await
            .map_err(|error| metadata_trouble(&error).unwrap_or_else(unavailable))?;
        if let Some(unread) = reply.unread {
            return Err(unread.error(Some(reply.status)));
        }
        let clock = self.server_clock(reply.date);
        let set = token::exchanged(&http(&reply), provider, pending, clock)?;
        Ok(TokenSet {
            date: reply.date,
            ..set
        })
    }

    /// The userinfo answer over the ID token's claims. Without it the user is signed in all the same.
    async fn describe_user(&self, set: &mut TokenSet, signal: &AbortSignal) {
        let (Some((_, functions)), Some(grant)) = (self.provider(), &set.grant) else {
            return;
        };
        let Some(subject) = &grant.subject else {
            return;
        };
        let asked = functions.user_info(&set.access, grant.key.as_deref(), signal);
        let text = JsFuture::from(asked).await.ok();
        let Some(text) = text.and_then(|text| text.as_string()) else {
            return;
        };
        let known = set.profile.as_ref().map(Secret::expose);
        match user_info::over(known, subject, &text) {
            Ok(profile) => set.profile = Some(profile),
            Err(error) => report(&error),
        }
    }

    fn provider(&self) -> Option<(&Provider, &ProviderFunctions)> {
        self.config.provider.as_ref().zip(self.host.provider())
    }

    fn server_clock(&self, date: Option<Timestamp>) -> Clock {
        let (now, is_measured) = self.state.borrow().server_time(self.now().wall, date);
        let tolerance = if is_measured {
            self.config.schedule.leeway
        } else {
            UNMEASURED
        };
        Clock { now, tolerance }
    }
}

async fn reply_to(sent: Promise) -> Result<Reply, JsValue> {
    let answer = JsFuture::from(sent).await?;
    response::read(answer.unchecked_ref(), false).await
}

fn http(reply: &Reply) -> HttpAnswer<'_> {
    HttpAnswer {
        status: reply.status,
        retry_after: reply.retry_after,
        body: &reply.body,
    }
}

/// What the package says where it has no endpoint to send to.
fn metadata_trouble(error: &JsValue) -> Option<Error> {
    let kind = match property(error, "code")?.as_string()?.as_str() {
        "provider_unavailable" => ErrorKind::ProviderUnavailable,
        "provider_mismatch" => ErrorKind::ProviderMismatch,
        _ => return None,
    };
    Some(Error::from(kind))
}

/// As an uncaught one: nothing fails by it, but its reason is to be seen.
fn report(error: &Error) {
    let report = global("reportError").and_then(|report| report.dyn_into::<Function>().ok());
    if let Some(report) = report {
        let arguments = Array::of1(&to_js(error));
        let _ = report.apply(&JsValue::UNDEFINED, &arguments);
    }
}
