//! Makes the run of a failing seed as short as it gets.

use crate::mutations::Safety;
use crate::plan::Plan;
use crate::world::{Failure, run};

/// Leaves out whatever can be left out while the same rule still fails.
pub(crate) fn shrink(plan: &Plan, off: Option<Safety>, failure: &Failure) -> Plan {
    let fails = |plan: &Plan| {
        let run = run(plan, off, false);
        run.failure.is_some_and(|other| other.rule == failure.rule)
    };
    let mut shortest = plan.clone();
    let mut chunk = shortest.ops.len().div_ceil(2).max(1);
    loop {
        let before = shortest.ops.len();
        let mut from = 0;
        while from < shortest.ops.len() {
            let mut shorter = shortest.clone();
            let end = (from + chunk).min(shorter.ops.len());
            shorter.ops.drain(from..end);
            if fails(&shorter) {
                shortest = shorter;
            } else {
                from = end;
            }
        }
        if chunk == 1 && shortest.ops.len() == before {
            return shortest;
        }
        chunk = (chunk / 2).max(1);
    }
}
