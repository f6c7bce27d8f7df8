//! Where requests wait that a rule holds.

use tokio::sync::watch;
use tokio::time::timeout;

use super::rules::LONGEST_DELAY;

/// Opens for all who came before, each time it is opened.
#[derive(Default)]
pub(crate) struct Gate(watch::Sender<()>);

/// A request that came; an opening counts from here on, even before the wait begins.
pub(crate) struct Arrival(watch::Receiver<()>);

impl Gate {
    pub(crate) fn arrive(&self) -> Arrival {
        Arrival(self.0.subscribe())
    }

    pub(crate) fn open(&self) {
        self.0.send_replace(());
    }
}

impl Arrival {
    /// Until the gate is opened; a forgotten one does not hang a test run for ever.
    pub(crate) async fn wait(&mut self) {
        // Closed, or too late: it goes on in either case.
        let _ = timeout(LONGEST_DELAY, self.0.changed()).await;
    }
}
