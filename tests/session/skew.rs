//! What was learnt of the server's clock, and what later tokens say against it. No answer has `expires_in` or `Date`.

use crate::support::*;

const BODY: &str = r#"{"refresh":{}}"#;
const SERVER: i64 = START / 1000;
const HOUR: f64 = 3_600.0;

/// A token that was issued at `at` by the server's clock.
fn issued(name: &str, at: i64, life: i64) -> Grant {
    grant_with(name, &format!(r#""iat":{at},"exp":{}"#, at + life)).undated()
}

/// A tab whose clock was set forward by an hour, which it has learnt from its second token. One second of the
/// server's has passed since the first.
fn an_hour_ahead(life: i64) -> Tab {
    let mut tab = Tab::signed_in(BODY, &issued("A1", SERVER, life).and("R1"));
    tab.after(1.0).set_clock(HOUR);
    tab.ask_refresh();
    tab.locked(1);
    tab.answered(1, issued("A2", SERVER + 1, life).answer());
    let whole = format!("A2 generation 2 ends in {life}s");
    assert!(tab.view().starts_with(&whole), "{}", tab.view());
    tab
}

/// The clock is set forward by `step` more, and the next token is as good as new.
#[track_caller]
fn lives_whole_after(step: f64, life: i64) {
    let mut tab = an_hour_ahead(life);
    tab.after(1.0).set_clock(step);
    tab.ask_refresh();
    tab.locked(2);
    tab.answered(2, issued("A3", SERVER + 2, life).answer());
    let whole = format!("A3 generation 3 ends in {life}s");
    assert!(tab.view().starts_with(&whole), "{}", tab.view());
}

#[test]
fn rel_08_a_clock_set_forward_by_almost_a_life_ends_no_new_token() {
    lives_whole_after(299.0, 300);
}

#[test]
fn rel_08_nor_does_one_set_forward_by_half_a_life() {
    lives_whole_after(150.0, 300);
}

#[test]
fn rel_08_nor_where_a_life_is_six_seconds() {
    lives_whole_after(4.0, 6);
}

#[test]
fn rel_08_nor_one_that_is_set_while_the_answer_is_under_way() {
    let mut tab = an_hour_ahead(300);
    tab.after(1.0).ask_refresh();
    tab.locked(2);
    tab.set_clock(290.0);
    tab.answered(2, issued("A3", SERVER + 2, 300).answer());
    assert_eq!(tab.view(), "A3 generation 3 ends in 300s refresh in 240s");
}

#[test]
fn rel_08_what_a_new_token_has_shown_holds_for_one_without_iat() {
    let mut tab = an_hour_ahead(300);
    tab.after(1.0).set_clock(290.0);
    tab.ask_refresh();
    tab.locked(2);
    tab.answered(2, issued("A3", SERVER + 2, 300).answer());
    tab.ask_refresh();
    tab.locked(3);
    let claims = format!(r#""exp":{}"#, SERVER + 302);
    tab.answered(3, grant_with("A4", &claims).undated().answer());
    assert_eq!(tab.view(), "A4 generation 4 ends in 300s refresh in 240s");
}

#[test]
fn rel_08_an_answer_that_was_long_under_way_is_no_wrong_clock() {
    let mut tab = Tab::signed_in(BODY, &issued("A1", SERVER, 300).and("R1"));
    tab.after(1.0).ask_refresh();
    tab.locked(1);
    tab.after(100.0);
    tab.answered(1, issued("A2", SERVER + 1, 300).answer());
    assert!(
        tab.view().starts_with("A2 generation 2 ends in 200s"),
        "{}",
        tab.view()
    );
}

#[test]
fn rel_08_nor_is_an_iat_that_the_server_dates_back() {
    let back = |name: &str, at| issued(name, at - 30, 330);
    let mut tab = Tab::signed_in(BODY, &back("A1", SERVER).and("R1"));
    tab.after(1.0).ask_refresh();
    tab.locked(1);
    tab.answered(1, back("A2", SERVER + 1).answer());
    assert_eq!(tab.view(), "A2 generation 2 ends in 300s refresh in 240s");
}

#[test]
fn rel_08_nor_one_that_is_the_sign_in() {
    let of = |name: &str, at: i64| issued(name, SERVER - 10_800, at + 300 - SERVER + 10_800);
    let mut tab = Tab::signed_in(BODY, &of("A1", SERVER).and("R1"));
    tab.after(1.0).ask_refresh();
    tab.locked(1);
    tab.answered(1, of("A2", SERVER + 1).answer());
    assert_eq!(tab.view(), "A2 generation 2 ends in 300s refresh in 240s");
}
