//! All that can be set, and all that was seen.

use super::gate::Gate;
use super::log::Log;
use super::rules::Rules;

/// Rules, the gate for what they hold, and the log.
#[derive(Default)]
pub(crate) struct Faults {
    pub(crate) rules: Rules,
    pub(crate) gate: Gate,
    pub(crate) log: Log,
}
