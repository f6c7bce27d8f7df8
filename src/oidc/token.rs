//! The token endpoint (RFC 6749, sections 4.1.3, 5 and 6; OpenID Connect Core 1.0, sections 3.1.3 and 12).

use crate::answer::{self, Answer, Outlook};
use crate::config::Provider;
use crate::error::{Error, ErrorKind};
use crate::json::Members;
use crate::request::add_field;
use crate::secret::Secret;
use crate::time::Span;
use crate::token_set;
use crate::tokens::TokenSet;

use super::authorization::PendingCode;
use super::grant::Grant;
pub use super::id_token::Clock;
use super::id_token::{self, Asked, IdToken};

/// An answer, as the platform gave it.
#[derive(Clone, Copy)]
pub struct HttpAnswer<'a> {
    /// HTTP status.
    pub status: u16,
    /// How long the server wants to be left alone.
    pub retry_after: Option<Span>,
    /// The whole body.
    pub body: &'a str,
}

/// The form that gives a code for tokens (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
pub fn exchange_form(provider: &Provider, pending: &PendingCode, code: &Secret) -> Secret {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", &pending.redirect_uri),
        ("code_verifier", pending.verifier.expose()),
    ];
    form(provider, &fields)
}

/// The form that gives a refresh token for tokens (RFC 6749, section 6).
pub fn refresh_form(provider: &Provider, refresh: &Secret) -> Secret {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.expose()),
    ];
    form(provider, &fields)
}

/// With what stands in each: a provider may give a token for userinfo where no `resource` (RFC 8707) is named again.
fn form(provider: &Provider, fields: &[(&str, &str)]) -> Secret {
    let mut form = String::new();
    for (name, value) in fields {
        add_field(&mut form, name, value);
    }
    add_field(&mut form, "client_id", &provider.client_id);
    for resource in &provider.resources {
        add_field(&mut form, "resource", resource);
    }
    Secret::from(form)
}

/// What the answer to the exchange means.
///
/// # Errors
/// `sign_in_rejected` with the OAuth error, `sign_in_unavailable`, `invalid_response` for what holds no tokens or no good
/// ID token, `provider_mismatch` for what was made for another request.
pub fn exchanged(
    answer: &HttpAnswer<'_>,
    provider: &Provider,
    pending: &PendingCode,
    clock: Clock,
) -> Result<TokenSet, Error> {
    if !answer.is_success() {
        return Err(answer::rejected(answer.status, answer.body));
    }
    let nonce = pending.nonce.as_ref();
    let set = answer.tokens(provider).and_then(|(mut set, text)| {
        let key = pending.key.clone();
        set.grant = Some(if provider.asks_identity() {
            let text = text.ok_or_else(|| invalid("the answer holds no ID token"))?;
            let asked = Asked::SignIn { nonce };
            let id_token = id_token::check(text.expose(), provider, asked, clock)?;
            identified(&mut set, id_token, text, provider, key)
        } else {
            Grant {
                key,
                ..Grant::default()
            }
        });
        Ok(set)
    });
    set.map_err(|error| error.with_status(Some(answer.status)))
}

/// What the answer to a refresh means for a session that knows `known`.
pub fn refreshed(
    answer: &HttpAnswer<'_>,
    provider: &Provider,
    known: Option<&Grant>,
    clock: Clock,
) -> Answer {
    if !answer.is_success() {
        return answer.refusal();
    }
    let (mut set, text) = match answer.tokens(provider) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::ProviderMismatch => {
            return answer.unusable(error, Outlook::Lasting);
        }
        Err(error) => return answer.unusable(error, Outlook::Passing),
    };
    if let Some(text) = text.filter(|_| provider.asks_identity()) {
        match id_token::check(text.expose(), provider, Asked::Refresh { known }, clock) {
            Ok(id_token) => {
                let key = known.and_then(|grant| grant.key.clone());
                let mut grant = identified(&mut set, id_token, text, provider, key);
                grant.auth_time = grant.auth_time.or(known.and_then(|grant| grant.auth_time));
                set.grant = Some(grant);
            }
            Err(error) if error.kind() == ErrorKind::ProviderMismatch => {
                return answer.unusable(error, Outlook::Over);
            }
            Err(error) => return answer.unusable(error, Outlook::Passing),
        }
    }
    Answer::Tokens(set)
}

/// Puts the profile to the tokens, and gives what else the session keeps.
fn identified(
    set: &mut TokenSet,
    id_token: IdToken,
    text: Secret,
    provider: &Provider,
    key: Option<String>,
) -> Grant {
    set.profile = Some(id_token.profile);
    Grant {
        subject: Some(id_token.subject),
        auth_time: id_token.auth_time,
        id_token: provider.keeps_id_token.then_some(text),
        key,
    }
}

impl HttpAnswer<'_> {
    const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The tokens of a success, and the ID token that came along.
    fn tokens(&self, provider: &Provider) -> Result<(TokenSet, Option<Secret>), Error> {
        let no_tokens = || invalid("the answer is no token answer (RFC 6749, section 5.1)");
        let mut members = Members::parse(self.body).ok_or_else(no_tokens)?;
        let kind = members.text("token_type").ok().flatten();
        let id_token = members.text("id_token").map_err(|_| no_tokens())?;
        let set = token_set::under(members, "access_token").ok_or_else(no_tokens)?;
        let expected = if provider.dpop { "DPoP" } else { "Bearer" };
        if kind.is_some_and(|kind| kind.eq_ignore_ascii_case(expected)) {
            return Ok((set, id_token.map(Secret::from)));
        }
        Err(if provider.dpop {
            Error::new(
                ErrorKind::ProviderMismatch,
                "the tokens are not bound to the key: let the provider turn DPoP on for this client, or turn dpop off",
            )
        } else {
            invalid("the answer's token_type is not Bearer")
        })
    }

    /// What ended the session: the grant, or a user who has to act. What is wrong with the client says nothing of it.
    fn refusal(&self) -> Answer {
        let code = answer::error_code(self.body);
        let status = Some(self.status);
        match (self.status, code.as_deref()) {
            (400 | 401 | 403, Some("interaction_required" | "login_required")) => Answer::Refused {
                status,
                error: code,
            },
            (400 | 401 | 403, Some(code @ ("invalid_client" | "unauthorized_client"))) => {
                let error = Error::from(ErrorKind::RefreshUnavailable);
                Answer::Unusable {
                    error: error.with_status(status).with_oauth_error(code),
                    outlook: Outlook::Lasting,
                }
            }
            // RFC 9449, sections 5 and 8: it is the proof that was not good.
            (401 | 403, Some("invalid_dpop_proof" | "use_dpop_nonce")) => Answer::Trouble {
                status,
                retry_after: self.retry_after,
            },
            _ => answer::interpret(self.status, self.retry_after, self.body),
        }
    }

    fn unusable(&self, because: Error, outlook: Outlook) -> Answer {
        let kind = match outlook {
            Outlook::Over => ErrorKind::RefreshRejected,
            Outlook::Passing | Outlook::Lasting => ErrorKind::RefreshUnavailable,
        };
        let error = Error::from(kind).with_status(Some(self.status));
        Answer::Unusable {
            error: error.because(because),
            outlook,
        }
    }
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidResponse, message)
}
