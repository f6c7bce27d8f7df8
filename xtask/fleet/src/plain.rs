//! The client that people write by hand:
//!
//! ```js
//! const later = (seconds) => setTimeout(refresh, seconds * 1000);
//! const refresh = () => (refreshing ??= ask()
//!   .then((tokens) => later(tokens.expires_in - 60), () => later(1))
//!   .finally(() => (refreshing = undefined)));
//! ```
//!
//! It is no straw man: it asks only once however many 401s come, and never gives up.

use crate::client::{Fact, Fleet, LIFETIME_SECONDS, Order};
use crate::dice::Dice;

const LEAD_SECONDS: u32 = 60;
const AGAIN_MILLIS: u64 = 1_000;

pub(crate) struct Plain {
    is_refreshing: Vec<bool>,
}

impl Plain {
    pub(crate) fn new(clients: u32) -> Self {
        Self {
            is_refreshing: vec![false; clients as usize],
        }
    }
}

impl Fleet for Plain {
    fn happens(
        &mut self,
        client: u32,
        fact: Fact,
        _now: u64,
        _dice: &mut Dice,
        orders: &mut Vec<Order>,
    ) {
        let is_refreshing = &mut self.is_refreshing[client as usize];
        let until_due = u64::from(LIFETIME_SECONDS.saturating_sub(LEAD_SECONDS)) * 1_000;
        match fact {
            Fact::SignedIn => orders.push(Order::Arm(Some(until_due))),
            Fact::TimerFired | Fact::Unauthorized if *is_refreshing => {}
            Fact::TimerFired | Fact::Unauthorized => {
                *is_refreshing = true;
                orders.push(Order::Refresh { attempt: 0 });
            }
            Fact::Answered { is_served, .. } => {
                *is_refreshing = false;
                let wait = if is_served { until_due } else { AGAIN_MILLIS };
                orders.push(Order::Arm(Some(wait)));
            }
        }
    }
}
