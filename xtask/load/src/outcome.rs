//! What was measured.

use crate::herd::Herd;
use crate::open_loop::Measured;
use crate::site::Call;

/// What came of one store.
pub(crate) struct Outcome {
    pub(crate) store: &'static str,
    pub(crate) rates: Vec<Rates>,
    pub(crate) herds: Vec<Herd>,
}

/// What came of one kind of request.
pub(crate) struct Rates {
    pub(crate) call: Call,
    /// Answers a second.
    pub(crate) capacity: f64,
    /// At half of it, at all of it, at twice it.
    pub(crate) offered: [Measured; 3],
}
