//! Answers that were lost, or that bring something else than good tokens for this session.

use hallpass::answer::{Answer, Outlook, Unread};
use hallpass::error::{Error, ErrorKind};
use hallpass::secret::Secret;

use crate::support::*;

// ── Lost answers ──

/// The server has rotated the token, and its answer was lost: the old one is sent once more, under the
/// lock and after looking again. A server with a grace period answers; any other refuses, and that is that.
#[test]
fn rel_05_a_lost_answer_is_asked_for_once_more_under_the_lock_and_then_it_is_over() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    tab.after(5.0).answered(1, no_network());
    assert_eq!(tab.after(1.0).tick()[0], "lock #2");
    assert_eq!(tab.locked(2), ["refresh #2 A1 R1"]);
    assert_eq!(
        tab.answered(2, refused(400)),
        [
            "release",
            "forget",
            "tell signed-out s1",
            "emit signed-out rejected",
            "arm never"
        ]
    );
    assert_eq!(tab.after(60.0).tick(), [""; 0]);
    assert_eq!(tab.wake(), [""; 0]);
}

#[test]
fn rel_05_what_another_tab_got_meanwhile_is_taken_before_the_old_token_is_sent_again() {
    let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
    let sid = tab.record().sid;
    tab.after(5.0).answered(1, no_network());
    tab.after(1.0).tick();
    let newer = grant("A2").and("R2").record(&sid, 2, tab.now.wall);
    let effects = tab.locked_with(2, found(newer));
    assert!(
        effects.contains(&"emit refreshed by other-tab".to_owned()),
        "{effects:?}"
    );
}

// ── Tokens that are over when they come ──

#[test]
fn who_waits_gets_no_token_that_has_ended_but_the_next_one() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(300.0).need_token();
    tab.ask_refresh();
    tab.unauthorized(&grant("A1"));
    tab.locked(1);
    let effects = tab.answered(1, grant("A2").lasting(0.0).answer());
    assert!(effects.contains(&"w3 done".to_owned()), "{effects:?}");
    assert!(effects.contains(&"lock #2".to_owned()), "{effects:?}");
    tab.locked(2);
    tab.after(0.1).tick();
    let effects = tab.answered(2, grant("A3").answer());
    assert!(effects.contains(&"w2 token A3".to_owned()), "{effects:?}");
    assert!(effects.contains(&"w4 token A3".to_owned()), "{effects:?}");
}

#[test]
fn nor_one_that_has_ended_in_the_store() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let sid = tab.record().sid;
    let at = tab.now.wall;
    tab.after(400.0).need_token();
    tab.ask_refresh();
    let older = grant("A2").and("R2").record(&sid, 2, at);
    let effects = tab.locked_with(1, found(older));
    assert!(effects.contains(&"lock #2".to_owned()), "{effects:?}");
    tab.locked(2);
    tab.after(0.1).tick();
    let effects = tab.answered(2, grant("A3").answer());
    assert!(effects.contains(&"w2 token A3".to_owned()), "{effects:?}");
    assert!(effects.contains(&"w3 done".to_owned()), "{effects:?}");
}

#[test]
fn rel_09_a_server_that_gives_nothing_but_dead_tokens_keeps_nobody_waiting() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    tab.after(300.0).need_token();
    let mut attempt = 1;
    let settled = loop {
        tab.locked(attempt);
        let effects = tab.answered(attempt, grant("A2").lasting(0.0).answer());
        attempt += 1;
        if !effects.contains(&format!("lock #{attempt}")) {
            break effects;
        }
    };
    assert!(
        settled.contains(&"w2 failed refresh_loop".to_owned()),
        "{settled:?}"
    );
    assert_eq!(attempt, 7, "five premature ones");
}

/// The lock took longer than the token had left.
#[test]
fn a_bearer_that_ended_on_the_way_is_not_sent() {
    let bearer = r#"{"refresh":{"bearer":true}}"#;
    let mut tab = Tab::signed_in(bearer, &grant("A1"));
    tab.after(240.0).tick();
    tab.ask_refresh();
    assert_eq!(
        tab.after(60.0).locked(1),
        [
            "abandon #1",
            "release",
            "forget",
            "emit signed-out expired",
            "w2 failed signed_out",
            "arm never"
        ]
    );
}

// ── Another user's tokens ──

/// Where the refresh token is a cookie, another user may have signed in in another tab.
#[test]
fn sec_38_a_cookie_that_has_become_somebody_elses_ends_the_session() {
    let cookie = r#"{"refresh":{"refreshToken":"cookie"},"storage":"session"}"#;
    let mut tab = Tab::refreshing(cookie, &grant("A1"));
    tab.ask_refresh();
    assert_eq!(
        tab.answered(1, grant_with("B1", r#""sub":"bob""#).answer()),
        [
            "release",
            "forget",
            "tell signed-out s1",
            "emit signed-out rejected",
            "w2 failed refresh_rejected < invalid_response",
            "arm never"
        ]
    );
}

// ── Answers that are not read ──

/// Too long, or a redirect: the session stays, the error says what the server has to change, and the tries
/// are a minute apart, then two, up to an hour.
#[test]
fn rel_13_an_answer_that_is_not_read_is_asked_for_seldom_and_ends_nothing() {
    for because in [Unread::TooLong, Unread::Redirect] {
        let mut tab = Tab::refreshing(BODY, &grant("A1").and("R1"));
        tab.ask_refresh();
        for (attempt, pause) in [60.0, 120.0, 240.0, 480.0].into_iter().enumerate() {
            let attempt = attempt as u32 + 1;
            let answer = Answer::Unread {
                status: None,
                because,
            };
            let effects = tab.answered(attempt, answer);
            assert!(
                effects.iter().all(|effect| !effect.starts_with("forget")),
                "{effects:?}"
            );
            if attempt == 1 {
                assert!(
                    effects.contains(&"w2 failed invalid_response".to_owned()),
                    "{effects:?}"
                );
            }
            tab.after(pause - 1.0);
            let early = tab.tick();
            assert!(
                early.iter().all(|effect| !effect.starts_with("lock")),
                "{early:?}"
            );
            let due = tab.after(1.0).tick();
            assert!(
                due.contains(&format!("lock #{}", attempt + 1)),
                "{pause}: {due:?}"
            );
            tab.locked(attempt + 1);
        }
    }
}

// ── Answers of which more is known than their status ──

const AT_PROVIDER: &str = r#"{"refresh":"provider","provider":{}}"#;

fn unusable(kind: ErrorKind, outlook: Outlook) -> Answer {
    let cause = Error::from(ErrorKind::ProviderMismatch);
    let error = Error::from(kind).with_status(Some(200)).because(cause);
    Answer::Unusable {
        error,
        outlook,
        rotated: None,
    }
}

/// RFC 6749, section 6: the server has replaced it, whatever stands beside it.
#[test]
fn rel_41_a_refresh_token_beside_an_id_token_that_cannot_be_read_replaces_the_old_one() {
    let answer = || match unusable(ErrorKind::RefreshUnavailable, Outlook::Passing) {
        Answer::Unusable { error, outlook, .. } => Answer::Unusable {
            error,
            outlook,
            rotated: Some(Secret::from("R2")),
        },
        answer => answer,
    };
    let mut tab = Tab::refreshing(AT_PROVIDER, &grant("A1").and("R1"));
    let effects = tab.answered(1, answer());
    assert_eq!(
        effects,
        [
            "persist s1.2 A1 R2",
            "release",
            "emit refresh-failed refresh_unavailable(200) < provider_mismatch, retry in 0.2s",
            "arm 0.2s"
        ]
    );
    assert!(tab.view().starts_with("A1 generation 2 ends in 60s"));
    tab.after(0.2).tick();
    assert_eq!(tab.locked(2), ["refresh #2 A1 R2"]);

    // What was removed meanwhile is not written again.
    tab.store = None;
    let effects = tab.answered(2, answer());
    assert!(
        effects.contains(&"emit signed-out storage".to_owned()),
        "{effects:?}"
    );
}

#[test]
fn oidc_5_another_users_answer_at_a_refresh_ends_the_session() {
    let mut tab = Tab::refreshing(AT_PROVIDER, &grant("A1").and("R1"));
    tab.ask_refresh();
    let answer = unusable(ErrorKind::RefreshRejected, Outlook::Over);
    assert_eq!(
        tab.answered(1, answer),
        [
            "release",
            "forget",
            "tell signed-out s1",
            "emit signed-out rejected",
            "w2 failed refresh_rejected(200) < provider_mismatch",
            "arm never"
        ]
    );
}

/// What a sibling has got meanwhile is this session's, whatever came here.
#[test]
fn oidc_5_another_tabs_newer_tokens_outlive_an_answer_that_is_of_no_use() {
    for outlook in [Outlook::Over, Outlook::Passing, Outlook::Lasting] {
        let mut tab = Tab::refreshing(AT_PROVIDER, &grant("A1").and("R1"));
        let sid = tab.record().sid;
        let newer = grant("A2").and("R2").record(&sid, 2, tab.now.wall);
        tab.store = Some(newer);
        let effects = tab.answered(1, unusable(ErrorKind::RefreshUnavailable, outlook));
        assert!(
            effects.contains(&"emit refreshed by other-tab".to_owned()),
            "{effects:?}"
        );
    }
}

#[test]
fn oidc_7_what_the_server_has_to_change_is_asked_for_seldom_and_what_passes_soon() {
    for (outlook, pause) in [(Outlook::Lasting, 60.0), (Outlook::Passing, 1.0)] {
        let mut tab = Tab::refreshing(AT_PROVIDER, &grant("A1").and("R1"));
        tab.ask_refresh();
        let effects = tab.answered(1, unusable(ErrorKind::RefreshUnavailable, outlook));
        let told = "w2 failed refresh_unavailable(200) < provider_mismatch";
        assert!(effects.contains(&told.to_owned()), "{effects:?}");
        assert!(
            effects.iter().all(|effect| !effect.starts_with("forget")),
            "{effects:?}"
        );
        if outlook == Outlook::Lasting {
            let early = tab.after(pause - 1.0).tick();
            assert!(
                early.iter().all(|effect| !effect.starts_with("lock")),
                "{early:?}"
            );
        }
        let due = tab.after(1.0).tick();
        assert!(due.contains(&"lock #2".to_owned()), "{due:?}");
    }
}

#[test]
fn oidc_7_without_a_refresh_token_nothing_is_asked_of_a_provider() {
    let mut tab = Tab::signed_in(AT_PROVIDER, &grant("A1"));
    assert!(tab.view().contains("refresh never"), "{}", tab.view());
    let asked = tab.ask_refresh();
    assert_eq!(asked, ["w2 failed refresh_unavailable"]);
    let ended = tab.after(300.0).tick();
    assert!(
        ended.contains(&"emit signed-out expired".to_owned()),
        "{ended:?}"
    );
    let mut new = Tab::loading(AT_PROVIDER);
    new.open();
    assert_eq!(new.view(), "signed-out never-signed-in");
}
