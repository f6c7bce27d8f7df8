//! Which lock a tab waits for, and how long it may be held, by the settings.

#[path = "support/settings.rs"]
mod settings;

use hallpass::group::Group;
use hallpass::lock_wait::{Line, longest_hold, name};

use crate::settings::config;

#[test]
fn rel_26_a_tab_and_its_copies_have_one_lock_and_other_tabs_another() {
    let lock = |options: &str, group| name(&config(options), Some(&Group::new([group; 16])));
    let own = r#"{"refresh":{"refreshToken":"body"}}"#;
    let cookie = r#"{"refresh":{"refreshToken":"cookie"}}"#;
    let shared = r#"{"tabs":"shared","refresh":{"refreshToken":"body"}}"#;
    assert_eq!(lock(own, 1), lock(own, 1));
    assert_ne!(lock(own, 1), lock(own, 2));
    for common in [cookie, shared] {
        assert_eq!(lock(common, 1), "hallpass.default.refresh");
        assert_eq!(lock(common, 1), lock(common, 2));
    }
    assert_eq!(Line::First.name("a"), "a");
    assert_eq!(Line::Second.name("a"), "a.next");
}

#[test]
fn a_page_that_lives_gives_it_back_after_its_deadline_and_what_follows() {
    let held = |options: &str| longest_hold(&config(options)).as_millis();
    assert_eq!(held(r#"{"refresh":{}}"#), 12_000);
    assert_eq!(held(r#"{"refresh":{"timeoutSeconds":3}}"#), 5_000);
    assert_eq!(held(r#"{"refresh":"function"}"#), 32_000);
}
