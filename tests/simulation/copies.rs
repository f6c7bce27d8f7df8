//! Ten copies of one tab, with a refresh token that may be spent once.

use crate::dice::Dice;
use crate::mutations::Safety;
use crate::plan::{Op, Plan};
use crate::settings::{Renewal, Settings, Storage};
use crate::tab::Page;
use crate::world::World;

const COPIES: usize = 10;
const LIFETIME: i64 = 60_000;

/// How many of them are signed in after eight minutes, and how many refreshes that took.
fn eight_minutes(seed: u64, off: Option<Safety>) -> (usize, u64) {
    let mut settings = Settings::draw(COPIES, &mut Dice::new(seed, [1, 0, 0]));
    settings = Settings {
        storage: Storage::Session,
        is_shared: false,
        renewal: Renewal::Body,
        has_locks: true,
        has_channel: true,
        rotates: true,
        lifetime: LIFETIME,
        is_proactive: true,
        every: None,
        idle: None,
        session_limit: None,
        local_lag: 0,
        ..settings
    };
    let mut ops = vec![
        (0, Op::Open { tab: 0 }),
        (100, Op::SignIn { tab: 0, user: 0 }),
    ];
    for to in 1..COPIES {
        let at = 5_000 + 100 * i64::try_from(to).unwrap();
        ops.push((at, Op::Duplicate { from: to - 1, to }));
    }
    ops.push((3 * LIFETIME, Op::Focus { tab: 0 }));
    let plan = Plan {
        seed,
        settings,
        ops,
    };
    let mut world = World::new(&plan, off, false);
    world.live();
    assert!(world.failure.is_none(), "{:?}", world.failure);
    let pages = world.tabs.iter().filter_map(|tab| tab.page.as_ref());
    (
        pages.filter_map(Page::access).count(),
        world.server.refreshed,
    )
}

#[test]
fn rel_26_ten_copies_of_a_tab_make_one_refresh_and_stay_signed_in() {
    for seed in 0..200 {
        let (signed_in, refreshes) = eight_minutes(seed, None);
        assert_eq!(signed_in, COPIES, "seed {seed}");
        // Of eight minutes, one each 40 to 50 seconds.
        assert!((8..=16).contains(&refreshes), "seed {seed}: {refreshes}");
    }
}

/// Without word of each other one goes on, and nothing is spent twice.
#[test]
fn rel_26_copies_that_do_not_hear_each_other_lose_no_family() {
    let (signed_in, _) = eight_minutes(0, Some(Safety::CopiesChannel));
    assert_eq!(signed_in, 1);
}
