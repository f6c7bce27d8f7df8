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
            let asked = Asked::SignIn { nonce, clock };
            let id_token = id_token::check(text.expose(), provider, asked)?;
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
pub fn refreshed(answer: &HttpAnswer<'_>, provider: &Provider, known: Option<&Grant>) -> Answer {
    if !answer.is_success() {
        return answer.refusal();
    }
    let (mut set, text) = match answer.tokens(provider) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::ProviderMismatch => {
            return answer.unusable(error, Outlook::Lasting, None);
        }
        Err(error) => return answer.unusable(error, Outlook::Passing, None),
    };
    if let Some(text) = text.filter(|_| provider.asks_identity()) {
        match id_token::check(text.expose(), provider, Asked::Refresh { known }) {
            Ok(id_token) => {
                let key = known.and_then(|grant| grant.key.clone());
                let mut grant = identified(&mut set, id_token, text, provider, key);
                grant.auth_time = grant.auth_time.or(known.and_then(|grant| grant.auth_time));
                set.grant = Some(grant);
            }
            Err(error) if error.kind() == ErrorKind::ProviderMismatch => {
                return answer.unusable(error, Outlook::Over, None);
            }
            Err(error) => return answer.unusable(error, Outlook::Passing, set.refresh),
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
                    rotated: None,
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

    fn unusable(&self, because: Error, outlook: Outlook, rotated: Option<Secret>) -> Answer {
        let kind = match outlook {
            Outlook::Over => ErrorKind::RefreshRejected,
            Outlook::Passing | Outlook::Lasting => ErrorKind::RefreshUnavailable,
        };
        let error = Error::from(kind).with_status(Some(self.status));
        Answer::Unusable {
            error: error.because(because),
            outlook,
            rotated,
        }
    }
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidResponse, message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::oidc::id_token::tests::{CLOCK, NOW, with};

    fn answer(status: u16, body: &str) -> HttpAnswer<'_> {
        HttpAnswer {
            status,
            retry_after: Some(Span::from_millis(7_000)),
            body,
        }
    }

    fn body(changes: &Value) -> String {
        let mut body = json!({
            "access_token": "SlAV32hkKG", "token_type": "Bearer", "refresh_token": "8xLOxBtZp8",
            "expires_in": 3600, "id_token": with(&json!({})),
        });
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(body.as_object_mut().unwrap().remove(name)),
                value => body[name] = value.clone(),
            }
        }
        body.to_string()
    }

    fn exchange(provider: &Provider, changes: &Value) -> Result<TokenSet, Error> {
        let pending = PendingCode::example();
        exchanged(&answer(200, &body(changes)), provider, &pending, CLOCK)
    }

    fn refresh(provider: &Provider, known: Option<&Grant>, changes: &Value) -> Answer {
        refreshed(&answer(200, &body(changes)), provider, known)
    }

    fn known() -> Grant {
        Grant {
            subject: Some("24400320".to_owned()),
            auth_time: Some(NOW - 30),
            id_token: None,
            key: Some("k1".to_owned()),
        }
    }

    #[test]
    fn oidc_3_a_code_is_exchanged_with_the_verifier_and_the_same_redirect_uri() {
        let mut provider = Provider::example();
        let mut pending = PendingCode::example();
        pending.redirect_uri = "https://app.test/old".to_owned();
        let code = Secret::from("a/b+c");
        let form = exchange_form(&provider, &pending, &code);
        assert_eq!(
            form.expose(),
            "grant_type=authorization_code&code=a%2Fb%2Bc&redirect_uri=https%3A%2F%2Fapp.test%2Fold\
             &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&client_id=spa"
        );
        provider.resources = ["https://a.test", "https://b.test"]
            .map(str::to_owned)
            .into();
        let form = exchange_form(&provider, &pending, &code);
        let resources =
            "&client_id=spa&resource=https%3A%2F%2Fa.test&resource=https%3A%2F%2Fb.test";
        assert!(form.expose().ends_with(resources));
        assert_eq!(
            refresh_form(&provider, &Secret::from("r=1&2")).expose(),
            [
                "grant_type=refresh_token&refresh_token=r%3D1%262",
                resources
            ]
            .concat()
        );
    }

    #[test]
    fn oidc_4_an_exchange_gives_tokens_profile_and_grant() {
        let mut provider = Provider::example();
        let set = exchange(&provider, &json!({})).unwrap();
        assert_eq!(set.access.expose(), "SlAV32hkKG");
        assert_eq!(set.refresh, Some(Secret::from("8xLOxBtZp8")));
        assert_eq!(set.expires_in, Some(3_600.0));
        assert!(
            set.profile
                .unwrap()
                .expose()
                .contains(r#""name":"Jane Doe""#)
        );
        let mut grant = known();
        grant.key = None;
        assert_eq!(set.grant, Some(grant.clone()));

        provider.keeps_id_token = true;
        grant.id_token = Some(Secret::from(with(&json!({}))));
        assert_eq!(exchange(&provider, &json!({})).unwrap().grant, Some(grant));

        provider.scope = "profile".to_owned();
        for id_token in [json!(null), json!("broken")] {
            let set = exchange(&provider, &json!({ "id_token": id_token })).unwrap();
            assert_eq!((set.profile, set.grant), (None, Some(Grant::default())));
        }
        for kind in ["bearer", "BEARER"] {
            assert!(exchange(&provider, &json!({"token_type": kind})).is_ok());
        }
    }

    #[test]
    fn oidc_4_tokens_are_bound_to_the_key_or_they_are_none() {
        let mut provider = Provider::example();
        let mut pending = PendingCode::example();
        pending.key = Some("k1".to_owned());
        for (dpop, kind, expected) in [
            (false, json!("Bearer"), "ok"),
            (false, json!("DPoP"), "invalid_response"),
            (false, json!("mac"), "invalid_response"),
            (false, json!(null), "invalid_response"),
            (false, json!(1), "invalid_response"),
            (true, json!("DPoP"), "ok"),
            (true, json!("dpop"), "ok"),
            (true, json!("Bearer"), "provider_mismatch"),
            (true, json!(""), "provider_mismatch"),
            (true, json!(null), "provider_mismatch"),
            (true, json!(1), "provider_mismatch"),
        ] {
            provider.dpop = dpop;
            let body = body(&json!({ "token_type": kind }));
            let set = exchanged(&answer(200, &body), &provider, &pending, CLOCK);
            let code = set.as_ref().map_or_else(Error::code, |_| "ok");
            assert_eq!(code, expected, "{dpop} {kind}");
            if let Ok(set) = set {
                assert_eq!(set.grant.unwrap().key.as_deref(), Some("k1"));
            }
            // A session that stands is not given up for it, and not tried again soon.
            let outlook = match refreshed(&answer(200, &body), &provider, None) {
                Answer::Tokens(_) => "ok",
                Answer::Unusable {
                    error,
                    outlook,
                    rotated: None,
                } => {
                    assert_eq!(error.code(), "refresh_unavailable");
                    assert_eq!(error.cause().map(Error::code), Some(expected));
                    match outlook {
                        Outlook::Passing => "invalid_response",
                        Outlook::Lasting => "provider_mismatch",
                        Outlook::Over => "over",
                    }
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(outlook, expected, "{dpop} {kind}");
        }
    }

    #[test]
    fn oidc_4_what_holds_no_tokens_or_no_good_id_token_begins_no_session() {
        let provider = Provider::example();
        for (changes, expected) in [
            (json!({"access_token": null}), "invalid_response"),
            (json!({"access_token": 1}), "invalid_response"),
            (
                json!({"access_token": null, "token": "t"}),
                "invalid_response",
            ),
            (
                json!({"access_token": null, "data": {"access_token": "t"}}),
                "invalid_response",
            ),
            (json!({"refresh_token": 1}), "invalid_response"),
            (json!({"id_token": null}), "invalid_response"),
            (json!({"id_token": ""}), "invalid_response"),
            (json!({"id_token": 1}), "invalid_response"),
            (
                json!({"id_token": with(&json!({"nonce": "other"}))}),
                "provider_mismatch",
            ),
            (
                json!({"id_token": with(&json!({"iss": "other"}))}),
                "provider_mismatch",
            ),
            (
                json!({"id_token": with(&json!({"exp": 1}))}),
                "invalid_response",
            ),
        ] {
            let error = exchange(&provider, &changes).unwrap_err();
            assert_eq!(
                (error.code(), error.status()),
                (expected, Some(200)),
                "{changes}"
            );
            assert_eq!(error.answer(), None);
        }
        for body in [
            "",
            "[]",
            "null",
            "<html>",
            "access_token=a&token_type=bearer",
        ] {
            let pending = PendingCode::example();
            let error = exchanged(&answer(200, body), &provider, &pending, CLOCK).unwrap_err();
            assert_eq!(error.code(), "invalid_response", "{body}");
        }
    }

    #[test]
    fn oidc_3_an_exchange_that_is_refused_says_so_and_one_that_is_lost_says_that() {
        let said = |code: &str| json!({"error": code, "error_description": "CANARY"}).to_string();
        for (status, body, expected) in [
            (
                400,
                said("invalid_grant"),
                ("sign_in_rejected", Some("invalid_grant")),
            ),
            (
                401,
                said("invalid_client"),
                ("sign_in_rejected", Some("invalid_client")),
            ),
            (400, said("call CANARY"), ("sign_in_rejected", None)),
            (400, String::new(), ("sign_in_rejected", None)),
            (
                429,
                said("slow_down"),
                ("sign_in_unavailable", Some("slow_down")),
            ),
            (500, String::new(), ("sign_in_unavailable", None)),
            (503, body(&json!({})), ("sign_in_unavailable", None)),
            (0, String::new(), ("sign_in_unavailable", None)),
            (204, String::new(), ("invalid_response", None)),
            (302, body(&json!({})), ("sign_in_unavailable", None)),
        ] {
            let pending = PendingCode::example();
            let answer = answer(status, &body);
            let error = exchanged(&answer, &Provider::example(), &pending, CLOCK).unwrap_err();
            assert_eq!(
                (error.code(), error.oauth_error()),
                expected,
                "{status} {body}"
            );
            assert_eq!(error.answer(), None);
            assert!(!format!("{error:?}").contains("CANARY"));
        }
    }

    #[test]
    fn oidc_7_a_refresh_gives_tokens_and_keeps_what_is_known() {
        let mut provider = Provider::example();
        let known = known();
        let renewed = |provider: &Provider, known: Option<&Grant>, changes: &Value| match refresh(
            provider, known, changes,
        ) {
            Answer::Tokens(set) => set,
            other => panic!("{other:?}"),
        };
        let set = renewed(&provider, Some(&known), &json!({"id_token": null}));
        assert_eq!((set.profile, set.grant), (None, None));
        assert_eq!(set.refresh, Some(Secret::from("8xLOxBtZp8")));
        let undated = json!({"id_token": with(&json!({"auth_time": null, "nonce": null}))});
        let set = renewed(&provider, Some(&known), &undated);
        assert_eq!(set.grant, Some(known.clone()));
        assert!(set.profile.is_some());
        provider.keeps_id_token = true;
        let set = renewed(&provider, Some(&known), &json!({}));
        assert_eq!(
            set.grant.unwrap().id_token,
            Some(Secret::from(with(&json!({}))))
        );
        // It has just come, whatever the clocks say: the refresh token in it is the newest.
        for times in [json!({"exp": NOW - 3_600}), json!({"iat": NOW + 3_600})] {
            let changes = json!({ "id_token": with(&times) });
            let set = renewed(&provider, Some(&known), &changes);
            assert_eq!(set.refresh, Some(Secret::from("8xLOxBtZp8")), "{times}");
        }
        // What was accepted from elsewhere learns whose it is.
        let set = renewed(&provider, None, &json!({}));
        assert_eq!(set.grant.unwrap().subject.as_deref(), Some("24400320"));
        provider.scope = String::new();
        let set = renewed(&provider, Some(&known), &json!({"id_token": "broken"}));
        assert_eq!(set.grant, None);
    }

    #[test]
    fn oidc_5_another_users_answer_ends_the_session_and_a_broken_one_does_not() {
        let provider = Provider::example();
        for (changes, outlook, cause) in [
            (json!({"sub": "other"}), Outlook::Over, "provider_mismatch"),
            (
                json!({"iss": "https://other.test"}),
                Outlook::Over,
                "provider_mismatch",
            ),
            (json!({"aud": "other"}), Outlook::Over, "provider_mismatch"),
            (json!({"azp": "other"}), Outlook::Over, "provider_mismatch"),
            (json!({"auth_time": 1}), Outlook::Over, "provider_mismatch"),
            (json!({"sub": 1}), Outlook::Passing, "invalid_response"),
        ] {
            let answer = refresh(
                &provider,
                Some(&known()),
                &json!({"id_token": with(&changes)}),
            );
            let Answer::Unusable {
                error,
                outlook: found,
                rotated,
            } = answer
            else {
                panic!("{answer:?}");
            };
            assert_eq!(found, outlook, "{changes}");
            // RFC 6749, section 6. What is another user's is not taken.
            let kept = (outlook == Outlook::Passing).then(|| Secret::from("8xLOxBtZp8"));
            assert_eq!(rotated, kept, "{changes}");
            let code = match outlook {
                Outlook::Over => "refresh_rejected",
                _ => "refresh_unavailable",
            };
            assert_eq!((error.code(), error.status()), (code, Some(200)));
            assert_eq!(error.cause().map(Error::code), Some(cause));
        }
        for changes in [json!({"access_token": null}), json!({"id_token": 1})] {
            let answer = refresh(&provider, Some(&known()), &changes);
            let is_passing = matches!(
                answer,
                Answer::Unusable {
                    outlook: Outlook::Passing,
                    ..
                }
            );
            assert!(is_passing, "{changes}");
        }
    }

    #[test]
    fn oidc_7_a_grant_or_a_user_ends_the_session_a_client_does_not() {
        let judge = |status, code: &str| {
            let body = json!({ "error": code }).to_string();
            match refreshed(&answer(status, &body), &Provider::example(), None) {
                Answer::Refused {
                    status: Some(found),
                    error,
                } => {
                    assert_eq!((found, error.as_deref()), (status, Some(code)));
                    "refused"
                }
                Answer::Trouble {
                    status: Some(found),
                    retry_after,
                } => {
                    assert_eq!(
                        (found, retry_after),
                        (status, Some(Span::from_millis(7_000)))
                    );
                    "trouble"
                }
                Answer::Unusable {
                    error,
                    outlook: Outlook::Lasting,
                    rotated: None,
                } => {
                    assert_eq!(error.code(), "refresh_unavailable");
                    assert_eq!(
                        (error.status(), error.oauth_error()),
                        (Some(status), Some(code))
                    );
                    "long pause"
                }
                other => panic!("{other:?}"),
            }
        };
        for (status, code, expected) in [
            (400, "invalid_grant", "refused"),
            (401, "invalid_grant", "refused"),
            (400, "interaction_required", "refused"),
            (403, "interaction_required", "refused"),
            (400, "login_required", "refused"),
            (400, "invalid_client", "long pause"),
            (401, "invalid_client", "long pause"),
            (403, "unauthorized_client", "long pause"),
            (400, "unauthorized_client", "long pause"),
            (400, "invalid_request", "trouble"),
            (400, "temporarily_unavailable", "trouble"),
            (400, "use_dpop_nonce", "trouble"),
            (401, "use_dpop_nonce", "trouble"),
            (401, "invalid_dpop_proof", "trouble"),
            (401, "invalid_token", "refused"),
            (403, "access_denied", "refused"),
            (404, "invalid_grant", "trouble"),
            (429, "invalid_client", "trouble"),
            (500, "invalid_grant", "trouble"),
            (503, "login_required", "trouble"),
        ] {
            assert_eq!(judge(status, code), expected, "{status} {code}");
        }
    }
}
