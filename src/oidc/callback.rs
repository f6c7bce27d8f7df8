//! The authorization response (RFC 6749, section 4.1.2; RFC 9207): is it ours, and what does it say?

use crate::config::Provider;
use crate::error::{Error, ErrorKind};
use crate::redirect::{expect_no_error, malformed, single};
use crate::secret::Secret;
use crate::time::{Span, Timestamp};

use super::authorization::PendingCode;

/// Accepts the callback, or says why not: its code, and what was remembered. That must have been deleted before, whatever
/// comes out. `params` is what the platform's form parser made of the callback, in order, duplicates and all.
///
/// # Errors
/// In this order: `callback_unsolicited`, `callback_expired`, `callback_state_mismatch`, `provider_mismatch` for another
/// issuer, or none where one is required (RFC 9207, section 2.4), `callback_error`, `callback_malformed`. A parameter that
/// stands there twice is `callback_malformed` in its turn, but for the state.
pub fn accept(
    pending: Option<PendingCode>,
    params: &[(Secret, Secret)],
    provider: &Provider,
    now: Timestamp,
) -> Result<(Secret, PendingCode), Error> {
    let is_for = |pending: &PendingCode| {
        pending.issuer == provider.issuer && pending.client_id == provider.client_id
    };
    let Some(pending) = pending.filter(is_for) else {
        return Err(Error::from(ErrorKind::CallbackUnsolicited));
    };
    let away = now.since(pending.started);
    if away > provider.pending_max_age || away < Span::ZERO {
        return Err(Error::from(ErrorKind::CallbackExpired));
    }
    if single(params, "state").ok().flatten() != Some(&pending.state) {
        return Err(Error::from(ErrorKind::CallbackStateMismatch));
    }
    let is_issuer = match single(params, "iss")? {
        Some(issuer) => issuer.expose() == provider.issuer,
        None => !pending.requires_iss,
    };
    if !is_issuer {
        return Err(Error::new(
            ErrorKind::ProviderMismatch,
            "the callback comes from another provider than the one that was asked: start the sign-in again",
        ));
    }
    expect_no_error(params)?;
    match single(params, "code")? {
        Some(code) if !code.expose().is_empty() => Ok((code.clone(), pending)),
        _ => Err(malformed("the callback holds no code")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    const ISSUER: (&str, &str) = ("iss", "https://id.test");

    fn answer(params: &[(&str, &str)]) -> Vec<(Secret, Secret)> {
        let secret = |(name, value): &(&str, &str)| (Secret::from(*name), Secret::from(*value));
        params.iter().map(secret).collect()
    }

    fn accepted(
        pending: Option<PendingCode>,
        params: &[(&str, &str)],
        seconds: f64,
    ) -> Result<(Secret, PendingCode), Error> {
        let now = PendingCode::example()
            .started
            .plus(Span::from_seconds(seconds));
        accept(pending, &answer(params), &Provider::example(), now)
    }

    #[track_caller]
    fn fails(pending: PendingCode, params: &[(&str, &str)], seconds: f64, code: &str) -> Error {
        let error = accepted(Some(pending), params, seconds).unwrap_err();
        assert_eq!(error.code(), code, "{params:?}");
        error
    }

    #[test]
    fn oidc_3_a_callback_gives_the_code_and_what_was_remembered() {
        let good = [("code", "SplxlOBeZQQYbYS6WxSbIA"), ("state", STATE)];
        for seconds in [0.0, 600.0] {
            let (code, pending) = accepted(Some(PendingCode::example()), &good, seconds).unwrap();
            assert_eq!(code.expose(), "SplxlOBeZQQYbYS6WxSbIA");
            assert_eq!(pending, PendingCode::example());
        }
        let foreign = [
            good[0],
            good[1],
            ("tab", "1"),
            ("tab", "2"),
            ("session_state", "x"),
        ];
        assert!(accepted(Some(PendingCode::example()), &foreign, 1.0).is_ok());
    }

    #[test]
    fn oidc_3_a_pending_sign_in_serves_its_own_issuer_and_client_and_not_for_ever() {
        let good = [("code", "c"), ("state", STATE), ISSUER];
        let error = accepted(None, &good, 1.0).unwrap_err();
        assert_eq!(error.code(), "callback_unsolicited");
        for change in [
            |pending: &mut PendingCode| pending.issuer = "https://id.test/".to_owned(),
            |pending: &mut PendingCode| pending.client_id = "spa2".to_owned(),
        ] {
            let mut pending = PendingCode::example();
            change(&mut pending);
            fails(pending, &good, 1.0, "callback_unsolicited");
        }
        for seconds in [600.001, 1e12, -0.001] {
            fails(PendingCode::example(), &good, seconds, "callback_expired");
        }
    }

    /// The example of RFC 9207, section 2.1, and what an attack makes of it.
    #[test]
    fn oidc_3_the_issuer_is_the_one_that_was_asked() {
        let state = ("state", STATE);
        let with = |issuer| {
            [
                ("code", "x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58"),
                state,
                ("iss", issuer),
            ]
        };
        let without = &with("")[..2];
        let mut announced = PendingCode::example();
        announced.requires_iss = true;
        for pending in [PendingCode::example(), announced.clone()] {
            assert!(accepted(Some(pending.clone()), &with("https://id.test"), 1.0).is_ok());
            for other in [
                "https://honest.as.example",
                "https://id.test/",
                "https://ID.test",
                "https%3A%2F%2Fid.test",
                "",
            ] {
                fails(pending.clone(), &with(other), 1.0, "provider_mismatch");
            }
            let twice = [with("https://id.test").as_slice(), &[ISSUER]].concat();
            fails(pending, &twice, 1.0, "callback_malformed");
        }
        assert!(accepted(Some(PendingCode::example()), without, 1.0).is_ok());
        fails(announced.clone(), without, 1.0, "provider_mismatch");
        // An error answer names it, too.
        let denied = [("error", "access_denied"), state];
        fails(announced, &denied, 1.0, "provider_mismatch");
    }

    /// Each check alone fails before all that come after it.
    #[test]
    fn oidc_3_the_order_of_checks_is_the_order_of_trust() {
        let wrong_state = ("state", "other");
        let wrong_issuer = ("iss", "https://evil.test");
        let error = ("error", "login_required");
        let all = [wrong_state, wrong_issuer, error];
        let mut foreign = PendingCode::example();
        foreign.client_id.push('x');
        fails(foreign, &all, 1e6, "callback_unsolicited");
        let pending = PendingCode::example;
        fails(pending(), &all, 1e6, "callback_expired");
        fails(pending(), &all, 1.0, "callback_state_mismatch");
        let state = ("state", STATE);
        fails(
            pending(),
            &[state, wrong_issuer, error],
            1.0,
            "provider_mismatch",
        );
        let failed = fails(
            pending(),
            &[state, ISSUER, error, ("code", "c")],
            1.0,
            "callback_error",
        );
        assert_eq!(failed.oauth_error(), Some("login_required"));
        fails(pending(), &[state, ISSUER], 1.0, "callback_malformed");
    }

    #[test]
    fn oidc_3_a_state_that_is_missing_repeated_or_another_one_is_none() {
        for params in [
            &[("code", "c")] as &[_],
            &[("code", "c"), ("state", "")],
            &[("code", "c"), ("state", &STATE[1..])],
            &[("code", "c"), ("State", STATE)],
            &[("code", "c"), ("state", STATE), ("state", STATE)],
            &[],
        ] {
            fails(
                PendingCode::example(),
                params,
                1.0,
                "callback_state_mismatch",
            );
        }
    }

    #[test]
    fn oidc_3_a_callback_that_says_nothing_or_says_it_twice_is_malformed() {
        let state = ("state", STATE);
        for params in [
            &[state] as &[_],
            &[state, ("code", "")],
            &[state, ("code", "a"), ("code", "a")],
            &[state, ("code", "a"), ("code", "b")],
            &[state, ("error", "a"), ("error", "a")],
            &[state, ("error", "a"), ("code", "c"), ("error", "b")],
            &[state, ("access_token", "a")],
        ] {
            fails(PendingCode::example(), params, 1.0, "callback_malformed");
        }
    }

    #[test]
    fn oidc_11_an_error_of_the_provider_is_a_code_and_no_text() {
        let params = [
            ("state", STATE),
            ("error", "access_denied"),
            ("error_description", "CANARY"),
            ("error_uri", "https://evil.test/CANARY"),
        ];
        let error = fails(PendingCode::example(), &params, 1.0, "callback_error");
        assert_eq!(error.oauth_error(), Some("access_denied"));
        assert!(!format!("{error:?}").contains("CANARY"));
        let params = [("state", STATE), ("error", "call this number: CANARY")];
        let error = fails(PendingCode::example(), &params, 1.0, "callback_error");
        assert_eq!(error.oauth_error(), None);
        assert!(!format!("{error:?}").contains("CANARY"));
    }
}
