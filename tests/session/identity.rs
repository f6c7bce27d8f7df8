//! A token, and what comes back of it, belongs to one session.

use crate::support::*;

const SHARED: &str = r#"{"tabs":"shared","refresh":{}}"#;
const LOCAL: &str = r#"{"storage":"local","refresh":{}}"#;

fn bob(name: &str) -> Grant {
    grant_with(name, r#""sub":"bob""#)
}

#[test]
fn sec_38_a_401_of_an_earlier_session_stands() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let ann = tab.sid_of_now();
    tab.sign_out();
    assert_eq!(
        tab.unauthorized_in(ann.clone(), &grant("A1")),
        ["w3 stands"]
    );
    tab.sign_in(&bob("B1").and("S1"));
    assert_eq!(tab.unauthorized_in(ann, &grant("A1")), ["w5 stands"]);
}

#[test]
fn sec_38_however_the_session_changed() {
    let first = || Tab::signed_in(BODY, &opaque("A1").and("R1"));
    let stands = |tab: &mut Tab, sid| {
        let effects = tab.unauthorized_in(sid, &opaque("A1"));
        assert!(
            effects.len() == 1 && effects[0].ends_with("stands"),
            "{effects:?}"
        );
    };
    // Signed in over it, with tokens that name no user.
    let mut tab = first();
    let old = tab.sid_of_now();
    tab.sign_in(&opaque("B1").and("S1"));
    stands(&mut tab, old);
    // The very same token, handed over once more.
    let mut tab = first();
    let old = tab.sid_of_now();
    tab.sign_in(&opaque("A1").and("R1"));
    stands(&mut tab, old);
    // Another tab has signed in, in the store that all share.
    let mut tab = Tab::signed_in(LOCAL, &opaque("A1").and("R1"));
    let old = tab.sid_of_now();
    let record = opaque("B1").and("S1").record(&other_sid(), 1, tab.now.wall);
    tab.wake_with(found(record));
    assert_eq!(tab.sid_of_now(), other_sid());
    stands(&mut tab, old);
    // A page that began anew, and has not read its store yet.
    let mut tab = Tab::loading(BODY);
    tab.store = Some(opaque("B1").and("S1").record(&other_sid(), 1, tab.now.wall));
    let old = hallpass::record::Sid::new([1; 16], 0);
    assert_eq!(tab.unauthorized_in(old, &opaque("A1")), [""; 0]);
    let effects = tab.open();
    assert!(effects.contains(&"w1 stands".to_owned()), "{effects:?}");
}

/// The core broke and was started again: the session is the one that was stored.
#[test]
fn rel_16_a_session_is_the_same_one_after_the_page_began_anew() {
    let old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let mut tab = old.reloaded(BODY);
    tab.unauthorized_in(old.sid_of_now(), &grant("A1"));
    let effects = tab.open();
    assert!(effects.contains(&"lock #1".to_owned()), "{effects:?}");
    tab.locked(1);
    tab.after(0.1).tick();
    let effects = tab.answered(1, grant("A2").and("R2").answer());
    assert!(effects.contains(&"w1 token A2".to_owned()), "{effects:?}");
}

#[test]
fn sec_38_who_waits_gets_no_token_of_another_session() {
    // Adopted from the store under the lock.
    let mut tab = Tab::signed_in(LOCAL, &grant("A1").and("R1"));
    tab.set_clock(400.0).need_token();
    tab.unauthorized(&grant("A1"));
    let record = bob("B1").and("S1").record(&other_sid(), 1, tab.now.wall);
    let effects = tab.locked_with(1, found(record));
    assert!(
        effects.contains(&"w2 failed signed_out".to_owned()),
        "{effects:?}"
    );
    assert!(effects.contains(&"w3 stands".to_owned()), "{effects:?}");
    // Signed out, and in again, while it waits.
    let mut tab = Tab::refreshing(SHARED, &grant("A1").and("R1"));
    tab.after(100.0).need_token();
    let effects = tab.sign_out();
    assert!(
        effects.contains(&"w2 failed signed_out".to_owned()),
        "{effects:?}"
    );
    assert!(
        !tab.sign_in(&bob("B1"))
            .iter()
            .any(|line| line.contains("w2"))
    );
}

/// Asked in one session, and handled in the next one: the queue, or a doubt, was in between.
#[test]
fn sec_38_a_need_that_comes_late_gets_no_token_of_another_session() {
    let mut tab = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let ann = tab.sid_of_now();
    tab.sign_in(&bob("B1").and("S1"));
    assert_eq!(tab.need_token_in(Some(ann)), ["w3 failed signed_out"]);
    assert_eq!(tab.need_token(), ["w4 token B1"]);
}

/// While it is not known whether a user is signed in, a request belongs to the session that comes first.
#[test]
fn sec_38_what_is_asked_while_loading_belongs_to_the_session_that_comes_first() {
    let old = Tab::signed_in(BODY, &grant("A1").and("R1"));
    let mut tab = old.reloaded(BODY);
    tab.need_token();
    tab.sign_in(&bob("B1"));
    let effects = tab.open();
    assert!(effects.contains(&"w1 token A1".to_owned()), "{effects:?}");
    assert_eq!(tab.need_token(), ["w3 token B1"]);
    // Or to none, where there was none.
    let mut tab = Tab::loading(BODY);
    tab.need_token();
    tab.sign_in(&bob("B1"));
    let effects = tab.restored(hallpass::event::Stored::Empty);
    assert!(
        effects.contains(&"w1 failed signed_out".to_owned()),
        "{effects:?}"
    );
}
